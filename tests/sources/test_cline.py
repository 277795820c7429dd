"""Cline, Roo Code and Kilo Code: rows that fill later, three ways of writing edits, verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sources.merging import Merged, merge
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.cline.source import Cline, RooCode
from tokencoach.sources.kilo_code import KiloCode
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind
from tokencoach.watch.whole import content_of

SOURCE = RooCode()
DEMO = "/home/dev/demo"
FILE = LogFile(Path("T1/ui_messages.json"), None, "T1", shape=Shape.DOCUMENT)
BEGAN = 1_781_690_400_000
TASK = {"ts": BEGAN, "type": "say", "say": "text", "text": "please"}
BLOCKS = "<<<<<<< SEARCH\n:start_line:1\n-------\nold\nsame\n=======\nnew one\nsame\n>>>>>>> REPLACE"
HEAD = f"<environment_details>\n# Current Workspace Directory ({DEMO}) Files\n<model>claude-x</model>"


def row(number: int, kind: str, content: Any = "", **fields: Any) -> dict[str, Any]:
    """One row; a content that is no text stands as JSON in it."""
    told = content if isinstance(content, str) else json.dumps(content)
    return {"ts": BEGAN + number * 1000, "type": "say", "say": kind, "text": told} | fields


def asked(number: int, fresh: int = 1010, **fields: Any) -> dict[str, Any]:
    """A request's row."""
    counts = {"tokensIn": fresh, "tokensOut": 50, "cacheWrites": 0, "cacheReads": 800, "cost": 0.0021}
    return row(number, "api_req_started", counts | fields)


def edit(number: int, tool: str = "appliedDiff", path: str = "a.py", **fields: Any) -> dict[str, Any]:
    """A tool's row that changes a file."""
    return row(number, "tool", {"tool": tool, "path": path} | fields)


def history(*results: str) -> list[dict[str, Any]]:
    """The conversation, with the results of edits of ``a.py``."""
    told = [f"[apply_diff for 'a.py'] Result:\n\n{result}" for result in results]
    return [{"role": "user", "content": [{"type": "text", "text": text}]} for text in (HEAD, *told)]


def read(*rows: dict[str, Any], talk: Any = None, **beside: Any) -> Merged:
    """Facts of a task with a conversation."""
    parts = {"ui_messages.json": [TASK, *rows], "api_conversation_history.json": talk or history()}
    content = json.dumps(parts | {f"{name}.json": value for name, value in beside.items()}).encode()
    return merge([SOURCE.read(content, b"", FILE, 0)[0]])


@pytest.mark.parametrize(("protocol", "fresh"), [("openai", 210), ("anthropic", 1010), (None, 1010)])
def test_the_protocol_decides_whether_cached_tokens_are_among_those_sent(protocol: Any, fresh: int) -> None:
    (request,) = read(asked(1, apiProtocol=protocol)).requests.values()
    assert (request.input, request.cache_read, request.output) == (fresh, 800, 50)
    assert (request.model, request.logged_cost_usd, request.session_id) == ("claude-x", 0.0021, "T1")


def test_a_request_counts_once_its_row_is_filled() -> None:
    waiting = row(1, "api_req_started", {"request": "..."})
    assert not read(waiting).requests
    assert len(read(asked(1)).requests) == 1


def test_models_are_those_in_use_at_the_instant() -> None:
    used = [{"ts": BEGAN, "model_id": "one"}, {"ts": BEGAN + 1500, "model_id": "anthropic/two"}]
    merged = read(
        asked(1),
        asked(2),
        asked(3, fresh=1) | {"modelInfo": {"modelId": "three"}},
        task_metadata={"model_usage": used},
    )
    assert [request.model for request in merged.requests.values()] == ["one", "two", "three"]


