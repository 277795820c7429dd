"""Fills a database with years of requests: ``big_database.py FILE --requests 5000000``.

The requests go straight into the table, in time order; the sums over them are made by the
program's own code, as after an ingest.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tokencoach.store.rollup import roll_up
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

END_MS = 1_795_305_600_000  # 2026-11-22T00:00:00Z
DAYS = 5 * 365
DAY_MS = 86_400_000
SESSIONS_PER_DAY = 20
MODELS = tuple(f"model-{number}" for number in range(12))
PROJECTS = 40


def _sessions() -> Iterator[tuple[int, int, str, int, int, int]]:
    for day in range(DAYS):
        start = END_MS - (DAYS - day) * DAY_MS
        for index in range(SESSIONS_PER_DAY):
            number = day * SESSIONS_PER_DAY + index
            yield number + 1, 1, f"session-{number}", start, start + DAY_MS - 1, number % PROJECTS + 1


def _requests(count: int) -> Iterator[tuple[int, ...]]:
    rng = random.Random(1)
    per_day = count // DAYS + 1
    made = 0
    for day in range(DAYS):
        start = END_MS - (DAYS - day) * DAY_MS
        for index in range(min(per_day, count - made)):
            made += 1
            session = day * SESSIONS_PER_DAY + index % SESSIONS_PER_DAY + 1
            key = rng.getrandbits(64) - (1 << 63)
            counts = (
                rng.randrange(40),
                rng.randrange(150_000),
                rng.randrange(4_000),
                0,
                rng.randrange(2_000),
                0,
            )
            yield key, start + index * (DAY_MS // per_day), session, _model(session, rng.random()), *counts, 0


def _model(session: int, share: float) -> int:
    """Three models a session: its main one, a small one beside it, a sub-agent's."""
    return (session + (share > 0.7) + (share > 0.9) * 3) % len(MODELS) + 1


def fill(connection: sqlite3.Connection, count: int) -> None:
    """Insert the dimension rows and the requests."""
    connection.execute("INSERT OR IGNORE INTO source(id, name) VALUES(1, 'claude-code')")
    connection.executemany("INSERT INTO model(name) VALUES(?)", [(name,) for name in MODELS])
    folders = [(number + 1, f"/home/dev/project-{number}") for number in range(PROJECTS)]
    connection.executemany("INSERT INTO folder(id, name) VALUES(?,?)", folders)
    connection.executemany(
        "INSERT INTO session(id, source_id, session_id, first_ms, last_ms, folder_id, is_dirty) "
        "VALUES(?,?,?,?,?,?,0)",
        _sessions(),
    )
    connection.executemany(
        "INSERT INTO request(key, at_ms, session_id, model_id, input, cache_read, cache_write_5m, "
        "cache_write_1h, output, reasoning, flags) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        _requests(count),
    )


def main() -> None:
    """Read the arguments and make the database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--requests", type=int, default=5_000_000)
    options = parser.parse_args()
    zone = ZoneInfo("UTC")
    with Writer(options.file, zone) as writer:
        with writer.transaction() as connection:
            fill(connection, options.requests)
        with writer.transaction() as connection:
            roll_up(connection, (), zone)


if __name__ == "__main__":
    main()
