"""Messages made of blocks (text, tool use, tool result), as many assistants keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.fields import ANYTHING, decoded, first_text, record, records, text
from tokencoach.sources.file_tools import (
    CallAt,
    FileChange,
    ToolNames,
    diffed,
    tell_call,
    tell_change,
)
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections import Counter

    from tokencoach.sources.gathering import Gathering

#: Names under which assistants run tools that change files, and commands.
TOOLS: Final = ToolNames(
    edits=frozenset(
        {
            *(
                "edit",
                "Edit",
                "write",
                "Write",
                "MultiEdit",
                "multiedit",
                "multi_edit",
                "edit_file",
                "create_file",
            ),
            *(
                "write_file",
                "create",
                "Create",
                "ApplyPatch",
                "apply_patch",
                "str_replace",
                "StrReplace",
                "replace",
            ),
            *("str_replace_editor", "str_replace_based_edit_tool", "text_editor", "developer__text_editor"),
            *("search_replace", "WriteFile", "StrReplaceFile", "insert", "NotebookEdit", "delete_file"),
        }
    ),
    shells=frozenset(
        {
            *("bash", "Bash", "Shell", "shell", "Execute", "execute_command", "terminal", "run_terminal_cmd"),
            *(
                "run_terminal_command",
                "run_terminal_command_v2",
                "developer__shell",
                "powershell",
                "PowerShell",
            ),
        }
    ),
)
#: How a block is named that asks for a tool.
USES: Final = ("tool_use", "toolCall", "tool_call")


def texts_of(content: Any) -> list[str]:
    """The texts of a message's content, which is a text or a list of blocks."""
    if isinstance(content, str):
        return [content] if content else []
    if not isinstance(content, list):
        return []
    return [
        words
        for block in content
        if isinstance(block, dict) and block.get("type") in (None, "text")
        if (words := text(block.get("text")))
    ]


_NOTHING: Final = msgspec.Raw()


class Block(msgspec.Struct, frozen=True):
    """A block of a message, as far as tools are concerned; what is said stays undecoded."""

    type: Any = None
    id: Any = None
    name: Any = None
    call: Any = msgspec.field(default=None, name="toolCallId")
    input: msgspec.Raw = _NOTHING
    arguments: msgspec.Raw = _NOTHING
    args: msgspec.Raw = _NOTHING


def texts_in(content: msgspec.Raw, odd: Counter[str]) -> list[str]:
    """Texts of a message whose content is not decoded yet."""
    return texts_of(ANYTHING.decode_or(content, None, odd, "content"))


def tell_use_in(into: Gathering, at: CallAt, block: Block) -> str | None:
    """One call by its block; gives the path that it edits. ``at`` is the place of the call itself."""
    name = block.name
    if not isinstance(name, str) or not name:
        return None
    raw = bytes(block.arguments or block.input or block.args)
    told = ANYTHING.decode_or(raw, None, into.odd, "arguments")
    if isinstance(told, str):
        told, raw = decoded(told, into.odd), b""
    told = told if isinstance(told, dict) else {}
    tell_call(into, at, name, told, TOOLS, raw if told else b"")
    path = first_text(told, "path", "file_path", "filePath") if name in TOOLS.edits else None
    return resolve(path, at.cwd) if path else None


def tell_uses(into: Gathering, at: CallAt, content: Any) -> dict[str, str]:
    """Tool calls among the blocks; gives the path that each edit is of, by its key."""
    paths = {}
    for block in records(content):
        if block.get("type") not in USES:
            continue
        name, own = text(block.get("name")), first_text(block, "id", "toolCallId")
        if name is None or own is None:
            continue
        arguments = record(decoded(_given(block), into.odd))
        key = f"{at.session_id}:{own}"
        if into.with_edits:
            tell_call(into, at.called(key), name, arguments, TOOLS)
        path = first_text(arguments, "path", "file_path", "filePath") if name in TOOLS.edits else None
        if path:
            paths[key] = resolve(path, at.cwd)
    return paths


def _given(use: dict[str, Any]) -> Any:
    for key in ("input", "arguments", "args"):
        if key in use:
            return use[key]
    return None


def status_of(said: str, *, is_error: bool) -> CallStatus:
    """How a call ended by whether it erred, and by what it said of it."""
    if not is_error:
        return CallStatus.OK
    head = said[:300].lower()
    if any(words in head for words in ("rejected", "denied", "declined", "doesn't want", "not allowed")):
        return CallStatus.REJECTED
    return CallStatus.INTERRUPTED if "aborted" in head or "interrupted" in head else CallStatus.FAILED


def tell_diff(into: Gathering, at: CallAt, path: str | None, diff: Any) -> None:
    """A finished edit's exact lines, where its result holds a unified diff."""
    if path and isinstance(diff, str) and "@@ -" in diff:
        files: list[FileChange] = [diffed(path, diff.strip().removesuffix("```"))]
        tell_change(into, at, files)
