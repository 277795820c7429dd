"""OpenCode: rows that fill later, forks, children, undos, the files of older versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sources.agents import counted
from sources.merging import Merged, merge
from sources.rows import create, put, read_rows
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.opencode.source import OpenCode
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind
from tokencoach.watch.whole import Marks, content_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = OpenCode()
DEMO = "/home/dev/demo"
BEGAN = 1_781_690_400_000
PATCH = "Index: a.py\n===\n--- a.py\n+++ a.py\n@@ -1,2 +1,3 @@\n x\n-old\n+new\n+-- two\n"
TOKENS = {"total": 1111, "input": 261, "output": 30, "reasoning": 20, "cache": {"read": 800, "write": 0}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".local" / "share" / "opencode" / "opencode.db"


@pytest.fixture
def owner(path: Path) -> Iterator[sqlite3.Connection]:
    connection = create(
        path,
        session="id PRIMARY KEY, parent_id, directory, title, version, revert, time_created, time_updated",
        message="id PRIMARY KEY, session_id, time_created, time_updated, data",
        part="id PRIMARY KEY, message_id, session_id, time_created, time_updated, data",
    )
    session(connection, "s1")
    yield connection
    connection.close()


def session(owner: sqlite3.Connection, own: str, parent: str | None = None, revert: Any = None) -> None:
    """A session's row."""
    put(
        owner,
        "session",
        id=own,
        parent_id=parent,
        directory=DEMO,
        title="A title",
        version="1.18",
        revert=revert,
        time_created=BEGAN,
        time_updated=BEGAN + 9,
    )


def message(owner: sqlite3.Connection, own: str, at: int = 1, session_id: str = "s1", **told: Any) -> None:
    """A message's row, of an assistant unless told otherwise."""
    data: dict[str, Any] = {"role": "assistant", "modelID": "claude-x", "path": {"cwd": DEMO}}
    data |= {"time": {"created": BEGAN + at}, "tokens": TOKENS, "cost": 0.0004} | told
    put(
        owner,
        "message",
        id=own,
        session_id=session_id,
        time_created=BEGAN + at,
        time_updated=BEGAN + at,
        data=data,
    )


def part(
    owner: sqlite3.Connection, own: str, of: str = "m1", session_id: str = "s1", at: int = 2, **told: Any
) -> None:
    """A part's row."""
    put(
        owner,
        "part",
        id=own,
        message_id=of,
        session_id=session_id,
        time_created=BEGAN + at,
        time_updated=BEGAN + at,
        data=told,
    )


def tool(name: str = "edit", status: str = "completed", call: str = "c1", **state: Any) -> dict[str, Any]:
    """A tool's part."""
    arguments = {"filePath": f"{DEMO}/a.py", "oldString": "old", "newString": "new\n-- two"}
    told = {"status": status, "input": arguments, "time": {"start": BEGAN + 2, "end": BEGAN + 3}} | state
    return {"type": "tool", "tool": name, "callID": call, "state": told}


def test_reasoning_beside_the_output_is_part_of_it(owner: sqlite3.Connection, path: Path) -> None:
    message(owner, "m1")
    (request,) = read_rows(SOURCE, path).requests.values()
    counted = (request.input, request.cache_read, request.output, request.reasoning)
    assert counted == (261, 800, 50, 20)
    assert (request.model, request.session_id, request.logged_cost_usd) == ("claude-x", "s1", 0.0004)


def test_reasoning_inside_the_output_is_not_added(owner: sqlite3.Connection, path: Path) -> None:
    message(owner, "m1", tokens=TOKENS | {"total": 1091})
    (request,) = read_rows(SOURCE, path).requests.values()
    assert (request.output, request.reasoning) == (30, 20)


