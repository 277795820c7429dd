"""How generated lines reach the default branch, by every road git knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from attribution.scene import Scene, code
from git.builder import DAY_S, ms
from tokencoach.attribution.facts import Method

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene.at(tmp_path)
    scene.repo.commit(
        0, "start", readme="project\n", a_py="import sys\n\n\ndef existing():\n    return sys.argv\n"
    )
    return scene


BASE = "import sys\n\n\ndef existing():\n    return sys.argv\n"


def test_an_edit_that_is_committed_lands_whole(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one"))
    sha = scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert fate.landed(edit) == list(range(10))
    landing = fate.landings[3]
    assert (landing.sha, landing.path, landing.line_no, landing.landed_ms) == (
        sha,
        b"new.py",
        4,
        ms(2 * HOUR),
    )
    assert (landing.method, landing.confidence, landing.credit) == (Method.ORDERED, 1.0, 1.0)


def test_an_edit_that_is_not_committed_does_not_land(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one"))
    (scene.repo.folder / "new.py").unlink()
    scene.repo.commit(2 * HOUR, other_py=code("two"))
    assert scene.fate().landed(edit) == []


def test_what_a_later_edit_overwrote_does_not_land(scene: Scene) -> None:
    first = scene.create(HOUR, "new.py", code("one"))
    second = scene.edit(HOUR + 60, "new.py", code("one"), code("two"))
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert (fate.landed(first), fate.landed(second)) == ([], list(range(10)))
    voids = fate.line.voids()
    assert {(void.over_edit_id, void.over_position) for void in voids} == {
        (1, position) for position in range(10)
    }
    assert {void.edit_id for void in voids} == {2}
    assert fate.removals == []


def test_a_line_that_a_person_changes_before_the_commit_lands_as_modified(scene: Scene) -> None:
    content = code("one")
    edit = scene.create(HOUR, "new.py", content)
    scene.repo.commit(2 * HOUR, new_py=content.replace("compute_one(4)", "compute_one(4, strict=True)"))
    fate = scene.fate()
    assert fate.landed(edit) == list(range(10))
    changed = [landing for landing in fate.landings if landing.method == Method.HUMAN_MODIFIED]
    assert [landing.position for landing in changed] == [4]
    assert 0.75 <= changed[0].credit < 1
    assert changed[0].confidence == 0.6


def test_what_a_person_replaces_whole_does_not_land(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(
        2 * HOUR, new_py="class Other:\n    def run(self) -> None:\n        print('entirely different')\n"
    )
    assert scene.fate().landed(edit) == []


def test_a_formatter_before_the_commit_changes_nothing(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.js", "function f() {\n  return call('a', {b: 'longer text'})\n}\n")
    scene.repo.write("new.js", 'function f() {\n\treturn call("a", { b: "longer text" });\n}\n')
    scene.repo.commit(2 * HOUR)
    assert scene.fate().landed(edit) == [0, 1, 2]


def test_a_line_wrapped_into_three_lands(scene: Scene) -> None:
    edit = scene.create(
        HOUR, "new.js", "start_of_file()\nresult = callSomething(firstArgument, secondArgument)\n"
    )
    scene.repo.write(
        "new.js", "start_of_file()\nresult = callSomething(\n  firstArgument,\n  secondArgument,\n);\n"
    )
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert fate.landed(edit) == [0, 1]
    assert [(landing.method, landing.line_no) for landing in fate.landings if landing.position == 1] == [
        (Method.REWRAPPED, 2)
    ]


def test_three_lines_joined_into_one_land(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.js", "result = callSomething(\n  firstArgument,\n  secondArgument,\n);\n")
    scene.repo.write("new.js", "result = callSomething(firstArgument, secondArgument);\n")
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert fate.landed(edit)[:3] == [0, 1, 2]
    assert {landing.line_no for landing in fate.landings} == {1}


@pytest.mark.parametrize("keep_branch", [True, False])
def test_a_squash_lands_once(scene: Scene, keep_branch: bool) -> None:  # noqa: FBT001
    scene.repo.checkout("topic", new=True)
    first = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR, "one")
    second = scene.edit(3 * HOUR, "new.py", code("one"), code("one") + code("two"))
    scene.repo.commit(4 * HOUR, "two")
    scene.repo.checkout("main")
    scene.repo.git("merge", "--squash", "-q", "topic")
    squash = scene.repo.commit(3 * DAY_S, "squashed (#1)")
    if not keep_branch:
        scene.repo.git("branch", "-qD", "topic")
    fate = scene.fate()
    assert (fate.landed(first), fate.landed(second)) == (list(range(10)), list(range(10)))
    assert {landing.sha for landing in fate.landings} == {squash}


def test_a_branch_rebased_twice_lands_once(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR, "one")
    for number in (1, 2):
        scene.repo.checkout("main")
        scene.repo.write(f"other{number}.py", "other\n")
        scene.repo.commit(number * 9 * DAY_S)
        scene.repo.checkout("topic")
        scene.repo.git("rebase", "-q", "main", at=number * 9 * DAY_S + 5)
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--ff-only", "topic")
    fate = scene.fate()
    assert fate.landed(edit) == list(range(10))
    assert fate.deaths == []


def test_an_amend_with_a_persons_line_lands_the_generated_lines_only(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    late = scene.edit(30 * HOUR, "new.py", code("one"), code("one") + code("late", 2))
    scene.repo.write("new.py", code("one") + code("late", 2) + "typed_by_hand = True\n")
    scene.repo.git("add", "-A")
    scene.repo.git("commit", "-q", "--amend", "--no-edit", at=31 * HOUR, author_at=2 * HOUR)
    fate = scene.fate()
    assert (fate.landed(edit), fate.landed(late)) == (list(range(10)), [0, 1])
    assert len(fate.landings) == 12


def test_a_cherry_pick_elsewhere_lands_nothing_twice(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one"))
    sha = scene.repo.commit(2 * HOUR)
    scene.repo.checkout("release", new=True, start="main~1")
    scene.repo.git("cherry-pick", sha, at=3 * HOUR)
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--no-ff", "-m", "back", "release", at=4 * HOUR)
    fate = scene.fate()
    assert fate.landed(edit) == list(range(10))


def test_a_conflict_resolved_by_hand_lands_what_stayed(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    edit = scene.edit(HOUR, "a.py", BASE, BASE.replace("    return sys.argv\n", code("one")))
    scene.repo.commit(2 * HOUR, "topic")
    scene.repo.checkout("main")
    scene.repo.commit(3 * HOUR, "main", a_py=BASE.replace("sys.argv", "sys.path"))
    with pytest.raises(AssertionError):
        scene.repo.git("merge", "-q", "--no-ff", "topic", at=4 * HOUR)
    kept = "".join(code("one").splitlines(keepends=True)[:6])
    scene.repo.write("a.py", BASE.replace("    return sys.argv\n", kept + "    return wholly_by_hand\n"))
    scene.repo.commit(4 * HOUR, "merged")
    fate = scene.fate()
    assert fate.landed(edit) == [0, 1, 2, 3, 4, 5]


def test_text_that_only_a_merge_adds_is_found(scene: Scene) -> None:
    scene.repo.checkout("topic", new=True)
    scene.repo.commit(HOUR, other_py="other\n")
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--no-ff", "--no-commit", "topic", at=2 * HOUR)
    edit = scene.create(2 * HOUR, "evil.py", code("evil"))
    scene.repo.commit(3 * HOUR, "evil merge")
    assert scene.fate().landed(edit) == list(range(10))


def test_an_edit_after_a_move_lands_at_the_new_path(scene: Scene) -> None:
    scene.repo.commit(10, old_py=code("old", 20))
    before = scene.edit(HOUR, "old.py", code("old", 20), code("old", 20) + code("before", 2))
    scene.repo.git("mv", "old.py", "new.py")
    after = scene.edit(
        2 * HOUR,
        "new.py",
        code("old", 20) + code("before", 2),
        code("old", 20) + code("before", 2) + code("after", 2),
    )
    scene.repo.commit(3 * HOUR)
    fate = scene.fate()
    assert (fate.landed(before), fate.landed(after)) == ([0, 1], [0, 1])
    assert {landing.path for landing in fate.landings} == {b"new.py"}


def test_parallel_sessions_in_two_worktrees_land_each_their_own(scene: Scene) -> None:
    one = scene.create(HOUR, "one.py", code("one"), session=1)
    scene.repo.commit(2 * HOUR)
    scene.repo.checkout("topic", new=True, start="main~1")
    two = scene.create(HOUR + 5, "two.py", code("two"), session=2)
    scene.repo.commit(2 * HOUR + 5)
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=3 * HOUR)
    fate = scene.fate()
    assert (fate.landed(one), fate.landed(two)) == (list(range(10)), list(range(10)))


def test_a_line_that_two_sessions_wrote_is_split(scene: Scene) -> None:
    after = BASE + "shared_line = answer_to_both()\n"
    one = scene.edit(HOUR, "a.py", BASE, after, session=1)
    two = scene.edit(HOUR + 300, "a.py", BASE, after, session=2)
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert [(landing.edit_id, landing.credit, landing.confidence) for landing in fate.landings] == [
        (two.edit_id, 0.5, 0.475),
        (one.edit_id, 0.5, 0.475),
    ]


def test_the_same_line_eleven_minutes_later_is_no_tie(scene: Scene) -> None:
    after = BASE + "shared_line = answer_to_both()\n"
    scene.edit(HOUR, "a.py", BASE, after, session=1)
    two = scene.edit(HOUR + 660, "a.py", BASE, after, session=2)
    scene.repo.commit(2 * HOUR)
    assert [(landing.edit_id, landing.credit) for landing in scene.fate().landings] == [(two.edit_id, 1.0)]


def test_two_equal_lines_of_two_sessions_land_one_each(scene: Scene) -> None:
    line = "shared_line = answer_to_both()\n"
    one = scene.edit(HOUR, "a.py", BASE, line + BASE, session=1)
    two = scene.edit(HOUR + 60, "a.py", line + BASE, line + BASE + line, session=2)
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert (fate.landed(one), fate.landed(two)) == ([0], [0])
    assert {landing.credit for landing in fate.landings} == {1.0}


def test_a_file_of_braces_lands_nothing(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.js", "{\n}\n{\n}\n")
    scene.repo.commit(2 * HOUR)
    assert scene.fate().landed(edit) == []


def test_a_line_that_stood_there_before_is_not_credited(scene: Scene) -> None:
    edit = scene.edit(HOUR, "a.py", BASE, BASE + "    return sys.argv\n", write=False)
    moved = "def existing():\n    return sys.argv\n\n\nimport sys\n"
    scene.repo.commit(2 * HOUR, a_py=moved)
    assert scene.fate().landed(edit) == []


def test_carriage_returns_and_no_last_newline_land(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one").removesuffix("\n"))
    scene.repo.commit(2 * HOUR, new_py=code("one").replace("\n", "\r\n").removesuffix("\r\n"))
    assert scene.fate().landed(edit) == list(range(10))


@pytest.mark.parametrize("path", [b"with space.py", b'quo"te\n\t.py', b"latin-\xe9.py"])
def test_edits_under_odd_paths_land(scene: Scene, path: bytes) -> None:
    edit = scene.create(HOUR, path, code("one"))
    scene.repo.commit(2 * HOUR)
    assert scene.fate().landed(edit) == list(range(10))


@pytest.mark.parametrize(("late", "confidence"), [(0, 1.0), (60, 0.9), (600, 0.9), (1200, None)])
def test_a_clock_that_runs_ahead_is_forgiven_up_to_a_quarter_hour(
    scene: Scene, late: int, confidence: float | None
) -> None:
    edit = scene.create(2 * HOUR + late, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert {landing.confidence for landing in fate.landings} == ({confidence} if confidence else set())
    assert len(fate.landed(edit)) == (10 if confidence else 0)


@pytest.mark.parametrize(("days", "confidence"), [(6, 1.0), (20, 0.8), (40, 0.6), (70, None)])
def test_the_older_an_edit_the_weaker_the_match(scene: Scene, days: int, confidence: float | None) -> None:
    scene.create(HOUR, "new.py", code("one"))
    scene.edits[0] = msgspec.structs.replace(scene.edits[0], text=None)
    scene.repo.commit(HOUR + days * DAY_S)
    assert {landing.confidence for landing in scene.fate().landings} == (
        {confidence} if confidence else set()
    )


def test_an_old_edit_of_which_little_is_in_the_commit_does_not_land(scene: Scene) -> None:
    scene.create(HOUR, "new.py", code("one"))
    scene.edits[0] = msgspec.structs.replace(scene.edits[0], text=None)
    scene.repo.commit(40 * DAY_S, new_py="".join(code("one").splitlines(keepends=True)[:4]))
    assert scene.fate().landings == []


def test_every_site_of_a_replacement_lands(scene: Scene) -> None:
    sites = "".join(f"call_old_name({number})\n" for number in range(12))
    scene.repo.commit(10, sites_py=sites)
    edit = scene.edit(HOUR, "sites.py", sites, sites.replace("old_name", "new_name"))
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert fate.landed(edit) == list(range(12))
    assert sorted(landing.position for landing in fate.removals) == list(range(12))


def test_a_pure_removal_lands_as_removal(scene: Scene) -> None:
    scene.repo.commit(10, long_py=code("long", 300))
    edit = scene.edit(HOUR, "long.py", code("long", 300), "\n")
    scene.repo.commit(2 * HOUR, long_py="")
    fate = scene.fate()
    assert len([landing for landing in fate.removals if landing.edit_id == edit.edit_id]) == 300
    assert fate.landings == []


def test_twice_the_same_lines_land_once_each(scene: Scene) -> None:
    edit = scene.create(HOUR, "new.py", code("one") + code("one"))
    scene.repo.commit(2 * HOUR, new_py=code("one"))
    scene.repo.commit(3 * HOUR, new_py=code("one") + code("one"))
    fate = scene.fate()
    assert fate.landed(edit) == list(range(20))
    assert len(fate.landings) == 20


def test_a_line_beside_its_own_lands_though_a_person_removed_an_equal_one_elsewhere(scene: Scene) -> None:
    scene.repo.commit(HOUR, new_py=code("old") + "return the_same_result()\n" + code("tail"))
    before = code("old") + "return the_same_result()\n" + code("tail")
    mine = code("one", 3) + "return the_same_result()\n" + code("two", 3)
    edit = scene.edit(2 * HOUR, "new.py", before, mine + before)
    scene.repo.write("new.py", mine + code("old") + "# A person took it out\n" + code("tail"))
    scene.repo.commit(3 * HOUR)
    assert scene.fate().landed(edit) == list(range(7))
