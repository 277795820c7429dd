"""Items judged from how assistants were used: context, cache, asking first, time, energy, own data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from checklist.made import END
from coach.counted import cached, counted
from coach.test_carried_work import COMMIT, NEXT, edited
from tokencoach.checklist.gates import subject_key
from tokencoach.checklist.item import State
from tokencoach.checklist.items.asking_first import is_question
from tokencoach.clock import DAY_MS
from tokencoach.store.backup import Backup, note_backup
from tokencoach.store.budget_rows import BudgetRow, put_budget
from tokencoach.store.tick_rows import TICK, TickRow, say_tick

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.made import ListedMonth


def test_a_median_peak_past_the_limit_does_not_hold(month: ListedMonth) -> None:
    month.quiet_sessions(2)
    for _ in range(3):
        session = month.session(context=150_000)
        session.prompt("Go on")
        session.say("Done.")
    said = month.judge("C5")
    assert said.state is not State.MET
    assert said.value is not None
    assert said.value > 0.6
    assert len([one for one in said.evidence if one.words.startswith("peak")]) == 3


def test_a_session_that_was_compacted_three_times_is_told(month: ListedMonth) -> None:
    month.quiet_sessions(4)
    session = month.session(context=90_000)
    session.prompt("Go on")
    for _ in range(3):
        session.say("Working.")
        session.compact()
    session.prompt("And on")
    session.say("Done.")
    said = month.judge("C5")
    assert "1 of 5 sessions compacted more than 2 times" in said.why
    assert any(one.words == "compacted 3 times" for one in said.evidence)


def test_finished_work_that_is_carried_on_wastes_context(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        session = edited(month, number, monkeypatch)
    assert "~0 % of spend for finished work carried on" in month.judge("C5").why
    counted(monkeypatch, session, [cached(50_000, 60_000), *[cached(110_000, 1_000)] * 40])
    session.bash(COMMIT, "[main 1] Land the parser")
    session.prompt(NEXT)
    for _ in range(40):
        session.say("It is written.")
    said = month.judge("C5")
    assert said.state is State.PARTLY
    assert "of spend for finished work carried on (10 % at most)" in said.why.split("holds")[0]
    assert "fresh session" in said.next
    assert any("1 new task after a commit" in one.words for one in said.evidence)


def test_context_of_four_sessions_is_not_judged(month: ListedMonth) -> None:
    month.quiet_sessions(4)
    assert month.judge("C5").state is State.NOT_ENOUGH_DATA


def long_sessions(month: ListedMonth, count: int) -> None:
    for _ in range(count):
        session = month.session(context=40_000)
        for turn in range(10):
            session.prompt(f"What is part {turn}?")
            session.say("A product.")


def test_long_sessions_that_read_from_the_cache_are_met_with_the_exact_share(month: ListedMonth) -> None:
    long_sessions(month, 3)
    said = month.judge("C6")
    with month.read() as reader:
        counts = [spent.counts for trace in month.grounds(reader).material.traces for spent in trace.requests]
    read = sum(one.cache_read for one in counts)
    sent = sum(one.total - one.output for one in counts)
    assert said.state is State.MET
    assert said.value == read / sent


def test_a_high_share_of_reads_hides_no_cache_that_was_lost(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_sessions(month, 3)
    month.quiet_sessions(3)
    session = month.session()
    told = [*[cached(400_000, 1_000)] * 30, cached(0, 432_000), *[cached(432_000, 1_000)] * 30]
    counted(monkeypatch, session, told)
    for turn in range(61):
        session.prompt(f"What is part {turn}?")
        session.say("A product.")
    said = month.judge("C6")
    assert said.value is not None
    assert said.value > 0.95
    assert said.state is State.PARTLY
    assert said.why.startswith("lost caches cost $")
    assert "(5 % at most); holds: 9" in said.why
    assert "fresh session" in said.next or "before the first prompt" in said.next
    assert session.session_id in {one.session_id for one in said.evidence}


def test_two_long_sessions_show_no_habit_of_caching(month: ListedMonth) -> None:
    long_sessions(month, 2)
    month.quiet_sessions(3)
    assert month.judge("C6").state is State.NOT_ENOUGH_DATA


def large_sessions(month: ListedMonth, *, asking: int, ordering: int) -> None:
    for number in range(asking + ordering):
        session = month.session(context=15_000)
        if number < asking:
            session.prompt("How does the service start, and what could break?")
            session.say("It starts with a product.")
        session.prompt("Write the next part")
        month.new_file(session, f"large{number}.py", 101)
        session.say("Done.")


def test_large_sessions_that_began_with_a_question_are_met(month: ListedMonth) -> None:
    large_sessions(month, asking=2, ordering=1)
    said = month.judge("C15")
    assert said.state is State.MET
    assert said.value == 2 / 3
    assert len(said.evidence) == 1


def test_large_sessions_that_began_with_an_order_are_not_met(month: ListedMonth) -> None:
    large_sessions(month, asking=0, ordering=3)
    assert month.judge("C15").state is State.NOT_MET


def test_two_large_sessions_show_no_habit_of_asking(month: ListedMonth) -> None:
    large_sessions(month, asking=0, ordering=2)
    assert month.judge("C15").state is State.NOT_ENOUGH_DATA


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Why does the retry storm happen", True),
        ("Erkläre mir den Parser", True),
        ("the parser: is it safe?", True),
        ("Can you please review the branch", True),
        ("Can you add retries", False),
        ("Can you add retries?", False),
        ("ok, could you also commit?", False),
        ("Could you explain the retries?", True),
        ("can you tell me what breaks", True),
        ("Can we not capture the signal?", True),
        ("Would that work?", True),
        ("Add retries", False),
        ("Isolate the parser", False),
        ("", False),
        (None, False),
    ],
)
def test_a_question_is_known_by_how_it_begins_or_ends(text: str | None, *, expected: bool) -> None:
    assert is_question(text) is expected


def test_time_and_price_of_all_sessions_with_a_feature_are_met(month: ListedMonth) -> None:
    for number in range(5):
        month.landed(f"part{number}.py", message=f"feat: add part {number}")
    said = month.judge("C14")
    assert (said.state, said.value) == (State.MET, 1.0)


def test_sessions_without_a_shipped_feature_measure_nothing_that_matters(month: ListedMonth) -> None:
    month.quiet_sessions(5)
    said = month.judge("C14")
    assert said.state is State.PARTLY
    assert "0 shipped features" in said.why


def test_time_of_four_sessions_is_not_judged(month: ListedMonth) -> None:
    month.quiet_sessions(4)
    assert month.judge("C14").state is State.NOT_ENOUGH_DATA


def test_a_model_without_a_price_is_named_with_the_setting_that_gives_it_one(month: ListedMonth) -> None:
    for number in range(5):
        month.clock.advance(hours=1)
        session = month.stage.claude(month.repo, model="claude-opus-9-1")
        session.prompt(f"What is part {number}?")
        session.say("A product.")
    said = month.judge("C14")
    assert "0 % of requests have a price" in said.why
    assert '[prices."claude-opus-9-1"]' in said.next


def local_session(month: ListedMonth) -> None:
    month.clock.advance(hours=1)
    session = month.stage.claude(month.repo, model="ollama/qwen3-coder:30b")
    session.prompt("What is a part?")
    session.say("A product.")


def test_local_sessions_without_a_measured_energy_are_not_met(month: ListedMonth) -> None:
    local_session(month)
    said = month.judge("C18")
    assert (said.state, said.value) == (State.NOT_MET, 0.0)
    assert len(said.evidence) == 1


def test_a_model_that_mostly_waits_is_told_with_its_hours(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    hour, start = 3_600_000, month.clock.now_ms // 3_600_000 * 3_600_000
    month.write(lambda base: base.execute("INSERT INTO inference_server VALUES(1, 'ollama', 7, ?)", (start,)))
    month.write(
        lambda base: base.execute(
            "INSERT INTO served_hour VALUES(1, 'qwen3', ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0)",
            (start, hour // 4, hour * 3 // 4),
        )
    )
    said = month.judge("C18")
    assert "75 % of 1.0 loaded hours idle" in said.why
    assert said.evidence[0].words == "ollama kept qwen3 loaded and idle for 0.8 h"


def test_without_local_models_there_is_no_energy_to_know(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("C18").state is State.NOT_ENOUGH_DATA


def test_small_tasks_are_not_judged_where_no_local_model_ran(month: ListedMonth) -> None:
    month.quiet_sessions(12)
    said = month.judge("C11")
    assert said.state is State.NOT_ENOUGH_DATA
    assert "no model ran on this computer" in said.why


def keep_logs(month: ListedMonth) -> None:
    (month.stage.home / ".claude" / "settings.json").write_text(json.dumps({"cleanupPeriodDays": 3650}))


def test_own_data_is_met_with_logs_kept_and_a_backup_by_word(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", END.isoformat())
    month.quiet_sessions(1)
    keep_logs(month)
    said = month.judge("C20", is_here=True)
    assert said.state is State.PARTLY
    assert "--gate backup" in said.next
    now = int(END.timestamp() * 1000)
    key = subject_key("C20", "backup", None)
    month.write(lambda base: say_tick(base, TickRow(key, TICK, "restic", now - DAY_MS, now + 30 * DAY_MS)))
    assert month.judge("C20", is_here=True).state is State.MET


def test_a_backup_that_is_not_where_it_was_written_is_none_that_is_known(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", END.isoformat())
    month.quiet_sessions(1)
    keep_logs(month)
    file = tmp_path / "copy.db"
    made = Backup(str(file), int(END.timestamp() * 1000) - DAY_MS, 4, 1)
    month.write(lambda base: note_backup(base, made))
    file.write_bytes(b"copy")
    assert month.judge("C20", is_here=True).state is State.MET
    file.unlink()
    said = month.judge("C20", is_here=True)
    assert said.state is State.PARTLY
    assert "not known: whether the backup of" in said.why
    assert "tokencoach backup FILE" in said.next


def test_logs_that_are_deleted_are_named(month: ListedMonth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", END.isoformat())
    month.quiet_sessions(1)
    said = month.judge("C20", is_here=True)
    assert "logs are deleted by claude-code" in said.why
    assert "cleanupPeriodDays" in said.next


def test_own_data_of_a_past_month_is_not_known(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("C20", datetime(2026, 3, 1, tzinfo=UTC)).state is State.NOT_ENOUGH_DATA


def budget(month: ListedMonth, amount: int, scope: str = "project") -> None:
    name = str(month.repo.folder) if scope == "project" else ""
    row = BudgetRow(0, scope, name, "usd", amount, month.clock.now_ms)
    month.write(lambda base: put_budget(base, row))


def test_a_budget_of_each_project_that_held_is_met(month: ListedMonth) -> None:
    month.landed("one.py")
    budget(month, 500_000_000_000)
    said = month.judge("T2")
    assert (said.state, said.value) == (State.MET, 1.0)


def test_a_budget_that_was_passed_is_told(month: ListedMonth) -> None:
    month.landed("one.py")
    budget(month, 1)
    said = month.judge("T2")
    assert said.state is State.PARTLY
    assert "0 of 1 budgets held" in said.why


def test_a_budget_over_all_is_none_for_a_project(month: ListedMonth) -> None:
    month.landed("one.py")
    budget(month, 500_000_000_000, "all")
    said = month.judge("T2")
    assert (said.state, said.value) == (State.PARTLY, 0.0)
    assert said.evidence[0].path == str(month.repo.folder)


def test_without_any_budget_the_item_is_not_met(month: ListedMonth) -> None:
    month.landed("one.py")
    assert month.judge("T2").state is State.NOT_MET


def test_a_month_without_requests_needs_no_budget(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("T2", month="2026-01").state is State.NOT_ENOUGH_DATA


def test_prompts_that_only_say_it_fails_are_counted_by_session(month: ListedMonth) -> None:
    month.quiet_sessions(5)
    session = month.session(context=15_000)
    session.prompt("Write the next part")
    session.say("Done.")
    for text in ("still broken", "fix it", "try again"):
        session.prompt(text)
        session.say("Done.")
    said = month.judge("C16")
    assert said.state is State.NOT_MET
    assert said.value == 1 / 6


def test_sessions_with_a_direction_are_no_slot_machine(month: ListedMonth) -> None:
    month.quiet_sessions(6)
    said = month.judge("C16")
    assert (said.state, said.value) == (State.MET, 0.0)


def test_four_sessions_show_no_habit_of_retrying(month: ListedMonth) -> None:
    month.quiet_sessions(4)
    assert month.judge("C16").state is State.NOT_ENOUGH_DATA


def test_a_plan_that_was_made_before_counts_as_one(month: ListedMonth) -> None:
    for number in range(3):
        session = month.session(context=15_000)
        session.prompt("Implement the following plan:\n\n# Plan: a part more")
        month.new_file(session, f"large{number}.py", 101)
        session.say("Done.")
    said = month.judge("C15")
    assert said.value == 1.0


def test_a_folder_outside_any_repository_needs_a_budget_as_well(month: ListedMonth, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    session = month.session(where=folder)
    session.prompt("Sort these notes by day")
    session.say("They are sorted.")
    without = month.judge("T2")
    assert (without.state, without.evidence[0].path) == (State.NOT_MET, str(folder))
    row = BudgetRow(0, "project", str(folder), "usd", 500_000_000_000, month.clock.now_ms)
    month.write(lambda base: put_budget(base, row))
    assert month.judge("T2").state is State.MET
