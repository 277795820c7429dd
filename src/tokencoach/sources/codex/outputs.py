"""What became of Codex's tool calls, read from their output in every generation."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.codex.records import ANYTHING
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    import msgspec

_EXIT_CODE: Final = re.compile(r"(?:Process exited with code|Exit code:|exit code:?) (-?\d{1,10})\b")
# Exit codes and refusals stand at the head; further down a program's own words begin.
_HEAD: Final = 600
_REJECTED: Final = ("rejected by user", "rejected by the user", "declined by user")
_INTERRUPTED: Final = ("aborted by user", "interrupted by user")
_FAILED: Final = (
    "apply_patch verification failed",
    "failed to parse function arguments",
    "failed in sandbox",
    "execution error",
    "unsupported call",
    "unsupported custom tool call",
    "tool call error",
)
_BY_WORD: Final = {
    "completed": CallStatus.OK,
    "failed": CallStatus.FAILED,
    "declined": CallStatus.REJECTED,
    "interrupted": CallStatus.INTERRUPTED,
}


def outcome_of_output(output: msgspec.Raw, odd: Counter[str]) -> tuple[CallStatus, int | None]:
    """How a call ended by what it put out, and its exit code where that is told.

    A command that exits with another code than 0 failed.
    """
    value = ANYTHING.decode_or(output, None, odd, "payload.output")
    exit_code: Any = None
    has_failed = False
    if isinstance(value, str) and value.startswith("{"):
        nested = ANYTHING.decode_or(value.encode(), None, Counter(), "payload.output")
        value = nested if isinstance(nested, dict) else value
    if isinstance(value, dict):
        metadata = value.get("metadata")
        exit_code = metadata.get("exit_code") if isinstance(metadata, dict) else None
        has_failed = value.get("success") is False
    head = _text(value)[:_HEAD]
    if exit_code is None:
        found = _EXIT_CODE.search(head)
        exit_code = int(found[1]) if found else None
    status = _judged(head, failed=has_failed or exit_code not in (None, 0))
    return status, exit_code if type(exit_code) is int else None


def status_by_word(word: str | None, exit_code: int | None, *, success: bool | None = None) -> CallStatus:
    """How an item ended by its own status, else by its exit code."""
    status = _BY_WORD.get(word or "")
    if status is not None and not (status is CallStatus.OK and exit_code):
        return status
    return CallStatus.FAILED if exit_code or success is False else CallStatus.OK


def _judged(head: str, *, failed: bool) -> CallStatus:
    if any(words in head for words in _REJECTED):
        return CallStatus.REJECTED
    if any(words in head[:120] for words in _INTERRUPTED):
        return CallStatus.INTERRUPTED
    return CallStatus.FAILED if failed or head.startswith(_FAILED) else CallStatus.OK


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next((text for key in ("output", "text", "content") if (text := _text(value.get(key)))), "")
    return "\n".join(_text(item) for item in value) if isinstance(value, list) else ""
