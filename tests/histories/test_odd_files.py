"""Files in old encodings, lines that a person types into, commands whose files nobody sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[Scene], None]

SOME = WORDS[:6]


def _changed(path: str, before: str, after: str) -> Play:
    def play(scene: Scene) -> None:
        scene.asked().write(path, before)
        scene.repo.human_write(path, after)
        scene.committed()

    play.__name__ = f"changed_{path}"
    return play


def in_an_old_encoding(scene: Scene) -> None:
    text = "".join(f"// Prüft die Länge für {w} im großen Hafen\nint {w}Länge;\n" for w in SOME)
    scene.asked().write("hafen.c", text)
    (scene.repo.folder / "hafen.c").write_bytes(text.encode("latin-1"))
    scene.committed()


def in_an_encoding_of_japan(scene: Scene) -> None:
    text = "".join(f"// {w} の港を確認する、番号は {n} です\nint {w}_count;\n" for n, w in enumerate(SOME))
    scene.asked().write("minato.c", text)
    (scene.repo.folder / "minato.c").write_bytes(text.encode("shift_jis"))
    scene.committed()


UNTYPED = "".join(f"def find_{w}(log, sunrise, limit):\n    return log.{w}_at(sunrise)\n" for w in SOME)
TYPED = UNTYPED.replace(
    "(log, sunrise, limit)", "(log: ShipLog, sunrise: datetime.datetime, limit: int | None) -> Ship | None"
)
STYLED = "".join(f'<p class="mt-{n} flex {w}-blue p-4 text-lg">\n' for n, w in enumerate(SOME))
SORTED = "".join(f'<p class="{w}-blue flex p-4 text-lg mt-{n}">\n' for n, w in enumerate(SOME))
typed_by_a_person = _changed("typed.py", UNTYPED, TYPED)
classes_sorted = _changed("page.html", STYLED, SORTED)


def _by_command(name: str, command: str, path: str, before: str, after: str) -> Play:
    def play(scene: Scene) -> None:
        scene.repo.human_write(path, before)
        scene.repo.commit("Begin")
        scene.clock.advance(hours=1)
        session = scene.asked()
        (scene.repo.folder / path).write_text(after, encoding="utf-8")
        session.bash(command)
        scene.committed()

    play.__name__ = name
    return play


LOG = parts("mast", "net", "oar")
SHIPS = {word: number for number, word in enumerate(SOME, 1000)}
COMMANDS = {
    "perl over whole files": _by_command(
        "perl",
        "perl -0pi -e 's/limit=28/limit=7, keen=True/' log.py",
        "log.py",
        LOG,
        LOG.replace("limit=28", "limit=7, keen=True"),
    ),
    "an editor of lines": _by_command(
        "ed",
        f"ed -s log.py <<'EOF'\n/^def oar_of/i\n{part('anchor')}.\nw\nq\nEOF",
        "log.py",
        LOG,
        parts("mast", "net", "anchor", "oar"),
    ),
    "a file made by jq and moved": _by_command(
        "jq",
        "jq '.keeper = \"master\"' s.json > tmp.$$.json && mv tmp.$$.json s.json",
        "s.json",
        json.dumps(SHIPS, indent=2) + "\n",
        json.dumps(SHIPS | {"keeper_of_lamps": "harbour master"}, indent=2) + "\n",
    ),
    "yq in place": _by_command(
        "yq",
        "yq -i '.image.tag = \"v2.0.0-harbour\"' values.yaml",
        "values.yaml",
        "image:\n  tag: v1.0.0-harbour\n",
        "image:\n  tag: v2.0.0-harbour\n",
    ),
}


def scaffold(scene: Scene) -> None:
    session = scene.asked()
    scene.repo.human_write("web/src/ship.tsx", "".join(f"export const {w} = <p>{w}</p>;\n" for w in SOME))
    session.bash("npx create-vite@latest web --template react-ts", "Scaffolding project in web...")
    scene.committed()


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    plays = (
        in_an_old_encoding,
        in_an_encoding_of_japan,
        typed_by_a_person,
        classes_sorted,
        scaffold,
        *COMMANDS.values(),
    )
    return Performance(tmp_path_factory.mktemp("odd"), *plays)


@pytest.mark.parametrize("play", [in_an_old_encoding, in_an_encoding_of_japan])
def test_lines_of_a_file_in_an_old_encoding_have_shipped(performance: Performance, play: Play) -> None:
    assert performance.shares(play) == [{"shipped": 1.0}]


def test_lines_that_a_person_typed_hints_into_have_shipped_by_their_share(performance: Performance) -> None:
    verdict = performance.verdict(typed_by_a_person)
    assert verdict.lines["landed"] == verdict.lines["generated"] == 2 * len(SOME)
    assert 0.7 < verdict.bucket("shipped") / sum(verdict.buckets.values()) < 1


def test_lines_whose_words_were_sorted_lose_nothing(performance: Performance) -> None:
    assert performance.shares(classes_sorted) == [{"shipped": 1.0}]


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_changed_in_place_ships_at_low_confidence(performance: Performance, name: str) -> None:
    play = COMMANDS[name]
    assert performance.shares(play) == [{"shipped": 1.0}]
    (session,) = performance.scenes[play].sessions
    assert performance.session(session)["confidence"] == 0.4


def test_what_a_scaffold_made_is_unknown(performance: Performance) -> None:
    assert performance.shares(scaffold) == [{"unknown": 1.0}]
