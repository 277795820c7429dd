"""Kimi and Amp: requests, prompts, edits and verdicts, in each generation."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sources.agents import BEGAN, DEMO, DIFF, counted, make, stamp
from sources.merging import Merged, merge
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.amp import Amp
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.kimi import Kimi
from tokencoach.usage.words import CallStatus, ErrorKind

# Kimi

KIMI = LogFile(Path("wire.jsonl"), None, "K1", cwd=DEMO)
AGENT = LogFile(Path("wire.jsonl"), None, "K1/agent-0", is_agent=True, cwd=DEMO)


def code(second: int, kind: str, **fields: Any) -> dict[str, Any]:
    """A line of Kimi Code."""
    return {"type": kind, "time": BEGAN + second * 1000} | fields


def loop(second: int, kind: str, **fields: Any) -> dict[str, Any]:
    """An event of Kimi Code's loop."""
    return code(second, "context.append_loop_event", event={"type": kind} | fields)


USED = {"inputOther": 9431, "output": 42, "inputCacheRead": 14848, "inputCacheCreation": 3}
EDIT = {"path": "a.py", "old_string": "old", "new_string": "new"}


def test_kimi_code_counts_its_usage_records_and_not_its_steps() -> None:
    merged = read_all(
        Kimi(),
        [
            code(1, "turn.prompt", input=[{"type": "text", "text": "please"}], origin={"kind": "user"}),
            loop(2, "tool.call", toolCallId="Edit_0", name="Edit", args=EDIT),
            loop(3, "tool.result", toolCallId="Edit_0", result={"output": "done"}),
            loop(4, "step.end", usage=USED),
            code(5, "usage.record", model="moonshot-ai/kimi-k2.7-code", usage=USED),
        ],
        KIMI,
    )
    assert counted(merged) == [(9431, 14848, 3, 42, 0)]
    assert [request.model for request in merged.requests.values()] == ["kimi-k2.7-code"]
    assert [(edit.path, edit.added, edit.status) for edit in merged.edits.values()] == [
        (f"{DEMO}/a.py", "new", CallStatus.OK)
    ]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]


def test_kimi_code_tells_refusals_aborts_retries_and_compactions() -> None:
    merged = read_all(
        Kimi(),
        [
            loop(1, "tool.call", toolCallId="Edit_0", name="Edit", args=EDIT),
            code(
                2, "permission.record_approval_result", toolCallId="Edit_0", result={"decision": "rejected"}
            ),
            loop(3, "tool.result", toolCallId="Edit_0", result={"output": "no", "isError": True}),
            code(4, "turn.cancel"),
            code(5, "llm.request", model="m", attempt="2/10"),
            code(6, "context.apply_compaction", tokensBefore=900, tokensAfter=90),
            code(7, "brand.new"),
            code(8, "turn.prompt", input=[{"type": "text", "text": "x"}], origin={"kind": "hook"}),
        ],
        KIMI,
    )
    assert [edit.status for edit in merged.edits.values()] == [CallStatus.REJECTED]
    assert [error.kind for error in merged.errors.values()] == [ErrorKind.ABORTED, ErrorKind.RETRY]
    assert [seen.after_tokens for seen in merged.compactions.values()] == [90]
    assert (merged.unseen, len(merged.prompts)) == ({"brand.new": 1}, 0)


def test_kimi_sub_agents_belong_to_their_session() -> None:
    merged = read_all(Kimi(), [code(5, "usage.record", model="m", usage=USED)], AGENT)
    assert [(one.session_id, one.agent, one.is_sidechain) for one in merged.requests.values()] == [
        ("K1", "agent-0", True)
    ]


