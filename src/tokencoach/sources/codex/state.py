"""What the reading of one chunk must know of the chunks before it."""

from __future__ import annotations

from typing import Final

import msgspec

from tokencoach.sources.carried import Carrier
from tokencoach.usage.facts import ToolCallSeen

_VERSION: Final = 2


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk of one rollout, kept in the database between runs.

    ``thread_id`` is the rollout's own thread; ``session_id`` the session it belongs to, which is
    another one for a sub-agent. ``root_id`` is the oldest known ancestor, whose events a fork
    may repeat. ``total`` is the last cumulative usage; ``last_usage`` that of the request
    counted last. ``open_calls`` wait for the response they belong to, ``open_patches`` (by call,
    the paths they touch) for the report of what was done. ``counts_first`` says that this version
    writes a response's usage before its calls: the first call after a prompt shows it.
    """

    version: int = _VERSION
    last_ms: int = 0
    thread_id: str = ""
    session_id: str = ""
    root_id: str = ""
    parent_id: str | None = None
    is_agent: bool = False
    model: str | None = None
    cwd: str | None = None
    branch: str | None = None
    turn_id: str | None = None
    total: tuple[int, ...] = ()
    last_usage: tuple[int, ...] = ()
    has_usage_records: bool = False
    prompts: int = 0
    last_prompt: tuple[int, str] | None = None
    open_calls: dict[str, ToolCallSeen] = {}
    open_patches: dict[str, list[str]] = {}
    recent_calls: list[str] = []
    last_request: str = ""
    counted_since_prompt: bool = False
    called_since_prompt: bool = False
    counts_first: bool = False


_CARRIER: Final = Carrier(State, _VERSION)
load = _CARRIER.load
dump = _CARRIER.dump
