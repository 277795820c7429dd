"""Figures of the app on a real terminal: first screen, a long list, idleness."""

from __future__ import annotations

import random
import re
import sys
import time
from typing import TYPE_CHECKING

import claude_lines
from claude_lines import Place, Usage
from measure import ROOT, Row, environment, median, quantile, run_child, tokencoach, watching
from terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Room

SESSIONS = 100_000
PRESSES = 120
IDLE_S = 20.0
SETTLED_S = 3.0
FIRST_DATA = re.compile(rb"became code that is still there")
SESSIONS_KEY = b"6"
MOVES = (b"j", b"j", b"j", b"k", b"\x1b[6~", b"\x1b[6~", b"\x1b[5~", b"G", b"k", b"g")


def app_figures(room: Room) -> list[Row]:
    """All figures of the app, on a home with many sessions, beside a watcher of its own."""
    count = 5_000 if room.is_quick else SESSIONS
    home, state = room.sub("app-home"), room.sub("app-state")
    _many_sessions(home, count)
    env = environment(state, home, TEXTUAL_ANIMATIONS="none")
    # A database in daily use has its verdicts kept: an audit does so once.
    run_child(tokencoach("audit"), env, accept=(0, 3))
    with watching(env, settle_s=SETTLED_S):
        rows = [_first_screen(env), _long_list(env, count)]
        return [*rows, _idle(env)]


def _many_sessions(home: Path, count: int) -> None:
    folder = home / ".claude" / "projects" / "-home-dev-src-many"
    if folder.exists():
        return
    folder.mkdir(parents=True)
    rng = random.Random(11)
    with (folder / "many.jsonl").open("wb") as file:
        for index in range(count):
            minute = index * 430_000 // count
            at = time.strftime("%Y-%m-%dT%H:%M:00.000Z", time.gmtime(1_769_000_000 + minute * 60))
            place = Place(claude_lines.new_uuid(rng), f"/home/dev/src/p{index % 40}", "main")
            file.write(claude_lines.prompt(rng, place, at, b"one of many"))
            file.write(
                claude_lines.assistant(
                    rng,
                    place,
                    at,
                    model="claude-sonnet-4-5-20250929",
                    message_id=f"msg_{rng.getrandbits(96):024x}",
                    block=b'{"type":"text","text":"done"}',
                    usage=Usage(3, 1000, 20, 10, 50).json(50),
                )
            )


def _cpu_until(command: list[str], env: dict[str, str], marker: re.Pattern[bytes]) -> float:
    with Terminal(command, env) as terminal:
        terminal.wait_for(marker)
        return terminal.kill()


def _first_screen(env: dict[str, str]) -> Row:
    """CPU until the first screen shows data, over a bare app until it shows its line."""
    bare = [sys.executable, str(ROOT / "benchmarks" / "bare_app.py")]
    _cpu_until(tokencoach(), env, FIRST_DATA)
    pairs = [
        (_cpu_until(tokencoach(), env, FIRST_DATA), _cpu_until(bare, env, re.compile(rb"bare-and-ready")))
        for _ in range(5)
    ]
    ours, theirs = median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])
    detail = f"{ours * 1000:.0f} ms CPU, bare app {theirs * 1000:.0f} ms"
    return Row("first screen with data", ours / theirs, 2, "x bare app", detail)


def _long_list(env: dict[str, str], count: int) -> Row:
    """Key to paint in the list of all sessions."""
    with Terminal(tokencoach(), env) as terminal:
        terminal.wait_for(FIRST_DATA)
        terminal.settle(0.5)
        terminal.press(SESSIONS_KEY)
        terminal.settle(1.0)
        if b"No session" in terminal.painted:
            raise RuntimeError("the list of sessions is empty although they were ingested")
        delays = [terminal.press(MOVES[index % len(MOVES)]) for index in range(PRESSES)]
    detail = f"{count} sessions, p50 {quantile(delays, 0.5):.1f} ms, largest {max(delays):.1f} ms"
    return Row("key to paint, p95", quantile(delays, 0.95), 50, "ms", detail)


def _idle(env: dict[str, str]) -> Row:
    """CPU of the app while nothing happens."""
    with Terminal(tokencoach(), env) as terminal:
        terminal.wait_for(FIRST_DATA)
        terminal.settle(1.0)
        time.sleep(2.0)
        before, start = terminal.cpu_s(), time.monotonic()
        while time.monotonic() - start < IDLE_S:
            terminal.settle(0.5)
        share = (terminal.cpu_s() - before) / (time.monotonic() - start)
    return Row("app idle", share * 100, 1, "% CPU", f"over {IDLE_S:.0f} s")
