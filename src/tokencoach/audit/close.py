"""The monthly close: a month frozen with its algorithm and its inputs, and read back ever after."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tokencoach.attribution.verdict import ALGORITHM
from tokencoach.audit.as_json import audit_json
from tokencoach.audit.frozen import named, revived
from tokencoach.audit.month import Allocated, audit_period
from tokencoach.audit.outcome_word import with_words
from tokencoach.audit.parts import bucket_sums, packed, parts_of, unpacked
from tokencoach.audit.report import ClosedVersion, Closing, PeriodAudit, Restatement
from tokencoach.audit.restatement import Then, changes, restatements
from tokencoach.clock import day_of
from tokencoach.errors import NothingToReadError, UsageError
from tokencoach.store.close_rows import (
    ClosedRow,
    closed_versions,
    input_rows,
    note_changes,
    seen_changes,
)
from tokencoach.store.rollup import get_fact
from tokencoach.store.word_rows import is_closed

if TYPE_CHECKING:
    from tokencoach.audit.period import Period
    from tokencoach.store.connect import Connection
    from tokencoach.store.reader import Reader

ENOUGH_UNKNOWN = 0.4
"""From this unknown share on a month is closed with a warning."""


class Closed(NamedTuple):
    """A month as it is closed: its newest version, whether that is new, and the row to write if so."""

    audit: PeriodAudit
    row: ClosedRow | None


def may_close(period: Period, now_ms: int) -> None:
    """Nothing, if the month is over.

    Raises:
        UsageError: it is no month, or not over.
    """
    if period.month is None:
        raise UsageError("only a whole month can be closed", "tokencoach audit --month 2026-10 --close")
    if now_ms < period.until_ms:
        first = day_of(period.until_ms, period.tz).isoformat()
        raise UsageError(f"{period.label} is not over", f"it can be closed from {first} on")


def close_month(reader: Reader, period: Period, now_ms: int) -> Closed:
    """What closing a month writes; a closed one gets a new version only where something has changed.

    Raises:
        UsageError: the month is not over.
        NothingToReadError: it has no request.
    """
    may_close(period, now_ms)
    before = closed_audit(reader, period, now_ms)
    if before is not None and before.closing is not None and not before.closing.restatements:
        return Closed(before, None)
    audit = replace(audit_period(reader, period, as_of_ms=now_ms), is_closed=True)
    if not audit.spend.requests:
        raise NothingToReadError(
            f"no request in {period.label}: there is nothing to close",
            "tokencoach usage --by month  lists months",
        )
    taken_in = before.closing.restatements if before is not None and before.closing is not None else ()
    versions = before.closing.versions if before is not None and before.closing is not None else ()
    found = Allocated.of_period(reader, period, now_ms)
    row = ClosedRow(
        month=period.month or "",
        timezone=period.tz.key,
        version=len(versions) + 1,
        closed_ms=now_ms,
        algorithm=ALGORITHM,
        inputs_digest=inputs_digest(reader.connection, period, list(found.turns), now_ms),
        price_table=_price_table(reader),
        report=_plain(audit_json(audit)),
        body=_plain(named(audit)),
        parts=packed(parts_of(found)),
        restated=_plain(named(taken_in)),
    )
    closing = Closing((*versions, _version(row)), (), audit.buckets, now_ms)
    return Closed(replace(audit, closing=closing), row)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _price_table(reader: Reader) -> str:
    return get_fact(reader.connection, "price_table") or ""


def inputs_digest(connection: Connection, period: Period, sessions: list[int], as_of_ms: int) -> str:
    """SHA-256 over the requests, edits, landings and words behind a month, by keys that any rebuild has."""
    digest = hashlib.sha256(f"{period.month} {period.tz.key}\n".encode())
    for row in input_rows(connection, sessions, period.since_ms, period.until_ms, as_of_ms):
        digest.update(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def closed_audit(
    reader: Reader, period: Period, now_ms: int, *, is_quick: bool = False
) -> PeriodAudit | None:
    """The frozen audit of a closed month with what has changed since; None where it is open.

    ``is_quick`` leaves out what has changed: the frozen record alone takes milliseconds.
    """
    rows = closed_versions(reader.connection, period.month or "", period.tz.key)
    if not rows:
        return None
    newest, versions = rows[-1], tuple(map(_version, rows))
    # What became of a feature in use is seen later: the word on it is no change of the month.
    audit = with_words(reader.connection, revived(PeriodAudit, json.loads(newest.body)))
    if is_quick:
        return replace(audit, closing=Closing(versions, (), audit.buckets, newest.closed_ms))
    live = parts_of(Allocated.of_period(reader, period, now_ms))
    then = Then(newest.algorithm == ALGORITHM, newest.price_table == _price_table(reader))
    moved = changes(unpacked(newest.parts), live, then)
    seen = seen_changes(reader.connection, newest.month, newest.timezone, newest.version)
    closing = Closing(versions, restatements(moved, seen, now_ms), bucket_sums(live, audit.share_of), now_ms)
    return replace(audit, closing=closing)


def _version(row: ClosedRow) -> ClosedVersion:
    taken_in = tuple(revived(Restatement, item) for item in json.loads(row.restated))
    return ClosedVersion(row.version, row.closed_ms, row.algorithm, row.inputs_digest, taken_in)


def month_audit(reader: Reader, period: Period, now_ms: int) -> PeriodAudit:
    """A month as it reads now: frozen where it is closed, judged anew where it is open."""
    if period.month is not None and is_closed(reader.connection, period.month, period.tz.key):
        frozen = closed_audit(reader, period, now_ms)
        if frozen is not None:
            return frozen
    return audit_period(reader, period, as_of_ms=now_ms)


def frozen_report(reader: Reader, audit: PeriodAudit) -> dict[str, Any]:
    """The JSON of a closed month exactly as it was frozen; of an open one as it reads now."""
    if audit.closing is None:
        return audit_json(audit)
    rows = closed_versions(reader.connection, audit.month or "", audit.timezone)
    said: dict[str, Any] = json.loads(rows[-1].report) if rows else audit_json(audit)
    return said


def note_seen(connection: Connection, audit: PeriodAudit) -> None:
    """Note when the restatements of a closed month were first seen; called inside a transaction."""
    if audit.closing is None or audit.month is None:
        return
    newest = audit.closing.versions[-1]
    found = [
        (item.cause, session, item.seen_ms)
        for item in audit.closing.restatements
        for session in item.sessions
    ]
    note_changes(connection, audit.month, audit.timezone, newest.version, found)
