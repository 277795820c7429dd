"""Figures of the queries behind the screens, on a database of five million requests."""

from __future__ import annotations

import math
import sys
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from measure import ROOT, Row, environment, quantile, reader, run_child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measure import Room

REQUESTS = 5_000_000


def month_query(room: Room) -> list[Row]:
    """One month by model, asked anew for every month of five years."""
    from tokencoach.store.reader import open_reader  # noqa: PLC0415 - after the source folder is on the path
    from tokencoach.store.usage_rows import usage_rows  # noqa: PLC0415

    count = 200_000 if room.is_quick else REQUESTS
    database = room.folder / f"requests-{count}.db"
    if not _is_current(database):
        script = str(ROOT / "benchmarks" / "big_database.py")
        fresh = database.with_suffix(".new")
        run_child(
            [sys.executable, script, str(fresh), "--requests", str(count)], environment(room.sub("maker"))
        )
        fresh.rename(database)
    walls = []
    zone = ZoneInfo("UTC")
    with open_reader(database) as held:
        for first, last in _months():
            best = math.inf
            for _ in range(3):
                start = time.perf_counter()
                rows = usage_rows(held.connection, ("month", "model"), first, last, zone)
                best = min(best, time.perf_counter() - start)
            if rows:
                walls.append(best * 1000)
    detail = f"{len(walls)} months at {count} requests, median {quantile(walls, 0.5):.2f} ms"
    return [Row("month query, p95", quantile(walls, 0.95), 5, "ms", detail)]


def _is_current(database: Path) -> bool:
    """Whether the database was made, and by this release."""
    from tokencoach.store.connect import is_earlier_format  # noqa: PLC0415 - as above

    if not database.exists():
        return False
    with reader(database) as connection:
        return not is_earlier_format(connection)


def _months() -> Iterator[tuple[date, date]]:
    for year in range(2022, 2027):
        for month in range(1, 13):
            after = date(year + month // 12, month % 12 + 1, 1)
            yield date(year, month, 1), after - timedelta(days=1)