def test_the_older_kimi_is_read() -> None:
    def older(second: int, kind: str, **payload: Any) -> dict[str, Any]:
        return {"timestamp": BEGAN / 1000 + second, "message": {"type": kind, "payload": payload}}

    used = {"input_other": 10, "input_cache_read": 3, "input_cache_creation": 2, "output": 5}
    function = {
        "name": "StrReplaceFile",
        "arguments": json.dumps({"path": "a.py", "edit": {"old": "old", "new": "new"}}),
    }
    merged = read_all(
        Kimi(),
        [
            older(1, "TurnBegin", user_input="please"),
            older(2, "ToolCall", id="t", function=function),
            older(3, "ToolResult", tool_call_id="t", return_value={"is_error": True, "output": "x"}),
            older(4, "StatusUpdate", message_id="m1", token_usage=used),
            older(5, "StatusUpdate", message_id="m1", token_usage=used),
        ],
        KIMI,
    )
    assert counted(merged) == [(10, 3, 2, 5, 0)]
    assert [(edit.added, edit.status) for edit in merged.edits.values()] == [("new", CallStatus.FAILED)]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]


def test_kimis_of_both_generations_are_found_with_their_folder(tmp_path: Path) -> None:
    digest = hashlib.md5(DEMO.encode(), usedforsecurity=False).hexdigest()
    make(
        tmp_path,
        f".kimi/sessions/{digest}/S1/wire.jsonl",
        "code/sessions/wd_x/K1/agents/main/wire.jsonl",
        "code/sessions/wd_x/K1/agents/agent-0/wire.jsonl",
    )
    (tmp_path / ".kimi" / "kimi.json").write_text(json.dumps({"work_dirs": [{"path": DEMO}]}))
    (tmp_path / "code" / "sessions" / "wd_x" / "K1" / "state.json").write_text(
        json.dumps({"workDir": "/srv/k"})
    )
    home = LogsHome(tmp_path, {"KIMI_CODE_HOME": str(tmp_path / "code")})
    assert {(file.name_hint, file.is_agent, file.cwd) for file in Kimi().files(home)} == {
        ("S1", False, DEMO),
        ("K1", False, "/srv/k"),
        ("K1/agent-0", True, "/srv/k"),
    }


def answered(second: int, call: str) -> list[dict[str, Any]]:
    """An answer of Kimi Code with one edit."""
    return [
        code(second, "llm.request", model="kimi-k3", modelAlias="mine"),
        code(second, "usage.record", model="mine", usage=USED),
        loop(second, "tool.call", toolCallId=call, name="Edit", args=EDIT),
        loop(second, "tool.result", toolCallId=call, result={"output": "done"}),
    ]


def test_a_fork_of_kimi_code_counts_what_it_copied_in_the_session_that_said_it(tmp_path: Path) -> None:
    sessions = tmp_path / ".kimi-code" / "sessions" / "wd_x"
    first = [*answered(1, "Edit_0"), *answered(2, "Edit_1")]
    second = [*first, code(3, "forked"), *answered(4, "Edit_2")]
    wires = {
        "K1": (first + answered(5, "Edit_2"), {"cwd": DEMO}),
        "K2": (second, {"cwd": DEMO, "forkedFrom": "K1"}),
        "K3": ([*second, code(6, "forked"), *answered(7, "Edit_3")], {"cwd": DEMO, "forkedFrom": "K2"}),
    }
    for name, (lines, told) in wires.items():
        folder = sessions / name / "agents" / "main"
        folder.mkdir(parents=True)
        (folder / "wire.jsonl").write_bytes(jsonl(lines))
        (folder.parent.parent / "state.json").write_text(json.dumps(told))
    files = list(Kimi().files(LogsHome(tmp_path, {})))
    merged = merge([part for file in files for part in read_parts(Kimi(), file.path.read_bytes(), file=file)])
    assert len(merged.requests) == len(merged.edits) == 5
    asked = sorted((one.session_id, one.at_ms - BEGAN) for one in merged.requests.values())
    assert asked == [("K1", 1000), ("K1", 2000), ("K1", 5000), ("K2", 4000), ("K3", 7000)]
    assert {one.model for one in merged.requests.values()} == {"kimi-k3"}
    assert merged.sessions["K3"].parent_session_id == "K2"
    assert not merged.unseen


# Amp

