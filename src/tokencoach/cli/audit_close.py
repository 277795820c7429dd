"""``tokencoach audit --close``: freeze a month that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokencoach.audit.close import ENOUGH_UNKNOWN, may_close, note_seen
from tokencoach.audit.numbers import percent
from tokencoach.audit.period import month_period
from tokencoach.cli.output import narrate
from tokencoach.clock import day_of
from tokencoach.errors import UsageError
from tokencoach.store.writer import Writer
from tokencoach.usage.words import Bucket
from tokencoach.watch.closing import close_and_keep

if TYPE_CHECKING:
    from tokencoach.audit.period import Period
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.cli.context import Context


def period_to_close(
    context: Context,
    month: str | None,
    since: str | None,
    until: str | None,
    narrowed: tuple[str | None, ...],
) -> Period:
    """The month that is to be closed: by default the last one.

    Raises:
        UsageError: it is no whole month of everything, or not over.
    """
    if since or until or any(narrowed):
        raise UsageError(
            "--close freezes a whole month of all projects as judged now",
            "leave out --since, --until, --repo and --as-of",
        )
    if month is None:
        today = day_of(context.now_ms, context.tz)
        month = (today.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    period = month_period(month, context.tz)
    may_close(period, context.now_ms)
    return period


def close(context: Context, period: Period) -> PeriodAudit:
    """Close a month and say what was done.

    Raises:
        TokencoachError: there is nothing to close, or the database cannot be written.
    """
    closed = close_and_keep(context.database, period, context.now_ms, context.settings)
    audit = closed.audit
    if closed.row is None:
        narrate(f"{period.label} is closed already, and nothing has changed since")
        return audit
    if closed.row.version > 1:
        narrate(f"{period.label} was closed before: this is version {closed.row.version}; all are kept")
    else:
        narrate(f"{period.label} is closed: later evidence will appear as a restatement")
    _warn(audit)
    return audit


def _warn(audit: PeriodAudit) -> None:
    """Say what a month that was closed does not know yet."""
    shares = {item.bucket: item.share for item in audit.buckets}
    if shares[Bucket.UNKNOWN] > ENOUGH_UNKNOWN:
        narrate(f"warning: {percent(shares[Bucket.UNKNOWN])} of its spend is unknown; what would mend that:")
        for item in audit.unknown:
            narrate(f"  {item.reason.replace('_', ' ')}: {item.mend}")
    if shares[Bucket.PENDING]:
        narrate(f"{percent(shares[Bucket.PENDING])} is still pending and will be restated as it lands or not")


def note(context: Context, audit: PeriodAudit) -> None:
    """Remember when the restatements of a closed month were first seen."""
    if audit.closing is None or not audit.closing.restatements:
        return
    with Writer(context.database, context.tz) as writer, writer.transaction() as connection:
        note_seen(connection, audit)
