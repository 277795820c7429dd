"""What the calls in a record of a log were asked to do: read when someone looks at them; nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from tokencoach.sources.fields import first_text
from tokencoach.sources.shell.call_arguments import SCRIPT_ARGUMENTS, command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDS: Final = ("id", "call_id", "callId", "callID", "toolCallId", "tool_call_id")
_ARGUMENTS: Final = ("input", "arguments", "args", "action", "parameters", "rawInput", "function")
_SUBJECTS: Final = (
    *("pattern", "query", "regex", "url", "skill", "description", "question", "prompt"),
    *("text", "code", "task"),
)
_LONGEST: Final = 8_000


class Asked(NamedTuple):
    """What one call was asked to do, at most 8,000 characters: a command, or the words it was about."""

    call_id: str
    text: str
    is_command: bool


def asked_in(record: Any) -> Iterator[Asked]:
    """Every call of a decoded record that says what it was to do, by each name that the record has for it."""
    left = [record]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += value.values()
            ids = [value[name] for name in _IDS if isinstance(value.get(name), str)]
            found = _asked(value) if ids else None
            if found is not None:
                yield from (Asked(own, *found) for own in ids)


def _asked(call: dict[str, Any]) -> tuple[str, bool] | None:
    """The words of a call and whether they are a command; None of what is no call, or says nothing."""
    for name in _ARGUMENTS:
        if name in call:
            found = _words(call[name])
            if found is not None:
                return found
    return None


def _words(arguments: Any) -> tuple[str, bool] | None:
    if isinstance(arguments, str):
        decoded = _decoded(arguments)
        if not isinstance(decoded, dict):
            return (arguments[:_LONGEST], False) if arguments.strip() else None
        arguments = decoded
    if not isinstance(arguments, dict):
        return None
    if "arguments" in arguments:
        # The form of OpenAI's chat: {"function": {"name": ..., "arguments": "{...}"}}.
        return _words(arguments["arguments"])
    if not arguments.keys().isdisjoint(SCRIPT_ARGUMENTS) and (command := command_line(arguments).strip()):
        return command[:_LONGEST], True
    subject = first_text(arguments, *_SUBJECTS)
    return None if subject is None else (subject.strip()[:_LONGEST], False)


def _decoded(text: str) -> Any:
    if not text.lstrip().startswith("{"):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
