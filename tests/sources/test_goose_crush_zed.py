"""Goose and Crush: sums that grow, edits by what their results tell; where these and Zed are found."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from sources.agents import BEGAN, DEMO, counted
from sources.rows import create, put, read_rows
from tokencoach.sources.base import LogFile, LogsHome, Shape, Source, Tabular
from tokencoach.sources.crush import Crush
from tokencoach.sources.goose import Goose
from tokencoach.sources.zed import Zed
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind
from tokencoach.watch.whole import Marks

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from sources.merging import Merged

SECONDS = BEGAN // 1000


def goose(path: Path) -> sqlite3.Connection:
    """A database of Goose with one session."""
    owner = create(
        path,
        sessions="id TEXT PRIMARY KEY, description, working_dir, session_type, created_at, updated_at, "
        "accumulated_input_tokens, accumulated_output_tokens, provider_name, model_config_json",
        messages="id INTEGER PRIMARY KEY, session_id, role, content_json, created_timestamp",
    )
    goose_session(owner, 100, 10, "2026-06-17 10:00:05")
    return owner


def goose_session(owner: sqlite3.Connection, fresh: int, output: int, updated: str) -> None:
    """The session's row with its sums so far."""
    put(
        owner, "sessions", id="S1", description="A title", working_dir=DEMO, session_type="user",
        created_at="2026-06-17 10:00:00", updated_at=updated, accumulated_input_tokens=fresh,
        accumulated_output_tokens=output, provider_name="openai", model_config_json={"model_name": "gpt-5"},
    )  # fmt: skip


def goose_message(owner: sqlite3.Connection, number: int, role: str, *blocks: Any) -> None:
    """A message's row."""
    put(
        owner,
        "messages",
        id=number,
        session_id="S1",
        role=role,
        content_json=list(blocks),
        created_timestamp=SECONDS + number,
    )


def goose_call(name: str = "developer__text_editor", **arguments: Any) -> dict[str, Any]:
    """A block that asks for a tool."""
    return {
        "type": "toolRequest",
        "id": "t",
        "toolCall": {"status": "success", "value": {"name": name, "arguments": arguments}},
    }


def test_gooses_sum_is_one_request_that_grows(tmp_path: Path) -> None:
    marks = Marks()
    with_owner = goose(tmp_path / "sessions.db")
    first = read_rows(Goose(), tmp_path / "sessions.db", marks)
    assert counted(first) == [(100, 0, 0, 10, 0)]
    goose_session(with_owner, 300, 30, "2026-06-17 10:00:09")
    second = read_rows(Goose(), tmp_path / "sessions.db", marks)
    assert (counted(second), set(first.requests)) == ([(300, 0, 0, 30, 0)], set(second.requests))
    assert (second.sessions["S1"].cwd, second.sessions["S1"].title) == (DEMO, "A title")
    with_owner.close()


def test_gooses_edits_prompts_and_verdicts_are_told(tmp_path: Path) -> None:
    owner = goose(tmp_path / "sessions.db")
    goose_message(owner, 1, "user", {"type": "text", "text": "please"})
    goose_message(
        owner,
        2,
        "assistant",
        goose_call(command="str_replace", path=f"{DEMO}/a.py", old_str="old", new_str="new"),
    )
    goose_message(
        owner,
        3,
        "user",
        {
            "type": "toolResponse",
            "id": "t",
            "toolResult": {"status": "error", "error": "The user has declined to run this tool"},
        },
    )
    merged = read_rows(Goose(), tmp_path / "sessions.db")
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert [(edit.added, edit.removed, edit.status) for edit in merged.edits.values()] == [
        ("new", "old", CallStatus.REJECTED)
    ]
    owner.close()


def test_goose_looking_at_a_file_is_no_edit(tmp_path: Path) -> None:
    owner = goose(tmp_path / "sessions.db")
    goose_message(owner, 2, "assistant", goose_call(command="view", path=f"{DEMO}/a.py"))
    assert not read_rows(Goose(), tmp_path / "sessions.db").edits
    owner.close()


def crush(path: Path) -> sqlite3.Connection:
    """A database of Crush with one session and one child."""
    owner = create(
        path,
        sessions="id TEXT PRIMARY KEY, parent_session_id, title, prompt_tokens, completion_tokens, cost, "
        "created_at, updated_at",
        messages="id TEXT PRIMARY KEY, session_id, role, parts, model, created_at, updated_at",
        files="id TEXT PRIMARY KEY, session_id, path, content, version, created_at",
    )
    put(
        owner,
        "sessions",
        id="S1",
        title="t",
        prompt_tokens=100,
        completion_tokens=10,
        cost=0.5,
        created_at=SECONDS,
        updated_at=SECONDS + 9,
    )
    put(
        owner,
        "sessions",
        id="kid",
        parent_session_id="S1",
        prompt_tokens=7,
        completion_tokens=7,
        created_at=SECONDS + 1,
        updated_at=SECONDS + 9,
    )
    return owner


