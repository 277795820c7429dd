"""Messages of OpenCode's second version, a row each with all that was said and done, in the shape of the first's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import Lookup, Table
from tokencoach.sources.blocks import texts_of
from tokencoach.sources.fields import decoded, first_text, record, records, text, word
from tokencoach.sources.opencode.parts import Message, PartReading

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

_FOLDER: Final = ("directory", "parent_id")
TABLES: Final = (
    Table(
        "session_v2",
        ("id", "parent_id", "directory", "title", "version", "revert", "time_created", "time_updated"),
        "time_updated",
    ),
    Table(
        "session_message",
        ("id", "session_id", "type", "time_created", "data"),
        "time_updated",
        (
            Lookup("session_v2", "session_id", "id", _FOLDER),
            Lookup("session", "session_id", "id", _FOLDER),
            Lookup("message", "id", "id", ("id",)),
        ),
    ),
)
_KNOWN: Final = frozenset(
    {
        *("agent-switched", "model-switched", "location-switched", "synthetic", "system", "skill", "shell"),
        "idle",
    }
)


def tell_row(into: Gathering, row: dict[str, Any]) -> None:
    """A row; what was taken over from the first version stands in its tables under the same name."""
    own, session = text(row.get("id")), text(row.get("session_id"))
    told = decoded(row.get("data"), into.odd)
    if own is None or session is None or not isinstance(told, dict) or row.get("message.id") is not None:
        return
    folder = first_text(row, "session_v2.directory", "session.directory")
    parent = first_text(row, "session_v2.parent_id", "session.parent_id")
    times = {"created": row.get("time_created"), **record(told.get("time"))}
    tell(into, own, session, {"type": row.get("type"), **told, "time": times}, parent, folder)


def tell(
    into: Gathering, own: str, session: str, told: dict[str, Any], parent: str | None, folder: str | None
) -> None:
    """A message of a session; ``parent`` is whose child that is."""
    kind = word(told.get("type"))
    if kind not in ("user", "assistant", "compaction"):
        if kind not in _KNOWN:
            into.unseen(f"message/{kind}")
        return
    if kind == "compaction" and told.get("status") == "running":
        return
    message = Message.of(own, session, _head(told, kind), parent, folder)
    if message is None:
        return
    reading = PartReading(into)
    reading.message(message)
    if kind == "user":
        reading.part(message, {"type": "text", "text": told.get("text")})
        return
    for block in records(told.get("content")):
        if block.get("type") == "tool":
            reading.part(message, _call(block))
    again = record(told.get("retry"))
    if again:
        reading.part(message, {"type": "retry", "attempt": again.get("attempt"), "error": _error(again)})


def _head(told: dict[str, Any], kind: str) -> dict[str, Any]:
    """What the first version says of a message."""
    error = _error(told)
    return {
        "role": "user" if kind == "user" else "assistant",
        "time": told["time"],
        "modelID": record(told.get("model")).get("id"),
        "tokens": told.get("tokens"),
        "cost": told.get("cost"),
        "summary": kind == "compaction" and told.get("status") == "completed",
        "error": error and {"name": error["name"], "data": error},
    }


def _error(told: dict[str, Any]) -> dict[str, Any]:
    error = record(told.get("error"))
    if not error:
        return {}
    name = word(error.get("type"))
    is_stopped = "abort" in name or "interrupt" in name
    return {"name": "MessageAbortedError" if is_stopped else name, "message": error.get("message")}


def _call(block: dict[str, Any]) -> dict[str, Any]:
    """A call as a part of the first version."""
    state, times = record(block.get("state")), record(block.get("time"))
    said = "\n".join(texts_of(state.get("content"))) or state.get("output")
    return {
        "type": "tool",
        "tool": block.get("name"),
        "callID": first_text(block, "callID", "id"),
        "state": {
            "status": state.get("status"),
            "input": state.get("input"),
            "output": said,
            "error": first_text(record(state.get("error")), "message"),
            "metadata": state.get("metadata") or state.get("structured"),
            "time": {"start": times.get("ran") or times.get("created"), "end": times.get("completed")},
        },
    }
