"""``checklist`` and the marks of repositories, run as a person runs them."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cli.machine import Machine
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

NOW = {"TOKENCOACH_NOW": "2026-02-20T12:00:00"}
LATER = {"TOKENCOACH_NOW": "2026-03-25T12:00:00"}


@pytest.fixture
def acted(tmp_path: Path) -> Machine:
    """A home with one session in one repository."""
    stage = Stage(tmp_path, datetime(2026, 2, 2, 10, tzinfo=UTC))
    repo = stage.repository("service")
    repo.human_write("app.py", "def part():\n    return 7\n")
    repo.commit("Start")
    stage.clock.advance(hours=1)
    session = stage.claude(repo)
    session.prompt("Write more")
    session.write("more.py", "".join(f"def more_{number}_part(): return {number}\n" for number in range(12)))
    session.say("Done.")
    repo.commit("More")
    return Machine(stage.home)


def items(
    machine: Machine, *arguments: str, extra: dict[str, str] | None = None
) -> dict[str, dict[str, object]]:
    answer = machine.json("checklist", *arguments, extra=extra or NOW)
    return {item["id"]: item for item in answer["items"]}


def test_every_item_is_told_with_state_reason_and_next_step(acted: Machine) -> None:
    found = items(acted)
    assert len(found) == 24
    states = {"met", "partly", "not_met", "not_enough_data", "snoozed"}
    for item in found.values():
        assert item["state"] in states
        assert item["why"]
        assert item["next"]
        assert item["rule"]


def test_one_item_is_shown_with_its_rule_and_numbers(acted: Machine) -> None:
    text = acted.run("checklist", "c10", extra=NOW).stdout.decode()
    assert text.startswith("C10  Measure outcomes")
    assert "C10.reverted: 5 %" in text
    assert items(acted, "C10").keys() == {"C10"}


def test_nothing_read_yet_says_what_to_do(machine: Machine) -> None:
    answer = machine.json("checklist", code=3)
    assert answer["items"] == []
    assert b"tokencoach doctor" in machine.run("checklist").stderr


def test_a_tick_needs_a_reason_and_an_item_without_evidence(acted: Machine) -> None:
    assert acted.run("checklist", "tick", "T3", extra=NOW).returncode == 2
    refused = acted.run("checklist", "tick", "C5", "--because", "trust me", extra=NOW)
    assert refused.returncode == 2
    assert b"judged from evidence" in refused.stderr
    assert acted.run("checklist", "tick", "T3", "--because", "in the retro", extra=NOW).returncode == 0
    found = items(acted)["T3"]
    assert (found["state"], found["basis"], found["until"]) == ("met", "word", "2026-03-23T12:00:00Z")
    assert items(acted, extra=LATER)["T3"]["state"] == "not_enough_data"


def test_a_tick_can_be_taken_back(acted: Machine) -> None:
    acted.run("checklist", "tick", "T3", "--because", "in the retro", extra=NOW)
    assert acted.run("checklist", "undo", "T3", extra=NOW).returncode == 0
    assert items(acted)["T3"]["state"] == "not_enough_data"
    assert acted.run("checklist", "undo", "T3", extra=NOW).returncode == 2


def test_a_gate_is_ticked_for_one_repository(acted: Machine, tmp_path: Path) -> None:
    repo = str(tmp_path / "code" / "service")
    acted.run("repos", "phase", repo, "production", extra=NOW)
    said = ("checklist", "tick", "C17", "--gate", "operation", "--because", "a library")
    assert acted.run(*said, extra=NOW).returncode == 2
    assert acted.run(*said, "--repo", repo, extra=NOW).returncode == 0
    assert "1 by your word" in str(items(acted)["C17"]["why"])


def test_a_snooze_ends_with_its_day(acted: Machine) -> None:
    said = ("checklist", "snooze", "C2", "--until", "2026-02-25", "--because", "no side project now")
    assert acted.run(*said, extra=NOW).returncode == 0
    found = items(acted)["C2"]
    assert (found["state"], found["judged"]) == ("snoozed", "not_enough_data")
    assert found["snooze"] == {
        "because": "no side project now",
        "since": "2026-02-20T12:00:00Z",
        "until": "2026-02-26T00:00:00Z",
    }
    assert items(acted, extra=LATER)["C2"]["state"] == "not_enough_data"
    over = ("checklist", "snooze", "C2", "--until", "2026-02-01", "--because", "late")
    assert acted.run(*over, extra=NOW).returncode == 2


def test_a_number_of_ones_own_is_kept_with_its_reason_and_taken_back(acted: Machine) -> None:
    said = ("checklist", "threshold", "C5.peak")
    assert acted.run(*said, "0.7", "--because", "mine hold out", extra=NOW).returncode == 0
    for wrong in ((*said, "1.5", "--because", "x"), (*said, "0.5"), ("checklist", "threshold", "C5.no", "1")):
        assert acted.run(*wrong, extra=NOW).returncode == 2
    found = items(acted, "C5")["C5"]["thresholds"]
    assert isinstance(found, list)
    assert (found[0]["value"], found[0]["starts_with"]) == (0.7, 0.6)
    assert found[0]["versions"][0]["because"] == "mine hold out"
    assert acted.run(*said, "--undo", extra=NOW).returncode == 0
    again = items(acted, "C5")["C5"]["thresholds"]
    assert isinstance(again, list)
    assert again[0]["value"] == 0.6
    assert again[0]["versions"][0]["undone_at"] is not None


def test_a_month_that_is_over_is_judged_once_and_stays(acted: Machine) -> None:
    seen = items(acted, "--month", "2026-02", extra=LATER)["C14"]
    assert seen["seen_at"] is not None
    acted.run("checklist", "threshold", "C14.sessions", "1", "--because", "few are enough", extra=LATER)
    again = items(acted, "--month", "2026-02", extra=LATER)["C14"]
    assert (again["state"], again["seen_at"]) == (seen["state"], seen["seen_at"])
    trend = items(acted, extra=LATER)["C14"]["trend"]
    assert isinstance(trend, list)
    assert [cell["month"] for cell in trend][-2:] == ["2026-02", "2026-03"]
    assert trend[-2]["state"] == seen["state"]


def test_a_month_to_come_has_no_checklist(acted: Machine) -> None:
    assert acted.run("checklist", "--month", "2027-01", extra=NOW).returncode == 2


def test_a_trial_is_marked_listed_and_survives_a_move(acted: Machine, tmp_path: Path) -> None:
    repo = tmp_path / "code" / "service"
    listed = acted.json("repos", "trial", str(repo), extra=NOW)["repos"][0]
    assert listed["local_trial_since"] == "2026-02-20T12:00:00Z"
    assert "cloud calls" in str(items(acted)["C2"]["why"])
    findings = acted.json("coach", "--month", "2026-02", extra=NOW)["findings"]
    (told,) = [one for one in findings if one["id"] == "trial-cloud-calls"]
    assert told["cost_usd"] > 0
    assert all(
        one["session_id"] and one["words"].startswith("claude-code asked ") for one in told["evidence"]
    )
    moved = tmp_path / "elsewhere"
    repo.rename(moved)
    acted.run("repos", "link", str(repo), str(moved), extra=NOW)
    rows = acted.json("repos", "list", extra=NOW)["repos"]
    assert [row["local_trial_since"] is not None for row in rows if row["state"] == "ok"] == [True]
    assert (
        acted.json("repos", "trial", str(moved), "--off", extra=NOW)["repos"][0]["local_trial_since"] is None
    )


def test_a_repository_may_want_no_word_about_assistants(acted: Machine, tmp_path: Path) -> None:
    repo = str(tmp_path / "code" / "service")
    assert acted.json("repos", "disclosure", repo, "off", extra=NOW)["repos"][0]["disclosure"] is False
    assert acted.json("repos", "disclosure", repo, "on", extra=NOW)["repos"][0]["disclosure"] is True


def test_an_item_that_does_not_exist_is_named_with_those_that_do(acted: Machine) -> None:
    done = acted.run("checklist", "C99", extra=NOW)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert "no item 'C99'" in said
    assert "C20, T1" in said


def test_a_month_without_a_request_has_no_checklist(acted: Machine) -> None:
    done = acted.run("checklist", "--month", "2024-01", extra=NOW)
    assert done.returncode == 3
    assert "no request in January 2024" in done.stderr.decode()
    assert acted.json("checklist", "--month", "2024-01", code=3, extra=NOW)["items"] == []


def test_damaged_rows_are_passed_over(acted: Machine) -> None:
    items(acted)
    acted.json("checklist", "--month", "2026-02", extra=LATER)
    with contextlib.closing(sqlite3.connect(acted.database)) as base, base:
        base.execute("UPDATE item_month SET state = 'odd'")
        base.execute(
            "INSERT INTO budget(scope, name, unit, amount, said_ms) VALUES('all', '', 'euros', 5, 1)"
        )
        base.execute("INSERT INTO budget(scope, name, unit, amount, said_ms) VALUES('all', '', 'usd', -5, 1)")
        base.execute("INSERT INTO plan(finding, condition, action, said_ms, before_count, before_of, unit) "
                     "VALUES('gone', 'a', 'b', 1, 0, 0, 'odd')")  # fmt: skip
    found = items(acted, "--month", "2026-02", extra=LATER)
    assert len(found) == 24
    assert acted.json("coach", "budget", "list", code=3, extra=LATER)["budgets"] == []
    assert acted.json("coach", "plans", extra=LATER)["plans"][0]["worked"]["state"] == "not_enough_data"
    assert acted.run("coach", extra=LATER).returncode in (0, 3)