def test_search_blocks_a_diff_a_patch_and_a_new_file_are_edits_with_their_lines() -> None:
    patch = "*** Begin Patch\n*** Update File: d.py\n@@\n-old\n+patched\n*** End Patch"
    merged = read(
        asked(1),
        edit(2, diff=BLOCKS),
        edit(
            3, "editedExistingFile", "b.py", diff="--- b.py\n+++ b.py\n@@ -1 +1,2 @@\n-old\n+new\n+-- more\n"
        ),
        edit(4, "newFileCreated", "c.py", content="one\ntwo\n"),
        edit(5, "editedExistingFile", "d.py", content=patch),
        asked(6),
    )
    found = {Path(seen.path).name: seen for seen in merged.edits.values()}
    assert {name: (seen.kind, seen.added, seen.removed) for name, seen in found.items()} == {
        "a.py": (EditKind.STRINGS, "new one", "old"),
        "b.py": (EditKind.PATCH, "new\n-- more", "old"),
        "c.py": (EditKind.WRITE, "one\ntwo", ""),
        "d.py": (EditKind.PATCH, "patched", "old"),
    }
    assert {(seen.status, seen.cwd) for seen in found.values()} == {(CallStatus.OK, DEMO)}
    assert found["a.py"].path == f"{DEMO}/a.py"
    assert found["a.py"].request_key == f"T1:{BEGAN + 1000}"


NEW = "--- /dev/null\n+++ b/c.py\n@@ -0,0 +1,2 @@\n+one\n+two\n"
DIFF = "--- a/old.py\n+++ b/old.py\n@@ -1 +1 @@\n-one\n+two\n"


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("c.py", NEW, (EditKind.PATCH, "one\ntwo")),
        ("c.py", "*** Begin Patch\n*** Add File: c.py\n+one\n*** End Patch", (EditKind.WRITE, "one")),
        ("c.patch", NEW, (EditKind.WRITE, NEW.rstrip("\n"))),
        ("c.diff", DIFF, (EditKind.WRITE, DIFF.rstrip("\n"))),
        ("how.md", f"So it goes:\n{BLOCKS}", (EditKind.WRITE, f"So it goes:\n{BLOCKS}")),
        (
            "c.patch",
            "*** Begin Patch\n*** Add File: c.py\n+one\n*** End Patch",
            (EditKind.WRITE, "*** Begin Patch\n*** Add File: c.py\n+one\n*** End Patch"),
        ),
    ],
)
def test_a_new_file_that_is_a_diff_of_others_is_a_file(
    path: str, content: str, expected: tuple[EditKind, str]
) -> None:
    (seen,) = read(edit(2, "newFileCreated", path, content=content), asked(3)).edits.values()
    assert (Path(seen.path).name, seen.kind, seen.added) == (path, *expected)


def test_several_files_of_one_call_are_one_edit_each() -> None:
    batch = [{"path": name, "diffs": [{"content": BLOCKS}]} for name in ("a.py", "b.py")]
    merged = read(edit(2, batchDiffs=batch), asked(3))
    assert [(seen.path, seen.added) for seen in merged.edits.values()] == [
        (f"{DEMO}/a.py", "new one"),
        (f"{DEMO}/b.py", "new one"),
    ]


def test_the_conversation_tells_which_edits_were_refused_or_failed() -> None:
    talk = history("The user denied this operation.", "<error>\nno match</error>", "Changes applied")
    merged = read(edit(2, diff=BLOCKS), edit(3, diff=BLOCKS), edit(4, diff=BLOCKS), talk=talk)
    statuses = [seen.status for seen in merged.edits.values()]
    assert statuses == [CallStatus.REJECTED, CallStatus.FAILED, CallStatus.OK]


def test_native_tool_results_tell_the_same() -> None:
    talk = [
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "c", "name": "apply_diff", "input": {"path": "a.py"}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "c", "content": "The user denied it"}],
        },
    ]
    (seen,) = read(edit(2, diff=BLOCKS), asked(3), talk=talk).edits.values()
    assert seen.status is CallStatus.REJECTED


def test_an_edit_still_being_asked_about_has_no_verdict() -> None:
    assert not read(edit(2, diff=BLOCKS)).results
    assert not read(edit(2, diff=BLOCKS) | {"partial": True}).edits


def test_an_edit_that_a_person_altered_says_so() -> None:
    (seen,) = read(
        edit(2, diff=BLOCKS), row(3, "user_feedback_diff", {"path": "a.py"}), asked(4)
    ).edits.values()
    assert seen.is_human_modified


