"""Budgets: what is spent of each, where the month will end, and what the verb says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.machine import Machine, requests
from tokencoach.audit.period import month_period
from tokencoach.coach.budgets import BudgetState, Standing, budget_states, month_states
from tokencoach.coach.forecast import Forecast, forecast
from tokencoach.store.budget_rows import BudgetRow, drop_budget, put_budget
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from coach.made import Month

MONDAY = date(2026, 2, 2)
AMOUNTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=70)


def days(amounts: list[int], last: date) -> dict[date, int]:
    """Amounts of as many days, the last of them on ``last``."""
    return {last - timedelta(days=len(amounts) - 1 - at): amount for at, amount in enumerate(amounts)}


def weeks(count: int, last: date) -> dict[date, int]:
    """So many weeks up to a day: 10 on each working day, nothing at weekends."""
    every = [last - timedelta(days=at) for at in range(count * 7)]
    return {day: 10 if day.weekday() < 5 else 0 for day in every}


def told(said: Forecast | str) -> Forecast:
    """The forecast, where there must be one."""
    assert isinstance(said, Forecast), said
    return said


def test_weekends_are_forecast_as_the_person_spends_them() -> None:
    today = date(2026, 2, 13)  # a Friday; 10 working days lie ahead, and ten have been
    said = told(forecast(weeks(9, today), today))
    assert said == (200, 200, 200, said.method)
    assert "last 8 weeks" in said.method


def test_a_month_that_is_over_ends_at_what_was_spent() -> None:
    today = date(2026, 2, 28)
    said = told(forecast(weeks(9, today), today))
    assert said.amount == said.low == said.high == 200


def test_today_is_expected_to_become_a_usual_day_and_no_more() -> None:
    today = date(2026, 2, 27)
    quiet = weeks(9, today) | {today: 4}
    busy = weeks(9, today) | {today: 50}
    assert told(forecast(quiet, today)).amount == 200
    assert told(forecast(busy, today)).amount == 190 + 50


def test_without_three_weeks_the_days_of_this_month_are_taken() -> None:
    today = date(2026, 2, 11)
    said = told(forecast(days([7] * 10, today), today))
    assert said.amount == 70 + 17 * 7
    assert "day of this month" in said.method


def test_too_few_days_make_no_forecast_and_say_so() -> None:
    today = date(2026, 2, 4)
    assert forecast(days([7, 7, 7], today), today) == (
        "2 whole days of this month are logged; it takes 5, or 3 weeks"
    )
    assert forecast({}, today) == "nothing was used in the last eight weeks"


def test_an_uneven_person_gets_a_wide_range_and_an_even_one_a_narrow_one() -> None:
    today = date(2026, 2, 13)
    even = told(forecast(days([10] * 60, today), today))
    uneven = told(forecast(days([0, 20] * 30, today), today))
    assert even.low == even.amount == even.high
    assert uneven.low < uneven.amount < uneven.high


@given(AMOUNTS, st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_a_forecast_lies_in_its_range_and_never_below_what_is_spent(amounts: list[int], today: date) -> None:
    by_day = days(amounts, today)
    said = forecast(by_day, today)
    if isinstance(said, Forecast):
        so_far = sum(amount for day, amount in by_day.items() if day >= today.replace(day=1))
        assert so_far - 1 <= said.low <= said.amount <= said.high


def state(month: Month, scope: str, name: str, unit: str, amount: int) -> BudgetState:
    """How one budget stands on the month's clock."""
    month.read().close()
    with Writer(month.database, month.tz) as writer, writer.transaction() as connection:
        row = put_budget(connection, BudgetRow(0, scope, name, unit, amount, month.clock.now_ms - 1))
    with month.read() as reader:
        [said] = budget_states(reader, month.clock.now_ms, month.tz)
    with Writer(month.database, month.tz) as writer, writer.transaction() as connection:
        assert drop_budget(connection, row, month.clock.now_ms)
    return said


def worked(month: Month, prompt: str = "Return more", **options: Any) -> int:
    """A session; the tokens that it used."""
    before = sum(one.counts.total for one in month.stage.truth.requests)
    session = month.session(**options)
    session.prompt(prompt)
    session.read("app.py")
    session.say("Done.")
    return sum(one.counts.total for one in month.stage.truth.requests) - before


def test_a_project_s_budget_counts_its_own_sessions_only(month: Month) -> None:
    other = month.stage.repository("other")
    other.human_write("app.py", "x = 1\n")
    other.commit("Start")
    mine, theirs = worked(month), worked(month, where=other)
    assert state(month, "all", "", "tokens", 10**9).spent == mine + theirs
    path = str(month.repo.folder)
    said = state(month, "project", path, "tokens", mine - 1)
    assert (said.spent, said.standing, said.label) == (mine, Standing.PASSED, "service")


