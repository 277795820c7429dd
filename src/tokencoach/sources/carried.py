"""State that a source carries from chunk to chunk of one file, kept as bytes between runs."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import msgspec


class _Versioned(Protocol):
    version: int


S = TypeVar("S", bound=_Versioned)


class Carrier(Generic[S]):
    """Reads and writes one kind of state; ``version`` is that of today's program."""

    def __init__(self, kind: type[S], version: int) -> None:
        self._kind = kind
        self._version = version
        self._decoder = msgspec.msgpack.Decoder(kind)

    def load(self, state: bytes) -> S:
        """The state, or a fresh one at a file's start and where another version of the program wrote it."""
        if not state:
            return self._kind()
        try:
            loaded = self._decoder.decode(state)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self._kind()
        return loaded if loaded.version == self._version else self._kind()

    def dump(self, state: S) -> bytes:
        """The state as bytes."""
        return msgspec.msgpack.encode(state)
