"""What tools change: imports sorted, quotes changed, substitutions made in files that nobody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.demo.session import Session

    Play = Callable[[Scene], None]

OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"
MESSY = (
    "from quay import anchor\nfrom quay import barge\nfrom quay.crane import lift, swing\nimport os, sys\n\n"
)
TIDY = "import os\nimport sys\n\nfrom quay import anchor, barge\nfrom quay.crane import lift, swing\n\n"
SCRIPT = "export const anchorOf = (log: Log) => log.anchorAt(7, 'anchor');\n"


def _changed_after(path: str, before: str, after: str) -> Play:
    def play(scene: Scene) -> None:
        scene.asked().write(path, before)
        scene.committed()
        scene.clock.advance(days=3)
        scene.repo.human_write(path, after)
        scene.repo.commit("Formatted")

    play.__name__ = f"formatted_{path}"
    return play


def _changed_before(path: str, before: str, after: str) -> Play:
    def play(scene: Scene) -> None:
        scene.asked().write(path, before)
        scene.repo.human_write(path, after)
        scene.committed()

    play.__name__ = f"formatted_at_once_{path}"
    return play


FORMATTED: dict[str, Play] = {
    "python imports joined": _changed_after("a.py", MESSY + part("mast"), TIDY + part("mast")),
    "python imports taken apart": _changed_after("b.py", TIDY + part("mast"), MESSY + part("mast")),
    "python imports joined before the commit": _changed_before(
        "c.py", MESSY + part("mast"), TIDY + part("mast")
    ),
    "typescript imports joined and sorted": _changed_after(
        "d.ts",
        "import { zephyr, anchor, type Barge } from './quay';\n"
        f"import R from 'react';\nimport {{ use }} from 'react';\n{SCRIPT}",
        f'import R, {{ use }} from "react";\n\nimport {{ anchor, type Barge, zephyr }} from "./quay";\n{SCRIPT}',
    ),
    "go imports put into one list": _changed_after(
        "e.go",
        'package quay\n\nimport (\n\t"example.org/quay/anchor"\n\t"os"\n)\nimport "strings"\n',
        'package quay\n\nimport (\n\t"os"\n\t"strings"\n\n\t"example.org/quay/anchor"\n)\n',
    ),
    "rust uses merged": _changed_after(
        "f.rs",
        "use quay::crane::Lift;\nuse quay::crane::Swing;\n",
        "use quay::crane::{Lift, Swing};\n",
    ),
    "other marks in prose": _changed_after(
        "h.md",
        "".join(f"* the *{word}* of the harbour\n" for word in WORDS[:6]),
        "".join(f"- the _{word}_ of the harbour\n" for word in WORDS[:6]),
    ),
    "other quotes": _changed_after("g.js", SCRIPT, SCRIPT.replace("'", "`")),
}


def an_import_less(scene: Scene) -> None:
    scene.asked().write("a.py", "from quay import anchor, barge\n" + parts("mast", "net")[:-60])
    scene.committed()
    scene.clock.advance(days=3)
    scene.repo.human_edit("a.py", "anchor, barge", "anchor")
    scene.repo.commit("Unused")


def _two_files(scene: Scene) -> Session:
    scene.repo.human_write("a/log.py", parts("mast", "net"))
    scene.repo.human_write("b/log.py", parts("oar", "pier"))
    scene.repo.commit("Logs")
    scene.clock.advance(hours=1)
    return scene.asked()


def _renamed(scene: Scene, *paths: str) -> None:
    for path in paths:
        scene.repo.human_edit(path, "sunrise", "daybreak")


SEARCHED = "grep -rl sunrise . --include='*.py' | xargs sed -i 's/sunrise/daybreak/g'"


def swept_over_files_found(scene: Scene) -> None:
    session = _two_files(scene)
    _renamed(scene, "a/log.py", "b/log.py")
    session.bash(SEARCHED)
    scene.repo.human_write("a/log.py", scene.repo.read("a/log.py") + OWN)
    scene.repo.human_write("c.py", OWN.replace("keeper", "daybreak"))
    scene.committed()


def swept_over_a_pattern_committed_in_parts(scene: Scene) -> None:
    session = _two_files(scene)
    _renamed(scene, "a/log.py", "b/log.py")
    session.bash("sed -i 's/sunrise/daybreak/g' */*.py")
    scene.clock.advance(hours=2)
    scene.repo.commit("One", "a/log.py")
    scene.committed("Two")


def swept_by_a_program(scene: Scene) -> None:
    session = _two_files(scene)
    _renamed(scene, "a/log.py", "b/log.py")
    session.bash(
        "python3 - <<'EOF'\nfrom pathlib import Path\nfor path in Path('.').rglob('*.py'):\n"
        "    path.write_text(path.read_text().replace('sunrise', 'daybreak'))\nEOF"
    )
    scene.committed()


def swept_over_lines_of_the_session(scene: Scene) -> None:
    session = scene.asked()
    session.write("new.py", parts(*WORDS[:4]))
    session.prompt("Another word")
    _renamed(scene, "new.py")
    session.bash(SEARCHED)
    scene.committed()


def swept_in_vain(scene: Scene) -> None:
    _two_files(scene).bash(SEARCHED)
    scene.repo.human_write("c.py", OWN)
    scene.committed()


def typed_where_a_sweep_could_not_come(scene: Scene) -> None:
    session = _two_files(scene)
    session.bash("sed -i 's/sunrise/daybreak/g' a/*.py")
    _renamed(scene, "b/log.py")
    scene.committed()


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("tools"),
        *FORMATTED.values(),
        an_import_less,
        swept_over_files_found,
        swept_over_a_pattern_committed_in_parts,
        swept_by_a_program,
        swept_over_lines_of_the_session,
        swept_in_vain,
        typed_where_a_sweep_could_not_come,
    )


@pytest.mark.parametrize("name", FORMATTED)
def test_what_a_tool_only_writes_otherwise_has_shipped(performance: Performance, name: str) -> None:
    assert performance.shares(FORMATTED[name]) == [{"shipped": 1.0}]


def test_an_import_that_brings_less_was_changed(performance: Performance) -> None:
    assert performance.verdict(an_import_less).lines["reworked"] == 1


@pytest.mark.parametrize(
    "play", [swept_over_files_found, swept_over_a_pattern_committed_in_parts, swept_by_a_program]
)
def test_a_sweep_has_the_lines_that_it_made_and_no_others(performance: Performance, play: Play) -> None:
    assert performance.shares(play) == [{"shipped": 1.0}]
    row = performance.session(performance.scenes[play].sessions[0])
    assert (row["lines"]["landed"], row["confidence"]) == (4, 0.5)


def test_a_sweep_overwrites_lines_that_were_never_committed(performance: Performance) -> None:
    scene = performance.scenes[swept_over_lines_of_the_session]
    verdict = performance.verdict(swept_over_lines_of_the_session)
    (session,) = scene.sessions
    assert verdict.bucket("not_landed") == round(scene.turn_tokens(session, 1) / 4)
    assert verdict.waste == {"overwritten": verdict.bucket("not_landed")}


@pytest.mark.parametrize("play", [swept_in_vain, typed_where_a_sweep_could_not_come])
def test_what_became_of_a_sweep_that_no_commit_shows_is_unknown(performance: Performance, play: Play) -> None:
    assert performance.shares(play) == [{"unknown": 1.0}]
