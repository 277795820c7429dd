"""Continue and Cursor: what is there on this computer, and nothing made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sources.agents import BEGAN, DEMO, counted, make, stamp
from sources.merging import Merged, merge
from sources.reading import read_all
from sources.rows import create, put, read_rows
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.continue_dev import Continue
from tokencoach.sources.cursor import Cursor
from tokencoach.usage.words import CallStatus, EditKind
from tokencoach.watch.whole import Marks, row_chunks

SESSION = LogFile(Path("S1.json"), None, "S1", shape=Shape.DOCUMENT, modified_ms=BEGAN)


def read_session(*history: Any, **more: Any) -> Merged:
    """Facts of a session of Continue."""
    told = {"sessionId": "S1", "title": "t", "workspaceDirectory": f"file://{DEMO}", "history": history}
    told |= more
    return merge([Continue().read(json.dumps(told).encode(), b"", SESSION, 0)[0]])


def called(status: str) -> dict[str, Any]:
    """A message that edits a file, and what became of the call."""
    arguments = json.dumps({"filepath": f"{DEMO}/a.py", "old_string": "old", "new_string": "new"})
    call = {"id": "t", "function": {"name": "single_find_and_replace", "arguments": arguments}}
    message = {"role": "assistant", "content": "", "toolCalls": [call]}
    return {"message": message, "toolCallStates": [{"toolCallId": "t", "status": status}]}


def test_continues_sessions_give_prompts_and_edits() -> None:
    merged = read_session({"message": {"role": "user", "content": "please"}}, called("done"))
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    (edit,) = merged.edits.values()
    assert (edit.added, edit.removed, edit.status, edit.path) == ("new", "old", CallStatus.OK, f"{DEMO}/a.py")
    assert (merged.sessions["S1"].cwd, merged.sessions["S1"].first_ms) == (DEMO, BEGAN)


def test_continues_program_in_the_terminal_tells_each_request() -> None:
    used = {
        "model": "openai/m",
        "prompt_tokens": 1000,
        "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 800},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    answers = [
        {"message": {"role": "assistant", "content": "", "usage": told}} for told in (used, used, {}, 7)
    ]
    merged = read_session({"message": {"role": "user", "content": "please"}}, *answers)
    assert [
        (one.input, one.cache_read, one.output, one.reasoning, one.model) for one in merged.requests.values()
    ] == [(200, 800, 50, 20, "m")] * 2


def test_usage_without_a_model_is_left_to_the_statistics() -> None:
    told = {"promptTokens": 5, "completionTokens": 3, "prompt_tokens": 5}
    assert not read_session({"message": {"role": "assistant", "content": "", "usage": told}}).requests


def test_what_anthropic_cached_stands_beside_continues_input() -> None:
    details = {"cached_tokens": 800, "cache_read_tokens": 800, "cache_write_tokens": 90}
    used = {"model": "m", "prompt_tokens": 1000, "completion_tokens": 50, "prompt_tokens_details": details}
    merged = read_session({"message": {"role": "assistant", "content": "", "usage": used}})
    assert counted(merged) == [(1000, 800, 90, 50, 0)]


def test_a_session_continue_told_only_a_sum_of_is_one_request() -> None:
    asked = {"message": {"role": "user", "content": "please"}}
    told = {"promptTokens": 1000, "completionTokens": 50, "totalCost": 0.25}
    details = {"cachedTokens": 800, "cacheWriteTokens": 0}
    for also, tokens in (
        ({}, (1000, 0, 0, 50, 0)),
        ({"promptTokensDetails": details}, (200, 800, 0, 50, 0)),
        ({"promptTokensDetails": details | {"cacheWriteTokens": 90}}, (1000, 800, 90, 50, 0)),
        ({"promptTokensDetails": details | {"cachedTokens": 4000}}, (1000, 4000, 0, 50, 0)),
    ):
        merged = read_session(asked, usage=told | also)
        assert counted(merged) == [tokens]
        assert [one.logged_cost_usd for one in merged.requests.values()] == [0.25]
    assert not read_session(asked, usage={"promptTokens": 0, "completionTokens": 0, "totalCost": 0}).requests


def test_continues_sum_is_not_counted_beside_its_requests() -> None:
    used = {"model": "m", "prompt_tokens": 1000, "completion_tokens": 50}
    answer = {"message": {"role": "assistant", "content": "", "usage": used}}
    merged = read_session(answer, usage={"promptTokens": 1000, "completionTokens": 50})
    assert counted(merged) == [(1000, 0, 0, 50, 0)]


def test_continues_refused_calls_are_rejected() -> None:
    assert [edit.status for edit in read_session(called("canceled")).edits.values()] == [CallStatus.REJECTED]
    assert [edit.status for edit in read_session(called("generating")).edits.values()] == [None]


def test_continues_statistics_give_requests_of_the_day() -> None:
    line = {"timestamp": stamp(1), "model": "codestral", "promptTokens": 100, "generatedTokens": 9}
    merged = read_all(
        Continue(), [line, line, {"timestamp": stamp(2)}], LogFile(Path("tokensGenerated.jsonl"))
    )
    assert counted(merged) == [(100, 0, 0, 9, 0)]
    assert list(merged.sessions) == [f"dev-data-{BEGAN // 86_400_000}"]


def test_continues_files_are_found_with_the_day_they_began(tmp_path: Path) -> None:
    make(
        tmp_path,
        "c/sessions/S1.json",
        "c/dev_data/0.2.0/tokensGenerated.jsonl",
        "c/dev_data/0.2.0/editOutcome.jsonl",
    )
    index = [{"sessionId": "S1", "dateCreated": str(BEGAN)}]
    (tmp_path / "c" / "sessions" / "sessions.json").write_text(json.dumps(index))
    found = {
        file.path.name: file.modified_ms
        for file in Continue().files(LogsHome(tmp_path, {"CONTINUE_GLOBAL_DIR": str(tmp_path / "c")}))
    }
    assert found == {"S1.json": BEGAN, "tokensGenerated.jsonl": 0}


def cursor(tmp_path: Path, *bubbles: dict[str, Any]) -> Merged:
    """Facts of Cursor's database."""
    path = tmp_path / "state.vscdb"
    owner = create(path, cursorDiskKV="key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB")
    for number, bubble in enumerate(bubbles):
        put(owner, "cursorDiskKV", key=f"bubbleId:C1:b{number}", value={"createdAt": stamp(number)} | bubble)
    put(owner, "cursorDiskKV", key="composerData:C1", value={"createdAt": 1})
    merged = read_rows(Cursor(), path)
    owner.close()
    return merged


