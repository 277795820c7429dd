"""The state of a default branch as bytes, so that a later run goes on where the last one ended."""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
import zstandard

from tokencoach.attribution.ledger import Ledger, LedgerState
from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.pool import LATE_MS
from tokencoach.attribution.reversal import Reversals
from tokencoach.errors import DamagedInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.attribution.facts import AuthoredEdit

VERSION: Final = 6
_MOST_BYTES: Final = 1 << 31
_ARRAY: Final = 0x90


class _State(msgspec.Struct, array_like=True):
    version: int
    commits: int
    tip: str | None
    clock_ms: int
    former: dict[bytes, list[bytes]]
    files: dict[bytes, memoryview]
    seen: dict[bytes, int]
    ledger: LedgerState
    reversals: Reversals
    fresh: list[tuple[int, int]]


def export_state(line: Mainline) -> bytes:
    """Everything but the edits themselves; equal histories give equal bytes."""
    newest_ms = line.pool.newest_ms - LATE_MS
    state = _State(
        VERSION,
        line.commits,
        line.tip,
        line.clock_ms,
        line.pool.former,
        {path: memoryview(values) for path, values in line.files.items()},
        {path: last_ms for path, last_ms in sorted(line.seen.items()) if last_ms >= newest_ms},
        line.ledger.export(),
        line.reversals,
        list(line.fresh),
    )
    packing = zstandard.ZstdCompressor(level=1).compressobj()
    packed = [packing.compress(part) for part in _encoded(state)]
    return b"".join([*packed, packing.flush()])


def _encoded(record: msgspec.Struct) -> Iterator[bytes]:
    """The record's msgpack, field by field: as a whole it would stand in memory twice."""
    fields = record.__struct_fields__
    # An array is its length, then its items; up to 15 of them the length is a part of one byte.
    yield bytes([_ARRAY | len(fields)])
    for name in fields:
        value = getattr(record, name)
        if isinstance(value, msgspec.Struct):
            yield from _encoded(value)
        else:
            yield msgspec.msgpack.encode(value)


def _plain(data: bytes) -> bytearray:
    plain = bytearray()
    for part in zstandard.ZstdDecompressor().read_to_iter(data):
        plain += part
        # The bound keeps damaged bytes from asking for all memory.
        if len(plain) > _MOST_BYTES:
            raise DamagedInputError("the stored state of a branch is longer than any can be")
    return plain


def from_state(data: bytes, edits: Iterable[AuthoredEdit]) -> Mainline:
    """The branch as it was exported, with the edits that may still land.

    Raises:
        DamagedInputError: the bytes are damaged, or of another version: rebuild from nothing.
    """
    try:
        state = msgspec.msgpack.decode(_plain(data), type=_State)
    except (zstandard.ZstdError, msgspec.DecodeError) as problem:
        raise DamagedInputError(f"the stored state of a branch cannot be read: {problem}") from None
    if state.version != VERSION:
        raise DamagedInputError(f"the stored state of a branch has version {state.version}, not {VERSION}")
    line = Mainline(edits)
    line.pool.former = state.former
    line.commits = state.commits
    line.tip = state.tip
    line.clock_ms = state.clock_ms
    line.files = {path: array("q", values.tobytes()) for path, values in state.files.items()}
    line.seen = state.seen
    line.ledger = Ledger.restored(state.ledger)
    line.reversals = state.reversals
    line.fresh = deque(state.fresh)
    return line
