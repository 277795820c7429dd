"""The day so far: what was spent, what is being worked on now, and whether it already landed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tokencoach.audit import fold
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import Period
from tokencoach.audit.report import DaySum, LiveSession, Today, TodayEvent
from tokencoach.clock import day_of
from tokencoach.store.budget_rows import day_spends
from tokencoach.store.commit_rows import commit_names
from tokencoach.store.rollup import get_fact
from tokencoach.store.today_rows import (
    context_window,
    errors_between,
    landings_between,
    last_request,
    last_touched,
    prompts_between,
)

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from tokencoach.audit.judgement import JudgedEdit, SessionJudgement
    from tokencoach.store.budget_rows import DaySpend
    from tokencoach.store.reader import Reader
    from tokencoach.usage.words import Bucket

# A session that has not moved for half an hour is no current one.
LIVE_MS = 30 * 60_000
_EVENTS = 40
_DAYS = 7
# A log's clock may run a little ahead of ours.
_CLOCK_SKEW_MS = 60_000


def read_today(reader: Reader, now_ms: int, tz: ZoneInfo) -> Today:
    """Today's spend, live sessions and latest events."""
    day = day_of(now_ms, tz)
    period = Period(day, day, tz)
    found = Allocated.of_period(reader, period, now_ms)
    whole = found.whole
    measure = fold.share_of(whole)
    live = [
        _live(found, session)
        for session, last_ms in last_touched(reader.connection, now_ms - LIVE_MS)
        if session in found.turns and last_ms <= now_ms + _CLOCK_SKEW_MS
    ]
    return Today(
        day=day.isoformat(),
        timezone=tz.key,
        spend=fold.spend(whole),
        buckets=fold.buckets(whole, measure),
        share_of=measure,
        live=tuple(live),
        events=tuple(_events(found, period, now_ms)),
        sessions=tuple(found.turns),
        days=_days(reader, day, tz),
    )


def _days(reader: Reader, today: date, tz: ZoneInfo) -> tuple[DaySum, ...]:
    """Days on which nothing was used are told too."""
    if get_fact(reader.connection, "rollup_zone") != tz.key:
        return ()
    days = [today - timedelta(days=back) for back in range(_DAYS + 1)]
    used: dict[int, list[DaySpend]] = {int(f"{day:%Y%m%d}"): [] for day in days}
    for row in day_spends(reader.connection, days[-1], today):
        used[row.day].append(row)
    return tuple(
        DaySum(
            day.isoformat(),
            sum(row.tokens for row in rows),
            sum(row.cost_nano for row in rows),
            tuple(row.session for row in rows),
        )
        for day, rows in zip(days, used.values(), strict=True)
    )


def _live(found: Allocated, session: int) -> LiveSession:
    judged = found.judged[session]
    ledger = found.ledger(session)
    connection = found.reader.connection
    last = last_request(connection, session)
    edits = sorted(judged.edits(), key=lambda item: item.edit.at_ms)
    newest = edits[-1] if edits else None
    bucket, commit = _fate(found, newest)
    return LiveSession(
        session_id=judged.facts.session_id,
        source=judged.facts.source,
        repo=found.project(judged) or None,
        branch=judged.facts.branch,
        model=last.model,
        last_at_ms=judged.facts.last_ms,
        tokens_today=ledger.total.tokens,
        cost_nano_today=ledger.total.cost_nano,
        context_tokens=last.context_tokens,
        context_window=context_window(connection, last.model_id),
        last_edit_path=(newest.edit.repo_path or newest.edit.path) if newest else None,
        last_edit_at_ms=newest.edit.at_ms if newest else None,
        last_edit_lines=sum(1 for key in newest.edit.added if key) if newest else 0,
        last_edit_bucket=bucket,
        last_edit_commit=commit,
        row_id=session,
    )


def _fate(found: Allocated, edit: JudgedEdit | None) -> tuple[Bucket | None, str | None]:
    """Where most of an edit's lines are now, and the commit that took them."""
    if edit is None or not edit.lines:
        return None, None
    tally = Counter(line.verdict.bucket for line in edit.lines)
    commits = Counter(line.life.commit_id for line in edit.lines if line.life is not None)
    names = commit_names(found.reader.connection, [row for row, _ in commits.most_common(1)])
    return tally.most_common(1)[0][0], names[0] if names else None


def _events(found: Allocated, period: Period, now_ms: int) -> list[TodayEvent]:
    connection = found.reader.connection
    events = []
    for session in found.turns:
        judged = found.judged[session]
        events += _edit_events(found, judged, period)
    for name, maker in (("landed", landings_between), ("asked", prompts_between), ("error", errors_between)):
        events += [
            TodayEvent(told.at_ms, name, told.where, told.text, told.detail, told.sessions, told.turn_id)
            for told in maker(connection, period.since_ms, now_ms, _EVENTS)
        ]
    events.sort(key=lambda event: -event.at_ms)
    return events[:_EVENTS]


def _edit_events(found: Allocated, judged: SessionJudgement, period: Period) -> list[TodayEvent]:
    where = found.project(judged) or None
    return [
        TodayEvent(
            item.edit.at_ms,
            "edit",
            where,
            item.edit.repo_path or item.edit.path,
            f"+{sum(1 for key in item.edit.added if key)} -{sum(1 for key in item.edit.removed if key)}",
            (item.edit.session,),
            item.edit.turn,
        )
        for item in judged.edits()
        if period.since_ms <= item.edit.at_ms < period.until_ms
    ]