def test_cursors_requests_count_only_where_it_tells_tokens(tmp_path: Path) -> None:
    zero = {"inputTokens": 0, "outputTokens": 0}
    merged = cursor(
        tmp_path,
        {"type": 1, "text": "please"},
        {"type": 2, "tokenCount": zero},
        {"type": 2, "tokenCount": {"inputTokens": 10, "outputTokens": 5}, "modelInfo": {"modelName": "m"}},
    )
    assert counted(merged) == [(10, 0, 0, 5, 0)]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]


def test_cursors_edits_have_their_lines_and_a_verdict(tmp_path: Path) -> None:
    arguments = json.dumps({"file_path": f"{DEMO}/a.py", "old_string": "old", "new_string": "new"})
    images = json.dumps({"beforeContent": "x\nold\n", "afterContent": "x\nnew\n"})
    done = {
        "name": "search_replace",
        "toolCallId": "t1",
        "status": "completed",
        "rawArgs": arguments,
        "result": images,
    }
    refused = done | {"toolCallId": "t2", "status": "rejected"}
    merged = cursor(tmp_path, {"type": 2, "toolFormerData": done}, {"type": 2, "toolFormerData": refused})
    assert [(edit.added, edit.kind, edit.status) for edit in merged.edits.values()] == [
        ("new", EditKind.PATCH, CallStatus.OK),
        ("new", EditKind.STRINGS, CallStatus.REJECTED),
    ]


