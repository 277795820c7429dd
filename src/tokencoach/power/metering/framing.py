"""Where one HTTP/1.1 message ends and the next begins (RFC 9112, sections 6 and 7).

Bytes are handed on as they came, framing included; only the content is shown to whoever counts.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.errors import TokencoachError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_HEAD: Final = 65_536
_PIECE: Final = 65_536
_NO_BODY: Final = (204, 304)


class BrokenMessageError(TokencoachError):
    """A message that is no HTTP/1.1: whoever reads it hands the bytes on without looking."""


class Head(msgspec.Struct, frozen=True):
    """The first line and the fields of a message. Names of fields are lower case."""

    raw: bytes
    first: tuple[str, ...]
    fields: dict[str, str]

    @property
    def length(self) -> int | None:
        """The length that it tells of its content.

        Raises:
            BrokenMessageError: it is no number.
        """
        told = self.fields.get("content-length")
        if told is None:
            return None
        if not (told.isascii() and told.isdigit()):
            raise BrokenMessageError(
                f"a content length of {told!r}", "see what the server at the other end is"
            )
        return int(told)

    @property
    def is_chunked(self) -> bool:
        """Whether the content comes in chunks."""
        return "chunked" in self.fields.get("transfer-encoding", "").lower()

    @property
    def is_last(self) -> bool:
        """Whether the sender closes the connection after it."""
        told = self.fields.get("connection", "").lower()
        return "close" in told or (self.first[-1:] == ("HTTP/1.0",) and "keep-alive" not in told)

    def is_upgrade(self) -> bool:
        """Whether what follows is no HTTP any more."""
        return "upgrade" in self.fields.get("connection", "").lower()


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next message's head; None where the other end has closed.

    Raises:
        BrokenMessageError: too long, or no HTTP.
    """
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise BrokenMessageError("a message that breaks off", "send it again") from error
    except asyncio.LimitOverrunError as error:
        raise BrokenMessageError("a head that is too long", "send fewer fields") from error
    lines = raw[:-4].decode("latin-1").split("\r\n")
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    return Head(raw, tuple(lines[0].split(" ", 2)), fields)


async def pass_body(
    head: Head,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    to_the_end: bool,
    see: Callable[[bytes], None] = lambda _: None,
) -> None:
    """Hand a message's content on; ``to_the_end`` says that without a length it goes on until the sender closes.

    Raises:
        BrokenMessageError: it ends early, or its framing is none.
    """
    if head.is_chunked:
        await _chunks(reader, writer, see)
    elif head.length is not None:
        await _exactly(head.length, reader, writer, see)
    elif to_the_end:
        while piece := await reader.read(_PIECE):
            see(piece)
            await _send(writer, piece)


def has_body(request: Head, response: Head) -> bool:
    """Whether a response to a request has content at all."""
    status = status_of(response)
    return request.first[0] != "HEAD" and status >= 200 and status not in _NO_BODY


def status_of(response: Head) -> int:
    """The status of a response, 0 where it tells none."""
    told = response.first[1] if len(response.first) > 1 else ""
    return int(told) if told.isascii() and told.isdigit() else 0


async def _chunks(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: Callable[[bytes], None]
) -> None:
    while True:
        line = await _line(reader)
        try:
            size = int(line.split(b";", 1)[0].strip(), 16)
        except ValueError as error:
            raise BrokenMessageError("a chunk without a length", "see what is at the other end") from error
        await _send(writer, line)
        if not size:
            break
        await _exactly(size, reader, writer, see)
        await _send(writer, await _line(reader))
    while (line := await _line(reader)) != b"\r\n":
        await _send(writer, line)
    await _send(writer, line)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise BrokenMessageError("a message that breaks off", "send it again") from error


async def _exactly(
    size: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: Callable[[bytes], None]
) -> None:
    left = size
    while left:
        piece = await reader.read(min(_PIECE, left))
        if not piece:
            raise BrokenMessageError("a message that breaks off", "send it again")
        left -= len(piece)
        see(piece)
        await _send(writer, piece)


async def _send(writer: asyncio.StreamWriter, piece: bytes) -> None:
    writer.write(piece)
    await writer.drain()
