"""Each rule earns its place: a named history comes out right with it and wrong without it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from attribution.scene import Fate, Scene, code
from git.builder import DAY_S
from tokencoach.attribution.evidence.witnesses import Witnesses
from tokencoach.attribution.facts import DeathKind
from tokencoach.attribution.rules import ALL_RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR = 3600
WEEK = 7 * DAY_S


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene.at(tmp_path)
    made.repo.commit(0, a_py="import sys\n\n\ndef existing():\n    return sys.argv\n" + code("old"))
    return made


def repeated_line_goes_to_the_edit_it_stands_in(scene: Scene) -> Callable[[Fate], bool]:
    first = scene.create(HOUR, "new.py", code("one", 3) + "return the_same_result()\n" + code("two", 3))
    before = scene.repo.folder.joinpath("new.py").read_text()
    second = scene.edit(2 * HOUR, "new.py", before, before + code("three", 3) + "return the_same_result()\n")
    scene.repo.commit(3 * HOUR)
    lines = {(1, 4): (first.edit_id, 3), (1, 11): (second.edit_id, 3)}
    return lambda fate: (
        {
            (1, landing.line_no): (landing.edit_id, landing.position)
            for landing in fate.landings
            if landing.line_no in (4, 11)
        }
        == lines
    )


def brackets_land_beside_their_lines(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.js", "function report(rows) {\n  return rows.length\n}\n")
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0, 1, 2]


def committed_after(days: int) -> Callable[[Scene], Callable[[Fate], bool]]:
    def story(scene: Scene) -> Callable[[Fate], bool]:
        edit = scene.create(HOUR, "new.py", code("one"))
        scene.edits[0] = msgspec.structs.replace(edit, text=None)
        scene.repo.commit(HOUR + days * DAY_S)
        return lambda fate: len(fate.landed(edit)) == 10

    return story


def committed_by_a_clock_that_runs_behind(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(2 * HOUR + 300, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.landed(edit)) == 10


def a_line_of_two_sessions_is_shared(scene: Scene) -> Callable[[Fate], bool]:
    scene.create(HOUR, "new.py", code("one"), session=1)
    scene.create(HOUR + 60, "new.py", code("one"), session=2)
    scene.repo.commit(2 * HOUR)
    return lambda fate: {landing.credit for landing in fate.landings} == {0.5}


def one_of_two_attempts_is_taken(scene: Scene) -> Callable[[Fate], bool]:
    taken = scene.create(HOUR, "new.py", code("alike") + code("one", 4), session=1)
    scene.create(HOUR + 1200, "new.py", code("alike") + code("two", 4), session=2)
    scene.repo.commit(2 * HOUR, new_py=code("alike") + code("one", 4))
    return lambda fate: len(fate.landed(taken)) == 14 and len(fate.landings) == 14


def a_file_is_as_its_edits_left_it(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    first = old.replace("compute_old(3)", "compute_anew(3)") + code("one", 4)
    scene.edit(HOUR, "a.py", old, first)
    scene.edit(HOUR + 60, "a.py", first, first.replace("compute_one(1)", "compute_better(1)"))
    scene.create(HOUR, "beside.py", code("two", 4))
    scene.repo.write("beside.py", code("two", 4) + "a_line_of_a_person = 1\n")
    scene.repo.commit(2 * HOUR)
    return lambda fate: (
        {landing.confidence for landing in fate.landings if landing.path == b"a.py"} == {1.0}
        and {landing.confidence for landing in fate.landings if landing.path == b"beside.py"} == {0.95}
    )


def a_person_moves_lines_that_an_edit_repeats(scene: Scene) -> Callable[[Fate], bool]:
    old = "import sys\n\n\ndef existing():\n    return sys.argv\n" + code("old")
    edit = scene.create(HOUR, "a.py", code("old", 4))
    lines = old.splitlines(keepends=True)
    scene.repo.write("a.py", "".join([*lines[5:9], *lines[:5], *lines[9:]]))
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == []


def a_removal_of_what_never_landed_lands_nowhere(scene: Scene) -> Callable[[Fate], bool]:
    scene.create(HOUR, "new.py", code("one", 4) + code("two", 4))
    scene.edit(2 * HOUR, "new.py", code("one", 4) + code("two", 4), code("two", 4))
    scene.repo.commit(3 * HOUR)
    return lambda fate: len(fate.line.voids()) == 4


def a_long_line_is_wrapped_before_the_commit(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", "total = summed_up(first_reading, second_reading, third_reading)\n")
    scene.repo.write(
        "new.py", "total = summed_up(\n    first_reading,\n    second_reading,\n    third_reading,\n)\n"
    )
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0]


def imports_are_joined_before_the_commit(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", "from quay import barge\nfrom quay import anchor\n")
    scene.repo.write("new.py", "from quay import anchor, barge\n")
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0, 1]


def a_substitution_met_a_file_that_nobody_named(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.sweep(HOUR, "**", "sed\ns/compute_old(\\([0-9]\\))/compute_anew(\\1)/")
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.repo.commit(2 * HOUR, a_py=old.replace("compute_old", "compute_anew") + "a_line_of_a_person()\n")
    return lambda fate: len(fate.landed(edit)) == 10


def a_person_changes_a_word_before_the_commit(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", "total = summed_up(first_reading, second_reading, third_reading)\n")
    scene.repo.write("new.py", "total = summed_up(first_reading, second_reading, fourth_reading)\n")
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0]


def a_person_writes_a_line_like_one_of_a_dropped_edit(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    dropped = "total = summed_up(first_reading, second_reading, third_reading)\n"
    scene.edit(HOUR, "a.py", old, old + dropped + code("dropped", 3))
    scene.repo.write("a.py", "total = summed_up(first_reading, second_reading, a_reading_of_mine)\n" + old)
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landings == []


def git_renames_the_file_between_edit_and_commit(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    edit = scene.edit(HOUR, "a.py", old, old + "one_more_line_of_code()\n")
    scene.repo.git("mv", "a.py", "b.py")
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0]


def a_new_file_is_renamed_before_the_commit(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one"))
    text = code("one").replace("compute_one(4)", "compute_one(44)")
    scene.repo.git("clean", "-fq")
    scene.repo.write("other.py", text)
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.landed(edit)) == 10


def a_command_renames_a_file_of_two_lines(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one", 2))
    scene.touch(HOUR + 60, "other.py", moved_from="new.py")
    scene.repo.git("clean", "-fq")
    scene.repo.write("other.py", code("one", 2))
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.landed(edit)) == 2


def a_function_moves_to_an_old_file_before_the_commit(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one") + code("two"))
    scene.repo.write("new.py", code("one"))
    scene.repo.write("a.py", scene.repo.folder.joinpath("a.py").read_text() + code("two"))
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.landed(edit)) == 20


def a_command_changes_lines_that_it_does_not_show(scene: Scene) -> Callable[[Fate], bool]:
    command = scene.touch(HOUR, "a.py")
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.repo.write("a.py", old.replace("compute_old", "compute_anew"))
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.landed(command)) == 10


def landed_lines_are_wrapped_anew(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", "total = summed_up(first_reading, second_reading, third_reading)\n")
    scene.repo.commit(2 * HOUR)
    wrapped = "total = summed_up(\n    first_reading,\n    second_reading,\n    third_reading,\n)\n"
    scene.repo.commit(3 * HOUR, new_py=wrapped)
    return lambda fate: fate.alive(edit) == [0]


def landed_lines_move_within_their_file(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one", 6))
    scene.repo.commit(2 * HOUR)
    lines = code("one", 6).splitlines(keepends=True)
    human = "".join(f"human_line_number_{number}()\n" for number in range(30))
    scene.repo.commit(3 * HOUR, new_py=code("one", 6) + human)
    scene.repo.commit(4 * HOUR, new_py="".join(lines[3:]) + human + "".join(lines[:3]))
    return lambda fate: fate.alive(edit) == list(range(6))


def landed_lines_move_to_another_file(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one") + code("two"))
    scene.repo.commit(2 * HOUR)
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.repo.commit(3 * HOUR, new_py=code("one"), a_py=old + code("two"))
    return lambda fate: fate.alive(edit) == list(range(20))


def landed_lines_are_copied_and_then_dropped(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one") + code("two"))
    scene.repo.commit(2 * HOUR)
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.repo.commit(3 * HOUR, a_py=old + code("two"))
    scene.repo.commit(DAY_S, new_py=code("one"))
    return lambda fate: fate.alive(edit) == list(range(20))


def a_revert_is_named_in_its_message(scene: Scene) -> Callable[[Fate], bool]:
    scene.create(HOUR, "new.py", code("one"))
    landed = scene.repo.commit(2 * HOUR)
    scene.repo.git("rm", "-q", "new.py")
    scene.repo.commit(3 * HOUR, f'Revert "work"\n\nThis reverts commit {landed}.')
    return _all_reverted


def a_change_is_undone_by_its_inverse(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.edit(HOUR, "a.py", old, old + code("one"))
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(3 * HOUR, b_py="other_work_of_a_person()\n", a_py="first = 1\n" + old + code("one"))
    scene.repo.commit(4 * HOUR, a_py="first = 1\n" + old)
    return _all_reverted


def a_file_is_as_it_was_two_commits_ago(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.edit(HOUR, "a.py", old, old + code("one"))
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(3 * HOUR, a_py="first_line_of_a_person = 1\n" + old + code("one"))
    scene.repo.commit(4 * HOUR, a_py=old)
    return _all_reverted


def a_line_is_as_it_was_beside_other_work(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.edit(HOUR, "a.py", old, old.replace("compute_old(3)", "measure_anew(3)"))
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(3 * HOUR, a_py=old + "more_work_of_a_person()\n")
    return lambda fate: _all_reverted(fate) and len(fate.deaths) == 2


def a_dead_line_comes_back(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    scene.repo.git("rm", "-q", "new.py")
    scene.repo.commit(3 * HOUR)
    scene.repo.commit(DAY_S, new_py=code("one"))
    return lambda fate: len(fate.alive(edit)) == 10


def a_person_repeats_a_landed_line(scene: Scene) -> Callable[[Fate], bool]:
    scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    scene.repo.commit(DAY_S, new_py=code("one") + "a_line_of_a_person()\n" + code("one", 1))
    return lambda fate: len(fate.landings) == 10


def lines_are_only_taken_away(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    scene.edit(HOUR, "a.py", old, old.removesuffix(code("old")))
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.removals) == 10


def a_branch_is_merged_long_after_its_first_commit(scene: Scene) -> Callable[[Fate], bool]:
    scene.repo.checkout("topic", new=True)
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    scene.repo.checkout("main")
    scene.repo.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic", at=2 * HOUR + 70 * DAY_S)
    return lambda fate: len(fate.landed(edit)) == 10


def a_commit_is_amended_a_day_later(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(DAY_S, "new.py", code("one") + code("two"))
    scene.repo.write("new.py", code("one"))
    scene.repo.commit(DAY_S + HOUR, author_at=HOUR)
    return lambda fate: len(fate.landed(edit)) == 10


def a_commit_is_dated_months_before_its_edits(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(20 * DAY_S, "new.py", code("one"))
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.line.made_later == {edit.edit_id} and not fate.landed(edit)


def a_note_names_one_of_two_sessions(scene: Scene) -> Callable[[Fate], bool]:
    scene.create(HOUR, "new.py", code("one"), session=1)
    named = scene.create(HOUR + 60, "new.py", code("one"), session=2)
    sha = scene.repo.commit(2 * HOUR)
    scene.witnesses = Witnesses([(sha, "new.py", ((1, 10),), 2)], {}, {}, {})
    return lambda fate: len(fate.landed(named)) == 10 == len(fate.landings)


def a_line_stands_in_an_older_encoding(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.txt", "埠頭の料金 rates of the quay\n")
    scene.repo.write("new.txt", "埠頭の料金 rates of the quay\n".encode("cp932"))
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0]


def types_are_put_into_a_line_before_the_commit(scene: Scene) -> Callable[[Fate], bool]:
    edit = scene.create(HOUR, "new.py", "def berths(keel, draught, beam):\n")
    typed = "def berths(keel: Keel | None = None, draught: Metres = Metres(0), beam: Metres = Metres(0)):\n"
    scene.repo.write("new.py", typed)
    scene.repo.commit(2 * HOUR)
    return lambda fate: fate.landed(edit) == [0]


def a_program_changes_a_file_that_a_later_command_rewrites(scene: Scene) -> Callable[[Fate], bool]:
    old = scene.repo.folder.joinpath("a.py").read_text()
    program = (
        "text = open('a.py').read()\nopen('a.py', 'w').write(text.replace('compute_old', 'compute_anew'))\n"
    )
    replacing = scene.program(HOUR, "a.py", program)
    scene.touch(HOUR + 60, "a.py")
    scene.repo.write("a.py", old.replace("compute_old", "compute_anew") + "made_by_the_command()\n")
    scene.repo.commit(2 * HOUR)
    return lambda fate: len(fate.landed(replacing)) == 10


def news_go_into_the_document_of_a_release(scene: Scene) -> Callable[[Fate], bool]:
    news = [
        f"The {word} can now be asked for its berth and its keeper" for word in ("crane", "winch", "barge")
    ]
    edit = scene.create(HOUR, "news/12.feature", "".join(f"{line}.\n" for line in news))
    scene.repo.commit(2 * HOUR)
    scene.repo.git("rm", "-rq", "news")
    scene.repo.write("CHANGELOG.md", "# 2.0\n\n" + "".join(f"- {line}. (#12)\n" for line in news))
    scene.repo.commit(DAY_S)
    return lambda fate: fate.alive(edit) == [0, 1, 2]


HISTORIES: dict[Rule, Callable[[Scene], Callable[[Fate], bool]]] = {
    Rule.ONCE: a_person_repeats_a_landed_line,
    Rule.REMOVED: lines_are_only_taken_away,
    Rule.BRANCH_DATES: a_branch_is_merged_long_after_its_first_commit,
    Rule.COMMIT_DATE: a_commit_is_amended_a_day_later,
    Rule.NEXT_LINE: repeated_line_goes_to_the_edit_it_stands_in,
    Rule.BRACKETS: brackets_land_beside_their_lines,
    Rule.LATE: committed_after(20),
    Rule.VERY_LATE: committed_after(40),
    Rule.WRONG_CLOCK: committed_by_a_clock_that_runs_behind,
    Rule.BACKDATED: a_commit_is_dated_months_before_its_edits,
    Rule.TIES: a_line_of_two_sessions_is_shared,
    Rule.ATTEMPTS: one_of_two_attempts_is_taken,
    Rule.WITNESSED: a_note_names_one_of_two_sessions,
    Rule.REPLAYED: a_file_is_as_its_edits_left_it,
    Rule.PEOPLES_MOVES: a_person_moves_lines_that_an_edit_repeats,
    Rule.OVERWRITTEN: a_removal_of_what_never_landed_lands_nowhere,
    Rule.REWRAPPED: a_long_line_is_wrapped_before_the_commit,
    Rule.REENCODED: a_line_stands_in_an_older_encoding,
    Rule.IMPORTS: imports_are_joined_before_the_commit,
    Rule.HUMAN_MODIFIED: a_person_changes_a_word_before_the_commit,
    Rule.GROWN: types_are_put_into_a_line_before_the_commit,
    Rule.SHOWN: a_person_writes_a_line_like_one_of_a_dropped_edit,
    Rule.GIT_RENAMES: git_renames_the_file_between_edit_and_commit,
    Rule.RENAMED: a_new_file_is_renamed_before_the_commit,
    Rule.MOVED_BY_COMMAND: a_command_renames_a_file_of_two_lines,
    Rule.MOVED: a_function_moves_to_an_old_file_before_the_commit,
    Rule.TOUCHED: a_command_changes_lines_that_it_does_not_show,
    Rule.PROGRAMS: a_program_changes_a_file_that_a_later_command_rewrites,
    Rule.SWEPT: a_substitution_met_a_file_that_nobody_named,
    Rule.KEPT_WRAPPED: landed_lines_are_wrapped_anew,
    Rule.KEPT_WITHIN: landed_lines_move_within_their_file,
    Rule.KEPT_BETWEEN: landed_lines_move_to_another_file,
    Rule.TAKEN_UP: news_go_into_the_document_of_a_release,
    Rule.KEPT_COPIED: landed_lines_are_copied_and_then_dropped,
    Rule.REVERT_NAMED: a_revert_is_named_in_its_message,
    Rule.REVERT_PATCH: a_change_is_undone_by_its_inverse,
    Rule.REVERT_BLOB: a_file_is_as_it_was_two_commits_ago,
    Rule.RESTORED: a_line_is_as_it_was_beside_other_work,
    Rule.REVIVED: a_dead_line_comes_back,
}


def test_every_rule_has_its_history() -> None:
    assert HISTORIES.keys() == ALL_RULES


@pytest.mark.parametrize("rule", HISTORIES, ids=lambda rule: rule.name.lower())
def test_a_history_comes_out_right_with_its_rule_only(scene: Scene, rule: Rule) -> None:
    comes_out_right = HISTORIES[rule](scene)
    assert comes_out_right(scene.fate())
    assert not comes_out_right(scene.fate(ALL_RULES - {rule}))


def _all_reverted(fate: Fate) -> bool:
    return bool(fate.deaths) and {death.kind for death in fate.deaths} == {DeathKind.REVERTED}