def test_prompts_are_the_task_and_what_was_said_to_it() -> None:
    merged = read(row(2, "text", "model's words"), row(3, "user_feedback", "no, other"))
    assert [prompt.text for prompt in merged.prompts.values()] == ["please", "no, other"]


def test_interruptions_failures_retries_and_compactions_are_told() -> None:
    shrunk = {"prevContextTokens": 900, "newContextTokens": 90}
    merged = read(
        asked(1, cancelReason="user_cancelled"),
        asked(2, cancelReason="streaming_failed", streamingFailedMessage="cut"),
        row(3, "api_req_retried"),
        row(4, "condense_context", contextCondense=shrunk),
        row(5, "brand_new"),
    )
    kinds = [error.kind for error in merged.errors.values()]
    assert kinds == [ErrorKind.ABORTED, ErrorKind.API_ERROR, ErrorKind.RETRY]
    assert [seen.after_tokens for seen in merged.compactions.values()] == [90]
    assert merged.unseen == {"row/brand_new": 1}


def test_rows_without_anything_beside_them_are_read() -> None:
    content = json.dumps([TASK, asked(1)]).encode()
    merged = merge([Cline().read(content, b"", FILE, 0)[0]])
    assert len(merged.requests) == 1


@pytest.mark.parametrize("content", [b"[", b"3", b"{}", b'[{"ts": "x"}, 4, null, {"ts": {}}]'])
def test_damaged_rows_raise_nothing(content: bytes) -> None:
    facts, _ = SOURCE.read(content, b"", FILE, 0)
    assert not facts.requests


def test_sessions_of_clines_own_program_give_requests_prompts_and_edits() -> None:
    call = {
        "type": "tool_use",
        "id": "c1",
        "name": "write_to_file",
        "input": {"path": "a.py", "content": "x\n"},
    }
    used = {"inputTokens": 10, "outputTokens": 5, "cacheReadTokens": 3, "cacheWriteTokens": 2, "cost": 0.1}
    messages = [
        {"role": "user", "content": "please", "ts": BEGAN},
        {"role": "assistant", "content": [call], "ts": BEGAN + 1, "metrics": used, "modelInfo": {"id": "m"}},
        {
            "role": "user",
            "ts": BEGAN + 2,
            "content": [{"type": "tool_result", "tool_use_id": "c1", "is_error": True}],
        },
    ]
    file = LogFile(Path("S1.messages.json"), None, "S1", shape=Shape.DOCUMENT)
    merged = merge([Cline().read(json.dumps({"messages": messages}).encode(), b"", file, 0)[0]])
    (request,) = merged.requests.values()
    assert (request.input, request.cache_read, request.cache_write_5m, request.output) == (5, 3, 2, 5)
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert [(seen.added, seen.status) for seen in merged.edits.values()] == [("x", CallStatus.FAILED)]


def talked(*messages: dict[str, Any], head: dict[str, Any] | None = None) -> Merged:
    """A session of Cline's own program, with its own record beside it."""
    file = LogFile(Path("S1.messages.json"), None, "S1", shape=Shape.DOCUMENT)
    talk = {"messages": list(messages), "origin": {"version": "3.0.65"}}
    told = {"S1.messages.json": talk, "S1.json": head} if head else talk
    return merge([Cline().read(json.dumps(told).encode(), b"", file, 0)[0]])


