"""``audit --close`` and ``sessions overrule`` where they must refuse: nothing is written, and it says why."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from cli.machine import SHORT_WAIT, requests, without_privilege

if TYPE_CHECKING:
    from cli.machine import Machine

NOW = {"TOKENCOACH_NOW": "2026-03-10T09:00:00"}
CLOSE = ("audit", "--month", "2026-02", "--close")
SAY = ("sessions", "overrule", "S1", "shipped", "--because", "it is in a fork")


@pytest.fixture
def filled(machine: Machine) -> Machine:
    machine.log(requests(3))
    machine.ingest(extra=NOW)
    return machine


def closings(machine: Machine) -> int:
    return int(machine.read("SELECT count(*) FROM month_close")[0][0])


def said(machine: Machine) -> int:
    return int(machine.read("SELECT count(*) FROM overrule")[0][0])


@pytest.mark.parametrize("month", ["2026-03", "2026-04", "2027-01"])
def test_a_month_that_is_not_over_cannot_be_closed(filled: Machine, month: str) -> None:
    done = filled.run("audit", "--month", month, "--close", extra=NOW)
    assert done.returncode == 2
    assert b"is not over" in done.stderr
    assert b"can be closed from" in done.stderr
    assert closings(filled) == 0


def test_a_month_without_data_is_not_closed(filled: Machine) -> None:
    done = filled.run("audit", "--month", "2025-12", "--close", extra=NOW)
    assert done.returncode == 3
    assert b"nothing to close" in done.stderr
    assert closings(filled) == 0


@pytest.mark.parametrize(
    "options", [("--since", "2026-02-01"), ("--repo", "."), ("--as-of", "2026-03-01"), ("--month", "x")]
)
def test_only_a_whole_month_of_everything_can_be_closed(filled: Machine, options: tuple[str, ...]) -> None:
    assert filled.run("audit", "--close", *options, extra=NOW).returncode == 2
    assert closings(filled) == 0


def test_the_last_month_is_closed_by_default_and_closing_again_says_so(filled: Machine) -> None:
    first = filled.run("audit", "--close", extra=NOW)
    assert b"February 2026 is closed" in first.stderr
    second = filled.run("audit", "--close", extra=NOW)
    assert second.returncode == 0
    assert b"is closed already, and nothing has changed since" in second.stderr
    assert closings(filled) == 1


def test_a_month_of_unknown_spend_is_closed_with_a_warning_and_its_mend(filled: Machine) -> None:
    filled.run("sessions", "overrule", "S1", "unknown", "--because", "nobody knows", extra=NOW)
    done = filled.run(*CLOSE, extra=NOW)
    assert done.returncode == 0
    assert b"warning: 100 % of its spend is unknown" in done.stderr
    assert closings(filled) == 1


def test_a_month_is_closed_in_one_zone(filled: Machine) -> None:
    filled.json(*CLOSE, extra=NOW)
    assert filled.json("audit", "--month", "2026-02", extra=NOW)["closed"] is True
    assert filled.json("--tz", "Asia/Tokyo", "audit", "--month", "2026-02", extra=NOW)["closed"] is False


def test_no_such_session_and_no_such_bucket_are_wrong_use(filled: Machine) -> None:
    for arguments in (("S9", "shipped"), ("S1", "shiped")):
        done = filled.run("sessions", "overrule", *arguments, "--because", "x", extra=NOW)
        assert done.returncode == 2
        assert done.stdout == b""
    assert said(filled) == 0


@pytest.mark.parametrize("verb", [CLOSE, SAY])
def test_a_locked_database_changes_nothing_and_is_named(filled: Machine, verb: tuple[str, ...]) -> None:
    other = sqlite3.connect(filled.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = filled.run(*verb, "--json", extra=NOW, constants=SHORT_WAIT)
    other.execute("ROLLBACK")
    other.close()
    assert done.returncode == 1
    assert b"locked by another program" in done.stderr
    assert (closings(filled), said(filled)) == (0, 0)
    assert filled.run(*verb, extra=NOW).returncode == 0


@pytest.mark.parametrize("verb", [CLOSE, SAY])
def test_a_read_only_database_changes_nothing_and_is_named(filled: Machine, verb: tuple[str, ...]) -> None:
    filled.database.chmod(0o400)
    filled.state.chmod(0o500)
    done = filled.run(*verb, "--json", extra=NOW, **without_privilege())
    filled.state.chmod(0o700)
    filled.database.chmod(0o600)
    assert done.returncode == 1
    assert b"mend: " in done.stderr
    assert (closings(filled), said(filled)) == (0, 0)


def test_a_reason_is_kept_without_secrets_and_on_one_line(filled: Machine) -> None:
    reason = "key sk-ant-api03-" + "a1B2" * 12 + "\n\x1b[31mred"
    word = filled.json("sessions", "overrule", "S1", "shipped", "--because", reason, extra=NOW)
    assert "a1B2a1B2" not in word["overrules"][0]["because"]
    assert "\n" not in word["overrules"][0]["because"]
    shown = filled.run("sessions", "overrules", extra=NOW).stdout
    assert b"\x1b" not in shown


@pytest.mark.parametrize("verb", ["overrule", "overrules", "mark"])
def test_help_teaches_by_an_example(filled: Machine, verb: str) -> None:
    shown = filled.run("sessions", verb, "--help").stdout.decode()
    assert "Example: tokencoach sessions" in shown
