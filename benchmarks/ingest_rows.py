"""Figures of ingest: cold, warm, size on disk, peak memory, append to visible."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import claude_lines
from claude_lines import Place, Usage
from measure import (
    ROOT,
    Row,
    decoding_cpu,
    environment,
    median_child,
    plain_read_cpu,
    quantile,
    reader,
    run_child,
    tokencoach,
)

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Cost, Room

COUNTERS = (
    "requests",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
WARM_FILES = 20_000
APPENDS = 200


def history(room: Room) -> Path:
    """The synthetic history, made once a run."""
    out = room.folder / "history"
    if not (out / "truth.json").exists():
        mib = 64 if room.is_quick else 1024
        command = [
            sys.executable,
            str(ROOT / "benchmarks" / "history.py"),
            str(out),
            "--mib",
            str(mib),
            "--seed",
            "7",
        ]
        run_child(command, environment(room.sub("maker")))
    return out


def _cold(room: Room, name: str, *flags: str) -> tuple[Path, Cost, float]:
    """State folder, cost of ingesting the history into it, CPU of a plain read of the same bytes."""
    home = history(room)
    state = room.folder / name
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    read = plain_read_cpu(home / ".claude")
    cost = run_child(tokencoach("ingest", "--json", *flags), environment(state, home))
    return state, cost, read


def _beside(room: Room, cost: Cost, read: float) -> str:
    """Seconds behind the ratio, and the ratio to decoding each line."""
    decoding = decoding_cpu(sorted((history(room) / ".claude").rglob("*.jsonl")))
    return (
        f"{cost.cpu_s:.2f} s CPU, {cost.wall_s:.2f} s wall, plain read {read:.3f} s CPU; "
        f"{cost.cpu_s / decoding:.2f}x decoding each line ({decoding:.2f} s); totals exact"
    )


def _differs(state: Path, home: Path) -> str:
    """Where the totals per day and model are not the truth; empty where they are."""
    said = json.loads(
        run_child(
            tokencoach("usage", "--by", "day", "--by", "model", "--json"), environment(state, home)
        ).output
    )
    truth = json.loads((home / "truth.json").read_text(encoding="utf-8"))
    ours, theirs = _rows(said["rows"]), _rows(truth["rows"])
    wrong = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    return f"{len(wrong)} of {len(theirs)} day-models differ, first {min(wrong)}" if wrong else ""


def _rows(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[int]]:
    return {(row["day"], row["model"]): [row[name] for name in COUNTERS] for row in rows}


def cold_with_edits(room: Room) -> list[Row]:
    """Cold ingest with edit evidence, over a plain read; and the peak memory of its largest process."""
    state, cost, read = _cold(room, "cold-edits")
    wrong = _differs(state, history(room))
    detail = wrong or _beside(room, cost, read)
    return [
        Row("cold ingest, with edits", cost.cpu_s / read, 14, "x plain read", detail, is_wrong=bool(wrong)),
        Row("cold ingest, peak memory", cost.peak_mb, 120, "MB a process"),
    ]


def cold_usage_only(room: Room) -> list[Row]:
    """Cold ingest of usage alone, over a plain read; and what a request takes on disk."""
    state, cost, read = _cold(room, "cold-usage", "--usage-only")
    wrong = _differs(state, history(room))
    detail = wrong or _beside(room, cost, read)
    size, requests = _request_bytes(state / "tokencoach" / "tokencoach.db")
    return [
        Row("cold ingest, usage only", cost.cpu_s / read, 8, "x plain read", detail, is_wrong=bool(wrong)),
        Row("request table and indexes", size / requests, 100, "bytes/request", f"{requests} requests"),
    ]


def _request_bytes(database: Path) -> tuple[int, int]:
    """Bytes of the request table and its indexes, and how many requests it holds."""
    with reader(database) as connection:
        (requests,) = connection.execute("SELECT count(*) FROM request").fetchone()
        (size,) = connection.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name IN "
            "(SELECT name FROM sqlite_master WHERE tbl_name='request')"
        ).fetchone()
    return size, requests


def warm_start(room: Room) -> list[Row]:
    """An ingest that finds nothing new, per file, over the same command without any log."""
    count = 2_000 if room.is_quick else WARM_FILES
    home, nothing = room.sub("many"), room.sub("nothing")
    if not (home / ".claude").exists():
        _many_files(home, count)
    (nothing / ".claude" / "projects").mkdir(parents=True, exist_ok=True)
    state, bare = room.sub("warm"), room.sub("bare")
    run_child(tokencoach("ingest", "--json"), environment(state, home))
    run_child(tokencoach("ingest", "--json"), environment(bare, nothing), accept=(0, 3))
    warm = min(median_child(3, tokencoach("ingest"), environment(state, home)).cpu_s for _ in range(2))
    start = min(
        run_child(tokencoach("ingest"), environment(bare, nothing), accept=(0, 3)).cpu_s for _ in range(6)
    )
    per_file = (warm - start) / count * 1e6
    detail = f"{count} files, {warm * 1000:.0f} ms CPU, start-up {start * 1000:.0f} ms"
    return [Row("warm start", per_file, 12, "us/file", detail)]


def _many_files(home: Path, count: int) -> None:
    rng = random.Random(5)
    for index in range(count):
        place = Place(claude_lines.new_uuid(rng), f"/home/dev/src/p{index // 7}", "main")
        folder = home / ".claude" / "projects" / f"-home-dev-src-p{index // 7}"
        if index % 7 == 0:
            folder.mkdir(parents=True)
        (folder / f"{place.session}.jsonl").write_bytes(_request_line(rng, place, "2026-10-05T10:00:00.000Z"))


def _request_line(rng: random.Random, place: Place, at: str) -> bytes:
    return claude_lines.assistant(
        rng,
        place,
        at,
        model="claude-sonnet-4-5-20250929",
        message_id=f"msg_{rng.getrandbits(96):024x}",
        block=b'{"type":"text","text":"done"}',
        usage=Usage(3, 1000, 20, 10, 50).json(50),
    )


def append_to_visible(room: Room) -> list[Row]:
    """From a line's last byte in the log to its request in another connection, under a live watcher."""
    for name in ("live-home", "live"):
        shutil.rmtree(room.folder / name, ignore_errors=True)
    home, state = room.sub("live-home"), room.sub("live")
    rng = random.Random(9)
    place = Place(claude_lines.new_uuid(rng), "/home/dev/src/live", "main")
    log = home / ".claude" / "projects" / "-home-dev-src-live" / f"{place.session}.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(_request_line(rng, place, "2026-11-22T10:00:00.000Z"))
    env = environment(state, home)
    watcher = subprocess.Popen(
        tokencoach("watch"),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for_first(state / "tokencoach" / "tokencoach.db", watcher)
        delays = _append_and_wait(state / "tokencoach" / "tokencoach.db", log, rng, place)
    finally:
        watcher.send_signal(signal.SIGINT)
        watcher.communicate(timeout=20)
    detail = f"p50 {quantile(delays, 0.5):.2f} ms, largest {max(delays):.2f} ms, {len(delays)} lines"
    return [Row("append to visible, p95", quantile(delays, 0.95), 20, "ms", detail)]


def _wait_for_first(database: Path, watcher: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not (database.exists() and _count(database) == 1):
        if watcher.poll() is not None:
            said = watcher.stderr.read()[-1000:].decode("utf-8", "replace") if watcher.stderr else ""
            raise RuntimeError(f"the watcher ended with {watcher.returncode}: {said}")
        if time.monotonic() > deadline:
            raise RuntimeError("the watcher did not read the log within 30 s")
        time.sleep(0.05)
    time.sleep(1.0)


def _append_and_wait(database: Path, log: Path, rng: random.Random, place: Place) -> list[float]:
    delays = []
    with reader(database) as connection, log.open("ab", buffering=0) as file:
        for expected in range(2, APPENDS + 2):
            line = _request_line(rng, place, f"2026-11-22T10:{expected // 60:02d}:{expected % 60:02d}.000Z")
            start = time.perf_counter()
            file.write(line)
            while connection.execute("SELECT count(*) FROM request").fetchone()[0] < expected:
                if time.perf_counter() - start > 5:
                    raise RuntimeError(f"line {expected} was not visible within 5 s")
                time.sleep(0.0003)
            delays.append((time.perf_counter() - start) * 1000)
            time.sleep(rng.uniform(0.01, 0.06))
    return delays


def _count(database: Path) -> int:

    try:
        with reader(database) as connection:
            return int(connection.execute("SELECT count(*) FROM request").fetchone()[0])
    except sqlite3.Error:
        return 0
