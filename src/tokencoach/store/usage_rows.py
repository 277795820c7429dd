"""Usage as counted: by day, month, model, project, source and session."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.store.days import DayMap
from tokencoach.store.rollup import get_fact, load_rates
from tokencoach.usage.prices import cost_nano, rate_at
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

_BATCH = 500
_CALLS = "FROM tool_call c LEFT JOIN request r ON r.key = c.request_key WHERE c.session_id IN"
DIMENSIONS = ("day", "month", "model", "project", "source", "session")
COUNTERS = 9
"""requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_nano, unpriced"""

_COLUMNS = {
    "day": "d.day",
    "month": "d.day / 100",
    "model": "m.name",
    "project": "coalesce(p.path, f.name, '')",
    "source": "o.name",
    "session": "s.session_id",
}
_JOINS = (
    "JOIN session s ON s.id = d.session_id JOIN source o ON o.id = s.source_id JOIN model m ON m.id = d.model_id "
    "LEFT JOIN folder f ON f.id = s.folder_id LEFT JOIN repo p ON p.id = f.repo_id "
)
_SUMS = (
    "sum(d.requests), sum(d.input), sum(d.cache_read), sum(d.cache_write_5m), sum(d.cache_write_1h), sum(d.output), "
    "sum(d.reasoning), sum(d.cost_nano), sum(d.unpriced)"
)


def usage_rows(
    connection: sqlite3.Connection,
    by: Sequence[str],
    first: date,
    last: date,
    tz: ZoneInfo,
    source: str | None = None,
) -> list[tuple[object, ...]]:
    """Rows of ``(*keys, *counters)``, ordered by their keys; days are ``yyyymmdd``, months ``yyyymm``.

    Reads the day sums where they were made in this zone, else the requests themselves.
    """
    since, until = _number(first), _number(last)
    if get_fact(connection, "rollup_zone") == tz.key:
        keys = ", ".join(_COLUMNS[name] for name in by)
        where = "WHERE d.day BETWEEN ? AND ?" + (" AND o.name = ?" if source else "")
        group = f"GROUP BY {keys} ORDER BY {keys}" if by else ""
        query = f"SELECT {keys + ', ' if by else ''}{_SUMS} FROM day_usage d {_JOINS} {where} {group}"
        values = (since, until, source) if source else (since, until)
        return [row for row in connection.execute(query, values) if row[-COUNTERS] is not None]
    return _from_requests(connection, by, (since, until), tz, source)


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _from_requests(
    connection: sqlite3.Connection,
    by: Sequence[str],
    span: tuple[int, int],
    tz: ZoneInfo,
    source: str | None,
) -> list[tuple[object, ...]]:
    rates, days = load_rates(connection), DayMap(tz)
    sums: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * COUNTERS)
    query = (
        "SELECT r.at_ms, r.model_id, m.name, coalesce(p.path, f.name, ''), o.name, s.session_id, r.input, "
        "r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning FROM request r "
        "JOIN session s ON s.id = r.session_id JOIN source o ON o.id = s.source_id JOIN model m ON m.id = r.model_id "
        "LEFT JOIN folder f ON f.id = s.folder_id LEFT JOIN repo p ON p.id = f.repo_id"
    )
    for at_ms, model, name, project, origin, session, *counts in connection.execute(query):
        day = days.day(at_ms)
        if not span[0] <= day <= span[1] or (source and origin != source):
            continue
        words = {
            "day": day,
            "month": day // 100,
            "model": name,
            "project": project,
            "source": origin,
            "session": session,
        }
        row = sums[tuple(words[key] for key in by)]
        rate = rate_at(rates.get(model, ()), at_ms)
        row[0] += 1
        for index, count in enumerate(counts, 1):
            row[index] += count
        row[7] += cost_nano(rate, TokenCounts(*counts)) if rate else 0
        row[8] += rate is None
    return [(*key, *row) for key, row in sorted(sums.items(), key=lambda item: str(item[0]))]


def requests_by_month(connection: sqlite3.Connection, tz: ZoneInfo) -> dict[str, int]:
    """How many requests each month has that has any, oldest first, by ``yyyy-mm``."""
    found: dict[int, int]
    if get_fact(connection, "rollup_zone") == tz.key:
        query = "SELECT month, sum(requests) FROM month_usage GROUP BY month ORDER BY month"
        found = dict(connection.execute(query))
    else:
        days, found = DayMap(tz), defaultdict(int)
        quarters = "SELECT at_ms / 900000, count(*) FROM request GROUP BY 1 ORDER BY 1"
        for quarter, count in connection.execute(quarters):
            found[days.day(quarter * 900_000) // 100] += count
    return {f"{month // 100:04}-{month % 100:02}": count for month, count in found.items()}


def months_with_requests(connection: sqlite3.Connection, tz: ZoneInfo) -> list[str]:
    """Months with requests, oldest first, as ``yyyy-mm``."""
    return list(requests_by_month(connection, tz))


def unlogged_tokens(connection: sqlite3.Connection, sessions: Sequence[int]) -> int:
    """Tokens that the tools booked for these sessions in their own cost records but did not log."""
    missing = 0
    for part, marks in _parts(sessions):
        for (tokens,) in connection.execute(
            "SELECT sum(c.input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.output) - coalesce((SELECT "
            "sum(r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output) FROM request r "
            f"WHERE r.session_id = c.session_id), 0) FROM cost_record c WHERE c.session_id IN ({marks}) "
            "GROUP BY c.session_id",
            part,
        ):
            missing += max(0, tokens)
    return missing


def prompts_of(
    connection: sqlite3.Connection, sessions: Sequence[int], until_ms: int
) -> dict[int, list[tuple[int, int]]]:
    """What the person typed before an instant, by session, in time order, as ``(when, turn)``."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for part, marks in _parts(sessions):
        for session, at_ms, turn in connection.execute(
            f"SELECT session_id, at_ms, id FROM turn WHERE session_id IN ({marks}) AND at_ms < ? "
            "ORDER BY session_id, at_ms, id",
            (*part, until_ms),
        ):
            found[session].append((at_ms, turn))
    return found


