"""Day and month sums, recomputed whole for the days that changed, never added to.

A later line of a message changes its output, a resumed file changes ownership, a new price
changes history: only recomputing keeps header, month and session views equal.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from tokencoach.clock import day_start_ms, next_day
from tokencoach.store.power.local_models import SERVERS, served_models
from tokencoach.usage.prices import FREE, LOOKED_UP, Rate, Tier, cost_nano, is_linear, look_up, rate_at
from tokencoach.usage.tokens import TokenCounts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

RatesById = dict[int, list[Rate]]

_DAY_SUMS = """
SELECT r.session_id, r.model_id, min(r.at_ms), max(r.at_ms),
  max(r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h), count(*), sum(r.input), sum(r.cache_read),
  sum(r.cache_write_5m), sum(r.cache_write_1h), sum(r.output), sum(r.reasoning)
FROM session s CROSS JOIN request r ON r.session_id = s.id AND r.at_ms >= ?1 AND r.at_ms < ?2
WHERE s.last_ms >= ?1 AND s.last_ms < ?3 AND s.first_ms < ?2 GROUP BY r.session_id, r.model_id"""

_FEW_DAYS = 7
_FOREVER_MS = 1 << 60

_DAY_REQUESTS = """
SELECT at_ms, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning FROM request
WHERE session_id = ? AND model_id = ? AND at_ms >= ? AND at_ms < ?"""


def load_rates(connection: sqlite3.Connection) -> RatesById:
    """Rates of every priced model, by its row."""
    tiers: dict[tuple[int, int], list[Tier]] = defaultdict(list)
    for model, start, *tier in connection.execute("SELECT * FROM price ORDER BY model_id, from_ms, above"):
        tiers[model, start].append(Tier(*tier))
    rates: RatesById = defaultdict(list)
    for (model, start), steps in tiers.items():
        rates[model].append(Rate(start, tuple(steps)))
    return rates


def price_models(
    connection: sqlite3.Connection, overrides: Mapping[str, Mapping[str, float]], table_version: str
) -> None:
    """Resolve the prices of models not looked up yet; a changed table or setting dirties all days."""
    stamp = f"{table_version}:{LOOKED_UP}:{sorted((name, sorted(said.items())) for name, said in overrides.items())}"
    known = get_fact(connection, "price_table")
    if known != stamp:
        connection.execute("DELETE FROM price")
        connection.execute("DELETE FROM fact WHERE name LIKE 'priced:%'")
        connection.execute("INSERT OR IGNORE INTO dirty_day SELECT DISTINCT day FROM day_usage")
        put_fact(connection, "price_table", stamp)
    local = served_models(connection)
    connection.executemany(
        # Known to be served here only after its price was looked for in vain.
        "DELETE FROM fact WHERE name = ? AND NOT EXISTS (SELECT 1 FROM price WHERE model_id = ?)",
        [(f"priced:{model}", model) for model in local],
    )
    looked_up = {row[0] for row in connection.execute("SELECT name FROM fact WHERE name LIKE 'priced:%'")}
    rows = connection.execute(
        "SELECT m.id, m.name, (SELECT s.name FROM request r JOIN session e ON e.id = r.session_id "
        "JOIN source s ON s.id = e.source_id WHERE r.model_id = m.id LIMIT 1) FROM model m"
        if len(looked_up) < connection.execute("SELECT count(*) FROM model").fetchone()[0]
        else "SELECT id, name, '' FROM model WHERE 0"
    ).fetchall()
    for model_id, name, source in rows:
        if f"priced:{model_id}" in looked_up:
            continue
        info = look_up(name, source or "", overrides, table_version)
        connection.execute("UPDATE model SET context_window=? WHERE id=?", (info.context_window, model_id))
        is_free = model_id in local and name not in overrides and (source in SERVERS or not info.rates)
        if is_free:
            connection.execute(
                "INSERT OR IGNORE INTO dirty_day SELECT day FROM day_usage WHERE model_id=?", (model_id,)
            )
        for rate in FREE if is_free else info.rates:
            connection.executemany(
                "INSERT OR REPLACE INTO price VALUES(?,?,?,?,?,?,?,?)",
                [(model_id, rate.from_ms, *tier) for tier in rate.tiers],
            )
        put_fact(connection, f"priced:{model_id}", "1")


def rebuild_days(connection: sqlite3.Connection, days: Iterable[int], tz: ZoneInfo) -> None:
    """Recompute day sums, and the month sums of the months they lie in. Days are ``yyyymmdd``."""
    rates = load_rates(connection)
    months = set()
    days = list(days)
    longest = _longest_ms(connection) if len(days) > _FEW_DAYS else _FOREVER_MS
    for day in days:
        _rebuild_day(connection, day, tz, (rates, longest))
        months.add(day // 100)
    for month in months:
        _rebuild_month(connection, month)


def _longest_ms(connection: sqlite3.Connection) -> int:
    """How long the longest session lasted: none of a day ended later than so long after it.

    For one day it costs more than it saves.
    """
    return int(connection.execute("SELECT max(last_ms - first_ms) FROM session").fetchone()[0] or 0)


def _rebuild_day(
    connection: sqlite3.Connection, day: int, tz: ZoneInfo, known: tuple[RatesById, int]
) -> None:
    """Sums of one day; ``known`` are the rates and how long a session lasts at most."""
    rates, longest = known
    start = date(day // 10_000, day // 100 % 100, day % 100)
    span = (day_start_ms(start, tz), day_start_ms(next_day(start), tz))
    rows = []
    sums = connection.execute(_DAY_SUMS, (*span, span[1] + longest))
    for session, model, first, last, largest, requests, *counts in sums:
        own = rates.get(model, ())
        rate = rate_at(own, first)
        if rate is None:
            cost, unpriced = 0, requests
        elif rate is rate_at(own, last) and is_linear(rate, largest):
            cost, unpriced = cost_nano(rate._replace(tiers=rate.tiers[:1]), TokenCounts(*counts)), 0
        else:
            cost, unpriced = _cost_one_by_one(connection, (session, model, *span), own), 0
        rows.append((day, session, model, requests, *counts, cost, unpriced))
    connection.execute("DELETE FROM day_usage WHERE day=?", (day,))
    connection.executemany("INSERT INTO day_usage VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", rows)


def _cost_one_by_one(
    connection: sqlite3.Connection, where: tuple[int, int, int, int], rates: Sequence[Rate]
) -> int:
    """Cost of requests that do not all have the same price per token, or whose cost is rounded."""
    cost = 0
    for at_ms, *counts in connection.execute(_DAY_REQUESTS, where):
        rate = rate_at(rates, at_ms)
        cost += cost_nano(rate, TokenCounts(*counts)) if rate else 0
    return cost


def _rebuild_month(connection: sqlite3.Connection, month: int) -> None:
    connection.execute("DELETE FROM month_usage WHERE month=?", (month,))
    connection.execute(
        "INSERT INTO month_usage SELECT ?, coalesce(s.folder_id, 0), s.source_id, d.model_id, sum(d.requests), "
        "sum(d.input), sum(d.cache_read), sum(d.cache_write_5m), sum(d.cache_write_1h), sum(d.output), "
        "sum(d.reasoning), sum(d.cost_nano), sum(d.unpriced) FROM day_usage d JOIN session s ON s.id = d.session_id "
        "WHERE d.day BETWEEN ? AND ? GROUP BY 2, 3, 4",
        (month, month * 100, month * 100 + 99),
    )


def roll_up(connection: sqlite3.Connection, touched: Iterable[int], tz: ZoneInfo) -> None:
    """Recompute every day that is behind. A changed zone makes all of them so."""
    try:
        if get_fact(connection, "rollup_zone") != tz.key:
            _rebuild_all(connection, tz)
        else:
            days = set(touched) | {row[0] for row in connection.execute("SELECT day FROM dirty_day")}
            rebuild_days(connection, sorted(days, reverse=True), tz)
    except (OverflowError, ValueError):
        # No calendar and no column takes what an earlier release let pass.
        from tokencoach.store.impossible import strike_out  # noqa: PLC0415 - as good as never

        strike_out(connection)
        _rebuild_all(connection, tz)
    connection.execute("DELETE FROM dirty_day")


def _rebuild_all(connection: sqlite3.Connection, tz: ZoneInfo) -> None:
    put_fact(connection, "rollup_zone", tz.key)
    connection.execute("DELETE FROM day_usage")
    connection.execute("DELETE FROM month_usage")
    rebuild_days(connection, sorted(_all_days(connection, tz), reverse=True), tz)


def _all_days(connection: sqlite3.Connection, tz: ZoneInfo) -> set[int]:
    from tokencoach.store.days import DayMap  # noqa: PLC0415 - only after a change of zone

    days = DayMap(tz)
    for (quarter,) in connection.execute("SELECT DISTINCT at_ms / 900000 FROM request"):
        days.touch(quarter * 900_000)
    return days.take_touched()


def get_fact(connection: sqlite3.Connection, name: str) -> str | None:
    """A named value of the database itself."""
    row = connection.execute("SELECT value FROM fact WHERE name=?", (name,)).fetchone()
    return None if row is None else str(row[0])


def put_fact(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Set a named value of the database itself."""
    connection.execute("INSERT OR REPLACE INTO fact VALUES(?,?)", (name, value))
