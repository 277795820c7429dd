"""How landed lines leave the default branch, live on through moves, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attribution.scene import Scene, code
from git.builder import DAY_S, ms
from tokencoach.attribution.facts import DeathKind, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600
HUMAN = "".join(f"human_line_number_{number}()\n" for number in range(20))
TEN = list(range(10))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, "start", a_py=HUMAN)
    return scene


def _landed(scene: Scene) -> str:
    """Ten generated lines at the end of a human file."""
    scene.edit(HOUR, "a.py", HUMAN, HUMAN + code("one"))
    return scene.repo.commit(2 * HOUR, "feat: one")


def test_a_git_revert_kills_as_reverted(scene: Scene) -> None:
    sha = _landed(scene)
    scene.repo.git("revert", "--no-edit", sha, at=DAY_S)
    fate = scene.fate()
    assert [death.kind for death in fate.deaths] == [DeathKind.REVERTED] * 10
    assert {death.died_ms for death in fate.deaths} == {ms(DAY_S)}
    assert fate.alive(scene.edits[0]) == []


def test_a_blob_brought_back_without_a_word_is_a_revert(scene: Scene) -> None:
    _landed(scene)
    scene.repo.commit(DAY_S, "cleaning", a_py=HUMAN)
    assert [death.kind for death in scene.fate().deaths] == [DeathKind.REVERTED] * 10


def test_the_inverse_patch_after_other_work_is_a_revert(scene: Scene) -> None:
    _landed(scene)
    scene.repo.commit(DAY_S, a_py="first_of_all()\n" + HUMAN + code("one"))
    scene.repo.commit(2 * DAY_S, "undo", a_py="first_of_all()\n" + HUMAN)
    assert [death.kind for death in scene.fate().deaths] == [DeathKind.REVERTED] * 10


def test_the_revert_of_a_merged_branch_names_one_of_its_commits(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    sha = _landed(scene)
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=3 * HOUR)
    scene.repo.commit(DAY_S, f"undo a part\n\nThis reverts commit {sha}.", a_py=HUMAN + "kept_by_hand()\n")
    assert {death.kind for death in scene.fate().deaths} == {DeathKind.REVERTED}


def test_a_revert_of_a_revert_brings_the_lines_back(scene: Scene) -> None:
    sha = _landed(scene)
    scene.repo.git("revert", "--no-edit", sha, at=DAY_S)
    scene.repo.git("revert", "--no-edit", "HEAD", at=2 * DAY_S)
    fate = scene.fate()
    assert fate.alive(scene.edits[0]) == TEN
    assert len(fate.revivals) == 10
    assert len(fate.landings) == 10


def test_a_line_that_comes_back_by_a_new_edit_is_the_new_edits(scene: Scene) -> None:
    sha = _landed(scene)
    scene.repo.git("revert", "--no-edit", sha, at=DAY_S)
    again = scene.edit(2 * DAY_S, "a.py", HUMAN, HUMAN + code("one"), session=2)
    scene.repo.commit(2 * DAY_S + HOUR)
    fate = scene.fate()
    assert (fate.landed(again), fate.revivals) == (TEN, [])


def test_rewritten_lines_die_when_they_are_rewritten(scene: Scene) -> None:
    _landed(scene)
    scene.repo.commit(13 * DAY_S, a_py=HUMAN + code("else"))
    fate = scene.fate()
    assert [death.kind for death in fate.deaths] == [DeathKind.REWRITTEN] * 10
    assert {death.died_ms for death in fate.deaths} == {ms(13 * DAY_S)}


def test_lines_of_a_deleted_file_are_deleted(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    scene.repo.git("rm", "-q", "new.py")
    scene.repo.commit(DAY_S, "drop it")
    fate = scene.fate()
    assert [death.kind for death in fate.deaths] == [DeathKind.DELETED] * 10
    assert fate.alive(edit) == []


def test_what_a_branch_polishes_before_the_merge_is_no_death(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    first = scene.edit(HOUR, "a.py", HUMAN, HUMAN + code("one"))
    scene.repo.commit(2 * HOUR)
    second = scene.edit(3 * HOUR, "a.py", HUMAN + code("one"), HUMAN + code("two"))
    scene.repo.commit(4 * HOUR)
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=DAY_S)
    fate = scene.fate()
    assert (fate.landed(first), fate.landed(second), fate.deaths) == ([], TEN, [])
    assert {void.over_edit_id for void in fate.line.voids()} == {first.edit_id}


def test_a_move_within_the_file_is_no_death(scene: Scene) -> None:
    _landed(scene)
    scene.repo.commit(DAY_S, a_py=code("one") + HUMAN)
    fate = scene.fate()
    assert (fate.deaths, fate.alive(scene.edits[0])) == ([], TEN)


def test_a_move_to_another_file_is_no_death_until_the_file_goes(scene: Scene) -> None:
    _landed(scene)
    scene.repo.commit(DAY_S, a_py=HUMAN, b_py="new_home()\n" + code("one"))
    assert scene.fate().deaths == []
    scene.repo.git("rm", "-q", "b.py")
    scene.repo.commit(2 * DAY_S)
    fate = scene.fate()
    assert [death.kind for death in fate.deaths] == [DeathKind.DELETED] * 10


def test_a_rename_and_a_reindentation_are_no_death(scene: Scene) -> None:
    _landed(scene)
    scene.repo.git("mv", "a.py", "b.py")
    scene.repo.commit(DAY_S)
    indented = "".join(f"    {line}\n" for line in (HUMAN + code("one")).splitlines())
    scene.repo.commit(2 * DAY_S, b_py="if True:\n" + indented)
    fate = scene.fate()
    assert (fate.deaths, fate.alive(scene.edits[0])) == ([], TEN)


def test_wrapping_anew_and_back_is_no_death(scene: Scene) -> None:
    one = "result = call_something(first_argument, second_argument)\n"
    three = "result = call_something(\n    first_argument,\n    second_argument,\n)\n"
    edit = scene.edit(HOUR, "a.py", HUMAN, HUMAN + one)
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(DAY_S, a_py=HUMAN + three)
    scene.repo.commit(2 * DAY_S, a_py=HUMAN + one)
    assert scene.fate().alive(edit) == [0]
    scene.repo.commit(3 * DAY_S, a_py=HUMAN)
    assert len(scene.fate().deaths) == 1


def test_lines_joined_into_one_die_together(scene: Scene) -> None:
    three = "result = call_something(\n    first_argument,\n    second_argument,\n)\n"
    edit = scene.edit(HOUR, "a.py", HUMAN, HUMAN + three)
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(DAY_S, a_py=HUMAN + "result = call_something(first_argument, second_argument)\n")
    fate = scene.fate()
    assert set(fate.alive(edit)) >= {0, 1, 2}
    scene.repo.commit(2 * DAY_S, a_py=HUMAN + "something_else_entirely()\n")
    assert scene.fate().alive(edit) == []


def test_both_owners_of_a_split_line_share_its_end(scene: Scene) -> None:
    after = HUMAN + "shared_line = answer_to_both()\n"
    scene.edit(HOUR, "a.py", HUMAN, after, session=1)
    scene.edit(HOUR + 60, "a.py", HUMAN, after, session=2)
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(DAY_S, a_py=HUMAN + "rewritten_by_a_person()\n")
    assert sorted(death.edit_id for death in scene.fate().deaths) == [1, 2]


def test_an_assistant_that_reindents_landed_lines_lands_them_too(scene: Scene) -> None:
    _landed(scene)
    wrapped = "if True:\n" + "".join(f"    {line}\n" for line in code("one").splitlines())
    again = scene.edit(DAY_S, "a.py", HUMAN + code("one"), HUMAN + wrapped, session=2)
    scene.repo.commit(DAY_S + HOUR)
    fate = scene.fate()
    assert (fate.deaths, fate.landed(again)) == ([], list(range(11)))
    scene.repo.commit(20 * DAY_S, a_py=HUMAN)
    assert len(scene.fate().deaths) == 21


def test_a_removal_of_landed_lines_lands_and_its_revert_undoes_it(scene: Scene) -> None:
    edit = scene.edit(HOUR, "a.py", HUMAN, "".join(HUMAN.splitlines(keepends=True)[5:]))
    sha = scene.repo.commit(2 * HOUR)
    assert len(scene.fate().removals) == 5
    scene.repo.git("revert", "--no-edit", sha, at=DAY_S)
    deaths = scene.fate().deaths
    assert [(death.edit_id, death.is_removal, death.kind) for death in deaths] == [
        (edit.edit_id, True, DeathKind.REVERTED)
    ] * 5


def test_a_removal_of_what_never_landed_is_void(scene: Scene) -> None:
    scene.edit(HOUR, "a.py", HUMAN, HUMAN + code("one"))
    undo = scene.edit(HOUR + 60, "a.py", HUMAN + code("one"), HUMAN)
    scene.repo.commit(2 * HOUR, b_py="other\n")
    fate = scene.fate()
    assert (fate.landings, fate.removals) == ([], [])
    assert {void.edit_id for void in fate.line.voids()} == {undo.edit_id}
    assert len(fate.line.voids()) == 10


def test_a_removal_after_the_landing_is_not_void(scene: Scene) -> None:
    _landed(scene)
    drop = scene.edit(3 * HOUR, "a.py", HUMAN + code("one"), HUMAN, session=2)
    scene.repo.commit(4 * HOUR, "drop")
    fate = scene.fate()
    assert fate.line.voids() == []
    assert sorted(landing.position for landing in fate.removals if landing.edit_id == drop.edit_id) == TEN


def test_lines_carried_by_an_unreadable_commit_are_unknown_not_dead(scene: Scene) -> None:
    _landed(scene)
    scene.repo.commit(DAY_S, a_py=HUMAN + code("two"))
    blob = scene.repo.head("HEAD:a.py")
    (scene.repo.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    fate = scene.fate()
    assert fate.deaths == []
    assert [event.path for event in fate.events if isinstance(event, Unreadable)] == [b"a.py"]
