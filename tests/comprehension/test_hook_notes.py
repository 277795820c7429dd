"""Notes of checks follow an amended commit, and git has nothing to warn of where there are none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comprehension.hook_scene import HookScene
from tokencoach.comprehension.hook.remove import remove
from tokencoach.comprehension.hook.status import status
from tokencoach.git.hooks import hook_place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scene(tmp_path: Path) -> HookScene:
    found = HookScene(tmp_path)
    found.install()
    return found


def _problems_with_notes(scene: HookScene) -> list[str]:
    with scene.inside():
        told = status(scene.home, hook_place(scene.folder)).problems
    return [problem.what for problem in told if "notes" in problem.what]


def test_an_amended_commit_takes_its_note_along_and_git_warns_of_nothing(scene: HookScene) -> None:
    scene.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "first")
    amended = scene.quiet("git", "commit", "-q", "--allow-empty", "--no-verify", "--amend", "-m", "second")
    assert (amended.returncode, amended.stderr) == (0, "")
    scene.git("notes", "--ref=tokencoach", "add", "-m", "told")
    scene.git("commit", "-q", "--allow-empty", "--no-verify", "--amend", "-m", "third")
    assert scene.git("notes", "--ref=tokencoach", "show") == "told"


def test_another_note_that_follows_too_is_no_problem(scene: HookScene) -> None:
    scene.git("config", "--add", "notes.rewriteRef", "refs/notes/commits*")
    assert _problems_with_notes(scene) == []


def test_a_setting_that_somebody_took_away_is_told_of(scene: HookScene) -> None:
    scene.git("config", "--unset-all", "notes.rewriteRef")
    assert _problems_with_notes(scene) == ["notes do not follow rewritten commits any more"]


def test_the_plain_name_that_an_earlier_release_set_counts_and_is_taken_away(scene: HookScene) -> None:
    scene.git("config", "notes.rewriteRef", "refs/notes/tokencoach")
    assert _problems_with_notes(scene) == []
    with scene.inside():
        assert remove(scene.home, hook_place(scene.folder)) == []
    assert scene.quiet("git", "config", "notes.rewriteRef").stdout == ""
