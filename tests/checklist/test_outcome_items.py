"""Items judged from what landed: disclosure, checks, survival, review, phases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tokencoach.checklist.gates import subject_key
from tokencoach.checklist.item import Basis, State
from tokencoach.clock import DAY_MS
from tokencoach.store.mark_rows import UNDISCLOSED, put_mark
from tokencoach.store.repo_rows import known_repos, set_phase
from tokencoach.store.tick_rows import TICK, TickRow, say_tick

if TYPE_CHECKING:
    from checklist.made import ListedMonth
    from tokencoach.store.connect import Connection

SIGNED = "Add a part\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def test_commits_that_name_the_assistant_are_met(month: ListedMonth) -> None:
    for number in range(5):
        month.landed(f"part{number}.py", message=SIGNED)
    said = month.judge("C7")
    assert (said.state, said.value) == (State.MET, 1.0)


def test_a_silent_commit_in_five_is_partly_and_is_named(month: ListedMonth) -> None:
    for number in range(4):
        month.landed(f"part{number}.py", message=SIGNED)
    sha = month.landed("silent.py")
    said = month.judge("C7")
    assert (said.state, said.value) == (State.PARTLY, 0.8)
    assert [one.commit for one in said.evidence] == [sha]


def test_four_commits_show_no_habit_of_disclosure(month: ListedMonth) -> None:
    for number in range(4):
        month.landed(f"part{number}.py")
    month.landed("small.py", lines=3)
    assert month.judge("C7").state is State.NOT_ENOUGH_DATA


def test_a_repository_that_wants_no_such_word_is_left_out(month: ListedMonth) -> None:
    for number in range(5):
        month.landed(f"part{number}.py")
    assert month.judge("C7").state is State.NOT_MET
    root = month.repo.git("rev-list", "--max-parents=0", "HEAD").strip()
    month.write(lambda base: put_mark(base, (root,), UNDISCLOSED, 0))
    assert month.judge("C7").state is State.NOT_ENOUGH_DATA


def test_without_a_hook_nothing_was_asked_and_debt_grew(month: ListedMonth) -> None:
    for number in range(5):
        month.landed(f"part{number}.py")
    said = month.judge("C8")
    assert (said.state, said.value) == (State.NOT_MET, 0.0)
    assert "grew (0 to 60)" in said.why
    assert "hook install" in said.next


def test_few_commits_are_not_judged_for_checks(month: ListedMonth) -> None:
    month.landed("one.py")
    assert month.judge("C8").state is State.NOT_ENOUGH_DATA


def test_lines_that_lived_a_month_are_met_with_the_exact_share(month: ListedMonth) -> None:
    month.landed("kept.py", lines=60)
    gone = month.landed("gone.py", lines=20)
    month.clock.advance(days=20)
    month.repo.human_write("gone.py", "nothing_is_left_of_it = True\n")
    month.repo.commit("Take it out")
    said = month.judge("C10", APRIL, "2026-03")
    assert said.value == 60 / 80
    assert said.state is State.MET
    assert len(said.evidence) == 1
    assert gone


def test_lines_of_which_most_were_replaced_within_the_month_are_not_met_though_none_was_reverted(
    month: ListedMonth,
) -> None:
    month.landed("kept.py", lines=20)
    month.landed("gone.py", lines=60)
    month.clock.advance(days=20)
    month.repo.human_write("gone.py", "nothing_is_left_of_it = True\n")
    month.repo.commit("Write it anew")
    said = month.judge("C10", APRIL, "2026-03")
    assert said.value == 20 / 80
    assert said.state is State.PARTLY
    assert "less than 50 % of them" in said.why
    assert "0 % reverted" in said.why


def test_a_revert_of_a_quarter_is_not_met(month: ListedMonth) -> None:
    month.landed("kept.py", lines=60)
    sha = month.landed("gone.py", lines=20)
    month.clock.advance(days=2)
    month.repo.revert(sha)
    said = month.judge("C10", APRIL, "2026-03")
    assert said.state is State.PARTLY
    assert "25 % reverted" in said.why


def test_lines_that_landed_last_week_tell_nothing_of_a_month(month: ListedMonth) -> None:
    month.landed("kept.py", lines=60)
    assert month.judge("C10", datetime(2026, 3, 1, tzinfo=UTC), "2026-03").state is State.NOT_ENOUGH_DATA


def test_falling_two_months_running_is_told(month: ListedMonth) -> None:
    month.landed("kept.py", lines=60)
    gone = month.landed("gone.py", lines=40)
    month.clock.advance(days=16)
    month.repo.git("rm", "-q", "gone.py")
    month.repo.commit("Take it out")
    assert gone

    def earlier(base: Connection) -> None:
        for kept, value in (("2026-01", 0.95), ("2026-02", 0.8)):
            base.execute(
                "INSERT INTO item_month(month, timezone, item, state, value, judged_ms) VALUES(?,'UTC','C10','met',?,1)",
                (kept, value),
            )

    month.write(earlier)
    said = month.judge("C10", APRIL, "2026-03")
    assert said.value == 0.6
    assert "falling two months running (95 %, 80 %, 60 %)" in said.why
    assert said.state is State.PARTLY


def test_a_reviewers_trailer_makes_a_change_reviewed(month: ListedMonth) -> None:
    month.landed("one.py", message="Add one\n\nReviewed-by: Kim Example <kim@example.invalid>")
    assert month.judge("T1").state is State.MET
    sha = month.landed("two.py")
    said = month.judge("T1")
    assert (said.state, said.value) == (State.PARTLY, 0.5)
    assert [one.commit for one in said.evidence] == [sha]


def test_small_changes_are_no_changes_to_review(month: ListedMonth) -> None:
    month.landed("one.py", lines=9)
    assert month.judge("T1").state is State.NOT_ENOUGH_DATA


def test_what_a_team_looks_at_stands_on_a_word_that_ends(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("T3").state is State.NOT_ENOUGH_DATA
    now = month.clock.now_ms
    month.write(lambda base: say_tick(base, TickRow("T3", TICK, "in the retro", now, now + 31 * DAY_MS)))
    said = month.judge("T3")
    assert (said.state, said.basis) == (State.MET, Basis.WORD)
    assert month.judge("T3", APRIL).state is State.NOT_ENOUGH_DATA


def phase_is(month: ListedMonth, phase: str) -> None:
    month.write(lambda base: set_phase(base, 1, phase))


def test_exploration_has_no_gate(month: ListedMonth) -> None:
    month.landed("one.py")
    phase_is(month, "exploration")
    assert month.judge("C17").state is State.MET


def test_a_repository_without_a_phase_is_named(month: ListedMonth) -> None:
    month.landed("one.py")
    said = month.judge("C17")
    assert said.state is State.NOT_MET
    assert "1 of 1 repositories without a phase" in said.why
    assert "repos phase" in said.next


def test_a_prototype_wants_a_note_and_a_second_reader(month: ListedMonth) -> None:
    month.landed("one.py")
    phase_is(month, "prototype")
    said = month.judge("C17")
    assert {one.words for one in said.evidence} == {
        "prototype: a note of what it is is not in sight",
        "prototype: a second reader is not in sight",
    }
    month.repo.human_write("README.md", "# What this is\n")
    month.repo.commit("Note")
    month.landed("two.py", message="Add two\n\nReviewed-by: Kim Example <kim@example.invalid>")
    assert month.judge("C17").state is State.MET


def test_a_gate_of_production_passes_by_evidence_or_by_a_word_that_ends(month: ListedMonth) -> None:
    month.repo.human_write("docs/adr/0001-why.md", "# Why\n")
    month.repo.commit("Decide")
    month.landed("one.py")
    phase_is(month, "production")
    said = month.judge("C17")
    assert [one.words for one in said.evidence if "in sight" in one.words] == [
        "production: what watches it in operation is not in sight"
    ]
    now = month.clock.now_ms

    def word(base: Connection) -> None:
        key = subject_key("C17", "operation", known_repos(base)[0])
        say_tick(base, TickRow(key, TICK, "a library: its users watch it", now, now + 31 * DAY_MS))

    month.write(word)
    said = month.judge("C17")
    assert "2 of 2 gates passed, 1 by your word" in said.why
    assert said.basis is Basis.WORD


def test_an_old_exploration_with_many_commits_asks_for_another_label(month: ListedMonth) -> None:
    for number in range(21):
        month.repo.commit(f"Step {number}")
    month.clock.advance(days=70)
    month.landed("one.py")
    phase_is(month, "exploration")
    said = month.judge("C17", datetime(2026, 5, 1, tzinfo=UTC), "2026-04")
    assert said.state is State.PARTLY
    assert "1 old explorations" in said.why
