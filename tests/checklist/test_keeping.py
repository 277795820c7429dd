"""What is kept: words that end, thresholds with their versions, months as they were seen."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.made import END
from tokencoach.checklist.item import Item, Judgement, State
from tokencoach.checklist.judge import judge_month, rows_to_keep
from tokencoach.checklist.keeping import changed_rows, unkept_months
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.checklist.registry import ITEMS, item_of
from tokencoach.clock import DAY_MS
from tokencoach.coach.finding import Threshold
from tokencoach.errors import TokencoachError
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.item_rows import ItemMonth, item_months, keep_item_months
from tokencoach.store.threshold_rows import (
    say_threshold,
    set_thresholds,
    take_back_threshold,
    threshold_words,
)
from tokencoach.store.tick_rows import SNOOZE, TickRow, say_tick, take_back_ticks
from tokencoach.store.writer import Writer
from tokencoach.watch.items import ItemKeeper
from tokencoach.watch.refresh import Upkeep

if TYPE_CHECKING:
    from checklist.made import ListedMonth
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.store.connect import Connection

LIMIT = Threshold("X1.limit", 0.5, "share", "half")
END_MS = int(END.timestamp() * 1000)


def made_item(value: float = 0.7) -> Item:
    """An item whose value is told, held against a limit."""

    def judge(grounds: Grounds) -> Judgement:
        limit = grounds.limit(LIMIT)
        state = State.MET if value >= limit else State.NOT_MET
        return Judgement(state, "as told", "go on", value, limit)

    return Item("X1", "Made", "told", judge, (LIMIT,))


def test_ids_are_those_of_the_design_and_each_has_a_rule_a_title_and_reasons() -> None:
    assert [item.id for item in ITEMS] == [f"C{number}" for number in range(1, 21)] + ["T1", "T2", "T3", "T4"]
    assert all(item.title and item.rule for item in ITEMS)
    assert all(
        limit.because and limit.name.startswith(f"{item.id}.") for item in ITEMS for limit in item.thresholds
    )
    assert item_of("c5") is item_of("C5")


def test_a_snooze_hides_the_state_until_its_day_and_keeps_what_it_would_be(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    now = month.clock.now_ms
    month.write(lambda base: say_tick(base, TickRow("X1", SNOOZE, "not now", now, now + DAY_MS)))
    with month.read() as reader:
        during = judge_month(
            month.grounds(reader, datetime.fromtimestamp(now / 1000 + 60, UTC)), [made_item()]
        )
        after = judge_month(month.grounds(reader), [made_item()])
    assert (during.items[0].state, during.items[0].said.state) == (State.SNOOZED, State.MET)
    assert after.items[0].state is State.MET


def test_a_word_that_was_taken_back_stands_no_more(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    now = month.clock.now_ms
    month.write(lambda base: say_tick(base, TickRow("X1", SNOOZE, "not now", now, now + 90 * DAY_MS)))
    month.write(lambda base: take_back_ticks(base, "X1", now + 1))
    with month.read() as reader:
        assert judge_month(month.grounds(reader), [made_item()]).items[0].state is State.MET


def test_a_threshold_of_ones_own_holds_from_when_it_was_said(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    month.write(lambda base: say_threshold(base, "X1.limit", 0.9, "stricter", END_MS))
    with month.read() as reader:
        before = judge_month(month.grounds(reader, datetime(2026, 2, 20, tzinfo=UTC)), [made_item()])
        since = judge_month(month.grounds(reader), [made_item()])
    assert (before.items[0].state, since.items[0].state) == (State.MET, State.NOT_MET)


def test_a_threshold_taken_back_gives_way_to_the_one_before_and_stays_on_record(month: ListedMonth) -> None:
    month.quiet_sessions(1)

    def said(base: Connection) -> None:
        say_threshold(base, "X1.limit", 0.8, "first", 1)
        say_threshold(base, "X1.limit", 0.9, "second", 2)
        assert take_back_threshold(base, "X1.limit", 3)

    month.write(said)
    with month.read() as reader:
        assert set_thresholds(reader.connection) == {"X1.limit": 0.8}
        assert set_thresholds(reader.connection, 2) == {"X1.limit": 0.9}
        assert [word.because for word in threshold_words(reader.connection)] == [
            "first",
            "second",
        ]


def keep(month: ListedMonth, value: float, judged_ms: int, state: str = "met") -> None:
    row = ItemMonth("2026-02", "X1", state, value, 0.5, judged_ms)
    month.write(lambda base: keep_item_months(base, "UTC", [row], END_MS))


def test_a_month_that_is_over_stays_as_it_was_seen(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    keep(month, 0.9, END_MS + 1)
    keep(month, 0.1, END_MS + 2, "not_met")
    with month.read() as reader:
        said = judge_month(month.grounds(reader), [made_item(0.2)]).items[0]
    assert (said.state, said.value, said.said.state) == (State.MET, 0.9, State.NOT_MET)


def test_a_month_that_runs_is_kept_as_it_was_seen_last(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    keep(month, 0.9, END_MS - 2)
    keep(month, 0.1, END_MS - 1, "not_met")
    with month.read() as reader:
        kept = month.grounds(reader).kept
    assert [(row.state, row.value) for row in kept] == [("not_met", 0.1)]


def test_what_could_be_seen_while_the_month_ran_outlives_its_end(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    keep(month, 0.9, END_MS - 2)
    keep(month, 0.0, END_MS + 1, "not_enough_data")
    with month.read() as reader:
        said = judge_month(month.grounds(reader), [made_item(0.2)]).items[0]
    assert (said.state, said.value) == (State.MET, 0.9)


def test_a_month_is_due_to_be_kept_until_it_was_judged_after_its_end(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    later = END_MS + 5 * DAY_MS
    with month.read() as reader:
        assert [period.month for period in unkept_months(reader, month.tz, later)] == ["2026-02"]
        rows = rows_to_keep(judge_month(month.grounds(reader)), later)
        assert len(rows) == len(ITEMS)
    month.write(lambda base: keep_item_months(base, "UTC", rows, END_MS))
    with month.read() as reader:
        assert unkept_months(reader, month.tz, later) == []
        assert changed_rows(reader, judge_month(month.grounds(reader)), later) == []


def test_after_three_months_ones_own_median_is_proposed(month: ListedMonth) -> None:
    month.quiet_sessions(1)

    def earlier(base: Connection, months: int) -> None:
        for number in range(months):
            row = ItemMonth(f"2025-{9 + number:02}", "X1", "met", 0.7 + number / 10, 0.5, END_MS)
            keep_item_months(base, "UTC", [row], 0)

    month.write(lambda base: earlier(base, 2))
    with month.read() as reader:
        assert judge_month(month.grounds(reader), [made_item()]).items[0].proposed is None
    month.write(lambda base: earlier(base, 3))
    with month.read() as reader:
        assert judge_month(month.grounds(reader), [made_item()]).items[0].proposed == pytest.approx(0.8)


@given(st.lists(st.sampled_from([True, False, None]), max_size=6))
def test_an_item_is_met_only_where_every_part_is_known_to_hold(held: list[bool | None]) -> None:
    parts = [Part(one, f"part {number}") for number, one in enumerate(held)]
    state = state_of(parts)
    assert (state is State.MET) == (bool(held) and all(held))
    assert (state is State.NOT_ENOUGH_DATA) == all(one is None for one in held)
    assert all(part.words in sentence(parts) for part in parts)


def kept_by_watcher(month: ListedMonth) -> list[ItemMonth]:
    """What is kept once the watcher's steps say that nothing is left to do."""
    keeper = ItemKeeper(Upkeep(month.database, LogsHome(month.stage.home, {}), Settings(), month.tz))
    with Writer(month.database, month.tz) as writer:
        while not keeper.step(writer):
            time.sleep(0.02)
        return list(item_months(writer.connection, "UTC"))


