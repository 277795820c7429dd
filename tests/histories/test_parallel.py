"""Histories 20 and 21 and their kin: several sessions, one file; and what a person changes between edits."""

from __future__ import annotations

import pytest

from histories.program import tokens_by_bucket
from histories.scene import Performance, Scene, code, human_code


def two_sessions_in_one_file(scene: Scene) -> None:
    left, right = scene.session(), scene.session("0.169")
    left.prompt("Add the left half")
    right.prompt("Add the right half")
    left.write("both.py", code("left", 6))
    right.edit(
        "both.py",
        "left_total_5 = measure_left(sample=5)\n",
        "left_total_5 = measure_left(sample=5)\n" + code("right", 6),
    )
    left.edit("both.py", "left_total_0", "leftmost_total_zero")
    right.edit("both.py", "right_total_5", "rightmost_total_five")
    scene.clock.advance(hours=1)
    scene.repo.commit("Both halves")


def person_between_two_edits(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 8))
    scene.clock.advance(minutes=10)
    scene.repo.human_edit(
        "meters.py", "meter_total_3 = measure_meter(sample=3)", "raise NotImplementedError('three')"
    )
    session.prompt("And the scales")
    session.edit("meters.py", "meter_total_7 =", code("scale", 8) + "meter_total_7 =")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add meters and scales")


def half_rewritten_by_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 10))
    scene.clock.advance(minutes=30)
    kept = "".join(code("meter", 10).splitlines(keepends=True)[5:])
    mine = "class Meter:\n    reading: float\n    def scaled(self, by):\n        return by * self.reading\n"
    scene.repo.human_write("meters.py", mine + kept)
    scene.repo.commit("Add the meters")


def second_session_rewrites_the_first(scene: Scene) -> None:
    first = scene.session()
    first.prompt("Add the meters")
    first.write("meters.py", code("draft", 6))
    scene.clock.advance(hours=3)
    second = scene.session("0.169")
    second.prompt("Write it anew")
    second.write("meters.py", code("final", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")


def second_session_reworks_what_shipped(scene: Scene) -> None:
    first = scene.session()
    first.prompt("Add the meters")
    first.write("meters.py", code("draft", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")
    scene.clock.advance(days=5)
    second = scene.session("0.169")
    second.prompt("Write it anew")
    second.write("meters.py", code("final", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Better meters")


def same_boilerplate_in_many_files(scene: Scene) -> None:
    header = "from __future__ import annotations\nimport logging\nlogger = logging.getLogger(__name__)\n"
    sessions = [scene.session(), scene.session("0.169"), scene.session()]
    for number, session in enumerate(sessions):
        session.prompt(f"Add module {number}")
        session.write(f"module{number}.py", header + code(f"mod{number}", 5))
    scene.clock.advance(hours=1)
    scene.repo.human_write("own.py", header + "def own_of_a_person():\n    return 'by hand'\n")
    scene.repo.commit("Add all modules")


def worktrees_of_one_file(scene: Scene) -> None:
    beside = scene.repo.worktree(scene.stage.folder / "code" / "second-tree", "second")
    left, right = scene.session(), scene.session("0.169", beside)
    left.prompt("Change the first setting")
    right.prompt("Change the last setting")
    left.edit("app.py", "SETTING_0 = read_setting('name_0')", "SETTING_FIRST = read_vault('zero')")
    right.edit("app.py", "SETTING_7 = read_setting('name_7')", "SETTING_LAST = read_vault('seven')")
    scene.clock.advance(hours=1)
    scene.repo.commit("First")
    beside.commit("Last")
    scene.clock.advance(days=1)
    scene.repo.merge("second")


PLAYS = (
    two_sessions_in_one_file,
    person_between_two_edits,
    half_rewritten_by_a_person,
    second_session_rewrites_the_first,
    second_session_reworks_what_shipped,
    same_boilerplate_in_many_files,
    worktrees_of_one_file,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("parallel"), *PLAYS)


def test_two_sessions_in_one_file_keep_their_own_lines(performance: Performance) -> None:
    left, right = (performance.session(one) for one in performance.scenes[two_sessions_in_one_file].sessions)
    assert (left["lines"]["landed"], right["lines"]["landed"]) == (6, 6)
    assert left["lines"]["not_landed"] == right["lines"]["not_landed"] == 1


def test_a_persons_change_between_two_edits_takes_its_line_only(performance: Performance) -> None:
    verdict = performance.verdict(person_between_two_edits)
    assert (verdict.lines["generated"], verdict.lines["landed"]) == (16, 15)
    assert verdict.waste.keys() == {"overwritten"}


def test_half_of_a_file_rewritten_by_hand_is_half_of_its_spend(performance: Performance) -> None:
    verdict = performance.verdict(half_rewritten_by_a_person)
    assert verdict.bucket("shipped") == pytest.approx(verdict.scene.tokens / 2, abs=2)
    assert verdict.waste == {"overwritten": verdict.bucket("not_landed")}


def test_what_a_second_session_rewrote_before_the_commit_is_overwritten(performance: Performance) -> None:
    first, second = performance.scenes[second_session_rewrites_the_first].sessions
    assert tokens_by_bucket(performance.session(first)).keys() == {"not_landed"}
    assert tokens_by_bucket(performance.session(second)).keys() == {"shipped"}


def test_what_a_second_session_rewrote_in_two_weeks_is_reworked(performance: Performance) -> None:
    first, second = performance.scenes[second_session_reworks_what_shipped].sessions
    assert tokens_by_bucket(performance.session(first)).keys() == {"reworked"}
    assert tokens_by_bucket(performance.session(second)).keys() == {"shipped"}


def test_boilerplate_of_many_files_belongs_to_each_files_author(performance: Performance) -> None:
    verdict = performance.verdict(same_boilerplate_in_many_files)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["generated"] == 24


def test_worktrees_of_one_file_keep_their_own_lines(performance: Performance) -> None:
    verdict = performance.verdict(worktrees_of_one_file)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 2
    assert human_code(8).count("\n") == 8
