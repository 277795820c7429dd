"""Kilo Code: tasks of its extension, and the database of its program made from OpenCode."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sources.agents import BEGAN, counted, make
from sources.rows import create, put, read_rows
from tokencoach.sources.base import LogsHome, Shape
from tokencoach.sources.kilo_code import KiloCode

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = KiloCode()
TASK = ".config/Code/User/globalStorage/kilocode.kilo-code/tasks/1/ui_messages.json"


def test_tasks_and_databases_are_found_side_by_side(tmp_path: Path) -> None:
    make(tmp_path, TASK, ".kilocode/cli/global/tasks/2/ui_messages.json", ".local/share/kilo/kilo.db")
    shapes = [file.shape for file in SOURCE.files(LogsHome(tmp_path, {}))]
    assert sorted(shapes) == [Shape.DATABASE, Shape.DOCUMENT, Shape.DOCUMENT]


def test_its_database_is_read_as_opencodes(tmp_path: Path) -> None:
    path = tmp_path / ".local" / "share" / "kilo" / "kilo.db"
    tokens = {"input": 200, "output": 30, "reasoning": 20, "cache": {"read": 800, "write": 0}}
    told = {
        "role": "assistant",
        "modelID": "m",
        "tokens": tokens,
        "time": {"created": BEGAN, "completed": BEGAN + 9},
    }
    connection = create(
        path,
        session="id PRIMARY KEY, parent_id, directory, title, version, revert, time_created, time_updated",
        message="id PRIMARY KEY, session_id, time_created, time_updated, data",
        part="id PRIMARY KEY, message_id, session_id, time_created, time_updated, data",
    )
    put(connection, "session", id="s", directory="/home/dev/demo", time_created=BEGAN, time_updated=BEGAN)
    put(
        connection,
        "message",
        id="m",
        session_id="s",
        time_created=BEGAN,
        time_updated=BEGAN,
        data=json.dumps(told),
    )
    connection.close()
    merged = read_rows(SOURCE, path)
    assert counted(merged) == [(200, 800, 0, 50, 20)]
    assert merged.sessions["s"].cwd == "/home/dev/demo"


def test_a_task_is_read_as_clines(tmp_path: Path) -> None:
    rows = [
        {
            "ts": BEGAN,
            "type": "say",
            "say": "api_req_started",
            "text": json.dumps({"tokensIn": 7, "tokensOut": 3}),
        }
    ]
    make(tmp_path, TASK, content=json.dumps(rows))
    (file,) = SOURCE.files(LogsHome(tmp_path, {}))
    facts, _ = SOURCE.read(file.path.read_bytes(), b"", file, 0)
    assert [(one.input, one.output) for one in facts.requests] == [(7, 3)]
