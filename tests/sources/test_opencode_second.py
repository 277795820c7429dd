"""OpenCode's second version: a row a message, and what was taken over from the first counted once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sources.agents import counted
from sources.rows import create, put, read_rows
from tokencoach.sources.base import LogFile, Shape
from tokencoach.sources.opencode.source import OpenCode
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sources.merging import Merged

SOURCE = OpenCode()
DEMO = "/home/dev/demo"
BEGAN = 1_790_000_000_000
MODEL = {"id": "claude-x", "providerID": "anthropic"}
TOKENS = {"input": 261, "output": 30, "reasoning": 20, "cache": {"read": 800, "write": 7}}
PATCH = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n x\n-old\n+new\n"
SESSION = "id PRIMARY KEY, parent_id, directory, title, version, revert, time_created, time_updated"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "opencode.db"


@pytest.fixture
def owner(path: Path) -> Iterator[sqlite3.Connection]:
    connection = create(
        path,
        session=SESSION,
        message="id PRIMARY KEY, session_id, time_created, time_updated, data",
        part="id PRIMARY KEY, message_id, session_id, time_created, time_updated, data",
        session_v2=SESSION,
        session_message="id PRIMARY KEY, session_id, type, seq, time_created, time_updated, data",
    )
    for own, parent in (("s1", None), ("kid", "s1")):
        told = {"directory": DEMO, "title": "A title", "version": "2.0.14", "time_created": BEGAN}
        put(connection, "session_v2", id=own, parent_id=parent, time_updated=BEGAN + 9, **told)
    yield connection
    connection.close()


def row(owner: sqlite3.Connection, at: int, kind: str, session: str = "s1", **data: Any) -> None:
    """A message; its instant stands in its data."""
    told = {"session_id": session, "seq": at, "time_created": BEGAN, "time_updated": BEGAN + at}
    data = {"time": {"created": BEGAN + at}} | data
    put(owner, "session_message", id=f"msg_{session}{at}", type=kind, data=data, **told)


def answer(owner: sqlite3.Connection, at: int, *blocks: dict[str, Any], **told: Any) -> None:
    """An answer with usage."""
    data: dict[str, Any] = {"model": MODEL, "tokens": TOKENS, "content": list(blocks)} | told
    row(owner, at, "assistant", **data)


def tool(name: str, status: str = "completed", **told: Any) -> dict[str, Any]:
    """A call inside an answer; ``told`` adds to its state."""
    state = {"status": status, "input": {}, "content": [{"type": "text", "text": "done"}]} | told
    times = {"created": BEGAN + 2, "ran": BEGAN + 3, "completed": BEGAN + 8}
    return {"type": "tool", "id": "call_1", "name": name, "state": state, "time": times}


def read(path: Path) -> Merged:
    return read_rows(SOURCE, path)


def test_answers_prompts_and_sub_agents_of_the_second_version_count(
    owner: sqlite3.Connection, path: Path
) -> None:
    row(owner, 1, "user", text="please", files=[])
    answer(owner, 2)
    row(owner, 3, "user", "kid", text="You are a subagent")
    row(owner, 4, "assistant", "kid", model=MODEL, tokens=TOKENS | {"input": 5}, content=[])
    row(owner, 5, "idle", outcome="succeeded")
    row(owner, 6, "brand-new")
    merged = read(path)
    assert sorted(counted(merged)) == [(5, 800, 7, 50, 20), (261, 800, 7, 50, 20)]
    told_by = sorted((seen.session_id, seen.agent or "", seen.model) for seen in merged.requests.values())
    assert told_by == [("s1", "", "claude-x"), ("s1", "kid", "claude-x")]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert (merged.sessions["s1"].cwd, merged.sessions["s1"].version) == (DEMO, "2.0.14")
    assert merged.unseen == {"message/brand-new": 1}
    assert read_rows(SOURCE, path, step=1) == merged


def test_edits_of_the_second_version_have_the_lines_of_their_difference(
    owner: sqlite3.Connection, path: Path
) -> None:
    edit = {"path": "a.py", "oldString": "old", "newString": "new"}
    files = [{"file": "a.py", "patch": PATCH, "additions": 1, "deletions": 1}]
    answer(owner, 1, tool("edit", input=edit, metadata={"files": files}))
    write = tool("write", input={"path": "b.py", "content": "one\n"}) | {"id": "call_2"}
    refused = tool("edit", "error", input=edit, error={"type": "x", "message": "User rejected permission"})
    answer(owner, 2, write, refused | {"id": "call_3"})
    told = [(seen.path, seen.added, seen.kind, seen.status) for seen in read(path).edits.values()]
    assert told == [
        (f"{DEMO}/a.py", "new", EditKind.PATCH, CallStatus.OK),
        (f"{DEMO}/b.py", "one", EditKind.WRITE, CallStatus.OK),
        (f"{DEMO}/a.py", "new", EditKind.STRINGS, CallStatus.REJECTED),
    ]


def test_commands_and_sub_agents_that_the_second_version_ran_are_told(
    owner: sqlite3.Connection, path: Path
) -> None:
    ran = tool("shell", input={"command": "ls"}, metadata={"exit": 2})
    sent = tool("subagent", metadata={"sessionID": "kid", "status": "completed"}) | {"id": "call_2"}
    answer(owner, 1, ran, sent, tool("read", "running") | {"id": "call_3"})
    merged = read(path)
    told = [(seen.exit_code, seen.spawned_agent) for seen in merged.results.values()]
    assert told == [(2, None), (None, "kid")]
    assert [call.is_shell for call in merged.calls.values()] == [True, False]


def test_a_compaction_an_abort_and_a_retry_of_the_second_version_are_told(
    owner: sqlite3.Connection, path: Path
) -> None:
    row(owner, 1, "compaction", status="running", summary="")
    row(owner, 2, "compaction", status="completed", model=MODEL, tokens=TOKENS, summary="all")
    error = {"type": "aborted", "message": "stopped"}
    answer(owner, 3, error=error, retry={"attempt": 1, "error": {"type": "api", "message": "busy"}})
    merged = read(path)
    assert len(merged.requests) == 2
    told = [(seen.before_tokens, seen.after_tokens) for seen in merged.compactions.values()]
    assert told == [(1068, 50)]
    kinds = {seen.kind for seen in merged.errors.values()}
    assert kinds == {ErrorKind.ABORTED, ErrorKind.RETRY}


def test_what_the_second_version_took_over_from_the_first_counts_once(
    owner: sqlite3.Connection, path: Path
) -> None:
    told = {"role": "assistant", "modelID": "claude-x", "time": {"created": BEGAN + 1}}
    older = told | {"tokens": TOKENS | {"total": 1098}, "path": {"cwd": DEMO}}
    put(owner, "message", id="msg_s11", session_id="s1", time_created=1, time_updated=BEGAN, data=older)
    answer(owner, 1)
    answer(owner, 2)
    # The first version's total says that thoughts are a part of the output; the second's copy has lost it.
    assert sorted(counted(read(path))) == [(261, 800, 7, 30, 20), (261, 800, 7, 50, 20)]


def test_an_export_of_the_second_version_is_read() -> None:
    info = {"id": "s1", "directory": DEMO, "time": {"created": BEGAN, "updated": BEGAN + 9}}
    said = {"id": "msg_1", "type": "assistant", "model": MODEL, "tokens": TOKENS, "content": []}
    whole = {"info": info, "messages": [said | {"time": {"created": BEGAN + 1}}]}
    file = LogFile(Path("s1.json"), None, "s1", shape=Shape.DOCUMENT)
    (request,) = SOURCE.read(json.dumps(whole).encode(), b"", file, 0)[0].requests
    assert (request.session_id, request.output) == ("s1", 50)