def test_cursors_transcripts_keep_the_order_of_what_was_said() -> None:
    file = LogFile(Path("p/agent-transcripts/C1/C1.jsonl"), None, "C1", modified_ms=BEGAN)
    use = {"type": "tool_use", "name": "Write", "input": {"path": f"{DEMO}/a.py", "contents": "one\n"}}
    merged = read_all(
        Cursor(),
        [
            {
                "role": "user",
                "message": {"content": [{"type": "text", "text": "<user_query>\nplease\n</user_query>"}]},
            },
            {"role": "assistant", "message": {"content": [use]}},
            {"type": "turn_ended", "status": "success"},
        ],
        file,
    )
    (prompt,), (edit,) = merged.prompts.values(), merged.edits.values()
    assert (prompt.text, edit.added, edit.status) == ("please", "one", CallStatus.OK)
    assert BEGAN <= prompt.at_ms < edit.at_ms


def test_cursors_transcripts_count_only_where_its_database_is_missing(tmp_path: Path) -> None:
    make(
        tmp_path, ".cursor/projects/p/agent-transcripts/C1/C1.jsonl", ".cursor/projects/p/agent-tools/x.jsonl"
    )
    home = LogsHome(tmp_path, {})
    assert [file.name_hint for file in Cursor().files(home)] == ["C1"]
    make(tmp_path, ".config/Cursor/User/globalStorage/state.vscdb")
    assert [file.shape for file in Cursor().files(home)] == [Shape.DATABASE]


def test_continues_calls_of_a_provider_that_names_all_alike_are_as_many_as_were_made() -> None:
    merged = read_session(called("done"), called("errored"))
    assert [edit.status for edit in merged.edits.values()] == [CallStatus.OK, CallStatus.FAILED]


def test_continues_database_tells_the_requests_before_its_lines_told_instants(tmp_path: Path) -> None:
    folder = tmp_path / "dev_data"
    columns = (
        "id INTEGER PRIMARY KEY AUTOINCREMENT, model, provider, tokens_generated, tokens_prompt, timestamp"
    )
    owner = create(folder / "devdata.sqlite", tokens_generated=columns)
    for hour, sent in ((8, 448), (9, 500), (10, 600), (11, 700)):
        at = f"2026-06-17 {hour:02d}:00:00"
        put(owner, "tokens_generated", model="m", tokens_generated=13, tokens_prompt=sent, timestamp=at)
    owner.execute("UPDATE tokens_generated SET tokens_prompt = NULL WHERE id = 2")
    line = {"model": "m", "promptTokens": 600, "generatedTokens": 13}
    (folder / "0.1.0").mkdir()
    (folder / "0.1.0" / "tokensGenerated.jsonl").write_text(json.dumps(line) + "\n")
    home = LogsHome(tmp_path, {"CONTINUE_GLOBAL_DIR": str(tmp_path)})
    *_, database = Continue().files(home)
    assert sorted(counted(_booked(database))) == [
        (0, 0, 0, 13, 0),
        (448, 0, 0, 13, 0),
        (600, 0, 0, 13, 0),
        (700, 0, 0, 13, 0),
    ]
    (folder / "0.2.0").mkdir()
    told = line | {"timestamp": "2026-06-17T10:00:00.262Z"}
    (folder / "0.2.0" / "tokensGenerated.jsonl").write_text(json.dumps(told) + "\n")
    *lines, database = Continue().files(home)
    assert sorted(counted(_booked(database))) == [(0, 0, 0, 13, 0), (448, 0, 0, 13, 0)]
    parts = [Continue().read(file.path.read_bytes(), b"", file, 0)[0] for file in lines]
    assert counted(merge(parts)) == [(600, 0, 0, 13, 0)]
    owner.close()


def _booked(file: LogFile) -> Merged:
    """What the database of statistics tells."""
    chunks = row_chunks(Continue(), file, Marks())
    return merge(Continue().read(chunk, b"", file, 0)[0] for chunk in chunks)