def test_a_message_counts_once_it_has_tokens_and_once_only(owner: sqlite3.Connection, path: Path) -> None:
    marks = Marks()
    message(owner, "m1", tokens={"input": 0, "output": 0})
    assert not read_rows(SOURCE, path, marks).requests
    message(owner, "m1")
    (first,) = read_rows(SOURCE, path, marks).requests
    message(owner, "m1", tokens=TOKENS | {"output": 31})
    (again,) = read_rows(SOURCE, path, marks).requests
    assert first == again
    assert not read_rows(SOURCE, path, marks).sessions


def test_a_fork_counts_nothing_twice(owner: sqlite3.Connection, path: Path) -> None:
    session(owner, "s2")
    for own, of in (("s1", "m1"), ("s2", "m9")):
        message(owner, f"u{of}", 0, own, role="user", tokens=None)
        part(owner, f"t{of}", f"u{of}", own, type="text", text="please")
        message(owner, of, 1, own)
        part(owner, f"p{of}", of, own, **tool())
    merged = read_rows(SOURCE, path)
    assert [len(found) for found in (merged.requests, merged.prompts, merged.calls, merged.edits)] == [1] * 4
    assert {request.session_id for request in merged.requests.values()} == {"s1"}
    assert {edit.session_id for edit in merged.edits.values()} == {"s1"}


def test_a_childs_requests_are_its_parents_sub_agents(owner: sqlite3.Connection, path: Path) -> None:
    session(owner, "kid", "s1")
    message(owner, "m1", 1)
    message(owner, "m2", 1, "kid")
    part(owner, "t", "m1", **tool("task", metadata={"sessionId": "kid"}))
    merged = read_rows(SOURCE, path)
    assert {(seen.session_id, seen.agent) for seen in merged.requests.values()} == {
        ("s1", None),
        ("s1", "kid"),
    }
    assert list(merged.sessions) == ["s1"]
    assert [seen.spawned_agent for seen in merged.results.values()] == ["kid"]


def test_an_edit_has_the_lines_of_its_patch(owner: sqlite3.Connection, path: Path) -> None:
    message(owner, "m1")
    part(owner, "p1", **tool(metadata={"filediff": {"file": f"{DEMO}/a.py", "patch": PATCH}}))
    merged = read_rows(SOURCE, path)
    (edit,) = merged.edits.values()
    assert (edit.added, edit.removed, edit.kind, edit.rank) == ("new\n-- two", "old", EditKind.PATCH, 2)
    assert (edit.path, edit.cwd, edit.status) == (f"{DEMO}/a.py", DEMO, CallStatus.OK)
    assert edit.request_key in merged.requests


def test_a_patch_of_several_files_is_one_edit_each(owner: sqlite3.Connection, path: Path) -> None:
    message(owner, "m1")
    files = [
        {"filePath": "a.py", "diff": PATCH},
        {"filePath": "b.py", "before": "one\n", "after": "two\n"},
        {"filePath": "c.py", "movePath": "d.py", "patch": PATCH},
    ]
    part(
        owner, "p1", **tool("apply_patch", metadata={"files": files}, input={"patchText": "*** Begin Patch"})
    )
    found = {edit.path: (edit.added, edit.moved_from) for edit in read_rows(SOURCE, path).edits.values()}
    assert found == {
        f"{DEMO}/a.py": ("new\n-- two", None),
        f"{DEMO}/b.py": ("two", None),
        f"{DEMO}/d.py": ("new\n-- two", f"{DEMO}/c.py"),
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("The user rejected permission to use this specific tool call.", CallStatus.REJECTED),
        ("Tool execution aborted", CallStatus.INTERRUPTED),
        ("oldString not found in content", CallStatus.FAILED),
    ],
)
def test_a_failed_call_says_why(
    owner: sqlite3.Connection, path: Path, error: str, status: CallStatus
) -> None:
    message(owner, "m1")
    part(owner, "p1", **tool(status="error", error=error))
    merged = read_rows(SOURCE, path)
    assert [edit.status for edit in merged.edits.values()] == [status]


