"""What Gemini CLI and Qwen Code, which grew out of it, share: tokens, tools, results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.fields import ANYTHING, count, first_text, record, records, text
from tokencoach.sources.file_tools import CallAt, FileChange, ToolNames, diffed, imaged
from tokencoach.sources.gemini.records import NOT_SHOWN, SHOWN, Shown
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections import Counter

    import msgspec

    from tokencoach.sources.gemini.records import Tokens, UsageMetadata

TOOLS: Final = ToolNames(
    edits=frozenset({"write_file", "replace", "edit", "edit_file", "notebook_edit"}),
    shells=frozenset({"run_shell_command", "shell"}),
)
_STATUS: Final = {
    "success": CallStatus.OK,
    "error": CallStatus.FAILED,
    "cancelled": CallStatus.REJECTED,
    "canceled": CallStatus.REJECTED,
}
_EXIT_CODE: Final = re.compile(r"^Exit Code: (-?[0-9]{1,9})$", re.MULTILINE)
_CODE: Final = b"Exit Code: "
_TAIL: Final = 2048
_CODE_SHOWN: Final = b'"exitCode":'


def tokens(told: Tokens | UsageMetadata) -> TokenCounts | None:
    """Tokens of an answer; none where all are missing.

    Input holds the cached. Whether output holds the thoughts, and input the tool's tokens, differs
    by provider: the total tells.
    """
    whole, output, thoughts = told.whole or 0, told.output or 0, told.thoughts or 0
    if not (whole or output or thoughts):
        return None
    tool, total = told.tool or 0, told.total or 0
    rest = total - whole - output if total else thoughts + tool
    if rest >= thoughts:
        output += thoughts
        rest -= thoughts
    if rest >= tool:
        whole += tool
    cached = min(whole, told.cached or 0)
    return TokenCounts(whole - cached, cached, 0, 0, output, min(output, thoughts))


def status_of(value: object) -> CallStatus | None:
    """How a call ended; nothing while it is under way."""
    return _STATUS.get(value) if isinstance(value, str) else None


def exit_code(result: msgspec.Raw, odd: Counter[str]) -> int | None:
    """The exit code among the lines that a shell's answer ends with."""
    if _CODE not in bytes(result):
        return None
    told = ANYTHING.decode_or(result, None, odd, "result")
    said = told if isinstance(told, str) else ""
    for part in records(told):
        response = record(record(part.get("functionResponse")).get("response"))
        said = first_text(response, "output", "error") or said
    found = _EXIT_CODE.findall(said[-_TAIL:])
    return int(found[-1]) if found else None


def code_shown(display: msgspec.Raw, odd: Counter[str]) -> int | None:
    """The exit code of a command, where what the person is shown of it tells it."""
    if _CODE_SHOWN not in bytes(display):
        return None
    told = SHOWN.decode_or(display, None, odd, "resultDisplay")
    code = told.code if isinstance(told, Shown) else None
    return code if type(code) is int else None


def changed(
    display: msgspec.Raw, at: CallAt, arguments: dict[str, Any], odd: Counter[str]
) -> tuple[list[FileChange], bool]:
    """What a finished edit did by what it shows, and whether the person had altered the proposal."""
    told = SHOWN.decode_or(display, None, odd, "resultDisplay")
    shown = NOT_SHOWN if told is None or isinstance(told, str) else told
    path = text(shown.path) or first_text(arguments, "file_path", "absolute_path", "path") or text(shown.name)
    if path is None:
        return [], False
    path = resolve(path, at.cwd)
    by_person = record(shown.counts)
    is_human_modified = bool(
        count(by_person.get("user_added_lines")) + count(by_person.get("user_removed_lines"))
    )
    diff = text(shown.diff)
    if diff is not None and "@@ " in diff:
        return [diffed(path, diff)], is_human_modified
    before = ANYTHING.decode_or(shown.before, None, odd, "originalContent")
    after = ANYTHING.decode_or(shown.after, None, odd, "newContent")
    if isinstance(after, str) and (isinstance(before, str) or before is None):
        return [imaged(path, before or "", after)], is_human_modified
    return [], is_human_modified
