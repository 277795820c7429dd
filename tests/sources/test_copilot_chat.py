"""GitHub Copilot in VS Code: journals replayed, traces with tokens, never both for one request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sources.merging import Merged, merge
from sources.reading import jsonl
from sources.rows import create, put, read_rows
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.copilot.chat import CopilotChat
from tokencoach.sources.editors import path_of
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

SOURCE = CopilotChat()
DEMO = "/home/dev/demo"
FILE = LogFile(Path("chat.jsonl"), shape=Shape.DOCUMENT, cwd=DEMO)
BEGAN = 1_781_690_400_000


def request(own: str = "r1", **fields: Any) -> dict[str, Any]:
    """One request of a chat."""
    call = {
        "name": "replace_string_in_file",
        "id": "t1__vscode-17",
        "arguments": json.dumps({"filePath": f"{DEMO}/a.py", "oldString": "old", "newString": "new"}),
    }
    metadata = {
        "sessionId": "S1",
        "promptTokens": 100,
        "outputTokens": 9,
        "toolCallRounds": [{"toolCalls": [call]}],
        "toolCallResults": {"t1__vscode-17": {}},
    }
    made = {"requestId": own, "timestamp": BEGAN, "modelId": "copilot/gpt-4o", "message": {"text": "please"}}
    return made | {"result": {"metadata": metadata}, "response": []} | fields


def read(*steps: Any, file: LogFile = FILE) -> Merged:
    return merge([SOURCE.read(jsonl(steps), b"", file, 0)[0]])


def root(*requests: Any, **fields: Any) -> dict[str, Any]:
    """The step that begins a journal."""
    return {"kind": 0, "v": {"sessionId": "chat", "requests": list(requests), **fields}}


def test_a_chat_gives_its_requests_prompts_and_edits() -> None:
    merged = read(root(request(), customTitle="A title"))
    (one,), (edit,) = merged.requests.values(), merged.edits.values()
    assert (one.input, one.output, one.model, one.session_id) == (100, 9, "gpt-4o", "S1")
    assert (edit.added, edit.removed, edit.status, edit.request_key) == ("new", "old", CallStatus.OK, "r1")
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert (merged.sessions["S1"].title, merged.sessions["S1"].cwd) == ("A title", DEMO)


def test_a_journal_is_replayed_step_by_step() -> None:
    merged = read(
        root(),
        {"kind": 2, "k": ["requests"], "v": [request("r1"), request("r2"), request("r3")]},
        {"kind": 2, "k": ["requests"], "v": [request("r4")], "i": 2},
        {"kind": 1, "k": ["requests", 0, "message", "text"], "v": "changed"},
        {"kind": 3, "k": ["requests", 1, "result"]},
        {"kind": 1, "k": ["requests", 99, "x"], "v": 1},
        {"kind": 1, "k": ["inputState", "inputText"], "v": "draft"},
    )
    assert set(merged.requests) == {"r1", "r4"}
    assert next(prompt.text for prompt in merged.prompts.values()) == "changed"


def test_an_older_chat_is_one_object() -> None:
    whole = {"sessionId": "chat", "requests": [request()]}
    facts, _ = SOURCE.read(json.dumps(whole, indent=1).encode(), b"", FILE, 0)
    assert len(facts.requests) == 1


def test_tokens_count_in_the_traces_alone_where_there_are_any() -> None:
    merged = read(root(request()), file=FILE._replace(name_hint="traced"))
    assert not merged.requests
    assert len(merged.edits) == len(merged.prompts) == 1


def test_a_model_chosen_by_the_service_is_named_by_the_answer() -> None:
    told = request(modelId="copilot/auto")
    told["result"]["details"] = "Claude Sonnet 4.5 \u2022 0.9x"
    assert [one.model for one in read(root(told)).requests.values()] == ["claude-sonnet-4.5"]


def test_refused_calls_cancelled_requests_and_errors_are_told() -> None:
    refused = {"kind": "toolInvocationSerialized", "toolCallId": "t1__vscode-17", "isConfirmed": {"type": 0}}
    failed = request("r2", timestamp=BEGAN + 1)
    failed["result"] = {"errorDetails": {"code": "quota", "message": "no more"}}
    merged = read(root(request(response=[refused], isCanceled=True), failed))
    assert [edit.status for edit in merged.edits.values()] == [CallStatus.REJECTED]
    assert {(error.kind, error.code) for error in merged.errors.values()} == {
        (ErrorKind.ABORTED, "cancelled"),
        (ErrorKind.API_ERROR, "quota"),
    }


def test_edits_in_the_answer_count_where_no_call_made_them() -> None:
    group = {
        "kind": "textEditGroup",
        "uri": {"fsPath": f"{DEMO}/b.py"},
        "edits": [[{"text": "one\ntwo", "range": {"startLineNumber": 5}}], []],
    }
    (edit,) = read(root(request(response=[group], result={}))).edits.values()
    assert (edit.path, edit.added, edit.kind) == (f"{DEMO}/b.py", "one\ntwo", EditKind.STRINGS)


def test_damage_in_a_journal_costs_its_line() -> None:
    merged = read(
        root(request()),
        b"{broken",
        {"kind": 9},
        {"kind": 1, "k": ["requests", 0, "modelId"], "v": "copilot/x"},
    )
    assert [one.model for one in merged.requests.values()] == ["x"]
    assert (len(merged.quarantined), merged.unseen["step/9"]) == (1, 1)


def traces(path: Path) -> None:
    """Traces of one prompt: an agent, a call of the model below it, a tool."""
    owner = create(
        path,
        spans="span_id PRIMARY KEY, parent_span_id, operation_name, agent_name, conversation_id, chat_session_id, "
        "request_model, response_model, input_tokens, output_tokens, cached_tokens, reasoning_tokens, tool_name, "
        "tool_call_id, start_time_ms, end_time_ms, status_code, status_message",
        span_attributes="span_id, key, value, PRIMARY KEY(span_id, key)",
        span_events="id INTEGER PRIMARY KEY, span_id, name, timestamp_ms, attributes",
    )
    put(
        owner,
        "spans",
        span_id="a",
        operation_name="invoke_agent",
        chat_session_id="S1",
        input_tokens=1500,
        start_time_ms=BEGAN,
    )
    put(
        owner,
        "spans",
        span_id="b",
        parent_span_id="a",
        operation_name="chat",
        conversation_id="X",
        response_model="gpt-4.1",
        input_tokens=1000,
        output_tokens=50,
        cached_tokens=800,
        start_time_ms=BEGAN + 1,
    )
    put(
        owner,
        "spans",
        span_id="c",
        parent_span_id="a",
        operation_name="execute_tool",
        chat_session_id="S1",
        tool_name="replace_string_in_file",
        tool_call_id="t1",
        start_time_ms=BEGAN + 2,
        status_code=1,
    )
    put(
        owner,
        "spans",
        span_id="d",
        operation_name="chat",
        conversation_id="Y",
        response_model="mini",
        input_tokens=5,
        output_tokens=1,
        start_time_ms=BEGAN + 3,
    )
    arguments = {"filePath": f"{DEMO}/a.py", "oldString": "old", "newString": "new"}
    put(owner, "span_attributes", span_id="c", key="gen_ai.tool.call.arguments", value=arguments)
    put(owner, "span_attributes", span_id="d", key="copilot_chat.parent_chat_session_id", value="S1")
    put(
        owner,
        "span_events",
        id=1,
        span_id="a",
        name="user_message",
        timestamp_ms=BEGAN,
        attributes={"content": "please", "copilot_chat.chat_session_id": "S1"},
    )
    owner.close()


def test_traces_tell_each_call_of_a_model_with_its_session(tmp_path: Path) -> None:
    traces(tmp_path / "agent-traces.db")
    merged = read_rows(SOURCE, tmp_path / "agent-traces.db")
    assert {
        (one.key, one.session_id, one.input, one.cache_read, one.output) for one in merged.requests.values()
    } == {
        ("b", "S1", 200, 800, 50),
        ("d", "S1", 5, 0, 1),
    }
    assert [(edit.added, edit.status) for edit in merged.edits.values()] == [("new", CallStatus.OK)]


def test_prompts_and_edits_of_traces_and_of_chats_are_the_same_facts(tmp_path: Path) -> None:
    traces(tmp_path / "agent-traces.db")
    traced = read_rows(SOURCE, tmp_path / "agent-traces.db")
    chat = read(root(request()), file=FILE._replace(name_hint="traced"))
    assert set(traced.prompts) == set(chat.prompts)
    assert set(traced.edits) == set(chat.edits)


def test_chats_of_workspaces_and_empty_windows_are_found_with_their_folder(tmp_path: Path) -> None:
    user = tmp_path / ".config" / "Code" / "User"
    for name in (
        "workspaceStorage/w1/chatSessions/a.jsonl",
        "workspaceStorage/w1/chatSessions/a.json",
        "workspaceStorage/w1/GitHub.copilot-chat/transcripts/a.jsonl",
        "workspaceStorage/w2/GitHub.copilot-chat/transcripts/b.jsonl",
        "globalStorage/emptyWindowChatSessions/c.json",
    ):
        (user / name).parent.mkdir(parents=True, exist_ok=True)
        (user / name).write_text("{}\n")
    (user / "workspaceStorage" / "w1" / "workspace.json").write_text(
        '{"folder": "file:///home/dev/my%20demo"}'
    )
    found = {
        (file.path.name, file.shape, file.cwd, file.name_hint)
        for file in SOURCE.files(LogsHome(tmp_path, {}))
    }
    assert found == {
        ("a.jsonl", Shape.DOCUMENT, "/home/dev/my demo", ""),
        ("b.jsonl", Shape.LINES, None, "b"),
        ("c.json", Shape.DOCUMENT, None, ""),
    }
    (user / "globalStorage" / "github.copilot-chat").mkdir()
    (user / "globalStorage" / "github.copilot-chat" / "agent-traces.db").write_bytes(b"")
    hints = {file.path.name: file.name_hint for file in SOURCE.files(LogsHome(tmp_path, {}))}
    assert (hints["a.jsonl"], "agent-traces.db" in hints) == ("traced", True)


def test_a_folders_uri_becomes_a_path_of_its_own_machine() -> None:
    assert path_of("file:///c%3A/Users/dev/demo") == "c:/Users/dev/demo"
    assert path_of("vscode-remote://wsl%2Bubuntu/home/dev/demo") == "/home/dev/demo"
    assert path_of(None) is None


@pytest.mark.parametrize(
    "fields",
    [
        {
            "result": {
                "usage": {"promptTokens": 9723, "completionTokens": 33},
                "metadata": {"sessionId": "S1"},
            }
        },
        {"result": {}, "promptTokens": 9723, "completionTokens": 33},
        {"result": {"metadata": {"promptTokens": 9723, "outputTokens": 33}}},
    ],
    ids=["usage of the result", "beside the result", "metadata"],
)
def test_tokens_are_found_where_each_version_tells_them(fields: dict[str, Any]) -> None:
    (one,) = read(root(request(**fields))).requests.values()
    assert (one.input, one.output, one.is_undercounted) == (9723, 33, False)


def test_a_prompt_of_several_calls_is_marked_as_counted_too_low() -> None:
    rounds = {"promptTokens": 9723, "outputTokens": 33, "toolCallRounds": [{}, {}], "resolvedModel": "gpt-5"}
    (one,) = read(root(request(result={"metadata": rounds}, modelId="copilot/auto"))).requests.values()
    assert (one.is_undercounted, one.model) == (True, "gpt-5")