def test_a_call_under_way_is_told_once_it_has_ended(owner: sqlite3.Connection, path: Path) -> None:
    marks = Marks()
    message(owner, "m1")
    part(owner, "p1", **tool("bash", "running"))
    assert not read_rows(SOURCE, path, marks).calls
    part(owner, "p1", **tool("bash", metadata={"exit": 2}))
    merged = read_rows(SOURCE, path, marks)
    assert [(seen.is_shell, merged.results[key].status) for key, seen in merged.calls.items()] == [
        (True, CallStatus.OK)
    ]


def test_prompts_are_what_a_person_typed(owner: sqlite3.Connection, path: Path) -> None:
    message(owner, "u1", role="user", tokens=None)
    part(owner, "p1", "u1", type="text", text='"please\\nnow"')
    part(owner, "p2", "u1", type="text", text="injected", synthetic=True)
    message(owner, "m1")
    part(owner, "p3", type="text", text="the model's words")
    assert [prompt.text for prompt in read_rows(SOURCE, path).prompts.values()] == ["please\nnow"]


def test_undos_aborts_errors_and_compactions_are_told(owner: sqlite3.Connection, path: Path) -> None:
    session(owner, "s1", revert={"messageID": "m1"})
    message(owner, "m1", error={"name": "MessageAbortedError", "data": {}})
    message(owner, "m2", 2, error={"name": "APIError", "data": {"message": "overloaded"}})
    message(owner, "m3", 3, summary=True)
    part(owner, "p1", "m3", type="brand-new")
    merged = read_rows(SOURCE, path)
    assert {(error.kind, error.code) for error in merged.errors.values()} == {
        (ErrorKind.ROLLED_BACK, "revert"),
        (ErrorKind.ABORTED, "MessageAbortedError"),
        (ErrorKind.API_ERROR, "APIError"),
    }
    assert [(seen.before_tokens, seen.after_tokens) for seen in merged.compactions.values()] == [(1061, 50)]
    assert merged.unseen == {"part/brand-new": 1}


def test_rows_in_any_portions_give_the_same_facts(owner: sqlite3.Connection, path: Path) -> None:
    message(owner, "m1")
    for number in range(5):
        part(owner, f"p{number}", at=number, **tool(call=f"c{number}"))
    assert read_rows(SOURCE, path, step=1) == read_rows(SOURCE, path)


@pytest.mark.parametrize(
    "data", ["", "{", "[]", '{"time": 3}', '{"role": "assistant", "time": {"created": "x"}}']
)
def test_damaged_rows_raise_nothing(owner: sqlite3.Connection, path: Path, data: str) -> None:
    owner.execute("INSERT INTO message VALUES('m1', 's1', 1, 1, ?)", (data,))
    owner.execute("INSERT INTO part VALUES('p1', 'm1', 's1', 1, 1, ?)", (data,))
    assert not read_rows(SOURCE, path).requests


def read_files(home: Path) -> Merged:
    """Facts of the older files."""
    files = [file for file in SOURCE.files(LogsHome(home, {})) if file.shape is Shape.DOCUMENT]
    return merge(SOURCE.read(content_of(file), b"", file, 0)[0] for file in files)


def test_the_files_of_older_versions_give_the_same_facts_as_the_database(
    owner: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    message(owner, "m1")
    part(owner, "p1", **tool())
    storage = path.parent / "storage"
    for table, place in (("message", "message/s1/m1"), ("part", "part/m1/p1")):
        ((data,),) = owner.execute(f"SELECT data FROM {table}").fetchall()
        target = storage / f"{place}.json"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps({"id": target.stem, "sessionID": "s1"} | json.loads(data)))
    (storage / "session" / "proj").mkdir(parents=True)
    times = {"created": BEGAN, "updated": BEGAN + 9}
    (storage / "session" / "proj" / "s1.json").write_text(
        json.dumps({"id": "s1", "directory": DEMO, "title": "A title", "version": "1.18", "time": times})
    )
    files, rows = read_files(tmp_path), read_rows(SOURCE, path)
    assert (files.requests, files.edits, files.sessions) == (rows.requests, rows.edits, rows.sessions)


