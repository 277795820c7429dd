"""File changes by Claude Code: as the model proposed them, and as the tool carried them out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.sources.claude_code.records import (
    ANYTHING,
    HUNKS,
    INPUTS,
    PARTS,
    EditInput,
    EditPart,
    ToolDetail,
)
from tokencoach.sources.claude_code.tools import EDIT_TOOLS
from tokencoach.sources.diffs import LineChange, hunk_change, repeated, text_change
from tokencoach.sources.file_tools import proposed
from tokencoach.usage.facts import EditSeen
from tokencoach.usage.words import CallStatus, EditKind

if TYPE_CHECKING:
    from collections import Counter

PROPOSED, CARRIED_OUT = 1, 2
# A member of an enumeration takes ten times as long to find as a name of the module.
_PATCH: Final = EditKind.PATCH


class PendingEdit(msgspec.Struct, array_like=True):
    """An edit call whose result has not been read; carried from chunk to chunk."""

    call_key: str
    session_id: str
    at_ms: int
    path: str
    request_key: str | None
    agent: str | None
    cwd: str | None
    branch: str | None


class Evidence(NamedTuple):
    """What a record says about an edit's lines."""

    kind: EditKind
    change: LineChange


def proposal(
    name: str, arguments: msgspec.Raw, cwd: str | None, odd: Counter[str]
) -> tuple[str, Evidence] | None:
    """The path and lines that an edit call asks for, or ``None`` where it names no file."""
    if name not in EDIT_TOOLS:
        told = ANYTHING.decode_or(arguments, None, odd, "tool_use.input")
        files = proposed(told, cwd) if isinstance(told, dict) else []
        return (files[0].path, Evidence(files[0].kind, files[0].change)) if files else None
    asked = INPUTS.decode_or(arguments, EditInput(), odd, "tool_use.input")
    path = asked.file_path or asked.notebook_path
    if not path:
        return None
    tool = EDIT_TOOLS[name]
    if tool == "Write":
        return path, Evidence(EditKind.WRITE, LineChange(asked.content or "", ""))
    # A cell is a part of its file, and the old cell is not logged.
    if tool == "NotebookEdit":
        return path, Evidence(EditKind.STRINGS, LineChange(_as_stored(asked.new_source or ""), ""))
    parts = asked.edits or [EditPart(asked.old_string, asked.new_string, asked.replace_all)]
    return path, Evidence(EditKind.STRINGS, _joined([text_change(p.old_string, p.new_string) for p in parts]))


def _as_stored(source: str) -> str:
    """A cell's lines as the notebook's file holds them: strings of JSON, all but the last with their line end."""
    lines = source.splitlines(keepends=True)
    return "\n".join(json.dumps(line, ensure_ascii=False) + "," for line in lines).removesuffix(",")


def carried_out(detail: ToolDetail, odd: Counter[str]) -> Evidence | None:
    """The lines that the tool reports it changed, or ``None`` where it reports none.

    A logged pre-image that does not hold the replaced text belongs to another moment of the
    file; then the texts of the call are compared instead.
    """
    image = _image(detail)
    if image and not _holds(image, detail, odd):
        return Evidence(EditKind.STRINGS, _joined([_replacement(part, None) for part in _parts(detail, odd)]))
    hunks = HUNKS.decode_or(detail.structured_patch, [], odd, "structuredPatch")
    lines = hunks[0].lines if len(hunks) == 1 else [line for hunk in hunks for line in hunk.lines]
    if lines:
        return Evidence(_PATCH, hunk_change(lines))
    # A created file comes with an empty patch: its content is all there is.
    original = _text(image, odd) if image else None
    content = _text(detail.content, odd)
    if content is not None:
        if original:
            return Evidence(EditKind.PATCH, text_change(original, content))
        return Evidence(EditKind.WRITE, LineChange(content, ""))
    parts = _parts(detail, odd)
    if parts:
        return Evidence(EditKind.STRINGS, _joined([_replacement(part, original) for part in parts]))
    return None


def edit_seen(
    pending: PendingEdit,
    evidence: Evidence,
    rank: int,
    status: CallStatus | None = None,
    *,
    is_human_modified: bool = False,
) -> EditSeen:
    """The fact of one edit."""
    return EditSeen(
        key=pending.call_key,
        call_key=pending.call_key,
        session_id=pending.session_id,
        at_ms=pending.at_ms,
        path=pending.path,
        kind=evidence.kind,
        added=evidence.change.added,
        removed=evidence.change.removed,
        rank=rank,
        request_key=pending.request_key,
        agent=pending.agent,
        cwd=pending.cwd,
        branch=pending.branch,
        status=status,
        is_human_modified=is_human_modified,
    )


def _parts(detail: ToolDetail, odd: Counter[str]) -> list[EditPart]:
    parts = PARTS.decode_or(detail.edits, [], odd, "toolUseResult.edits")
    old, new = _text(detail.old_string, odd), _text(detail.new_string, odd)
    if not parts and old is not None and new is not None:
        return [EditPart(old, new, detail.replace_all)]
    return parts


def _replacement(part: EditPart, original: str | None) -> LineChange:
    change = text_change(part.old_string, part.new_string)
    if not (part.replace_all and original and part.old_string):
        return change
    return repeated(change, _unified(original).count(_unified(part.old_string)))


def _image(detail: ToolDetail) -> msgspec.Raw | None:
    """The file as it was before the edit, as logged, where it is logged at all."""
    for raw in (detail.original_file, detail.original_file_contents):
        if len(raw) > len(b'""') and bytes(memoryview(raw)[:1]) == b'"':
            return raw
    return None


def _holds(image: msgspec.Raw, detail: ToolDetail, odd: Counter[str]) -> bool:
    """Whether the text that was replaced first stands in the image; where none was, it does."""
    # Looking for the escaped text in the escaped image spares decoding whole files.
    escaped = bytes(detail.old_string)
    if escaped.startswith(b'"') and escaped[1:-1] in bytes(image):
        return True
    parts = _parts(detail, odd)
    return not parts or _unified(parts[0].old_string) in _unified(_text(image, odd) or "")


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n")


def _joined(changes: list[LineChange]) -> LineChange:
    added = [change.added for change in changes if change.added]
    removed = [change.removed for change in changes if change.removed]
    return LineChange("\n".join(added), "\n".join(removed))


def _text(raw: msgspec.Raw, odd: Counter[str]) -> str | None:
    value = ANYTHING.decode_or(raw, None, odd, "toolUseResult")
    return value if isinstance(value, str) else None
