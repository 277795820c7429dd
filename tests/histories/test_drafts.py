"""Files that are written outside the repository and put into it by a command: of the same session, or of another."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.scene import GENERATIONS, Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from histories.scene import Generation

    Play = Callable[[Scene], None]

TEXT = parts("anchor", "barge")


def _aside(scene: Scene, name: str = "draft.py") -> Path:
    """A place outside of every repository."""
    return scene.stage.folder / "aside" / scene.repo.name / name


def _there(scene: Scene, path: str, text: str = TEXT) -> None:
    file = scene.repo.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _drafted(command: str, generation: Generation = "2.1", path: str = "lib/one.py") -> Play:
    """A draft by the tool that writes files, put into the repository by a command of a later turn."""

    def play(scene: Scene) -> None:
        session = scene.session(generation)
        session.prompt("Sketch it")
        session.write(str(_aside(scene)), TEXT)
        session.prompt("Good. Take it")
        session.bash(command.format(_aside(scene)), "")
        _there(scene, path)
        scene.committed()

    play.__name__ = "_".join(("by", *re.findall(r"\w+", command), generation))
    return play


COMMANDS = (
    *(_drafted("mkdir -p lib && cp {} lib/one.py", generation) for generation in GENERATIONS),
    _drafted("mv {} lib/one.py"),
    _drafted("cp {} lib/", path="lib/draft.py"),
    _drafted("install -D -m 644 {} lib/one.py"),
    _drafted("install -m644 -t lib {}", path="lib/draft.py"),
    _drafted("cat {} > lib/one.py"),
    _drafted("cat {} | tee lib/one.py >/dev/null"),
    _drafted("rsync -a {} lib/", path="lib/draft.py"),
    _drafted('SRC="{}"; for d in lib; do cp "$SRC" $d/one.py; done'),
)


def edited_in_between(scene: Scene) -> None:
    session = scene.asked()
    session.write(str(_aside(scene)), part("anchor"))
    session.edit(str(_aside(scene)), part("anchor"), TEXT)
    session.bash(f"cp {_aside(scene)} one.py", "")
    _there(scene, "one.py")
    scene.committed()


def by_a_heredoc_and_another_call(scene: Scene) -> None:
    session = scene.asked("0.169")
    session.bash(
        f"cat > /tmp/harbour-draft.py <<'EOF'\n{TEXT}EOF\npython3 -m py_compile /tmp/harbour-draft.py", ""
    )
    session.bash("mv /tmp/harbour-draft.py one.py", "")
    _there(scene, "one.py")
    scene.committed()


def by_a_later_session(scene: Scene) -> None:
    scene.asked("0.169").write(str(_aside(scene)), TEXT)
    scene.clock.advance(days=2)
    later = scene.asked()
    later.bash(f"cp {_aside(scene)} one.py", "")
    _there(scene, "one.py")
    later.write("two.py", part("crane"))
    scene.committed()


def a_folder_of_them(scene: Scene) -> None:
    session = scene.asked()
    session.write(str(_aside(scene, "gen/a.py")), part("anchor"))
    session.write(str(_aside(scene, "gen/deep/b.py")), part("barge"))
    session.bash(f"cp -r {_aside(scene, 'gen')}/. lib/", "")
    _there(scene, "lib/a.py", part("anchor"))
    _there(scene, "lib/deep/b.py", part("barge"))
    scene.committed()


def a_pattern_of_them(scene: Scene) -> None:
    session = scene.asked()
    session.write(str(_aside(scene, "gen/a.py")), part("anchor"))
    session.write(str(_aside(scene, "gen/b.py")), part("barge"))
    session.bash(f"cp {_aside(scene, 'gen')}/*.py lib/", "")
    _there(scene, "lib/a.py", part("anchor"))
    _there(scene, "lib/b.py", part("barge"))
    scene.committed()


def two_put_together(scene: Scene) -> None:
    session = scene.asked()
    session.write(str(_aside(scene, "a.py")), part("anchor"))
    session.write(str(_aside(scene, "b.py")), part("barge"))
    session.bash(f"cat {_aside(scene, 'a.py')} {_aside(scene, 'b.py')} > one.py", "")
    _there(scene, "one.py")
    scene.committed()


def a_file_that_was_copied_out_first(scene: Scene) -> None:
    _there(scene, "log.py", parts("mast", "net"))
    scene.repo.commit("A log")
    session = scene.asked()
    session.bash(f"mkdir -p {_aside(scene).parent} && cp log.py {_aside(scene, 'log.py')}", "")
    _aside(scene).parent.mkdir(parents=True)
    shutil.copy(scene.repo.folder / "log.py", _aside(scene, "log.py"))
    session.edit(str(_aside(scene, "log.py")), part("net"), TEXT + part("net"))
    session.bash(f"cp {_aside(scene, 'log.py')} log.py", "")
    _there(scene, "log.py", part("mast") + TEXT + part("net"))
    scene.committed()


SHIPPED = (
    *COMMANDS,
    edited_in_between,
    by_a_heredoc_and_another_call,
    a_folder_of_them,
    a_pattern_of_them,
    two_put_together,
    a_file_that_was_copied_out_first,
)


def never_taken(scene: Scene) -> None:
    session = scene.asked()
    session.write(str(_aside(scene)), TEXT)
    session.bash(f"python3 {_aside(scene)}", "it works")


def taken_and_left(scene: Scene) -> None:
    session = scene.asked()
    session.write(str(_aside(scene)), TEXT)
    session.bash(f"cp {_aside(scene)} one.py", "")


def another_sessions_file_of_that_name(scene: Scene) -> None:
    """The first session's trial lay in the same place, and was overwritten by the second one's draft."""
    scene.asked("0.169").write(str(_aside(scene)), parts(*WORDS[8:10]))
    _aside(scene).unlink()
    scene.clock.advance(days=1)
    later = scene.asked()
    later.write(str(_aside(scene)), TEXT)
    later.bash(f"cp {_aside(scene)} one.py", "")
    _there(scene, "one.py")
    scene.committed()


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("drafts"),
        *SHIPPED,
        by_a_later_session,
        never_taken,
        taken_and_left,
        another_sessions_file_of_that_name,
    )


@pytest.mark.parametrize("play", SHIPPED, ids=lambda play: play.__name__)
def test_a_draft_that_was_put_into_the_repository_ships_in_full(performance: Performance, play: Play) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 8


def test_the_draft_is_its_authors_whoever_takes_it(performance: Performance) -> None:
    rows = [performance.session(one) for one in performance.scenes[by_a_later_session].sessions]
    assert performance.shares(by_a_later_session) == [{"shipped": 1.0}] * 2
    assert [row["lines"]["landed"] for row in rows] == [8, 4]


def test_a_draft_that_nobody_took_is_a_trial(performance: Performance) -> None:
    assert performance.shares(never_taken) == [{"neutral": 1.0}]
    assert performance.shares(another_sessions_file_of_that_name) == [{"neutral": 1.0}, {"shipped": 1.0}]


def test_a_draft_that_was_taken_and_never_committed_is_waste(performance: Performance) -> None:
    assert performance.shares(taken_and_left) == [{"not_landed": 1.0}]


def test_what_is_copied_after_it_was_judged_is_judged_anew(tmp_path: Path) -> None:
    def sketched(scene: Scene) -> None:
        scene.asked().write(str(_aside(scene)), TEXT)

    performance = Performance(tmp_path, sketched)
    said = [performance.shares(sketched)]
    scene = performance.scenes[sketched]
    scene.clock.advance(days=1)
    later = scene.asked()
    later.bash(f"cp {_aside(scene)} one.py", "")
    later.write("two.py", part("crane"))
    _there(scene, "one.py")
    scene.committed()
    performance.program.forget_answers()
    performance.program.ingest()
    said.append(performance.shares(sketched))
    assert said == [[{"neutral": 1.0}], [{"shipped": 1.0}] * 2]
