"""Pi since 1.0, and its descendant: what is billed beside answers, calls that scripts make, sessions kept elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sources.agents import DEMO, counted, make, stamp
from sources.merging import merge
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.pi import Pi
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from sources.merging import Merged

PI = LogFile(Path("x_S1.jsonl"), None, "S1")
HEAD = {"type": "session", "version": 3, "id": "S1", "timestamp": stamp(0), "cwd": DEMO}
CHOSEN = {
    "type": "model_change",
    "id": "c",
    "timestamp": stamp(0),
    "modelId": "gpt-5.5",
    "provider": "openai",
}
USED = {
    "input": 1,
    "output": 2,
    "cacheRead": 50_000,
    "cacheWrite": 30,
    "cacheWrite1h": 20,
    "cost": {"total": 0.015},
}


def entry(second: int, named: str, /, **fields: Any) -> dict[str, Any]:
    """An entry of a session."""
    return {"type": named, "id": f"e{second}", "timestamp": stamp(second)} | fields


def result(second: int, **fields: Any) -> dict[str, Any]:
    """The result of a script that the model wrote."""
    told = {"role": "toolResult", "toolCallId": "t", "toolName": "codemode", "content": [], "isError": False}
    return entry(second, "message", message=told | fields)


def answer(second: int, *blocks: Any) -> dict[str, Any]:
    """An answer of the descendant, which tells of reasoning under a name of its own."""
    used = {"input": 200, "output": 50, "cacheRead": 800, "cacheWrite": 0, "reasoningTokens": 20}
    told = {"role": "assistant", "content": list(blocks), "usage": used, "model": "m", "stopReason": "stop"}
    return entry(second, "message", message=told)


def said(second: int, whose: str) -> dict[str, Any]:
    """What the descendant was told, and by whom."""
    return entry(second, "message", message={"role": "user", "content": f"by {whose}", "attribution": whose})


def read(*entries: dict[str, Any]) -> Merged:
    return read_all(Pi(), [HEAD, CHOSEN, *entries], PI)


@pytest.mark.parametrize(
    ("told", "model"),
    [
        (entry(1, "usage", kind="cache_warm", model="claude-sonnet-4-5", usage=USED), "claude-sonnet-4-5"),
        (entry(1, "model_usage", purpose="title", model="gpt-5-nano", usage=USED), "gpt-5-nano"),
        (entry(1, "compaction", tokensBefore=900, usage=USED), "gpt-5.5"),
        (entry(1, "branch_summary", summary="x", usage=USED), "gpt-5.5"),
        (result(1, usage=USED), "unknown"),
    ],
    ids=[
        "cache kept warm",
        "model asked aside",
        "compaction",
        "summary of a branch",
        "model asked by a tool",
    ],
)
def test_what_pi_bills_beside_answers_counts_once(told: dict[str, Any], model: str) -> None:
    merged = read(told, told)
    (request,) = merged.requests.values()
    assert (request.input, request.cache_read, request.output) == (1, 50_000, 2)
    assert (request.cache_write_5m, request.cache_write_1h) == (10, 20)
    assert (request.model, request.logged_cost_usd, request.session_id) == (model, 0.015, "S1")
    assert not merged.unseen


def test_calls_that_a_script_made_are_calls_with_their_ends() -> None:
    edit = {"path": "a.py", "edits": [{"oldText": "old", "newText": "new"}]}
    calls = [
        {"id": "t/1", "name": "edit", "arguments": edit, "status": "ok"},
        {"id": "t/2", "name": "bash", "arguments": {"command": "pytest -q"}, "status": "ok"},
        {
            "id": "t/3",
            "name": "write",
            "argumentsBytes": 90_000,
            "status": "error",
            "error": "no such folder",
        },
        {"id": "t/4", "name": "read", "arguments": {"path": "b.py"}, "status": "unfinished"},
        {"id": 5, "name": None},
    ]
    merged = read(result(1, nestedCalls={"calls": calls, "complete": False}))
    (seen,) = merged.edits.values()
    assert (seen.path, seen.added, seen.removed, seen.call_key) == (f"{DEMO}/a.py", "new", "old", "S1:t/1")
    kinds = [call.kind for call in merged.calls.values()]
    assert kinds == [ToolKind.EDIT, ToolKind.TEST, ToolKind.EDIT, ToolKind.READ]
    ends = [merged.results[f"S1:t/{number}"].status for number in range(1, 5)]
    assert ends == [CallStatus.OK, CallStatus.OK, CallStatus.FAILED, CallStatus.INTERRUPTED]


def test_the_descendants_titles_models_and_compactions_are_told() -> None:
    merged = read(
        entry(1, "model_change", model="anthropic/claude-opus-4-5", role="default"),
        entry(2, "title_change", title="Mend the parser", source="auto"),
        entry(3, "compaction", tokensBefore=900, tokensAfter=100, usage=USED),
        *(entry(4 + at, kind) for at, kind in enumerate(("credential_pin", "session_init", "context_edit"))),
    )
    assert merged.sessions["S1"].title == "Mend the parser"
    assert [request.model for request in merged.requests.values()] == ["claude-opus-4-5"]
    assert [(one.before_tokens, one.after_tokens) for one in merged.compactions.values()] == [(900, 100)]
    assert not merged.unseen


def found(home: LogsHome) -> set[str]:
    """The sessions whose files are found."""
    return {file.name_hint for file in Pi().files(home)}


def test_sessions_are_found_where_the_variable_and_the_settings_put_them(tmp_path: Path) -> None:
    make(tmp_path, "a/2026_S1.jsonl", "b/x/2026_S2.jsonl", ".pi/agent/sessions/x/2026_S3.jsonl")
    make(tmp_path, ".omp/agent/sessions/x/2026_S4.jsonl", ".mine/agent/sessions/x/2026_S5.jsonl")
    settings = tmp_path / ".pi" / "agent" / "settings.json"
    for told in (str(tmp_path / "b"), "~/b"):
        settings.write_text(json.dumps({"sessionDir": told}))
        variables = {"PI_CODING_AGENT_SESSION_DIR": str(tmp_path / "a"), "PI_CONFIG_DIR": "~/.mine"}
        assert found(LogsHome(tmp_path, variables)) == {"S1", "S2", "S3", "S5"}


@pytest.mark.parametrize("told", ["relative/folder", 7, None], ids=["relative", "number", "nothing"])
def test_a_setting_that_names_no_folder_leaves_the_usual_one(tmp_path: Path, told: object) -> None:
    make(tmp_path, ".pi/agent/sessions/x/2026_S3.jsonl")
    (tmp_path / ".pi" / "agent" / "settings.json").write_text(json.dumps({"sessionDir": told}))
    assert found(LogsHome(tmp_path, {"HOME": "x"})) == {"S3"}


def test_an_absolute_folder_of_the_settings_does_not_hold_in_a_copy_of_another_home(tmp_path: Path) -> None:
    home = tmp_path / "copy"
    make(tmp_path, "elsewhere/2026_S1.jsonl", "copy/.pi/agent/sessions/x/2026_S3.jsonl")
    told = {"sessionDir": str(tmp_path / "elsewhere")}
    (home / ".pi" / "agent" / "settings.json").write_text(json.dumps(told))
    assert found(LogsHome(home, {})) == {"S3"}


def test_nothing_is_billed_where_an_entry_tells_no_tokens() -> None:
    merged = read(entry(1, "usage", kind="cache_warm", usage={}), entry(2, "compaction", usage=None))
    assert counted(merged) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("(no output)\n\nCommand exited with code 2", 2),
        ("done", None),
        ("Command exited with code 2, it said", None),
    ],
    ids=["failed", "ended well", "only quoted"],
)
def test_a_commands_exit_code_is_told_with_its_result(said: str, code: int | None) -> None:
    told = {"toolName": "bash", "content": [{"type": "text", "text": said}], "isError": code is not None}
    (seen,) = read(result(1, **told)).results.values()
    assert seen.exit_code == code


def test_edits_by_lines_of_the_descendant_are_what_their_results_tell() -> None:
    told = {"diff": "-1|old\n+1|new", "path": f"{DEMO}/a.py", "oldText": "old\nb\n", "newText": "new\nb\n"}
    several = {
        "diff": "",
        "perFileResults": [
            told | {"path": "b.py", "sourcePath": "c.py"},
            {"path": "d.py", "diff": " 1|a\n-2|long\n+2|longer\n+3|", "snapshotsPruned": True},
            told | {"path": "e.py", "isError": True},
        ],
    }
    use = {
        "type": "toolCall",
        "id": "t",
        "name": "edit",
        "arguments": {"input": "[a.py#A1B2]\nPUT 1.=1:\n+new"},
    }
    merged = read(
        answer(1, use),
        result(2, toolName="edit", details=told),
        answer(3, use),
        result(4, toolName="edit", details=several),
    )
    edits = [(edit.path, edit.removed, edit.added, edit.moved_from) for edit in merged.edits.values()]
    assert edits == [
        (f"{DEMO}/a.py", "old", "new", None),
        (f"{DEMO}/b.py", "old", "new", f"{DEMO}/c.py"),
        (f"{DEMO}/d.py", "long", "longer\n", None),
    ]
    assert [request.reasoning for request in merged.requests.values()] == [20, 20]


def test_sub_agents_of_the_descendant_belong_to_their_session(tmp_path: Path) -> None:
    logs = {
        "2026_S1.jsonl": [said(1, "user"), answer(2)],
        "2026_S1/One.jsonl": [said(3, "agent"), answer(4)],
        "2026_S1/One/Two.jsonl": [said(5, "agent"), answer(6)],
    }
    for name, records in logs.items():
        log = tmp_path / ".omp/agent/sessions/-x" / name
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(jsonl([HEAD | {"id": "S1" if name == "2026_S1.jsonl" else name}, *records]))
    files = list(Pi().files(LogsHome(tmp_path, {})))
    merged = merge(part for file in files for part in read_parts(Pi(), file.path.read_bytes(), file=file))
    assert list(merged.sessions) == ["S1"]
    assert [prompt.text for prompt in merged.prompts.values()] == ["by user"]
    told = sorted((request.session_id, request.agent or "") for request in merged.requests.values())
    assert told == [("S1", ""), ("S1", "One"), ("S1", "Two")]
    assert set(merged.agents) == {"One", "Two"}


def test_the_descendants_profiles_and_its_desktops_folder_are_looked_into(tmp_path: Path) -> None:
    make(
        tmp_path,
        ".omp/profiles/office/agent/sessions/x/2026_S1.jsonl",
        "data/omp/sessions/x/2026_S2.jsonl",
        "data/omp/profiles/home/sessions/x/2026_S3.jsonl",
    )
    home = LogsHome(tmp_path, {"XDG_DATA_HOME": str(tmp_path / "data")})
    assert sorted(file.name_hint for file in Pi().files(home)) == ["S1", "S2", "S3"]
    assert [file.name_hint for file in Pi().files(LogsHome(tmp_path, {}))] == ["S1"]