def test_databases_of_every_channel_are_found_where_they_were_moved(tmp_path: Path) -> None:
    for name in ("opencode.db", "opencode-dev.db", "other.db", "opencode.db-wal"):
        (tmp_path / "data" / "opencode").mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / "opencode" / name).write_bytes(b"")
    home = tmp_path / "home"
    for environment in (
        {"XDG_DATA_HOME": str(tmp_path / "data")},
        {"OPENCODE_DATA_DIR": str(tmp_path / "data" / "opencode")},
    ):
        names = [file.path.name for file in SOURCE.files(LogsHome(home, environment))]
        assert names == ["opencode-dev.db", "opencode.db"]
    assert not list(SOURCE.files(LogsHome(home, {})))


def test_a_database_that_its_variable_names_is_found_once(tmp_path: Path) -> None:
    folder = tmp_path / ".local" / "share" / "opencode"
    folder.mkdir(parents=True)
    for path in (folder / "opencode.db", folder / "mine.sqlite", tmp_path / "far.db"):
        path.write_bytes(b"")
    for told, found in (
        ("mine.sqlite", 2),
        (str(tmp_path / "far.db"), 2),
        ("opencode.db", 1),
        (":memory:", 1),
    ):
        assert len(list(SOURCE.files(LogsHome(tmp_path, {"OPENCODE_DB": told})))) == found


def exported() -> dict[str, Any]:
    """A session as ``opencode export`` writes it."""
    times = {"created": BEGAN, "updated": BEGAN + 9000}
    tokens = {"input": 200, "output": 30, "reasoning": 20, "cache": {"read": 800, "write": 0}}
    state = {
        "status": "completed",
        "input": {"filePath": "/home/dev/demo/a.py", "content": "x = 1\n"},
        "time": {"start": BEGAN + 1, "end": BEGAN + 2},
    }
    tool = {"type": "tool", "tool": "write", "callID": "c", "state": state, "id": "p2"}
    answer = {
        "id": "m2",
        "sessionID": "ses_1",
        "role": "assistant",
        "modelID": "m",
        "providerID": "mock",
        "tokens": tokens,
        "time": {"created": BEGAN, "completed": BEGAN + 5},
    }
    asked = {"id": "m1", "sessionID": "ses_1", "role": "user", "time": {"created": BEGAN}}
    return {
        "info": {"id": "ses_1", "directory": "/home/dev/demo", "version": "1.18.33", "time": times},
        "messages": [
            {"info": asked, "parts": [{"type": "text", "text": "please", "id": "p1"}]},
            {"info": answer, "parts": [tool]},
        ],
    }


def test_an_export_tells_what_the_database_tells(tmp_path: Path) -> None:
    place = tmp_path / ".local" / "share" / "opencode" / "exports"
    place.mkdir(parents=True)
    (place / "one.json").write_text(json.dumps(exported()))
    (tmp_path / "two.json").write_text(json.dumps(exported()))
    home = LogsHome(tmp_path, {}, {"opencode": (tmp_path / "two.json",)})
    files = list(SOURCE.files(home))
    assert sorted(file.path.name for file in files) == ["one.json", "two.json"]
    merged = merge([SOURCE.read(file.path.read_bytes(), b"", file, 0)[0] for file in files])
    assert counted(merged) == [(200, 800, 0, 50, 20)]
    assert [edit.added for edit in merged.edits.values()] == ["x = 1"]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert merged.sessions["ses_1"].cwd == "/home/dev/demo"


def test_a_damaged_export_is_put_aside(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "one.json", None, "one", shape=Shape.DOCUMENT)
    told = exported() | {"messages": [{"info": {"role": "user"}}, 7, {"info": 7}]}
    facts, _ = SOURCE.read(json.dumps(told).encode(), b"", file, 0)
    assert facts.unseen["message without an id"] == 2
    assert SOURCE.read(b'{"info": {"id', b"", file, 0)[0].quarantined
