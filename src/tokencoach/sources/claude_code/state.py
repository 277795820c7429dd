"""What the reading of one chunk must know of the chunks before it."""

from __future__ import annotations

from typing import Final

import msgspec

from tokencoach.sources.claude_code.edits import PendingEdit
from tokencoach.sources.claude_code.requests import KeptRequest

_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk of one file, kept in the database between runs.

    ``titles`` holds titles of sessions by id with their weight, a heavier one wins; the key
    ``""`` is a title that came before any session. ``roots`` leads from the last records of old
    inline sub-agents to the record that began each.
    """

    version: int = _VERSION
    last_ms: int = 0
    session_id: str = ""
    titles: dict[str, tuple[int, str]] = {}
    open_requests: list[KeptRequest] = []
    pending: dict[str, PendingEdit] = {}
    roots: dict[str, str] = {}


_DECODER: Final = msgspec.msgpack.Decoder(State)


def load(state: bytes) -> State:
    """The state, or a fresh one at a file's start and where an older program wrote it."""
    if not state:
        return State()
    try:
        loaded = _DECODER.decode(state)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return State()
    return loaded if loaded.version == _VERSION else State()


def dump(state: State) -> bytes:
    """The state as bytes."""
    return msgspec.msgpack.encode(state)