def edited(answer: str, **arguments: Any) -> list[dict[str, Any]]:
    """A call of its editor, and what that answered."""
    call = {"type": "tool_use", "id": "c1", "name": "editor", "input": {"path": "/d/a.py", **arguments}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": answer}
    return [
        {"role": "assistant", "content": [call], "ts": BEGAN + 1},
        {"role": "user", "content": [result], "ts": BEGAN + 2},
    ]


@pytest.mark.parametrize(
    ("arguments", "added", "removed", "kind"),
    [
        ({"new_text": "x\n"}, "x", "", EditKind.WRITE),
        ({"new_text": "y", "old_text": "x", "insert_line": None}, "y", "x", EditKind.STRINGS),
        ({"new_text": "z", "old_text": None, "insert_line": 3}, "z", "", EditKind.STRINGS),
    ],
)
def test_clines_editor_writes_replaces_and_inserts(
    arguments: dict[str, Any], added: str, removed: str, kind: EditKind
) -> None:
    (edit,) = talked(*edited('{"success":true}', **arguments)).edits.values()
    assert (edit.added, edit.removed, edit.kind, edit.status) == (added, removed, kind, CallStatus.OK)


def test_an_edit_that_clines_editor_refused_failed() -> None:
    (edit,) = talked(*edited('{"error":"no match","success":false}', new_text="x")).edits.values()
    assert edit.status is CallStatus.FAILED


def test_the_record_beside_a_session_tells_its_folder_and_the_prompt_has_no_mark() -> None:
    head = {"cwd": "/home/dev/demo", "started_at": "2026-06-17T10:00:00Z", "metadata": {"title": "t"}}
    typed = {"role": "user", "content": '<user_input mode="act">please</user_input>', "ts": BEGAN}
    merged = talked(typed, head=head)
    session = merged.sessions["S1"]
    assert (session.cwd, session.version, session.title) == ("/home/dev/demo", "3.0.65", "t")
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]


def test_what_a_sub_agent_of_cline_said_belongs_to_its_session(tmp_path: Path) -> None:
    folder = tmp_path / ".cline" / "data" / "sessions" / "S1"
    folder.mkdir(parents=True)
    (folder / "S1.json").write_text(json.dumps({"cwd": "/d", "started_at": "2026-06-17T10:00:00Z"}))
    used = {"metrics": {"inputTokens": 10, "outputTokens": 5}, "modelInfo": {"id": "m"}}
    told = [{"role": "user", "content": "please", "ts": BEGAN}, *edited('{"success":true}', new_text="x")]
    for name in ("S1", "agent_1"):
        messages = [message | (used if message["role"] == "assistant" else {}) for message in told]
        (folder / f"{name}.messages.json").write_text(json.dumps({"messages": messages}))
    files = list(Cline().files(LogsHome(tmp_path, {})))
    merged = merge(Cline().read(content_of(file), b"", file, 0)[0] for file in files)
    assert (list(merged.sessions), len(merged.prompts)) == (["S1"], 1)
    told_by = [(request.session_id, request.agent) for request in merged.requests.values()]
    assert sorted(told_by, key=str) == [("S1", "agent_1"), ("S1", None)]
    assert {edit.agent for edit in merged.edits.values()} == {None, "agent_1"}


def test_a_task_that_clines_new_program_took_over_is_not_told_again() -> None:
    warning = "Warning: this is a legacy conversation, which means tool names may have changed. Please use"
    told = [
        {"role": "user", "content": "please", "ts": BEGAN},
        *edited('{"success":true}', new_text="x"),
        {"role": "user", "content": [{"type": "text", "text": warning}], "ts": BEGAN + 3},
        {"role": "user", "content": "go on", "ts": BEGAN + 4},
    ]
    merged = talked(*told)
    assert ([prompt.text for prompt in merged.prompts.values()], merged.edits) == (["go on"], {})


def test_tasks_of_each_extension_are_found_in_every_editor(tmp_path: Path) -> None:
    for place in (
        ".config/Code/User/globalStorage/saoudrizwan.claude-dev",
        ".vscode-server/data/User/globalStorage/rooveterinaryinc.roo-cline",
        "Library/Application Support/Cursor/User/globalStorage/kilocode.kilo-code",
    ):
        folder = tmp_path / place / "tasks" / "T1"
        folder.mkdir(parents=True)
        (folder / "ui_messages.json").write_text("[]")
        (folder / "task_metadata.json").write_text("{}")
    home = LogsHome(tmp_path, {})
    for source in (Cline(), RooCode(), KiloCode()):
        (file,) = source.files(home)
        assert (file.name_hint, file.shape) == ("T1", Shape.DOCUMENT)
        assert "task_metadata.json" in {path.name for path in file.beside}
    (tmp_path / "own" / "sessions" / "S1").mkdir(parents=True)
    (tmp_path / "own" / "sessions" / "S1" / "S1.messages.json").write_text("{}")
    moved = LogsHome(tmp_path / "other", {"CLINE_DATA_DIR": str(tmp_path / "own")})
    assert [file.name_hint for file in Cline().files(moved)] == ["S1"]
