"""What the reading of one chunk of a chat history must know of the chunks before it."""

from __future__ import annotations

from typing import Final

import msgspec

from tokencoach.sources.carried import Carrier

_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk of one history.

    ``lines`` counts from the chat's start. ``fence`` closes the code block the model is in, which
    ``block`` gathers for ``path``; ``searched`` and ``replaced`` are the halves of a search block,
    ``half`` says which of them a line belongs to (0: none). ``proposed`` (path, removed, added)
    are changes not yet said to be applied, ``whole`` the last whole content shown of a path.
    """

    version: int = _VERSION
    name: str = ""
    again: int = 0
    session_id: str = ""
    started_ms: int = 0
    lines: int = 0
    requests: int = 0
    prompts: int = 0
    edits: int = 0
    request_key: str = ""
    model: str = ""
    prompt: str = ""
    prompt_at: tuple[int, int, int] = (0, 0, 0)
    recent: list[str] = msgspec.field(default_factory=list)
    fence: str = ""
    path: str = ""
    block: list[str] = msgspec.field(default_factory=list)
    half: int = 0
    searched: list[str] = msgspec.field(default_factory=list)
    replaced: list[str] = msgspec.field(default_factory=list)
    proposed: list[tuple[str, str, str]] = msgspec.field(default_factory=list)
    whole: dict[str, str] = msgspec.field(default_factory=dict)


_CARRIER: Final = Carrier(State, _VERSION)
load = _CARRIER.load
dump = _CARRIER.dump
