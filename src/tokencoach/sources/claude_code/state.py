"""What the reading of one chunk must know of the chunks before it."""

from __future__ import annotations

from typing import Final

import msgspec

from tokencoach.sources.carried import Carrier
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


_CARRIER: Final = Carrier(State, _VERSION)
load = _CARRIER.load
dump = _CARRIER.dump
