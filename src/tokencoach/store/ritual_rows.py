"""The monthly ritual: how far the person got with a month, and when it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.rollup import get_fact, put_fact

if TYPE_CHECKING:
    import sqlite3

_REMINDED = "ritual_reminded"


class RitualRow(NamedTuple):
    """The ritual of one month in one zone: its step (from 1), and what was chosen in it."""

    month: str
    timezone: str
    step: int
    opened_ms: int
    done_ms: int | None
    finding: str | None
    plan_id: int | None


def ritual_of(connection: sqlite3.Connection, month: str, timezone: str) -> RitualRow | None:
    """The ritual of a month; None where it was never opened."""
    row = connection.execute(
        "SELECT month, timezone, step, opened_ms, done_ms, finding, plan_id FROM ritual WHERE month = ? AND timezone = ?",
        (month, timezone),
    ).fetchone()
    return None if row is None else RitualRow._make(row)


def keep_step(
    connection: sqlite3.Connection, month: str, timezone: str, step: int, now_ms: int, finding: str | None
) -> None:
    """Keep how far a ritual got, and the habit that was chosen so far; what is done stays done."""
    connection.execute(
        "INSERT INTO ritual(month, timezone, step, opened_ms, finding) VALUES(?,?,?,?,?) "
        "ON CONFLICT(month, timezone) DO UPDATE SET step = excluded.step, finding = excluded.finding",
        (month, timezone, step, now_ms, finding),
    )


def finish_ritual(
    connection: sqlite3.Connection, month: str, timezone: str, now_ms: int, plan_id: int | None
) -> None:
    """Keep that a ritual that was opened is done, with the plan it ended in; the first time it was done stays."""
    connection.execute(
        "UPDATE ritual SET done_ms = coalesce(done_ms, ?), plan_id = coalesce(?, plan_id) "
        "WHERE month = ? AND timezone = ?",
        (now_ms, plan_id, month, timezone),
    )


def reminded_month(connection: sqlite3.Connection) -> str:
    """The month whose ritual a desktop notification was sent for last; empty where none was."""
    return get_fact(connection, _REMINDED) or ""


def note_reminder(connection: sqlite3.Connection, month: str) -> None:
    """Note that a desktop notification was sent for a month's ritual."""
    put_fact(connection, _REMINDED, month)