def test_the_watcher_keeps_the_month_that_is_over_then_the_one_that_runs(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.quiet_sessions(1)
    month.read().close()

    def kept_at(now: str) -> dict[str, int]:
        monkeypatch.setenv("TOKENCOACH_NOW", now)
        rows = kept_by_watcher(month)
        return {name: sum(row.month == name for row in rows) for name in ("2026-02", "2026-03")}

    assert kept_at("2026-03-05T10:00:00") == {"2026-02": len(ITEMS), "2026-03": 0}
    assert kept_at("2026-03-05T10:01:00") == {"2026-02": len(ITEMS), "2026-03": len(ITEMS)}


def test_the_watcher_judges_the_running_month_again_only_after_hours(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.quiet_sessions(1)
    month.read().close()
    judged = []
    for now in ("2026-02-20T10:00:00", "2026-02-20T12:00:00", "2026-02-20T17:00:00"):
        monkeypatch.setenv("TOKENCOACH_NOW", now)
        judged.append(max(row.judged_ms for row in kept_by_watcher(month)))
    assert judged[0] == judged[1] < judged[2]


def test_judging_that_fails_is_said_and_what_runs_ends_with_the_watcher(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.quiet_sessions(1)
    month.read().close()
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-02-20T10:00:00")
    keeper = ItemKeeper(Upkeep(month.database, LogsHome(month.stage.home, {}), Settings(), month.tz))
    with Writer(month.database, month.tz) as writer:
        assert not keeper.step(writer)
        assert keeper.stop() is not None
        assert not keeper.is_running
    (month.database.parent / "settings.toml").write_text("damaged = [")
    with pytest.raises(TokencoachError, match="judging the checklist ended with 1"):
        kept_by_watcher(month)