def test_a_phase_s_budget_counts_the_sessions_of_that_phase(month: Month) -> None:
    worked(month)
    month.repo.branch("explore/idea")
    month.repo.checkout("explore/idea")
    explored = worked(month)
    said = state(month, "phase", "exploration", "tokens", explored * 2)
    assert (said.spent, said.standing) == (explored, Standing.HELD)
    assert state(month, "phase", "exploration", "tokens", explored + 1).standing is Standing.NEAR


def test_what_has_no_price_is_told_beside_a_budget_in_dollars(month: Month) -> None:
    worked(month, model="made-model-7")
    said = state(month, "all", "", "usd", 10**9)
    assert (said.spent, said.unpriced) == (0, 2)
    assert state(month, "all", "", "tokens", 10**9).unpriced == 0


def test_a_budget_of_energy_has_nothing_where_no_request_ran_here(month: Month) -> None:
    worked(month)
    assert state(month, "all", "", "wh", 1000).spent == 0


def test_a_budget_of_energy_counts_what_the_servers_used_for_its_project(month: Month) -> None:
    worked(month)
    month.read().close()
    put = (
        "INSERT INTO served_request(server_id, slot, task, model, start_ms, end_ms, prompt, cached, generated, measured, "
        "total_uj, prefill_uj, quality, scopes, request_key) "
        "VALUES(1, 0, ?, 'm', ?, ?, 1, 0, 1, 1, ?, 0, 'SENSOR', 'gpu', ?)"
    )
    with Writer(month.database, month.tz) as writer, writer.transaction() as connection:
        [key] = connection.execute("SELECT key FROM request ORDER BY at_ms LIMIT 1").fetchone()
        for task, request in ((1, key), (2, None)):
            connection.execute(put, (task, month.clock.now_ms, month.clock.now_ms, 7_200_000_000, request))
    # 7.2 kJ are 2 Wh; who asked for the second is not known, so only the budget over all counts it.
    assert state(month, "all", "", "wh", 3_900).spent == 4_000
    assert state(month, "project", str(month.repo.folder), "wh", 3_900).spent == 2_000


def test_a_month_that_is_over_keeps_the_budgets_it_had(month: Month) -> None:
    used = worked(month)
    month.read().close()
    with Writer(month.database, month.tz) as writer, writer.transaction() as connection:
        first = put_budget(connection, BudgetRow(0, "all", "", "tokens", used + 1, month.clock.now_ms))
        month.clock.advance(days=40)
        put_budget(connection, BudgetRow(0, "all", "", "tokens", 1, month.clock.now_ms))
    with month.read() as reader:
        [held] = month_states(reader, month_period("2026-02", month.tz), month.clock.now_ms)
        [now] = budget_states(reader, month.clock.now_ms, month.tz)
    assert (held.budget.budget_id, held.spent, held.standing) == (first, used, Standing.NEAR)
    assert (now.budget.amount, now.spent) == (1, 0)


def test_the_verb_sets_lists_and_drops(home: Path) -> None:
    machine = Machine(home)
    machine.log(requests(3))
    extra = {"TOKENCOACH_NOW": "2026-02-10T18:00:00Z"}
    said = machine.json("coach", "budget", "set", "12.50", extra=extra)
    [row] = said["budgets"]
    assert (row["scope"], row["unit"], row["amount"], row["state"]) == ("all", "usd", 12.5, "held")
    assert row["spent"] > 0
    assert row["forecast"] is None
    assert "it takes 5" in row["why_no_forecast"]
    machine.json("coach", "budget", "set", "2k", "--unit", "tokens", "--phase", "production", extra=extra)
    rows = machine.json("coach", "budget", "list", extra=extra)["budgets"]
    assert [(one["amount"], one["spent"], one["state"]) for one in rows[1:]] == [(2000, 3480, "passed")]
    text = machine.run("coach", "budget", "list", extra=extra).stdout.decode()
    assert "production" in text
    assert "(174 %)" in text
    machine.json("coach", "budget", "set", "100", extra=extra)
    machine.json("coach", "budget", "drop", str(rows[1]["id"]), extra=extra)
    assert [one["amount"] for one in machine.json("coach", "budget", "list", extra=extra)["budgets"]] == [100]


@pytest.mark.parametrize(
    "arguments",
    [["0"], ["-5"], ["x"], ["1e5"], ["9" * 30], ["5", "--unit", "euros"], ["5", "--repo", "nowhere"],
     ["5", "--repo", ".", "--phase", "production"]],
)  # fmt: skip
def test_a_budget_that_is_none_is_refused(home: Path, arguments: list[str]) -> None:
    machine = Machine(home)
    machine.log(requests(1))
    done = machine.run("coach", "budget", "set", *arguments)
    assert done.returncode == 2
    assert machine.json("coach", "budget", "list", code=3)["budgets"] == []
