"""Generated lines outside the default branch: on open branches, amended away, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attribution.scene import Scene, code
from git.builder import DAY_S, ms
from tokencoach.attribution.side import side_sightings
from tokencoach.git.history import side
from tokencoach.git.refs import holders, reflog_tips, refs

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.attribution.facts import SideSighting

HOUR = 3600
TEN = list(range(10))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, "start", readme="project\n")
    return scene


def _seen(scene: Scene) -> list[SideSighting]:
    git_dir = scene.repo.git_dir
    held = [ref for ref in refs(git_dir) if ref.name != "refs/heads/main"]
    tips = [*(ref.sha for ref in held), *reflog_tips(git_dir)]
    commits = side(git_dir, tips, ["refs/heads/main"])
    return list(side_sightings(scene.edits, commits, holders(git_dir, held, ["refs/heads/main"])))


def test_an_open_branch_holds_its_lines(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    edit = scene.create(HOUR, "new.py", code("one"))
    sha = scene.repo.commit(2 * HOUR)
    seen = _seen(scene)
    assert sorted(sight.position for sight in seen) == TEN
    assert {(sight.edit_id, sight.sha, sight.commit_ms, sight.refs) for sight in seen} == {
        (edit.edit_id, sha, ms(2 * HOUR), ("refs/heads/topic",))
    }
    scene.repo.checkout("main")
    assert scene.fate().landings == []


def test_a_line_that_the_branch_took_back_is_held_by_none(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    scene.create(HOUR, "new.py", code("one"))
    first = scene.repo.commit(2 * HOUR)
    scene.repo.git("branch", "old-topic")
    scene.repo.commit(3 * HOUR, new_py="".join(code("one").splitlines(keepends=True)[:4]))
    held = {sight.position: sight.refs for sight in _seen(scene) if sight.sha == first}
    assert [held[position] for position in TEN] == [("refs/heads/old-topic", "refs/heads/topic")] * 4 + [
        ("refs/heads/old-topic",)
    ] * 6


def test_what_was_amended_away_or_deleted_is_only_in_a_reflog(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    scene.create(HOUR, "new.py", code("one"))
    sha = scene.repo.commit(2 * HOUR)
    scene.repo.checkout("main")
    scene.repo.git("branch", "-qD", "topic")
    assert {(sight.sha, sight.refs) for sight in _seen(scene)} == {(sha, ())}


def test_every_version_of_a_rebased_line_is_seen(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    edit = scene.create(HOUR, "new.py", code("one"))
    old = scene.repo.commit(2 * HOUR)
    scene.repo.checkout("main")
    scene.repo.commit(DAY_S, other_py="x\n")
    scene.repo.checkout("topic")
    scene.repo.git("rebase", "-q", "main", at=DAY_S + 5)
    seen = [(sight.sha, sight.refs) for sight in _seen(scene) if sight.edit_id == edit.edit_id]
    assert set(seen) == {(old, ()), (scene.repo.head(), ("refs/heads/topic",))}
    assert len(seen) == 20


def test_a_changed_line_and_a_removal_are_seen_too(scene: Scene) -> None:
    scene.repo.commit(10, old_py=code("old"))
    scene.repo.checkout("topic", new=True)
    edit = scene.edit(HOUR, "old.py", code("old"), code("one"))
    scene.repo.commit(2 * HOUR, old_py=code("one").replace("compute_one(3)", "compute_one(3, strict=True)"))
    seen = _seen(scene)
    assert sorted(sight.position for sight in seen if not sight.is_removal) == TEN
    assert sorted(sight.position for sight in seen if sight.is_removal) == TEN
    assert {sight.edit_id for sight in seen} == {edit.edit_id}


def test_a_file_renamed_on_the_branch_keeps_its_lines(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    scene.create(HOUR, "new.py", code("one"))
    first = scene.repo.commit(2 * HOUR)
    scene.repo.git("mv", "new.py", "newer.py")
    scene.repo.commit(3 * HOUR)
    scene.repo.git("rm", "-q", "newer.py")
    scene.repo.commit(4 * HOUR)
    assert {(sight.sha, sight.refs) for sight in _seen(scene)} == {(first, ())}
