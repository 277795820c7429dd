"""From an assistant's logged edit to the answered question in the commit: the whole program at a real terminal."""

from __future__ import annotations

import json
import select
import sqlite3
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from comprehension.hook_scene import SOURCE_ROOT
from comprehension.terminals import Ran, Terminal
from histories.program import Program
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

CODE = '''def transfer(amount: int, balance: int, limit: int = 100) -> int:
    """Move money."""
    if amount <= 0:
        raise ValueError("amount")
    if amount > limit:
        raise PermissionError("limit")
    fee = 0
    if amount > 50:
        fee = amount // 10
    if amount + fee > balance:
        return balance
    remaining = balance - amount - fee
    return remaining
'''

# F2 shows the answer, enter goes on, and a shown explanation is judged by its number.
SHOW_ME = (b"\x1bOQ", b"\r", b"1")
STOP = (b"\x1bOS",)
LATER = (b"\x1bOR", b"5")


class Desk:
    """A repository in which an assistant has just written a file, and a person who commits it."""

    def __init__(self, folder: Path) -> None:
        stage = Stage(folder / "stage", datetime.now(UTC) - timedelta(hours=2))
        self.repo = stage.repository("ledger")
        self.repo.human_write("README.md", "# Ledger\n")
        self.repo.commit("Start")
        self.session = stage.claude(self.repo, generation="2.1")
        self.session.prompt("Write the transfer")
        self.session.write("money.py", CODE)
        self.folder = self.repo.folder
        self.program = Program(stage.home, folder / "state")
        self.environment = dict(self.program.environment()) | {
            "TERM": "xterm-256color",
            "TOKENCOACH_LOGS_HOME": str(stage.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Author",
            "GIT_AUTHOR_EMAIL": "author@example.invalid",
            "GIT_COMMITTER_NAME": "Author",
            "GIT_COMMITTER_EMAIL": "author@example.invalid",
            "GIT_PAGER": "cat",
        }
        self.state = folder / "state" / "tokencoach"
        self.run(sys.executable, "-m", "tokencoach", "hook", "install", "--yes")
        self.run("git", "add", "-A")

    def run(self, *command: str) -> Ran:
        """Run a command at the terminal that needs no key."""
        ran = Terminal(list(command), self.folder, self.environment).end(60)
        assert ran.code == 0, ran.screen
        return ran

    def commit(self, *options: str, keys: tuple[bytes, ...] = SHOW_ME) -> Ran:
        """Commit, and press the keys again and again until git has ended."""
        terminal = Terminal(["git", "commit", *options], self.folder, self.environment)
        for _ in range(60):
            for key in keys:
                if select.select([terminal._report], [], [], 0)[0]:
                    return terminal.end()
                if b"\x1b[?1049h" in terminal.screen:
                    terminal.press(key)
                terminal.read(0.5)
        return terminal.end()

    def rows(self, query: str) -> list[Any]:
        """Rows of the database."""
        connection = sqlite3.connect(f"file:{self.state / 'tokencoach.db'}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def git(self, *arguments: str) -> str:
        """What git says."""
        return self.run("git", *arguments).screen.strip()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path.resolve())


def test_what_an_assistant_wrote_a_moment_ago_is_asked_about_in_the_commit(desk: Desk) -> None:
    ran = desk.commit("-m", "Add the transfer")
    assert ran.code == 0, ran.screen[-2000:]
    head = desk.git("rev-parse", "HEAD")
    ((outcome, sha, ai_lines),) = desk.rows("SELECT outcome, sha, ai_lines FROM cc_check")
    assert (outcome, sha) == ("asked", head)
    assert 0 < ai_lines <= CODE.count("\n")
    (answers,) = desk.rows("SELECT count(*) FROM cc_answer")
    note = json.loads(desk.git("notes", "--ref=tokencoach", "show"))
    assert note["asked"] == answers[0] > 0
    assert note["ai_lines"] == ai_lines
    assert not (desk.state / "hook.log").exists()


def test_an_amended_message_takes_check_and_note_along_and_asks_nothing(desk: Desk) -> None:
    desk.commit("-m", "Add the transfer")
    before = desk.git("notes", "--ref=tokencoach", "show")
    ran = desk.commit("--amend", "-m", "Add the transfer of money", keys=(b"",))
    assert "\x1b[?1049h" not in ran.screen
    assert desk.git("notes", "--ref=tokencoach", "show") == before
    desk.program.ingest()
    assert desk.rows("SELECT DISTINCT sha FROM cc_check") == [(desk.git("rev-parse", "HEAD"),)]


def test_a_rebase_takes_check_and_note_along(desk: Desk) -> None:
    desk.commit("-m", "Add the transfer")
    note = desk.git("notes", "--ref=tokencoach", "show")
    desk.run("git", "checkout", "-q", "-b", "other", "HEAD^")
    (desk.folder / "other.txt").write_text("meanwhile\n")
    desk.run("git", "add", "-A")
    desk.run("git", "commit", "-q", "-m", "Meanwhile")
    desk.run("git", "checkout", "-q", "main")
    desk.run("git", "rebase", "-q", "other")
    assert desk.git("notes", "--ref=tokencoach", "show") == note
    desk.program.ingest()
    assert desk.rows("SELECT outcome, sha FROM cc_check") == [("asked", desk.git("rev-parse", "HEAD"))]


def test_stopped_to_fix_something_the_commit_is_not_made_and_nothing_is_lost(desk: Desk) -> None:
    before = desk.git("rev-parse", "HEAD")
    ran = desk.commit("-m", "Add the transfer", keys=STOP)
    assert ran.code == 1, ran.screen[-2000:]
    assert desk.git("rev-parse", "HEAD") == before
    assert desk.git("diff", "--cached", "--name-only") == "money.py"
    assert desk.rows("SELECT outcome FROM cc_check") == [("aborted",)]


def test_the_next_commit_within_twenty_minutes_waits_in_the_inbox(desk: Desk) -> None:
    desk.commit("-m", "Add the transfer")
    desk.session.prompt("And the way back")
    desk.session.write("back.py", CODE.replace("transfer", "take_back").replace("amount", "share"))
    desk.run("git", "add", "-A")
    ran = desk.commit("-m", "Add the way back", keys=(b"",))
    assert "\x1b[?1049h" not in ran.screen
    desk.program.ingest()
    head = desk.git("rev-parse", "HEAD")
    waiting = desk.rows("SELECT key, why, sha FROM cc_check WHERE outcome = 'waiting'")
    assert [row[1:] for row in waiting] == [("too-often", head)]
    (questions,) = desk.rows(f"SELECT count(*) FROM cc_question WHERE check_key = '{waiting[0][0]}'")
    assert questions[0] > 0


def test_a_log_too_long_to_be_read_in_a_second_sends_the_commit_to_the_inbox(desk: Desk) -> None:
    (log,) = desk.program.logs_home.glob(".claude/projects/*/*.jsonl")
    with log.open("ab") as file:
        file.write((b'{"type":"summary","summary":"' + b"x" * 8000 + b'"}\n') * 3200)
    ran = desk.commit("-m", "Add the transfer", keys=(b"",))
    assert "\x1b[?1049h" not in ran.screen
    desk.program.ingest()
    assert desk.rows("SELECT outcome, why FROM cc_check") == [("waiting", "no-time")]


def test_a_locked_database_costs_a_moment_and_no_commit(desk: Desk) -> None:
    desk.program.ingest()
    other = sqlite3.connect(desk.state / "tokencoach.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    ran = desk.commit("-m", "Add the transfer", keys=LATER)
    other.execute("ROLLBACK")
    other.close()
    assert ran.code == 0, ran.screen[-2000:]
    assert desk.git("log", "-1", "--format=%s") == "Add the transfer"


@pytest.mark.parametrize("content", [None, b"no database", b"SQLite format 3\0" + b"\xff" * 8192])
def test_a_missing_or_damaged_database_costs_no_commit(desk: Desk, content: bytes | None) -> None:
    desk.program.ingest()
    for file in desk.state.glob("tokencoach.db*"):
        file.unlink()
    if content is not None:
        (desk.state / "tokencoach.db").write_bytes(content)
    assert desk.commit("-m", "Add the transfer").code == 0
    assert desk.git("log", "-1", "--format=%s") == "Add the transfer"


def test_a_database_of_a_newer_program_costs_no_commit(desk: Desk) -> None:
    desk.program.ingest()
    connection = sqlite3.connect(desk.state / "tokencoach.db")
    connection.execute("PRAGMA user_version=999")
    connection.close()
    ran = desk.commit("-m", "Add the transfer")
    assert ran.code == 0
    assert "\x1b[?1049h" not in ran.screen
    assert desk.git("log", "-1", "--format=%s") == "Add the transfer"


def test_a_full_disk_costs_no_commit(desk: Desk) -> None:
    # Files may not grow beyond this: SQLite then meets what a full disk says.
    script = "ulimit -f 400; trap '' XFSZ; git commit -m 'Add the transfer'"
    terminal = Terminal(["bash", "-c", script], desk.folder, desk.environment)
    for round_ in range(120):
        if select.select([terminal._report], [], [], 0)[0]:
            break
        if b"\x1b[?1049h" in terminal.screen:
            terminal.press(LATER[round_ % 2])
        terminal.read(0.5)
    assert terminal.end().code == 0
    assert desk.git("log", "-1", "--format=%s") == "Add the transfer"


def test_the_watcher_makes_the_questions_ahead_and_takes_in_what_hooks_noted(desk: Desk) -> None:
    scene_environment = desk.environment | {"PYTHONPATH": str(SOURCE_ROOT)}
    watcher = Terminal([sys.executable, "-m", "tokencoach", "watch"], desk.folder, scene_environment)
    try:
        _until(lambda: bool(desk.rows("SELECT 1 FROM cc_prepared")), desk)
        assert (desk.state / "hook" / "beat").exists()
        ran = desk.commit("-m", "Add the transfer")
        assert ran.code == 0
        desk.session.prompt("And the way back")
        desk.session.write("back.py", CODE.replace("transfer", "take_back").replace("amount", "share"))
        desk.run("git", "add", "-A")
        desk.commit("--no-verify", "-m", "Add the way back", keys=(b"",))
        _until(lambda: bool(desk.rows("SELECT 1 FROM cc_check WHERE why = 'no-verify'")), desk)
    finally:
        watcher.press(b"\x03")
        watcher.end()
    outcomes = desk.rows("SELECT outcome, why FROM cc_check ORDER BY started_ms")
    assert outcomes == [("asked", ""), ("not_asked", "no-verify")]


def _until(holds: Any, desk: Desk, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except sqlite3.Error:
            pass
        assert time.monotonic() < until, desk.rows("SELECT * FROM cc_check")
        time.sleep(0.1)
