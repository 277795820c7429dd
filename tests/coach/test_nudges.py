"""What is said while work goes on: each rule on a session that moves, and which of several is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.coach.nudges import (
    BUDGET,
    CHECKPOINT,
    CONTEXT,
    LOOP,
    Nudge,
    budget_nudges,
    chosen,
    ended,
    nudges_of,
)
from tokencoach.coach.running import running_sessions, usual
from tokencoach.store.budget_rows import BudgetRow, put_budget
from tokencoach.store.writer import Writer
from tokencoach.watch.judge import judge

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession

TEST = "python -m pytest -q tests/test_app.py"
RED = "1 failed: part_3 returned 21, wanted 22"


def said(month: Month, session: ClaudeSession, minutes_later: float = 1) -> dict[str, Nudge]:
    """What may be said of a session so many minutes after it last moved, by kind."""
    with month.read() as reader:
        now = month.clock.now_ms + round(minutes_later * 60_000)
        query = "SELECT id FROM session WHERE session_id = ?"
        rows = [row[0] for row in reader.connection.execute(query, (session.session_id,))]
        person = usual(reader, now)
        return {
            one.kind: one for run in running_sessions(reader, rows, now) for one in nudges_of(run, person)
        }


def red(session: ClaudeSession, times: int, output: str = RED) -> list[int]:
    """The test fails so many times; the tokens of each request."""
    return [session.bash(TEST, output, exit_code=1).request.counts.total for _ in range(times)]


def test_the_third_same_answer_is_a_loop_and_costs_all_but_the_first(month: Month) -> None:
    session = month.session()
    session.prompt("Make part 3 return 22")
    tokens = red(session, 3)
    nudge = said(month, session)[LOOP]
    assert "3 times with the same answer" in nudge.title
    assert nudge.tokens == sum(tokens[1:])
    assert nudge.cost_nano > 0


def test_twice_is_no_loop_and_neither_is_another_answer(month: Month) -> None:
    session = month.session()
    session.prompt("Make part 3 return 22")
    red(session, 2)
    red(session, 1, "2 failed")
    assert LOOP not in said(month, session)


def test_a_change_between_two_runs_makes_them_no_loop(month: Month) -> None:
    session = month.session()
    session.prompt("Make part 3 return 22")
    red(session, 2)
    session.edit("app.py", "return 3 * 7", "return 3 * 7 + 1")
    red(session, 1)
    assert LOOP not in said(month, session)


def test_a_loop_is_over_once_a_file_was_changed(month: Month) -> None:
    session = month.session()
    session.prompt("Make part 3 return 22")
    red(session, 4)
    assert LOOP in said(month, session)
    session.edit("app.py", "return 3 * 7", "return 3 * 7 + 1")
    assert LOOP not in said(month, session)


def test_a_session_that_rests_for_half_an_hour_is_left_alone(month: Month) -> None:
    session = month.session()
    session.prompt("Make part 3 return 22")
    red(session, 3)
    assert LOOP in said(month, session, minutes_later=28)
    assert said(month, session, minutes_later=31) == {}


def test_a_context_past_its_limit_is_said_and_one_below_is_not(month: Month) -> None:
    session = month.session(context=110_000)
    session.prompt("Go on with the parser")
    session.read("app.py")
    assert CONTEXT not in said(month, session)
    session.context_tokens = 130_000
    session.read("app.py")
    assert said(month, session)[CONTEXT].title.endswith("of 200 k tokens of context are in use, past 60 %.")


def test_after_a_compaction_the_context_is_not_full_any_more(month: Month) -> None:
    session = month.session(context=150_000)
    session.prompt("Go on with the parser")
    session.read("app.py")
    assert CONTEXT in said(month, session)
    session.compact()
    assert CONTEXT not in said(month, session)


def test_the_window_of_an_unknown_model_is_not_guessed(month: Month) -> None:
    session = month.session("made-model-7", context=900_000)
    session.prompt("Go on")
    session.read("app.py")
    assert CONTEXT not in said(month, session)


def landed_sessions(month: Month, count: int) -> None:
    """Sessions whose one line is committed at once."""
    for number in range(count):
        session = month.session(context=15_000)
        session.prompt(f"Return one more in part {number}")
        session.edit("app.py", f"return {number} * 7", f"return {number} * 7 + {number + 1000}")
        month.repo.commit(f"Part {number} returns more")


def long_session(month: Month, *, branch: str = "") -> ClaudeSession:
    """A session that wrote a line, and went on for long without a commit."""
    if branch:
        month.repo.branch(branch)
        month.repo.checkout(branch)
    session = month.session(context=15_000)
    session.prompt("Write the export")
    session.write("export.py", "def export_rows(rows):\n    return [row.as_text() for row in rows]\n")
    for number in range(12):
        session.bash(f"python export.py --part {number}", f"part {number} exported")
    return session


def judged(month: Month) -> None:
    """Verdicts are made: they hold what sessions cost."""
    with month.read(), Writer(month.database, month.tz) as writer:
        judge(writer, (), ())


@pytest.fixture
def _in_february(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-02-20T12:00:00Z")


@pytest.mark.usefixtures("_in_february")
def test_a_dear_session_without_a_commit_is_named_with_the_persons_own_median(month: Month) -> None:
    landed_sessions(month, 5)
    session = long_session(month)
    judged(month)
    nudge = said(month, session)[CHECKPOINT]
    assert "no line of it is committed" in nudge.title
    month.repo.commit("Export rows")
    assert CHECKPOINT not in said(month, session)


@pytest.mark.usefixtures("_in_february")
def test_a_commit_that_only_the_log_tells_of_is_one(month: Month) -> None:
    landed_sessions(month, 5)
    session = long_session(month)
    session.bash("git add -A && git commit -m 'Export rows'", "1 file changed")
    judged(month)
    assert CHECKPOINT not in said(month, session)


@pytest.mark.usefixtures("_in_february")
def test_without_five_committed_sessions_there_is_no_median_to_be_past(month: Month) -> None:
    landed_sessions(month, 4)
    session = long_session(month)
    judged(month)
    assert CHECKPOINT not in said(month, session)


@pytest.mark.usefixtures("_in_february")
def test_exploration_has_no_checkpoint(month: Month) -> None:
    landed_sessions(month, 5)
    session = long_session(month, branch="explore/export")
    judged(month)
    assert CHECKPOINT not in said(month, session)


def budget_of(month: Month, amount: int, unit: str = "tokens") -> list[Nudge]:
    """What is said of a budget of so much for everything, on 20 February."""
    month.read().close()
    with Writer(month.database, month.tz) as writer, writer.transaction() as connection:
        put_budget(connection, BudgetRow(0, "all", "", unit, amount, month.clock.now_ms))
    with month.read() as reader:
        return budget_nudges(reader, month.clock.now_ms, month.tz)


def test_a_budget_is_said_from_80_percent_on_and_again_when_it_is_passed(month: Month) -> None:
    month.quiet_sessions(2)
    used = sum(request.counts.total for request in month.stage.truth.requests)
    assert budget_of(month, used * 2) == []
    near = budget_of(month, used + used // 10)
    passed = budget_of(month, used - 1)
    assert [one.kind for one in near + passed] == [BUDGET, BUDGET]
    assert near[0].title.startswith("91 % of the month's budget for all work")
    assert passed[0].title.startswith("Past the month's budget")
    assert near[0].subject != passed[0].subject
    assert passed[0].urgency < near[0].urgency


KINDS = st.sampled_from([LOOP, CONTEXT, CHECKPOINT, BUDGET])
SUBJECTS = st.text("ab", max_size=2)
ONE = st.builds(
    lambda kind, subject, urgency: Nudge(kind, subject, "", "", urgency), KINDS, SUBJECTS, st.integers(0, 4)
)
NUDGES = st.lists(ONE, max_size=6)


@given(st.lists(NUDGES, max_size=20), st.lists(st.integers(0, 500_000), min_size=20, max_size=20))
def test_never_two_in_ten_minutes_and_nothing_twice(beats: list[list[Nudge]], gaps: list[int]) -> None:
    now, last = 0, None
    told: dict[tuple[str, str], int] = {}
    for candidates, gap in zip(beats, gaps, strict=False):
        now += gap
        nudge = chosen(candidates, lambda kind, subject: (kind, subject) in told, last, now, 600_000)
        if nudge is not None:
            assert (nudge.kind, nudge.subject) not in told
            assert last is None or now - last >= 600_000
            assert all(
                nudge.urgency <= one.urgency for one in candidates if (one.kind, one.subject) not in told
            )
            told[nudge.kind, nudge.subject] = last = now


@given(NUDGES, NUDGES)
def test_what_has_no_cause_any_more_ends_and_nothing_else(before: list[Nudge], after: list[Nudge]) -> None:
    rows = {(one.kind, one.subject): number for number, one in enumerate(before)}
    gone = set(ended(rows, after))
    held = {(one.kind, one.subject) for one in after}
    assert gone == {row for subject, row in rows.items() if subject not in held}
