"""Plans: accepted, followed one at a time, and measured again by the detector that found the habit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.clock import DAY_MS
from tokencoach.coach.as_text import rate_words
from tokencoach.coach.detectors.full_context import DETECTOR
from tokencoach.coach.finding import Rate
from tokencoach.coach.plans import (
    Look,
    Measured,
    State,
    accept,
    focus,
    looks_at,
    measure,
    measured_plans,
    plan_of,
    verdict,
)
from tokencoach.errors import UsageError
from tokencoach.settings import Settings
from tokencoach.store.plan_rows import PlanRow, drop_plan, plans_until
from tokencoach.store.reader import open_reader
from tokencoach.watch.word import write_word

if TYPE_CHECKING:
    from coach.made import Month

SAID = datetime(2026, 2, 17, 12, tzinfo=UTC)
SAID_MS = int(SAID.timestamp() * 1000)
DAY = date(2026, 2, 1)


def at(month: int, day: int) -> int:
    return int(datetime(2026, month, day, tzinfo=UTC).timestamp() * 1000)


def sessions(month: Month, full: int, fine: int) -> None:
    """Some sessions that pass the limit, some that do not, an hour apart."""
    for context in (*[150_000] * full, *[15_000] * fine):
        session = month.session(context=context)
        session.prompt("Go on with the parser")
        session.say("Done.")


def two_spans(month: Month, before: tuple[int, int], after: tuple[int, int]) -> PlanRow:
    """Sessions before and after a plan that is accepted on 17 February; the plan."""
    month.clock.go_to(datetime(2026, 2, 5, 9, tzinfo=UTC))
    sessions(month, *before)
    month.clock.go_to(datetime(2026, 2, 20, 9, tzinfo=UTC))
    sessions(month, *after)
    month.read().close()
    plan = PlanRow(0, DETECTOR.id, "a session passes 60 %", "start afresh", SAID_MS, 4, 6, "sessions", None)
    write_word(month.database, month.tz, lambda connection: accept(connection, plan, SAID_MS, month.tz))
    with open_reader(month.database) as reader:
        return plans_until(reader.connection, SAID_MS)[0]


def measured(month: Month, plan: PlanRow, as_of_ms: int) -> Measured:
    with open_reader(month.database) as reader:
        return measure(reader, plan, as_of_ms, month.tz, Settings(), (DETECTOR,))


@pytest.mark.parametrize(
    ("after", "state"),
    [
        ((0, 6), State.WORKED),
        ((2, 4), State.NOT_ENOUGH),
        ((6, 0), State.NOT),
        ((0, 4), State.NOT_ENOUGH),
    ],
)
def test_of_six_sessions_each_only_a_plain_change_is_told(
    month: Month, after: tuple[int, int], state: State
) -> None:
    plan = two_spans(month, (4, 2), after)
    said = measured(month, plan, at(3, 4))
    assert said.state is state
    assert said.before is not None
    assert said.after is not None
    assert (said.before.first, said.before.last) == (date(2026, 2, 3), date(2026, 2, 16))
    assert (said.after.first, said.after.last) == (date(2026, 2, 18), date(2026, 3, 3))
    assert said.before.sessions + said.after.sessions == 6 + sum(after)
    assert ("may be chance" in said.why) == (after == (2, 4))
    assert said.judged_at_ms == at(3, 4)
    assert said.again_at_ms == at(4, 1)


def test_fewer_than_five_sessions_before_it_are_not_enough(month: Month) -> None:
    plan = two_spans(month, (4, 0), (0, 6))
    assert measured(month, plan, at(3, 4)).state is State.NOT_ENOUGH


def test_a_habit_that_was_not_there_before_cannot_have_fallen(month: Month) -> None:
    plan = two_spans(month, (0, 6), (0, 6))
    said = measured(month, plan, at(3, 4))
    assert said.state is State.NOT_ENOUGH
    assert "not found either" in said.why


def test_a_plan_runs_until_two_weeks_are_over_and_shows_what_is_so_far(month: Month) -> None:
    plan = two_spans(month, (4, 2), (0, 6))
    first = measured(month, plan, SAID_MS + 3_600_000)
    assert (first.state, first.after, first.again_at_ms) == (State.RUNNING, None, at(3, 4))
    later = measured(month, plan, at(3, 4) - 1)
    assert later.state is State.RUNNING
    assert later.after is not None
    assert later.after.last == date(2026, 3, 2)
    assert later.why.startswith("so far")


def test_the_same_instant_gives_the_same_answer_whenever_it_is_asked(month: Month) -> None:
    plan = two_spans(month, (4, 2), (1, 5))
    said = measured(month, plan, at(3, 4))
    assert measured(month, plan, at(3, 31)) == said
    final = measured(month, plan, at(4, 1))
    assert final.after is not None
    assert final.after.last == date(2026, 3, 31)
    assert final.again_at_ms is None
    assert measured(month, plan, at(4, 1) + 400 * DAY_MS) == final


def test_a_habit_that_nothing_looks_for_any_more_is_not_judged(month: Month) -> None:
    plan = two_spans(month, (4, 2), (0, 6))
    said = measured(month, plan._replace(finding="gone"), at(3, 4))
    assert said.state is State.NOT_ENOUGH
    assert "nothing looks for this" in said.why


def test_a_second_plan_takes_the_place_of_the_first_and_dropping_ends_it(month: Month) -> None:
    plan = two_spans(month, (4, 2), (0, 6))
    other = plan._replace(said_ms=SAID_MS + DAY_MS)
    second = write_word(month.database, month.tz, lambda base: accept(base, other, other.said_ms, month.tz))
    with open_reader(month.database) as reader:
        known = plans_until(reader.connection, at(3, 1))
        assert [row.undone_ms for row in known] == [other.said_ms, None]
        assert focus(known, at(3, 1), month.tz) == known[1]
        then = plans_until(reader.connection, SAID_MS)
        assert [row.undone_ms for row in then] == [None]
    assert write_word(month.database, month.tz, lambda base: drop_plan(base, second, at(3, 2)))
    assert not write_word(month.database, month.tz, lambda base: drop_plan(base, second, at(3, 3)))
    with open_reader(month.database) as reader:
        assert focus(plans_until(reader.connection, at(3, 3)), at(3, 3), month.tz) is None
        listed = measured_plans(reader, at(3, 20), month.tz, Settings(), (DETECTOR,))
    assert [one.plan.plan_id for one in listed] == [second, plan.plan_id]
    assert [one.state for one in listed] == [State.RUNNING, State.RUNNING]
    assert not any(one.is_open for one in listed)


def test_a_plan_that_was_measured_for_the_last_time_makes_room_without_being_dropped(month: Month) -> None:
    plan = two_spans(month, (4, 2), (0, 6))
    with open_reader(month.database) as reader:
        known = plans_until(reader.connection, at(4, 1))
    assert focus(known, at(4, 1) - 1, month.tz) == plan
    assert focus(known, at(4, 1), month.tz) is None


def test_a_finding_becomes_a_plan_in_its_own_words_or_the_persons(month: Month) -> None:
    month.quiet_sessions(5)
    sessions(month, 1, 0)
    found = month.found(DETECTOR)
    offered = plan_of(found, SAID_MS)
    assert offered.sentence == f"If {found.condition}, I {found.action}."
    assert (offered.before_count, offered.before_of, offered.unit) == tuple(found.rate)
    own = plan_of(found, SAID_MS, "  I see\n70 % ", "stop. ")
    assert own.sentence == "If I see 70 %, I stop."
    with pytest.raises(UsageError, match="empty"):
        plan_of(found, SAID_MS, " . ")
    with pytest.raises(UsageError, match="characters"):
        plan_of(found, SAID_MS, "x" * 201)


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_the_second_look_ends_with_a_month_and_never_before_the_first(said: date) -> None:
    first, last = looks_at(said)
    assert (first - said).days == 14
    assert first <= last
    assert (last.year, last.month) == (first.year, first.month)
    assert date.fromordinal(last.toordinal() + 1).day == 1


def look(times: float, of: float, unit: str = "sessions", sessions: int | None = None) -> Look:
    return Look(DAY, DAY, round(of) if sessions is None else sessions, Rate(times, of, unit))


@pytest.mark.parametrize(
    ("after", "of", "state"),
    [
        (10, 60, State.WORKED),
        (20, 60, State.WORKED),
        (26, 60, State.PARTLY),
        (38, 60, State.NOT_ENOUGH),
        (380, 600, State.NOT),
        (60, 60, State.NOT),
    ],
)
def test_a_plan_worked_where_its_habit_fell_by_half_and_partly_from_a_fifth_on(
    after: int, of: int, state: State
) -> None:
    assert verdict(look(of * 2 / 3, of), look(after, of))[0] is state


def test_dollars_and_lines_are_worth_as_many_cases_as_there_were_sessions() -> None:
    for unit in ("dollars", "lines"):
        few = verdict(look(4_000, 6_000, unit, sessions=6), look(2_000, 6_000, unit, sessions=6))
        many = verdict(look(4_000, 6_000, unit, sessions=60), look(2_000, 6_000, unit, sessions=60))
        assert (few[0], many[0]) == (State.NOT_ENOUGH, State.WORKED)
        assert "(" in few[1], "the interval is shown"


@given(st.integers(1, 100), st.integers(0, 100), st.integers(0, 100))
def test_a_rate_that_fell_further_is_never_judged_worse(was: int, more: int, less: int) -> None:
    order = [State.WORKED, State.PARTLY, State.NOT_ENOUGH, State.NOT]
    low, high = sorted((more, less))
    states = [verdict(look(was, 100), look(now, 100))[0] for now in (low, high)]
    assert order.index(states[0]) <= order.index(states[1])
    assert states[0] is not State.WORKED or 2 * low <= was


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Rate(7, 41, "sessions"), "7 of 41 sessions"),
        (Rate(1.158, 13.4437, "dollars"), "$1.16 of $13.4"),
        (Rate(1.25, 9.5, "hours loaded"), "1.25 of 9.5 hours loaded"),
        (Rate(0.0, 12_345, "lines"), "0 of 12 k lines"),
    ],
)
def test_a_rate_is_said_in_the_unit_that_it_counts(rate: Rate, words: str) -> None:
    assert rate_words(rate) == words
