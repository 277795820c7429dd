"""What the conversation beside a task's rows tells: folder, model, and how edits ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.fields import first_text, items, moment_ms, record, records, text, word
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER: Final = re.compile(r"# Current (?:Workspace|Working) Directory \(([^)\n]+)\)")
_MODEL: Final = re.compile(r"<model>([^<\n]{1,120})</model>")
_RESULT: Final = re.compile(
    r"\[(?:write_to_file|replace_in_file|apply_diff|insert_content|search_and_replace|edit_file|apply_patch)"
    r" for '([^'\n]*)'[^\]\n]*\] Result:\s*(.{0,200})",
    re.DOTALL,
)
_DENIED: Final = ("The user denied", "User denied", "The user rejected")
_FAILED: Final = (
    "<error>",
    "Error",
    "The tool execution failed",
    "This is likely because",
    "Unable to apply diff",
)
_EDIT_TOOLS: Final = frozenset(
    {
        "write_to_file",
        "replace_in_file",
        "apply_diff",
        "insert_content",
        "search_and_replace",
        "edit_file",
        "edit",
    }
)


def cwd_of(history: object) -> str | None:
    """The working folder that the environment's description names."""
    for words in _texts(history):
        found = _FOLDER.search(words)
        if found:
            return found[1]
    return None


def last_model(history: object) -> str | None:
    """The model that the environment's description names last."""
    found = None
    for words in _texts(history):
        for match in _MODEL.finditer(words):
            found = match[1]
    return found


def models_by_time(metadata: object) -> list[tuple[int, str]]:
    """Models and the instants since which they were used, oldest first."""
    used = []
    for entry in records(record(metadata).get("model_usage")):
        at_ms, model = moment_ms(entry.get("ts")), text(entry.get("model_id"))
        if at_ms is not None and model is not None:
            used.append((at_ms, model))
    return sorted(used)


def verdicts(history: object) -> Iterator[tuple[str, CallStatus]]:
    """Each edit's path and how it ended, in the order of the conversation."""
    asked: dict[str, str] = {}
    for message in records(history):
        for block in _blocks(message):
            kind = block.get("type")
            if kind == "tool_use" and word(block.get("name")) in _EDIT_TOOLS:
                path = first_text(record(block.get("input")), "path", "file_path")
                own = text(block.get("id"))
                if path and own:
                    asked[own] = path
            elif kind == "tool_result" and word(block.get("tool_use_id")) in asked:
                yield asked[str(block["tool_use_id"])], _status("\n".join(_words(block.get("content"))))
            elif kind == "text" and message.get("role") == "user":
                for match in _RESULT.finditer(str(block.get("text"))):
                    yield match[1], _status(match[2])


def _status(words: str) -> CallStatus:
    if words.startswith(_DENIED):
        return CallStatus.REJECTED
    return CallStatus.FAILED if words.startswith(_FAILED) or "<error_details>" in words else CallStatus.OK


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else records(content)


def _texts(history: object) -> Iterator[str]:
    for message in records(history):
        for block in _blocks(message):
            yield from _words(block.get("text"))
            if block.get("type") == "tool_result":
                yield from _words(block.get("content"))


def _words(content: object) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part for item in items(content) if isinstance(part := record(item).get("text"), str)]