AMP = LogFile(Path("T-1.json"), None, "T-1", shape=Shape.DOCUMENT)
TREE = {
    "uri": f"file://{DEMO}",
    "repository": {"ref": "refs/heads/main", "sha": "c0ffee", "url": "https://example.org/x"},
}


def read_amp(*messages: Any, **fields: Any) -> Merged:
    told = {
        "id": "T-1",
        "created": BEGAN,
        "title": "t",
        "env": {"initial": {"trees": [TREE]}},
        "messages": messages,
    }
    return merge([Amp().read(json.dumps(told | fields).encode(), b"", AMP, 0)[0]])


def amp_answer(number: int, *blocks: Any) -> dict[str, Any]:
    """An answer of Amp with usage."""
    used = {
        "model": "claude-opus-5-5",
        "inputTokens": 1,
        "outputTokens": 71,
        "cacheCreationInputTokens": 26,
        "cacheReadInputTokens": 13,
        "timestamp": stamp(number),
    }
    return {"role": "assistant", "messageId": number, "content": list(blocks), "usage": used}


def test_amp_gives_requests_prompts_and_edits_of_a_thread() -> None:
    use = {
        "type": "tool_use",
        "id": "t",
        "name": "edit_file",
        "input": {"path": f"{DEMO}/a.py", "old_str": "old", "new_str": "new"},
    }
    done = {
        "type": "tool_result",
        "toolUseID": "t",
        "run": {"status": "done", "result": {"diff": f"```diff\n{DIFF}```"}},
    }
    merged = read_amp(
        {
            "role": "user",
            "messageId": 0,
            "content": [{"type": "text", "text": "please"}],
            "meta": {"sentAt": BEGAN},
        },
        amp_answer(1, use),
        {"role": "user", "messageId": 2, "content": [done]},
    )
    assert counted(merged) == [(1, 13, 26, 71, 0)]
    (edit,) = merged.edits.values()
    assert (edit.added, edit.removed, edit.status, edit.request_key) == (
        "new\n-- two",
        "old",
        CallStatus.OK,
        "T-1:1",
    )
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    session = merged.sessions["T-1"]
    assert (session.cwd, session.branch, session.git_commit) == (DEMO, "main", "c0ffee")


def test_amp_tells_refused_calls() -> None:
    use = {"type": "tool_use", "id": "t", "name": "create_file", "input": {"path": "b.py", "content": "x\n"}}
    refused = {"type": "tool_result", "toolUseID": "t", "run": {"status": "rejected-by-user"}}
    merged = read_amp(amp_answer(1, use), {"role": "user", "messageId": 2, "content": [refused]})
    assert [(edit.status, edit.added) for edit in merged.edits.values()] == [(CallStatus.REJECTED, "x")]


def test_amps_older_ledger_counts_a_message_once() -> None:
    event = {"id": "e", "timestamp": stamp(9), "model": "m", "tokens": {"input": 5, "output": 7}}
    ledger = {"events": [event | {"toMessageId": 1}, event | {"toMessageId": 5}]}
    assert len(read_amp(amp_answer(1), usageLedger=ledger).requests) == 2


def test_what_amps_ledger_tells_of_an_answer_takes_nothing_from_its_caches() -> None:
    event = {"timestamp": stamp(1), "model": "m", "tokens": {"input": 13, "output": 71}, "toMessageId": 1}
    title = event | {"tokens": {"input": 5, "output": 7}, "toMessageId": 0}
    merged = read_amp(amp_answer(1), usageLedger={"events": [event, title]})
    assert counted(merged) == [(1, 13, 26, 71, 0), (5, 0, 0, 7, 0)]


def test_amp_is_found_where_it_was_moved(tmp_path: Path) -> None:
    make(tmp_path, "a/threads/T-1.json", "a/threads/notes.json")
    assert [
        file.name_hint for file in Amp().files(LogsHome(tmp_path, {"AMP_DATA_DIR": str(tmp_path / "a")}))
    ] == ["T-1"]
