"""The objects of a log of lines, one by one, with the lines that hold none put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tokencoach.sources.decoding import STRICT_ERRORS, UnreadableLineError, is_blank
from tokencoach.sources.fields import ANYTHING, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.sources.decoding import TolerantDecoder
    from tokencoach.sources.gathering import Gathering

S = TypeVar("S")


def objects(into: Gathering, chunk: bytes, base_offset: int) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Each object of whole lines, with its line's offset and length; unreadable lines are quarantined."""
    start, size, find, decode = 0, len(chunk), chunk.find, ANYTHING.strict
    while start < size:
        end = find(b"\n", start)
        if end < 0:
            end = size
        if end > start:
            raw = chunk[start:end]
            try:
                value = decode(raw)
            except STRICT_ERRORS:
                value = None
            # Nearly every line is one whole object.
            if type(value) is dict:
                yield value, base_offset + start, end - start
            else:
                yield from objects_in(into, raw, base_offset + start)
        start = end + 1


def typed(
    into: Gathering, chunk: bytes, base_offset: int, decoder: TolerantDecoder[S], *, is_whole: bool = False
) -> Iterator[tuple[S, int, int]]:
    """The objects of a log of lines, each as a typed record: what is not read of it is never decoded.

    ``is_whole``: the chunk is one document.
    """
    start, size, find, decode = 0, len(chunk), chunk.find, decoder.strict
    while start < size:
        end = -1 if is_whole else find(b"\n", start)
        if end < 0:
            end = size
        if end > start:
            raw = chunk[start:end]
            try:
                value = decode(raw)
            except STRICT_ERRORS:
                for told, offset, length in objects_in(into, raw, base_offset + start):
                    yield decoder.decode(msgspec.json.encode(told), into.odd), offset, length
            else:
                yield value, base_offset + start, end - start
        start = end + 1


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