def acted_times(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> dict[int, list[int]]:
    """When the person refused a call or changed a proposed edit, by session."""
    found: dict[int, list[int]] = defaultdict(list)
    for part, marks in _parts(sessions):
        for session, at_ms in connection.execute(
            f"SELECT session_id, result_ms FROM tool_call WHERE session_id IN ({marks}) AND status = ? "
            "AND result_ms >= ? AND result_ms < ? UNION ALL SELECT e.session_id, c.result_ms FROM edit e "
            f"JOIN tool_call c ON c.key = e.call_key WHERE e.session_id IN ({marks}) AND e.is_human_modified = 1 "
            "AND c.result_ms >= ? AND c.result_ms < ?",
            (*part, CallStatus.REJECTED, since_ms, until_ms, *part, since_ms, until_ms),
        ):
            found[session].append(at_ms)
    return found


def logged_times(
    connection: sqlite3.Connection, sessions: Sequence[int]
) -> dict[int, Sequence[tuple[int, int]]]:
    """When anything was logged and in which turn (0: none), by session, in time order."""
    found: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for part, marks in _parts(sessions):
        for query in (
            f"SELECT session_id, at_ms, coalesce(turn_id, 0) FROM request WHERE session_id IN ({marks})",
            f"SELECT session_id, at_ms, id FROM turn WHERE session_id IN ({marks})",
            f"SELECT c.session_id, coalesce(c.result_ms, c.at_ms), coalesce(r.turn_id, 0) {_CALLS} ({marks})",
        ):
            for session, at_ms, turn in connection.execute(query, part):
                found[session].add((at_ms, turn))
    return {session: sorted(times) for session, times in found.items()}


def _parts(sessions: Sequence[int]) -> Iterator[tuple[tuple[int, ...], str]]:
    for start in range(0, len(sessions), _BATCH):
        part = tuple(sessions[start : start + _BATCH])
        yield part, ",".join("?" * len(part))
