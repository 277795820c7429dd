"""From ``git commit`` to the question, its answer and the commit: real git, a real terminal, real keys."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comprehension.asked_scene import UTC, AskedScene
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.checks.records import Outcome
from tokencoach.store.writer import Writer
from tokencoach.watch.refresh import Upkeep
from tokencoach.watch.unasked import take_in

if TYPE_CHECKING:
    from comprehension.terminals import Terminal


@pytest.fixture
def scene(tmp_path: Path) -> AskedScene:
    return AskedScene(tmp_path)


def opened(terminal: Terminal, total: int) -> None:
    terminal.wait_for(f" 1/{total} ".encode())
    terminal.read(0.6)


def test_a_commit_is_asked_about_answered_and_made(scene: AskedScene) -> None:
    terminal = scene.commit()
    scene.answer(terminal)
    ran = terminal.end()
    assert ran.code == 0, ran.screen
    assert "the commit goes on" in ran.screen
    assert scene.git("log", "-1", "--format=%s") == "share of a total"
    (check,) = scene.history()
    assert check.outcome is Outcome.ASKED
    assert check.sha == scene.head()
    assert check.open_ms is not None
    given = [answer for _, answer in scene.answers(check)]
    assert all(answer is not None and (answer.is_right or answer.is_shown) for answer in given)


def test_stopping_keeps_the_index_and_makes_no_commit(scene: AskedScene) -> None:
    before = scene.head()
    terminal = scene.commit()
    opened(terminal, len(scene.prepared.questions))
    terminal.heard(b"\x1bOS")
    ran = terminal.end()
    assert ran.code == 1
    assert "the commit is stopped, nothing is lost" in ran.screen
    assert scene.head() == before
    assert scene.git("diff", "--cached", "--name-only") == "ledger.py"
    assert [check.outcome for check in scene.history()] == [Outcome.ABORTED]


def test_ctrl_c_commits_and_the_questions_wait(scene: AskedScene) -> None:
    terminal = scene.commit()
    opened(terminal, len(scene.prepared.questions))
    terminal.heard(b"\x03")
    assert terminal.end().code == 0
    assert scene.git("log", "-1", "--format=%s") == "share of a total"
    ((check, rows),) = scene.waiting()
    assert check.why == "later"
    assert len(rows) == len(scene.prepared.questions)
    upkeep = Upkeep(scene.database, LogsHome(scene.home, {}), Settings(), UTC)
    with Writer(scene.database, UTC) as writer:
        assert take_in(writer, upkeep) == 0
    ((again, _),) = scene.waiting()
    assert again == check._replace(sha=scene.head()), "it waits once, as this commit's"


def test_a_killed_screen_commits_and_the_questions_wait(scene: AskedScene) -> None:
    terminal = scene.commit()
    opened(terminal, len(scene.prepared.questions))
    killed = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(scene.home).encode() in environment and b"hook\0ask" in command:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if b"hook\0ask" in Path(f"/proc/{parent}/cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
                killed += 1
    assert killed == 1
    ran = terminal.end()
    assert ran.code == 0, ran.screen
    assert "broken off" in ran.screen
    assert scene.git("log", "-1", "--format=%s") == "share of a total"
    assert len(scene.waiting()) == 1


def test_a_terminal_that_goes_away_loses_no_answer(scene: AskedScene) -> None:
    total = len(scene.prepared.questions)
    terminal = scene.commit()
    opened(terminal, total)
    terminal.heard(b"\x1bOQ")
    terminal.read(1.0)
    terminal.hang_up()
    assert select.select([terminal._report], [], [], 20)[0]
    terminal.close()
    ((check, rows),) = scene.waiting()
    assert len(rows) == total - 1
    assert sum(answer is not None for _, answer in scene.answers(check)) == 1


def test_a_locked_database_asks_and_commits_all_the_same(scene: AskedScene) -> None:
    other = sqlite3.connect(scene.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    terminal = scene.commit()
    opened(terminal, len(scene.prepared.questions))
    terminal.heard(b"\x03")
    ran = terminal.end(60)
    other.close()
    assert ran.code == 0, ran.screen
    assert "the answers were not kept" in ran.screen
    assert scene.git("log", "-1", "--format=%s") == "share of a total"
