"""Which session and thread a rollout belongs to, and what is in force at a line of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.sources.codex.records import ANYTHING, Payload

if TYPE_CHECKING:
    from collections import Counter

    from tokencoach.sources.codex.state import State


def take_meta(payload: Payload, state: State, odd: Counter[str]) -> bool:
    """A ``session_meta``; gives whether it is the rollout's own.

    The first one names the rollout's thread. A further one of another thread is an ancestor's,
    repeated by a fork: it moves the root back, so that repeated events keep their keys.
    """
    thread_id = payload.id or payload.session_id
    if not thread_id:
        return False
    if state.thread_id and thread_id != state.thread_id:
        # Ancestors follow from the nearest to the oldest.
        state.root_id = payload.forked_from_id or thread_id
        return False
    if not state.thread_id:
        _begin(payload, thread_id, state, odd)
    state.cwd = payload.cwd or state.cwd
    if payload.git is not None and payload.git.branch and payload.git.branch != "HEAD":
        state.branch = payload.git.branch
    return True


def _begin(payload: Payload, thread_id: str, state: State, odd: Counter[str]) -> None:
    origin = ANYTHING.decode_or(payload.source, None, odd, "payload.source")
    spawned = origin.get("subagent") if isinstance(origin, dict) else None
    state.thread_id = state.session_id = state.root_id = thread_id
    if spawned is not None:
        # The session of a deep sub-agent is the root's, not its parent thread's.
        other = payload.session_id if payload.session_id != thread_id else None
        parent = other or payload.parent_thread_id or _parent(spawned) or payload.forked_from_id
        state.is_agent = True
        state.session_id = parent or thread_id
        state.root_id = payload.forked_from_id or payload.parent_thread_id or _parent(spawned) or thread_id
    elif payload.forked_from_id:
        state.parent_id = state.root_id = payload.forked_from_id


def _parent(spawned: Any) -> str | None:
    spawn = spawned.get("thread_spawn") if isinstance(spawned, dict) else None
    parent = spawn.get("parent_thread_id") if isinstance(spawn, dict) else None
    return parent if isinstance(parent, str) else None


def take_settings(payload: Payload, state: State) -> None:
    """A ``turn_context`` or changed settings: model, folder and turn from here on."""
    settings = payload.thread_settings
    state.model = payload.model or (settings.model if settings else None) or state.model
    state.cwd = payload.cwd or (settings.cwd if settings else None) or state.cwd
    state.turn_id = payload.turn_id or state.turn_id
