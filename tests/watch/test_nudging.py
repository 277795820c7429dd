"""A watcher that speaks while a log grows: within five seconds, once, and never in the way of reading."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, wait_for
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.demo.claude import ClaudeSession

RED = "1 failed: part_3 returned 21, wanted 22"
BROKEN_RULE = """
import sys
import tokencoach.coach.nudges as nudges
def broken(running, person):
    raise RuntimeError("a rule is wrong")
nudges._RULES = (broken,)
from tokencoach.__main__ import main
sys.argv = ["tokencoach", "watch"]
sys.exit(main())
"""


class Live:
    """An engineer at work now, a quarter of an hour ago to this moment."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.stage = Stage(folder, datetime.now(UTC) - timedelta(minutes=15))
        machine.environment |= {"TOKENCOACH_LOGS_HOME": str(self.stage.home)}
        self.repo = self.stage.repository("service")
        self.repo.human_write("app.py", "def part_3():\n    return 3 * 7\n")
        self.repo.commit("Start the service")

    def session(self, context: int = 15_000) -> ClaudeSession:
        """A session that has begun."""
        session = self.stage.claude(self.repo)
        session.context_tokens = context
        session.prompt("Make part 3 return 22")
        return session

    def nudges(self) -> list[tuple[Any, ...]]:
        """Kind, title and end of what was said."""
        return self.machine.read("SELECT kind, title, ended_ms FROM nudge ORDER BY at_ms")

    def has_requests(self, count: int) -> bool:
        """Whether so many requests are in the database."""
        return self.machine.facts()["request"] == count

    def swept_ms(self) -> int:
        """When the last sweep that ended began; 0 before the first."""
        return int(self.machine.read("SELECT coalesce(sum(swept_ms), 0) FROM heartbeat")[0][0])

    def status(self) -> str:
        """The status line without an assistant's JSON."""
        return self.machine.run("statusline").stdout.decode()


@pytest.fixture
def live(machine: Machine, tmp_path: Path) -> Live:
    """Work that goes on."""
    return Live(machine, tmp_path)


@contextmanager
def watching(live: Live, command: list[str] | None = None) -> Iterator[Any]:
    """A watcher that has swept once; what it told."""
    log = live.machine.home / "watch.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command or live.machine.command("watch"), env=live.machine.environment, stdout=file, stderr=file
        )
        try:
            wait_for(lambda: live.machine.database.exists() and live.swept_ms(), 30)
            yield log
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_a_loop_is_named_within_five_seconds_of_being_in_the_log(live: Live) -> None:
    session = live.session()
    for _ in range(2):
        session.bash("pytest -q", RED, exit_code=1)
    with watching(live):
        time.sleep(0.5)
        assert live.nudges() == []
        session.bash("pytest -q", RED, exit_code=1)
        took = wait_for(live.nudges)
        assert took < 5
        [(kind, title, over)] = live.nudges()
        assert kind == "loop"
        assert "3 times with the same answer" in title
        assert over is None
        wait_for(lambda: "3 times" in live.status())
        assert live.machine.json("coach", "--live")["nudges"][0]["title"] == title
        session.edit("app.py", "return 3 * 7", "return 3 * 7 + 1")
        wait_for(lambda: live.nudges()[0][2] is not None)
        wait_for(lambda: "3 times" not in live.status())


def test_what_was_read_before_the_watcher_began_is_looked_at_as_well(live: Live) -> None:
    session = live.session()
    for _ in range(3):
        session.bash("pytest -q", RED, exit_code=1)
    assert live.machine.run("ingest").returncode == 0
    with watching(live):
        wait_for(live.nudges)


def test_what_is_over_ends_with_the_next_watcher_and_waits_for_no_hook_any_more(live: Live) -> None:
    session = live.session()
    for _ in range(3):
        session.bash("pytest -q", RED, exit_code=1)
    with watching(live):
        wait_for(live.nudges)
    waiting = live.machine.state / "nudge.json"
    assert waiting.exists()
    session.edit("app.py", "return 3 * 7", "return 3 * 7 + 1")
    with watching(live):
        wait_for(lambda: live.nudges()[0][2] is not None)
        wait_for(lambda: not waiting.exists())


def test_a_second_cause_within_ten_minutes_waits(live: Live) -> None:
    session = live.session(context=150_000)
    for _ in range(3):
        session.bash("pytest -q", RED, exit_code=1)
    with watching(live):
        wait_for(live.nudges)
        time.sleep(2)
        assert [kind for kind, _, _ in live.nudges()] == ["loop"]


def test_old_sessions_are_read_in_silence(machine: Machine, tmp_path: Path) -> None:
    live = Live(machine, tmp_path)
    live.stage.clock.advance(hours=-5)
    session = live.session(context=150_000)
    for _ in range(4):
        session.bash("pytest -q", RED, exit_code=1)
    with watching(live):
        time.sleep(1)
        assert live.nudges() == []


def test_a_rule_that_is_wrong_never_stops_the_reading(live: Live) -> None:
    session = live.session()
    with watching(live, [sys.executable, "-c", BROKEN_RULE]) as log:
        for number in range(3):
            session.bash("pytest -q", RED, exit_code=1)
            wait_for(partial(live.has_requests, number + 1))
    assert "a rule is wrong" in log.read_text()


def test_the_nudge_is_laid_ready_for_a_hook_and_taken_away_with_its_cause(live: Live) -> None:
    session = live.session()
    waiting = live.machine.state / "nudge.json"
    with watching(live):
        for _ in range(3):
            session.bash("pytest -q", RED, exit_code=1)
        wait_for(waiting.exists)
        assert json.loads(waiting.read_text())["session"] == session.session_id
        session.edit("app.py", "return 3 * 7", "return 3 * 7 + 1")
        wait_for(lambda: not waiting.exists())
