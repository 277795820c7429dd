"""What calls did, as the logs of the assistants tell it: kinds, files read, exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sources import claude_records as claude
from sources import codex_records as codex
from sources import gemini_records as gemini
from sources.reading import read_all
from sources.sample_logs import SAMPLES
from sources.test_every_source import name_of, read
from tokencoach.sources.blocks import TOOLS
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.codex import Codex
from tokencoach.sources.file_tools import kind_of_call
from tokencoach.sources.gemini.cli import GeminiCli
from tokencoach.sources.tool_kinds import kind_of_tool
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from sources.samples import Sample

NAMES = {
    ToolKind.READ: ("Read", "read_file", "ReadFile", "view", "readFile", "NotebookRead", "builtin_read_file"),
    ToolKind.SEARCH: ("Grep", "Glob", "LS", "list_dir", "search_file_content", "codebase_search", "grep_search",
                      "mcp__files__search_files", "finder", "listFiles"),
    ToolKind.EDIT: ("Edit", "Write", "MultiEdit", "apply_patch", "str_replace_editor", "replace_in_file",
                    "mcp__files__write_file", "developer__text_editor"),
    ToolKind.EXECUTE: ("Bash", "PowerShell", "run_shell_command", "exec_command", "run_in_terminal", "developer__shell"),
    ToolKind.FETCH: ("WebFetch", "WebSearch", "google_web_search", "mcp__web__fetch"),
    ToolKind.DELEGATE: ("Task", "Agent", "spawn_agent", "runSubagent"),
    ToolKind.PLAN: ("TodoWrite", "update_plan", "write_todos", "ExitPlanMode", "TaskCreate"),
    ToolKind.ASK: ("AskUserQuestion", "ask_followup_question", "request_user_input"),
    ToolKind.LINT: ("mcp__ide__getDiagnostics",),
    ToolKind.TEST: ("runTests",),
    ToolKind.OTHER: ("mcp__browser__find", "mcp__tracker__create", "mcp__tracker__create_issue", "Monitor", "", "__",
                     "x" * 999),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names])
def test_a_tool_is_known_by_its_name(kind: ToolKind, name: str) -> None:
    assert kind_of_tool(name) is kind


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_every_source_tells_what_its_edits_are(sample: Sample) -> None:
    merged = read(sample)
    told = {call.kind for call in merged.calls.values() if call.is_edit}
    assert told <= {ToolKind.EDIT}
    for call in merged.calls.values():
        assert (call.kind is None) == (call.name == "bash"), call


def _claude(name: str, **arguments: Any) -> tuple[ToolKind | None, str | None]:
    lines = [claude.assistant(1, content=[claude.tool_use("t1", name, **arguments)])]
    (call,) = read_all(ClaudeCode(), lines).calls.values()
    return call.kind, call.path


def test_a_call_of_claude_code_tells_its_kind_and_the_file_it_read() -> None:
    assert _claude("Read", file_path="/home/dev/demo/a.py", offset=10) == (
        ToolKind.READ,
        "/home/dev/demo/a.py",
    )
    assert _claude("Read", file_path="a.py") == (ToolKind.READ, "/home/dev/demo/a.py")
    assert _claude("Bash", command="cat src/a.py") == (ToolKind.READ, "/home/dev/demo/src/a.py")
    assert _claude("Bash", command="pytest -q 2>&1 | tail") == (ToolKind.TEST, None)
    assert _claude("Edit", file_path="/a", old_string="x", new_string="y") == (ToolKind.EDIT, None)
    assert _claude("Bash") == (None, None)
    assert _claude("Bash", command=["pytest"]) == (None, None)
    assert _claude("Read", file_path=7) == (ToolKind.READ, None)


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        ("Exit code 2\nno such file", {"is_error": True}, 2),
        ([{"type": "text", "text": "Exit code 127\nnot found"}], {"is_error": True}, 127),
        ("Error: Exit code 1", {"is_error": True}, 1),
        ("the program said: Exit code 3", {"is_error": True}, None),
        ("Exit code 2", {}, None),
        ("", {"is_error": True}, None),
    ],
)
def test_an_exit_code_of_claude_code_stands_at_the_head_of_an_error(
    content: Any, fields: dict[str, Any], code: int | None
) -> None:
    (seen,) = read_all(ClaudeCode(), [claude.result(2, "t1", content, **fields)]).results.values()
    assert seen.exit_code == code


def _codex(*records: Any) -> tuple[ToolKind | None, str | None, int | None]:
    merged = read_all(Codex(), [codex.meta(), codex.turn(1), *records])
    (call,) = merged.calls.values()
    result = merged.results.get(call.key)
    return call.kind, call.path, result.exit_code if result else None


def test_a_command_of_codex_tells_its_kind_its_file_and_its_exit_code() -> None:
    listed = codex.function_call(2, "c1", "shell", command=["bash", "-lc", "sed -n '1,80p' a.py"])
    assert _codex(listed) == (ToolKind.READ, "/home/dev/demo/a.py", None)
    typed = codex.function_call(2, "c1", "exec_command", cmd="pytest -q", workdir="/home/dev/demo")
    ended = codex.output(3, "c1", "Process exited with code 1\nOutput:\nFAILED")
    assert _codex(typed, ended) == (ToolKind.TEST, None, 1)
    older = codex.output(3, "c1", '{"output":"ok","metadata":{"exit_code":0}}')
    assert _codex(typed, older) == (ToolKind.TEST, None, 0)
    item = codex.item(3, "CommandExecution", id="c1", command=["go", "build"], exit_code=2, status="failed")
    assert _codex(item) == (ToolKind.BUILD, None, 2)


def test_what_codex_plans_and_patches_is_known() -> None:
    assert _codex(codex.function_call(2, "c1", "update_plan", plan=[]))[0] is ToolKind.PLAN
    patch = "*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch"
    assert _codex(codex.custom_call(2, "c1", "apply_patch", patch))[0] is ToolKind.EDIT
    program = codex.custom_call(2, "c1", "exec", "const done = await tools.exec_command({cmd: 'pytest'})")
    assert _codex(program)[0] is None
    called = codex.function_call(2, "c1", "shell", command=["apply_patch", patch])
    assert _codex(called)[0] is ToolKind.EDIT


def test_a_command_of_gemini_tells_its_kind_and_its_exit_code() -> None:
    said = "Command: npm test\nOutput: failing\nExit Code: 1\nSignal: 0"
    answer = [{"functionResponse": {"id": "s1", "name": "run_shell_command", "response": {"output": said}}}]
    call = gemini.call("s1", "run_shell_command", args={"command": "npm test"}, result=answer)
    merged = read_all(GeminiCli(), [gemini.head(), gemini.answer(1, toolCalls=[call])])
    ((key, seen),) = merged.calls.items()
    assert (seen.kind, merged.results[key].exit_code) == (ToolKind.TEST, 1)


def test_a_tool_that_edits_and_views_is_known_by_its_command() -> None:
    viewed = kind_of_call("str_replace_editor", {"command": "view", "path": "a.py"}, "/w", TOOLS)
    assert viewed == (ToolKind.READ, "/w/a.py", 0)
    assert (
        kind_of_call("str_replace_editor", {"command": "create", "path": "a.py"}, "/w", TOOLS)[0]
        is ToolKind.EDIT
    )
    assert kind_of_call("bash", {}, "/w", TOOLS) == (None, None, 0)
    assert kind_of_call("bash", {"command": "cargo test"}, "/w", TOOLS)[0] is ToolKind.TEST
