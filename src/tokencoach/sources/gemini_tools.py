"""What Gemini CLI and Qwen Code, which grew out of it, share: tokens, tools, results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.fields import count, first_text, record, records
from tokencoach.sources.file_tools import CallAt, FileChange, ToolNames, diffed, imaged
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_TAIL: Final = 2048


def tokens(fields: Mapping[str, Any], names: tuple[str, str, str, str, str, str]) -> TokenCounts | None:
    """Tokens by the names of input, output, cached, thoughts, tool and total; none where all are missing.

    Input holds the cached. Whether output holds the thoughts, and input the tool's tokens, differs
    by provider: the total tells.
    """
    whole, output, cached, thoughts, tool, total = (count(fields.get(name)) for name in names)
    if not (whole or output or thoughts):
        return None
    rest = total - whole - output if total else thoughts + tool
    if rest >= thoughts:
        output += thoughts
        rest -= thoughts
    if rest >= tool:
        whole += tool
    cached = min(whole, cached)
    return TokenCounts(whole - cached, cached, 0, 0, output, min(output, thoughts))


def status_of(value: object) -> CallStatus | None:
    """How a call ended; nothing while it is under way."""
    return _STATUS.get(value) if isinstance(value, str) else None


def exit_code(result: object) -> int | None:
    """The exit code among the lines that a shell's answer ends with."""
    said = result if isinstance(result, str) else ""
    for part in records(result):
        response = record(record(part.get("functionResponse")).get("response"))
        said = first_text(response, "output", "error") or said
    tail = said[-_TAIL:]
    found = _EXIT_CODE.findall(tail) if "Exit Code: " in tail else []
    return int(found[-1]) if found else None


def changed(display: object, at: CallAt, arguments: dict[str, Any]) -> tuple[list[FileChange], bool]:
    """What a finished edit did by what it shows, and whether the person had altered the proposal."""
    shown = record(display)
    path = first_text(shown, "filePath") or first_text(arguments, "file_path", "absolute_path", "path")
    if path is None:
        path = first_text(shown, "fileName")
    if path is None:
        return [], False
    path = resolve(path, at.cwd)
    by_person = record(shown.get("diffStat"))
    is_human_modified = bool(
        count(by_person.get("user_added_lines")) + count(by_person.get("user_removed_lines"))
    )
    diff = first_text(shown, "fileDiff")
    before, after = shown.get("originalContent"), shown.get("newContent")
    if diff is not None and "@@ " in diff:
        return [diffed(path, diff)], is_human_modified
    if isinstance(after, str) and (isinstance(before, str) or before is None) and "newContent" in shown:
        return [imaged(path, before or "", after)], is_human_modified
    return [], is_human_modified
