"""What is said while work goes on: the status line, how soon a loop is named, what looking costs."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from measure import Row, environment, median, quantile, tokencoach

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Room
    from tokencoach.demo.claude import ClaudeSession

LINE_BAR_MS = 80
NAMED_BAR_S = 5
LOOK_BAR_MS = 50
RUNS = 200
REQUESTS = 2_000
RED = "1 failed: part_3 returned 21, wanted 22"


def live_figures(room: Room) -> list[Row]:
    """p95 of the status line; seconds until a loop is named; CPU of one look at a long session."""
    shutil.rmtree(room.folder / "live", ignore_errors=True)
    folder = room.sub("live")
    session = _session(folder)
    env = environment(folder, TOKENCOACH_LOGS_HOME=str(folder / "home"))
    env.pop("TOKENCOACH_NOW", None)
    named = _named(session, env, folder / "tokencoach" / "tokencoach.db")
    return [_line(room, env, session.session_id), named, _look(room, folder, session)]


def _session(folder: Path) -> ClaudeSession:
    from tokencoach.demo.stage import Stage  # noqa: PLC0415 - the path is set by now

    stage = Stage(folder, datetime.now(UTC) - timedelta(minutes=10))
    repo = stage.repository("service")
    repo.human_write("app.py", "def part_3():\n    return 3 * 7\n")
    repo.commit("Start the service")
    session = stage.claude(repo)
    session.prompt("Make part 3 return 22")
    for _ in range(2):
        session.bash("pytest -q", RED, exit_code=1)
    return session


def _named(session: ClaudeSession, env: dict[str, str], database: Path) -> Row:
    """Seconds from the third same answer in the log until it is said."""
    watcher = subprocess.Popen(
        tokencoach("watch"), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _has(database, "heartbeat", "swept_ms > 0"):
            time.sleep(0.05)
        began = time.monotonic()
        session.bash("pytest -q", RED, exit_code=1)
        while not _has(database, "nudge", "kind = 'loop'") and time.monotonic() - began < 60:
            time.sleep(0.02)
        took = time.monotonic() - began
    finally:
        watcher.terminate()
        watcher.wait()
    return Row("loop named", took, NAMED_BAR_S, "s", "from the third same answer in the log to the database")


def _has(database: Path, table: str, condition: str) -> bool:
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(f"SELECT 1 FROM {table} WHERE {condition}").fetchone() is not None
    except sqlite3.OperationalError:
        return False


def _line(room: Room, env: dict[str, str], session_id: str) -> Row:
    said = json.dumps({"session_id": session_id, "context_window": {"used_percentage": 42}}).encode()
    walls = []
    for _ in range(20 if room.is_quick else RUNS):
        began = time.perf_counter()
        done = subprocess.run(tokencoach("statusline"), env=env, input=said, capture_output=True, check=True)
        walls.append((time.perf_counter() - began) * 1000)
    is_wrong = b"ctx 42 %" not in done.stdout
    detail = f"p95 of {len(walls)}, JSON on stdin; median {median(walls):.0f} ms, best {min(walls):.0f} ms"
    return Row("statusline", quantile(walls, 0.95), LINE_BAR_MS, "ms", detail, is_wrong=is_wrong)


def _look(room: Room, folder: Path, session: ClaudeSession) -> Row:
    """CPU of what the watcher does after each reading, for a session of two thousand requests in an hour."""
    from tokencoach.settings import Settings  # noqa: PLC0415
    from tokencoach.sources.base import LogsHome  # noqa: PLC0415
    from tokencoach.store.writer import Writer  # noqa: PLC0415
    from tokencoach.watch.nudging import Nudger  # noqa: PLC0415
    from tokencoach.watch.refresh import Upkeep, refresh  # noqa: PLC0415

    count = 200 if room.is_quick else REQUESTS
    since = datetime.now(UTC) - timedelta(seconds=count)
    for number in range(count):
        session.bash(f"python part.py {number}", f"part {number} is done")
        # All of it within the hour that is looked at.
        session.clock.go_to(since + timedelta(seconds=number))
    upkeep = Upkeep(
        folder / "tokencoach" / "tokencoach.db", LogsHome(folder / "home", {}), Settings(), ZoneInfo("UTC")
    )
    refresh(upkeep)
    nudger = Nudger(upkeep)
    with Writer(upkeep.database, upkeep.tz) as writer:
        rows = [row[0] for row in writer.connection.execute("SELECT id FROM session")]
        nudger.look(writer, rows)
        looks = []
        for _ in range(10):
            began = time.process_time()
            nudger.look(writer, rows)
            looks.append((time.process_time() - began) * 1000)
    return Row(
        "a look at live work", median(looks), LOOK_BAR_MS, "ms CPU", f"{count:,} requests in the last hour"
    )
