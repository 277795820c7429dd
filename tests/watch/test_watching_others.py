"""The watcher beside assistants at work: a database held open, a document rewritten, a repository's history."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from cli.machine import Machine, requests, wait_for
from sources.gemini_records import answer, head
from sources.rows import create, put
from watch.test_watcher import _count, _watching

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

BEGAN = 1_781_690_400_000
START = "# aider chat started at 2026-06-17 10:00:00\n\n> Model: openai/gpt-4o with diff edit format  \n\n"
TOKENS = "#### please  \n\n> Tokens: 2.4k sent, 27 received.  \n"


def opencode(path: Path) -> sqlite3.Connection:
    """OpenCode's database, open as it holds it."""
    owner = create(
        path,
        session="id PRIMARY KEY, directory, parent_id, time_created, time_updated",
        message="id PRIMARY KEY, session_id, time_updated, data",
        part="id PRIMARY KEY, message_id, session_id, time_updated, data",
    )
    put(owner, "session", id="s1", directory="/home/dev/demo", time_created=BEGAN, time_updated=BEGAN)
    return owner


def say(owner: sqlite3.Connection, number: int) -> None:
    """One answer with usage."""
    data: dict[str, Any] = {"role": "assistant", "modelID": "gpt-5", "time": {"created": BEGAN + number}}
    data["tokens"] = {"input": 100, "output": 10}
    put(owner, "message", id=f"m{number}", session_id="s1", time_updated=BEGAN + number, data=data)


def test_a_row_written_beside_the_watcher_is_read_at_once(machine: Machine) -> None:
    machine.log(requests(1))
    path = machine.home / ".local" / "share" / "opencode" / "opencode.db"
    with closing(opencode(path)) as owner:
        say(owner, 1)
        with _watching(machine):
            assert _count(machine) == 2
            time.sleep(0.3)
            say(owner, 2)
            wait_for(lambda: _count(machine) == 3, timeout_s=20)
            say(owner, 3)
            wait_for(lambda: _count(machine) == 4, timeout_s=20)
        assert owner.execute("SELECT count(*) FROM message").fetchone() == (3,)


def test_a_document_rewritten_and_a_history_in_a_repository_are_read_while_watching(machine: Machine) -> None:
    chats = machine.home / ".gemini" / "tmp" / "demo" / "chats"
    chats.mkdir(parents=True)
    document = chats / "session-a.json"
    document.write_text(json.dumps(head() | {"messages": [answer(2)]}))
    history = machine.home / "work" / "demo" / ".aider.chat.history.md"
    history.parent.mkdir(parents=True)
    history.write_text(START + TOKENS)
    with _watching(machine):
        assert _count(machine) == 2
        time.sleep(0.3)
        document.write_text(json.dumps(head() | {"messages": [answer(2), answer(3)]}))
        wait_for(lambda: _count(machine) == 3, timeout_s=20)
        with history.open("a") as file:
            file.write(TOKENS)
        wait_for(lambda: _count(machine) == 4, timeout_s=20)
    assert machine.used()[0] == 4
