"""Histories 6, 7, 9, 11 to 17: the ways by which a line reaches the default branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import Program, tokens_by_bucket
from histories.scene import BEGIN, Performance, Scene, code, human_code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

YOUNG = "2026-03-10"


def overwritten_by_itself(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Sketch a queue")
    session.write("queue.py", code("sketch", 10))
    session.prompt("Better: a ring")
    session.write("queue.py", code("ring", 5))
    scene.marks["first"] = scene.turn_tokens(session, 1)
    scene.clock.advance(hours=1)
    scene.repo.commit("Add a queue")


def one_line_rewritten_by_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the totals")
    session.write("totals.py", code("sum", 10))
    scene.clock.advance(minutes=20)
    scene.repo.human_edit("totals.py", "sum_total_4 = measure_sum(sample=4)", "raise NotImplementedError")
    scene.repo.commit("Add totals")


def one_line_retouched_by_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the totals")
    session.write("totals.py", code("sum", 10))
    scene.clock.advance(minutes=20)
    scene.repo.human_edit("totals.py", "measure_sum(sample=4)", "measure_sum(sample=40)")
    scene.repo.commit("Add totals")


def all_rewritten_by_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the totals")
    session.write("totals.py", code("sum", 10))
    scene.clock.advance(minutes=20)
    scene.repo.human_write("totals.py", "def totals(ledger):\n    yield from ledger.balances()\n")
    scene.repo.commit("Add totals")


def reformatted(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the report")
    body = "".join(f"  rows.push({{'name': 'row_{index}', 'value': {index}}})\n" for index in range(8))
    session.write("report.js", "function report(rows) {\n" + body + "}\n")
    scene.clock.advance(minutes=5)
    text = scene.repo.read("report.js").replace("  rows", "\trows").replace("'", '"').replace("})\n", "});\n")
    scene.repo.human_write("report.js", text)
    scene.repo.commit("Add the report")
    scene.clock.advance(days=3)
    scene.repo.human_write("report.js", text.replace("\t", "    ").replace("{", "{ ", 1))
    scene.repo.commit("Run the formatter again")


def rewrapped(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Load the meters")
    long = "const meters = await loadMeters(region, { limit: 20, since: yesterday, order: 'oldest' });\n"
    session.write("load.js", f"export const region = 'north';\n{long}export default meters;\n")
    scene.clock.advance(minutes=5)
    parts = ("limit: 20", "since: yesterday", "order: 'oldest'")
    inner = "".join(f"  {part},\n" for part in parts)
    wrapped = f"const meters = await loadMeters(region, {{\n{inner}}});\n"
    scene.repo.human_write("load.js", scene.repo.read("load.js").replace(long, wrapped))
    scene.repo.commit("Load the meters")


def squash_branch_deleted(scene: Scene) -> None:
    _branch_with_work(scene)
    scene.repo.checkout("main")
    scene.clock.advance(days=2)
    scene.repo.squash("feature", "Add the feature (#12)")
    scene.repo.delete_branch("feature")


def squash_branch_kept(scene: Scene) -> None:
    _branch_with_work(scene)
    scene.repo.checkout("main")
    scene.clock.advance(days=2)
    scene.repo.squash("feature", "Add the feature (#12)")


def rebased_twice(scene: Scene) -> None:
    scene.repo.branch("feature")
    session = scene.session()
    session.prompt("Build the feature")
    session.write("feature.py", code("feature", 9))
    scene.clock.advance(hours=1)
    scene.repo.commit("Build the feature")
    for day in (1, 2):
        scene.repo.checkout("main")
        scene.clock.advance(days=1)
        scene.repo.human_write(f"notes{day}.md", f"Notes of day number {day}\n")
        scene.repo.commit(f"Notes {day}")
        scene.repo.checkout("feature")
        scene.repo.rebase("main")
    scene.repo.checkout("main")
    scene.repo.git("merge", "--quiet", "--ff-only", "feature")


def amended_with_a_human_line(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the guard")
    session.write("guard.py", code("guard", 7))
    scene.clock.advance(minutes=10)
    scene.repo.commit("Add the guard")
    scene.clock.advance(hours=2)
    scene.repo.human_write("guard.py", scene.repo.read("guard.py") + "LIMIT_OF_HUMAN_PATIENCE = 12\n")
    scene.repo.amend()


def amended_with_more_of_the_assistant(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the guard")
    session.write("guard.py", code("guard", 7))
    scene.clock.advance(minutes=10)
    scene.repo.commit("Add the guard")
    scene.clock.advance(hours=2)
    session.prompt("One more")
    session.write("second.py", code("second", 4))
    scene.clock.advance(minutes=10)
    scene.repo.amend()


def cherry_picked_to_a_release(scene: Scene) -> None:
    scene.repo.git("branch", "release")
    session = scene.session()
    session.prompt("Fix the leak")
    session.write("leak.py", code("leak", 5))
    scene.clock.advance(hours=1)
    fix = scene.repo.commit("Fix the leak")
    scene.repo.checkout("release")
    scene.clock.advance(days=1)
    scene.repo.cherry_pick(fix)
    scene.repo.tag("v1.0.1")
    scene.repo.checkout("main")


def conflict_resolved_by_hand(scene: Scene) -> None:
    scene.repo.branch("feature")
    session = scene.session()
    session.prompt("Change the settings")
    session.edit("app.py", "read_setting('name_0')", "fetch_from_vault('zero')")
    session.write("vault.py", code("vault", 4))
    scene.clock.advance(hours=1)
    scene.repo.commit("Use the vault")
    scene.repo.checkout("main")
    scene.repo.human_edit("app.py", "read_setting('name_0')", "read_first_setting()")
    scene.repo.commit("Rename on main")
    scene.clock.advance(days=1)
    scene.repo.git("merge", "--no-commit", "--strategy-option=ours", "feature")
    merged = human_code(8).replace("read_setting('name_0')", "from_vault_or_else(read_first_setting)")
    scene.repo.human_write("app.py", merged)
    scene.repo.commit("Merge branch 'feature'")


def evil_merge(scene: Scene) -> None:
    scene.repo.branch("feature")
    scene.repo.human_write("feature.md", "What the feature is about\n")
    scene.repo.commit("Describe the feature")
    scene.repo.checkout("main")
    scene.repo.human_write("other.md", "Something else happened\n")
    scene.repo.commit("Meanwhile")
    scene.clock.advance(hours=1)
    scene.repo.git("merge", "--quiet", "--no-commit", "--no-ff", "feature")
    session = scene.session()
    session.prompt("Glue both together")
    session.write("glue.py", code("glue", 6))
    scene.clock.advance(minutes=10)
    scene.repo.commit("Merge branch 'feature'")


def _branch_with_work(scene: Scene) -> None:
    scene.repo.branch("feature")
    session = scene.session()
    session.prompt("Build the feature")
    session.write("feature.py", code("feature", 9))
    scene.clock.advance(hours=1)
    scene.repo.commit("First half")
    session.prompt("And the second half")
    session.write("second.py", code("half", 6))
    session.edit("feature.py", "feature_total_2 = ", "feature_total_two = ")
    scene.clock.advance(hours=1)
    scene.repo.commit("Second half")


PLAYS = (
    overwritten_by_itself,
    one_line_rewritten_by_a_person,
    all_rewritten_by_a_person,
    reformatted,
    squash_branch_deleted,
    squash_branch_kept,
    rebased_twice,
    amended_with_a_human_line,
    amended_with_more_of_the_assistant,
    cherry_picked_to_a_release,
    conflict_resolved_by_hand,
    evil_merge,
)


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    # The words of an edit are kept for 60 days at most; what needs them is judged within that time.
    plays = (one_line_retouched_by_a_person, rewrapped)
    return Performance(tmp_path_factory.mktemp("young"), *plays, now="2026-03-10T12:00:00Z")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("landing"), *PLAYS)


def test_what_a_session_overwrote_itself_is_overwritten_and_the_rest_ships(performance: Performance) -> None:
    verdict = performance.verdict(overwritten_by_itself)
    first = verdict.scene.marks["first"]
    assert verdict.waste == {"overwritten": first}
    assert verdict.buckets == {"not_landed": first, "shipped": verdict.scene.tokens - first}
    assert (verdict.lines["landed"], verdict.lines["not_landed"]) == (5, 10)


def test_nine_of_ten_lines_ship_when_a_person_replaced_one(performance: Performance) -> None:
    verdict = performance.verdict(one_line_rewritten_by_a_person)
    assert (verdict.lines["generated"], verdict.lines["landed"]) == (10, 9)
    assert verdict.bucket("shipped") == pytest.approx(verdict.scene.tokens * 0.9, abs=2)
    assert verdict.bucket("not_landed") == verdict.scene.tokens - verdict.bucket("shipped")


def test_a_line_that_a_person_retouched_counts_as_landed(young: Performance) -> None:
    verdict = young.verdict(one_line_retouched_by_a_person, YOUNG)
    assert verdict.lines["landed"] == 10
    assert verdict.bucket("shipped") >= verdict.scene.tokens * 0.95


def test_nothing_ships_when_a_person_replaced_everything(performance: Performance) -> None:
    verdict = performance.verdict(all_rewritten_by_a_person)
    assert verdict.lines["landed"] == 0
    assert verdict.buckets == {"not_landed": verdict.scene.tokens}


def test_a_formatter_before_or_after_the_commit_takes_nothing_away(performance: Performance) -> None:
    verdict = performance.verdict(reformatted)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["survived"] == verdict.lines["generated"] == 9


def test_a_line_wrapped_into_five_before_the_commit_ships(young: Performance) -> None:
    verdict = young.verdict(rewrapped, YOUNG)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["generated"] == 3


@pytest.mark.parametrize("play", [squash_branch_deleted, squash_branch_kept])
def test_a_squashed_branch_lands_its_lines_once(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["generated"] == 16
    assert verdict.lines["landed"] == verdict.lines["survived"] == 15
    assert verdict.lines["not_landed"] == 1
    assert verdict.waste.keys() == {"overwritten"}
    second = verdict.scene.turn_tokens(verdict.scene.sessions[0], 2)
    assert verdict.bucket("shipped") > second + (verdict.scene.tokens - second) * 8 // 9 - 2


def test_a_branch_rebased_twice_lands_once(performance: Performance) -> None:
    verdict = performance.verdict(rebased_twice)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["generated"] == 9


def test_an_amended_commit_credits_only_the_assistants_lines(performance: Performance) -> None:
    verdict = performance.verdict(amended_with_a_human_line)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 7


def test_what_was_amended_into_an_older_commit_ships_too(performance: Performance) -> None:
    verdict = performance.verdict(amended_with_more_of_the_assistant)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 11


def test_a_cherry_pick_lands_nothing_a_second_time(performance: Performance) -> None:
    verdict = performance.verdict(cherry_picked_to_a_release)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 5


def test_a_hand_resolved_conflict_is_the_persons_work(performance: Performance) -> None:
    verdict = performance.verdict(conflict_resolved_by_hand)
    assert (verdict.lines["generated"], verdict.lines["landed"]) == (5, 4)
    assert 0 < verdict.bucket("not_landed") < verdict.bucket("shipped")


def test_text_that_only_a_merge_commit_adds_is_found(performance: Performance) -> None:
    verdict = performance.verdict(evil_merge)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 6


def test_an_old_log_is_still_matched_by_its_text_when_its_branch_lands_later(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "late")
    scene.repo.branch("feature")
    rewrapped(scene)
    program = Program(scene.stage.home, tmp_path / "kept")
    program.ingest()
    scene.repo.checkout("main")
    scene.repo.merge("feature")
    (kept,) = program.sessions().values()
    (anew,) = Program(scene.stage.home, tmp_path / "anew").sessions().values()
    assert tokens_by_bucket(kept) == tokens_by_bucket(anew) == {"shipped": scene.tokens}