def version(owner: sqlite3.Connection, number: int, content: str) -> None:
    """A version of a file."""
    put(
        owner,
        "files",
        id=f"f{number}",
        session_id="S1",
        path=f"{DEMO}/a.py",
        content=content,
        version=number,
        created_at=SECONDS + number,
    )


def read_crush(path: Path) -> Merged:
    return read_rows(Crush(), path)


def test_crush_counts_a_session_once_and_marks_it_as_counted_too_low(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    merged = read_crush(tmp_path / "crush.db")
    (request,) = merged.requests.values()
    assert (request.input, request.output, request.is_undercounted, request.logged_cost_usd) == (
        100,
        10,
        True,
        0.5,
    )
    assert list(merged.sessions) == ["S1"]
    assert list(merged.agents) == ["kid"]
    owner.close()


def test_crushs_edits_are_what_lies_between_versions(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    for number, content in enumerate(("old\n", "new\ntwo\n", "new\ntwo\n", "new\nthree\n")):
        version(owner, number, content)
    marks = Marks()
    merged = read_rows(Crush(), tmp_path / "crush.db", marks)
    changes = [(edit.added, edit.removed, edit.kind, edit.status) for edit in merged.edits.values()]
    assert changes == [
        ("new\ntwo", "old", EditKind.PATCH, CallStatus.OK),
        ("three", "two", EditKind.PATCH, CallStatus.OK),
    ]
    assert read_rows(Crush(), tmp_path / "crush.db", step=1) == read_crush(tmp_path / "crush.db")
    owner.close()


def crush_message(owner: sqlite3.Connection, second: int, role: str, *parts: dict[str, Any]) -> None:
    """A message of Crush."""
    at = SECONDS + second
    told = {"session_id": "S1", "role": role, "parts": list(parts), "created_at": at, "updated_at": at}
    put(owner, "messages", id=f"m{second}", **told)


def crush_edit(
    owner: sqlite3.Connection, second: int, name: str, said: str, own: str = "", **told: Any
) -> None:
    """A call that edits a file, and its result with what it tells beside its answer."""
    given = json.dumps({"file_path": f"{DEMO}/a.py", "old_string": "old", "new_string": "new"})
    own = own or f"t{second}"
    call = {"id": own, "name": name, "input": given, "finished": True}
    answer = {"tool_call_id": own, "content": said, "is_error": not told}
    if told:
        answer["metadata"] = json.dumps(told)
    crush_message(owner, second, "assistant", {"type": "tool_call", "data": call})
    crush_message(owner, second + 1, "tool", {"type": "tool_result", "data": answer})


def test_crushs_edits_are_what_their_results_tell_and_no_change_that_the_person_made(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    crush_edit(owner, 1, "edit", "Content replaced", old_content="old\n", new_content="new\n")
    crush_edit(owner, 3, "lsp_replace_symbol", "Replaced", old_content="by hand\n", new_content="one\n")
    crush_edit(owner, 5, "write", "written", diff="--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\r\n-b\r\n+a\n+c\n")
    crush_edit(owner, 7, "edit", "User denied permission")
    for number, content in enumerate(("old\n", "new\n", "by hand\n", "one\n")):
        version(owner, number, content)
    merged = read_crush(tmp_path / "crush.db")
    told = [(edit.added, edit.removed, edit.status) for edit in merged.edits.values()]
    assert sorted(told) == [
        ("c", "b", CallStatus.OK),
        ("new", "old", CallStatus.OK),
        ("new", "old", CallStatus.REJECTED),
        ("one", "by hand", CallStatus.OK),
    ]
    assert read_rows(Crush(), tmp_path / "crush.db", step=1) == merged
    owner.close()


@pytest.mark.parametrize(
    ("said", "code"), [("x\nExit code 2\n\n<cwd>/home</cwd>", 2), ("<cwd>/home</cwd>", None)]
)
def test_crush_tells_the_code_of_a_command_at_the_end_of_its_answer(
    tmp_path: Path, said: str, code: int | None
) -> None:
    owner = crush(tmp_path / "crush.db")
    crush_message(owner, 1, "tool", {"type": "tool_result", "data": {"tool_call_id": "t", "content": said}})
    (result,) = read_crush(tmp_path / "crush.db").results.values()
    assert result.exit_code == code
    owner.close()


def test_an_empty_version_behind_a_deletion_of_lines_is_no_emptied_file(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    for number, content in enumerate(("one\ntwo\nthree\n", "", "one\nthree\n", "one\nthree\nfour\n")):
        version(owner, number, content)
    merged = read_crush(tmp_path / "crush.db")
    assert [(edit.added, edit.removed) for edit in merged.edits.values()] == [("", "two"), ("four", "")]
    assert read_rows(Crush(), tmp_path / "crush.db", step=1) == merged
    owner.close()


def test_other_ends_of_lines_are_no_edit_of_them(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    version(owner, 0, "one\r\ntwo\r\n")
    version(owner, 1, "one\nthree\n")
    (edit,) = read_crush(tmp_path / "crush.db").edits.values()
    assert (edit.added, edit.removed) == ("three", "two")
    owner.close()


def test_crushs_calls_of_a_provider_that_names_all_alike_are_as_many_as_were_made(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    for second, new in ((1, "one"), (3, "two"), (5, "three")):
        changed = {"old_content": "old\n", "new_content": f"{new}\n"}
        crush_edit(owner, second, "edit", "Content replaced", own="tool_0_edit", **changed)
    merged = read_crush(tmp_path / "crush.db")
    assert sorted(edit.added for edit in merged.edits.values()) == ["one", "three", "two"]
    assert {edit.status for edit in merged.edits.values()} == {CallStatus.OK}
    assert len(merged.calls) == len(merged.results) == 3
    assert read_rows(Crush(), tmp_path / "crush.db", step=1) == merged
    owner.close()


def test_crushs_prompts_commands_and_aborts_are_told(tmp_path: Path) -> None:
    owner = crush(tmp_path / "crush.db")
    parts = [{"type": "text", "data": {"text": "please"}}]
    put(
        owner,
        "messages",
        id="m1",
        session_id="S1",
        role="user",
        parts=parts,
        created_at=SECONDS,
        updated_at=SECONDS,
    )
    call = {
        "type": "tool_call",
        "data": {"id": "t", "name": "bash", "input": '{"command": "ls"}', "finished": True},
    }
    end = {"type": "finish", "data": {"reason": "canceled"}}
    put(
        owner,
        "messages",
        id="m2",
        session_id="S1",
        role="assistant",
        parts=[call, end],
        model="gpt-5",
        created_at=SECONDS + 1,
        updated_at=SECONDS + 1,
    )
    refused = {
        "type": "tool_result",
        "data": {"tool_call_id": "t", "content": "User denied permission", "is_error": True},
    }
    put(
        owner,
        "messages",
        id="m3",
        session_id="S1",
        role="tool",
        parts=[refused],
        created_at=SECONDS + 2,
        updated_at=SECONDS + 2,
    )
    merged = read_crush(tmp_path / "crush.db")
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert [(call.is_shell, merged.results[key].status) for key, call in merged.calls.items()] == [
        (True, CallStatus.REJECTED)
    ]
    assert [error.kind for error in merged.errors.values()] == [ErrorKind.ABORTED]
    (request,) = merged.requests.values()
    assert request.model == "gpt-5"
    owner.close()


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("CRUSH_GLOBAL_DATA", "share"), ("XDG_DATA_HOME", "share/crush"), ("LOCALAPPDATA", "share/crush")],
)
def test_crushs_databases_are_found_by_its_register(tmp_path: Path, variable: str, folder: str) -> None:
    crush(tmp_path / "demo" / ".crush" / "crush.db").close()
    register = tmp_path / folder / "projects.json"
    register.parent.mkdir(parents=True)
    register.write_text(
        json.dumps({"projects": [{"path": str(tmp_path / "demo")}, {"path": str(tmp_path / "gone")}, 3]})
    )
    home = LogsHome(tmp_path / "home", {variable: str(tmp_path / "share")})
    (file,) = Crush().files(home)
    assert (file.path.name, file.cwd, file.shape) == ("crush.db", str(tmp_path / "demo"), Shape.DATABASE)


def test_databases_are_found_where_they_were_moved(tmp_path: Path) -> None:
    goose(tmp_path / "g" / "data" / "sessions" / "sessions.db").close()
    create(tmp_path / "z" / "zed" / "threads" / "threads.db", threads="id").close()
    home = tmp_path / "home"
    assert len(list(Goose().files(LogsHome(home, {"GOOSE_PATH_ROOT": str(tmp_path / "g")})))) == 1
    assert len(list(Zed().files(LogsHome(home, {"XDG_DATA_HOME": str(tmp_path / "z")})))) == 1
    assert not list(Goose().files(LogsHome(home, {})))


def test_one_database_that_two_folders_lead_to_is_read_once(tmp_path: Path) -> None:
    share = tmp_path / ".local" / "share"
    goose(share / "goose" / "sessions" / "sessions.db").close()
    (share / "Block").symlink_to(share)
    os.link(share / "goose" / "sessions" / "sessions.db", tmp_path / "other.db")
    mac = tmp_path / "Library" / "Application Support" / "goose" / "sessions"
    mac.mkdir(parents=True)
    (tmp_path / "other.db").rename(mac / "sessions.db")
    assert len(list(Goose().files(LogsHome(tmp_path, {})))) == 1


@pytest.mark.parametrize("source", [Goose(), Crush(), Zed()])
def test_rows_of_wrong_types_raise_nothing(source: Source, tmp_path: Path) -> None:
    assert isinstance(source, Tabular)
    odd: list[Any] = [None, 3, "x", -1, [], {}, "[1]", '{"a": 1}', {"base64": "AA=="}, 1 << 40]
    rows = [
        {"table": table.name, "row": dict.fromkeys(table.columns, value)}
        for table in source.tables(LogFile(tmp_path))
        for value in odd
    ]
    chunk = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    facts, _ = source.read(chunk, b"", LogFile(tmp_path, shape=Shape.DATABASE), 0)
    assert all(request.input >= 0 for request in facts.requests)
