"""Forks whose parent goes on: what both files hold belongs to the parent, whichever ends later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import tokens_by_bucket
from histories.scene import Generation, Performance, Scene, code

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _parent_goes_on(scene: Scene, generation: Generation) -> None:
    parent = scene.session(generation)
    parent.prompt("Add the first part")
    parent.write("first.py", code("first", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("First part")
    fork = parent.fork()
    scene.sessions.append(fork)
    fork.prompt("Try another way")
    fork.write("other.py", code("other", 5))
    (scene.repo.folder / "other.py").unlink()
    scene.clock.advance(days=1)
    parent.prompt("Add the second part")
    parent.write("second.py", code("second", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("Second part")


def early_codex(scene: Scene) -> None:
    _parent_goes_on(scene, "0.34")


def late_codex(scene: Scene) -> None:
    _parent_goes_on(scene, "0.169")


def claude(scene: Scene) -> None:
    _parent_goes_on(scene, "2.1")


@pytest.mark.parametrize("play", [early_codex, late_codex, claude])
def test_a_parent_that_goes_on_keeps_what_its_fork_repeats(
    tmp_path: Path, play: Callable[[Scene], None]
) -> None:
    performance = Performance(tmp_path, play)
    parent, fork = performance.scenes[play].sessions
    billed = performance.stage.truth.by_session()
    rows = [performance.session(one) for one in (parent, fork)]
    totals = [billed[one.session_id].counts.total for one in (parent, fork)]
    assert [row["tokens"] for row in rows] == totals
    assert tokens_by_bucket(rows[0]) == {"shipped": totals[0]}
    assert tokens_by_bucket(rows[1]) == {"not_landed": totals[1]}
