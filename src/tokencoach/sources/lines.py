"""The objects of a log of lines, one by one, with the lines that hold none put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.sources.decoding import UnreadableLineError, is_blank
from tokencoach.sources.fields import ANYTHING, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.sources.gathering import Gathering


def objects(into: Gathering, chunk: bytes, base_offset: int) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Each object of whole lines, with its line's offset and length; unreadable lines are quarantined."""
    offset = base_offset
    for line in chunk.split(b"\n"):
        yield from objects_in(into, line, offset)
        offset += len(line) + 1


def objects_in(into: Gathering, raw: bytes, offset: int) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Each object of one line, or of a whole document, with its offset and length."""
    if is_blank(raw):
        return
    try:
        found = objects_of(raw, into.odd)
    except UnreadableLineError as error:
        into.unread(offset, len(raw), error)
        return
    for value in found:
        yield value, offset, len(raw)


def whole(into: Gathering, chunk: bytes) -> Any:
    """A document decoded; nothing, and a note of it, where it cannot be."""
    try:
        return ANYTHING.decode(chunk, into.odd)
    except UnreadableLineError as error:
        into.unread(0, len(chunk), error)
        return None
