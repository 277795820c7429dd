"""Gemini CLI: upserted messages, both generations, tokens by arithmetic, edits with their lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sources.gemini_records import DEMO, SESSION, answer, call, head, replaced, stamp, user
from sources.merging import Merged, merge
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.gemini.cli import GeminiCli
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

SOURCE = GeminiCli()
FILE = LogFile(Path("session-x.jsonl"), None, "x", cwd=DEMO)
WHOLE = FILE._replace(path=Path("session-x.json"), shape=Shape.DOCUMENT)


def read(*records: Any) -> Merged:
    return read_all(SOURCE, [head(), *records], FILE)


def test_a_message_written_twice_is_one_request() -> None:
    merged = read(answer(2, "m1"), answer(2, "m1", toolCalls=[replaced()]))
    (request,) = merged.requests.values()
    counted = (request.input, request.cache_read, request.output, request.reasoning)
    assert counted == (248, 800, 70, 20)
    assert (request.session_id, request.model) == (SESSION, "gemini-2.5-pro")


def test_thoughts_inside_the_output_are_not_added_again() -> None:
    tokens = {"input": 100, "output": 50, "cached": 0, "thoughts": 20, "tool": 0, "total": 150}
    (request,) = read(answer(2, tokens=tokens)).requests.values()
    assert (request.input, request.output, request.reasoning) == (100, 50, 20)


def test_an_edit_has_the_exact_lines_of_its_difference() -> None:
    (edit,) = read(answer(2, toolCalls=[replaced()])).edits.values()
    assert (edit.added, edit.removed) == ("new one\n-- two", "old")
    assert (edit.kind, edit.rank, edit.status) == (EditKind.PATCH, 2, CallStatus.OK)
    assert (edit.path, edit.cwd, edit.request_key) == (f"{DEMO}/a.py", DEMO, f"{SESSION}:g2")


def test_a_proposal_that_a_person_altered_says_so() -> None:
    (edit,) = read(answer(2, toolCalls=[replaced(user_lines=1)])).edits.values()
    assert edit.is_human_modified


def test_a_refused_edit_keeps_its_proposed_lines_and_is_rejected() -> None:
    (edit,) = read(answer(2, toolCalls=[replaced(status="cancelled")])).edits.values()
    assert (edit.status, edit.rank, edit.added) == (CallStatus.REJECTED, 1, "new one\n-- two")


def test_a_command_that_exits_non_zero_has_not_failed() -> None:
    merged = read(answer(2, toolCalls=[call("s1", "run_shell_command", args={"command": "false"})]))
    assert [result.status for result in merged.results.values()] == [CallStatus.OK]
    assert [made.is_shell for made in merged.calls.values()] == [True]


def test_a_written_file_without_a_difference_is_its_whole_content() -> None:
    written = call("w1", "write_file", args={"file_path": "b.py", "content": "one\ntwo\n"})
    (edit,) = read(answer(2, toolCalls=[written])).edits.values()
    assert (edit.kind, edit.added, edit.path) == (EditKind.WRITE, "one\ntwo", f"{DEMO}/b.py")


def test_the_answer_of_a_tool_tells_the_folder_where_nothing_else_does() -> None:
    output = f"Successfully created and wrote to new file: {DEMO}/docs/b.md."
    answered = [{"functionResponse": {"response": {"output": output}}}]
    written = call("w1", "write_file", args={"file_path": "docs/b.md", "content": "one"}, result=answered)
    merged = read_all(SOURCE, [head(), answer(2, toolCalls=[written])], FILE._replace(cwd=None))
    assert [edit.path for edit in merged.edits.values()] == [f"{DEMO}/docs/b.md"]
    assert merged.sessions[SESSION].cwd == DEMO


def test_prompts_are_what_a_person_typed() -> None:
    merged = read(
        user(1, "one"), user(2, [{"text": "two"}]), user(3, "System: Please continue."), user(4, [])
    )
    assert [prompt.text for prompt in merged.prompts.values()] == ["one", "two"]


def test_a_prompt_that_names_files_is_what_was_typed_and_not_what_the_files_hold() -> None:
    told = user(1, [{"text": "look at @a.py"}, {"text": "--- Content from referenced files ---"}])
    merged = read(told | {"displayContent": [{"text": "look at @a.py"}]})
    assert [prompt.text for prompt in merged.prompts.values()] == ["look at @a.py"]


def test_what_a_compaction_keeps_is_no_new_prompt() -> None:
    summary = user(4, [{"text": "<scratchpad/><state_snapshot>all</state_snapshot>"}], "s")
    kept = user(4, [{"text": "one"}], "copy")
    records = [
        user(1, "one"),
        answer(2),
        summary,
        kept,
        {"$set": {"messages": [summary, kept, user(4, "two", "other")]}},
        user(5, "next"),
    ]
    merged = read(*records)
    assert [prompt.text for prompt in merged.prompts.values()] == ["one", "next"]
    assert [(seen.before_tokens, seen.at_ms) for seen in merged.compactions.values()] == [
        (1048, merged.sessions[SESSION].last_ms - 1000)
    ]
    assert merge(read_parts(SOURCE, jsonl([head(), *records]), range(1, 8), FILE)) == merged


def test_the_sub_agent_that_a_call_started_is_told() -> None:
    started = call("c", "invoke_agent") | {"agentId": "A1"}
    merged = read(answer(1, toolCalls=[started]))
    assert [result.spawned_agent for result in merged.results.values()] == ["A1"]


def test_what_was_rewound_stays_billed_and_is_an_undo() -> None:
    merged = read(user(1, "one"), answer(2), {"$rewindTo": "u1"}, user(3, "other"))
    assert len(merged.requests) == 1
    assert [error.kind for error in merged.errors.values()] == [ErrorKind.ROLLED_BACK]


def test_messages_that_replace_the_list_are_upserted() -> None:
    merged = read(answer(2, "m1"), {"$set": {"messages": [answer(2, "m1"), answer(3, "m2")]}})
    assert len(merged.requests) == 2


def test_a_cancelled_request_and_an_error_are_told() -> None:
    merged = read(
        {"id": "i", "type": "info", "timestamp": stamp(1), "content": "Request cancelled."},
        {"id": "e", "type": "error", "timestamp": stamp(2), "content": "quota"},
    )
    assert [error.kind for error in merged.errors.values()] == [ErrorKind.ABORTED, ErrorKind.API_ERROR]


def test_the_older_document_gives_the_same_facts_as_the_lines() -> None:
    messages = [user(1, "one"), answer(2, toolCalls=[replaced()])]
    lines = read(*messages)
    content = json.dumps(head() | {"messages": messages}, indent=2).encode()
    facts, _ = SOURCE.read(content, b"", WHOLE, 0)
    assert merge([facts]).requests == lines.requests
    assert merge([facts]).edits == lines.edits


def test_a_document_cut_in_the_middle_is_quarantined() -> None:
    facts, _ = SOURCE.read(b'{"sessionId": "x", "messages": [', b"", WHOLE, 0)
    assert len(facts.quarantined) == 1


def test_a_sub_agents_requests_belong_to_its_parents_session() -> None:
    file = FILE._replace(name_hint=SESSION, is_agent=True)
    merged = read_all(SOURCE, [head(sessionId="sub", kind="subagent"), answer(2)], file)
    (request,) = merged.requests.values()
    assert (request.session_id, request.agent, request.is_sidechain) == (SESSION, "sub", True)
    assert list(merged.agents) == ["sub"]


@pytest.mark.parametrize("kind", ["brand-new", None])
def test_an_unknown_kind_of_message_is_counted(kind: Any) -> None:
    assert read(answer(2, type=kind)).unseen[f"message/{kind}"] == 1


def test_sessions_of_every_generation_are_found_with_their_folder(tmp_path: Path) -> None:
    root = tmp_path / ".gemini" / "tmp"
    for name in (
        "demo/chats/session-a.jsonl",
        "abc/chats/session-b.json",
        "demo/chats/S1/sub.jsonl",
        "demo/logs.json",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}\n")
    (root / "demo" / ".project_root").write_text(DEMO)
    (root.parent / "projects.json").write_text(json.dumps({"projects": {"/srv/old": "abc"}}))
    found = {
        (file.path.name, file.cwd, file.shape, file.is_agent, file.name_hint)
        for file in SOURCE.files(LogsHome(tmp_path, {}))
    }
    assert found == {
        ("session-a.jsonl", DEMO, Shape.LINES, False, "session-a"),
        ("session-b.json", "/srv/old", Shape.DOCUMENT, False, "session-b"),
        ("sub.jsonl", DEMO, Shape.LINES, True, "S1"),
    }
    moved = LogsHome(tmp_path / "other", {"GEMINI_CLI_HOME": str(tmp_path)})
    assert len(list(SOURCE.files(moved))) == 3


def test_a_command_that_writes_a_file_is_an_edit_of_its_own_kind() -> None:
    asked = call("s1", "run_shell_command", args={"command": "cat > c.py <<'EOF'\none\nEOF\n"})
    (edit,) = read(answer(2, toolCalls=[asked])).edits.values()
    assert (edit.kind, edit.added, edit.path) == (EditKind.SHELL_WRITE, "one", f"{DEMO}/c.py")
