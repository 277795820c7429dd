"""Zed: compressed threads, paths below the project's folders, sub-agents, threads that others shared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from sources.agents import DEMO, DIFF, counted
from sources.rows import create, read_rows
from tokencoach.sources.zed import Zed
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from pathlib import Path

    from sources.merging import Merged


def zed(path: Path, thread: dict[str, Any], kind: str = "zstd") -> Merged:
    """Facts of a database of Zed with one thread."""
    raw = json.dumps(thread).encode()
    data = zstandard.ZstdCompressor().compress(raw) if kind == "zstd" else raw
    owner = create(path, threads="id TEXT PRIMARY KEY, summary, updated_at, data_type, data")
    owner.execute("INSERT INTO threads VALUES('T1', 't', '2026-06-17T10:00:00Z', ?, ?)", (kind, data))
    merged = read_rows(Zed(), path)
    owner.close()
    return merged


USED = {
    "input_tokens": 10,
    "output_tokens": 5,
    "cache_read_input_tokens": 3,
    "cache_creation_input_tokens": 2,
}
SUM = {name: value * 3 for name, value in USED.items()}
THREAD = {
    "model": {"provider": "anthropic", "model": "claude-x"},
    "request_token_usage": {"u1": USED},
    "cumulative_token_usage": SUM,
    "initial_project_snapshot": {"worktree_snapshots": [{"worktree_path": DEMO}]},
    "messages": [
        {"User": {"id": "u1", "content": [{"Text": "please"}]}},
        {
            "Agent": {
                "content": [{"ToolUse": {"id": "t", "name": "edit_file", "input": {"path": "demo/a.py"}}}],
                "tool_results": {
                    "t": {
                        "tool_use_id": "t",
                        "is_error": False,
                        "content": {"Text": "ok"},
                        "output": {"input_path": f"{DEMO}/a.py", "diff": DIFF},
                    }
                },
            }
        },
    ],
}


@pytest.mark.parametrize("kind", ["zstd", "json"])
def test_zeds_threads_give_requests_up_to_their_sum(tmp_path: Path, kind: str) -> None:
    merged = zed(tmp_path / "threads.db", THREAD, kind)
    assert counted(merged) == [(10, 3, 2, 5, 0), (20, 6, 4, 10, 0)]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert [(edit.path, edit.added, edit.status) for edit in merged.edits.values()] == [
        (f"{DEMO}/a.py", "new\n-- two", CallStatus.OK)
    ]
    assert merged.sessions["T1"].cwd == DEMO


def zed_edit(path: str, **told: Any) -> list[dict[str, Any]]:
    """A prompt and an edit, as Zed keeps them today."""
    output = {"input_path": path, "old_text": "old\n", "new_text": "new\n", "diff": "x"}
    use = {"id": "t", "name": "edit_file", "input": {"path": path, "mode": "edit"}}
    result = {"tool_use_id": "t", "is_error": False, "content": [{"Text": "ok"}], "output": output} | told
    return [
        {"User": {"id": "u1", "content": [{"Text": "please"}]}},
        {"Agent": {"content": [{"ToolUse": use}], "tool_results": {"t": result}}},
    ]


@pytest.mark.parametrize("path", ["demo/src/a.py", "src/a.py", f"{DEMO}/src/a.py"])
def test_zeds_paths_begin_with_the_name_of_the_projects_folder(tmp_path: Path, path: str) -> None:
    merged = zed(tmp_path / "threads.db", THREAD | {"messages": zed_edit(path)})
    told = [(edit.path, edit.added, edit.status) for edit in merged.edits.values()]
    assert told == [(f"{DEMO}/src/a.py", "new", CallStatus.OK)]


def test_an_edit_that_the_person_refused_in_zed_is_rejected(tmp_path: Path) -> None:
    said = [{"Text": "Permission to run tool denied by user"}]
    refused = zed_edit("demo/a.py", is_error=True, content=said, output={"error": "denied"})
    merged = zed(tmp_path / "threads.db", THREAD | {"messages": refused})
    assert [result.status for result in merged.results.values()] == [CallStatus.REJECTED]


def test_what_a_sub_agent_of_zed_did_belongs_to_the_thread_that_started_it(tmp_path: Path) -> None:
    thread = THREAD | {"messages": zed_edit("demo/a.py")}
    data = zstandard.ZstdCompressor().compress(json.dumps(thread).encode())
    columns = "id TEXT PRIMARY KEY, summary, updated_at, data_type, data, folder_paths, parent_id, created_at"
    owner = create(tmp_path / "threads.db", threads=columns)
    for own, parent in (("T1", None), ("kid", "T1")):
        told = (own, "t", "2026-06-17T10:00:00Z", "zstd", data, DEMO, parent, "2026-06-16T10:00:00Z")
        owner.execute("INSERT INTO threads VALUES(?, ?, ?, ?, ?, ?, ?, ?)", told)
    merged = read_rows(Zed(), tmp_path / "threads.db")
    owner.close()
    assert (list(merged.sessions), len(merged.prompts)) == (["T1"], 1)
    assert sorted((seen.session_id, seen.agent or "") for seen in merged.requests.values()) == [
        ("T1", ""),
        ("T1", ""),
        ("T1", "kid"),
        ("T1", "kid"),
    ]
    assert {edit.agent for edit in merged.edits.values()} == {None, "kid"}
    assert merged.sessions["T1"].last_ms - merged.sessions["T1"].first_ms == 86_400_000


def test_of_a_thread_that_another_person_shared_only_what_went_on_here_counts(tmp_path: Path) -> None:
    own = [{"User": {"id": "u2", "content": [{"Text": "go on"}]}}]
    shared = {"imported": True, "request_token_usage": {"u2": USED}, "cumulative_token_usage": USED}
    merged = zed(tmp_path / "threads.db", THREAD | shared | {"messages": [*zed_edit("demo/a.py"), *own]})
    assert ([prompt.text for prompt in merged.prompts.values()], merged.edits) == (["go on"], {})
    assert counted(merged) == [(10, 3, 2, 5, 0)]


def test_a_damaged_thread_is_quarantined(tmp_path: Path) -> None:
    owner = create(
        tmp_path / "threads.db", threads="id TEXT PRIMARY KEY, summary, updated_at, data_type, data"
    )
    owner.execute("INSERT INTO threads VALUES('T1', 't', '2026-06-17T10:00:00Z', 'zstd', x'00ff')")
    merged = read_rows(Zed(), tmp_path / "threads.db")
    assert (len(merged.quarantined), len(merged.requests)) == (1, 0)
    owner.close()
