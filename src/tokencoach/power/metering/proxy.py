"""The proxy: one task a client, one connection of its own to the server for each."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.clock import now_ms
from tokencoach.errors import UsageError
from tokencoach.power.metering.counts import Counts, Ends, counts_of
from tokencoach.power.metering.framing import (
    LONGEST_HEAD,
    BrokenMessageError,
    Head,
    has_body,
    pass_body,
    read_head,
    status_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_GENERATING: Final = (
    "/completion",
    "/completions",
    "/messages",
    "/responses",
    "/api/chat",
    "/api/generate",
    "/v1/generate",
    "/infill",
)
_PIECE: Final = 65_536
_CONNECT_S: Final = 5.0
_LOOK_S: Final = 0.25
_SWITCHING: Final = 101


class Address(NamedTuple):
    """A place on this computer."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Metered(msgspec.Struct, frozen=True):
    """One request that passed; ``total_ms`` is from its first byte to the last of its answer."""

    id: str
    at_ms: int
    total_ms: float
    first_ms: float
    status: int
    counts: Counts


def address_of(text: str) -> Address:
    """``HOST:PORT`` of a loopback address; ``localhost`` is 127.0.0.1.

    Raises:
        UsageError: no such address, or one of another computer.
    """
    host, colon, port = text.removeprefix("http://").rstrip("/").rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65_535:
        raise UsageError(f"{text!r} is no address", "write it as 127.0.0.1:11434")
    bare = "127.0.0.1" if host in ("localhost", "") else host.strip("[]")
    try:
        is_own = ipaddress.ip_address(bare).is_loopback
    except ValueError:
        is_own = False
    if not is_own:
        raise UsageError(
            f"{host} is not this computer", "the meter listens on and asks loopback addresses only"
        )
    return Address(bare, int(port))


class Proxy:
    """Hands requests on to ``upstream`` and tells ``note`` of each that a model answered."""

    def __init__(self, upstream: Address, note: Callable[[Metered], None]) -> None:
        self._upstream = upstream
        self._note = note

    async def serve(self, listen: Address, ready: Callable[[Address], None]) -> None:
        """Until it is cancelled.

        Raises:
            OSError: the address cannot be listened on.
        """
        server = await asyncio.start_server(self._client, listen.host, listen.port, limit=LONGEST_HEAD)
        async with server:
            ready(Address(listen.host, server.sockets[0].getsockname()[1]))
            await server.serve_forever()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            opening = asyncio.open_connection(*self._upstream, limit=LONGEST_HEAD)
            up_reader, up_writer = await asyncio.wait_for(opening, _CONNECT_S)
        except (OSError, TimeoutError):
            await _refuse(writer, self._upstream)
            return
        try:
            await self._messages(reader, writer, up_reader, up_writer)
        except BrokenMessageError:
            await _through(reader, writer, up_reader, up_writer)
        except OSError:
            # One of the two has left: the other is told by the end of its connection.
            return
        finally:
            for end in (up_writer, writer):
                end.close()
                with contextlib.suppress(OSError):
                    await end.wait_closed()

    async def _messages(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        while (request := await read_head(reader)) is not None:
            up_writer.write(request.raw)
            await up_writer.drain()
            asking = asyncio.create_task(self._ask(request, reader, up_writer))
            answering = asyncio.create_task(self._answer(request, up_reader, writer))
            try:
                # A client that leaves must be seen at once, or the server goes on for nobody.
                await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    asking.result()
                response = answering.result()
            finally:
                for task in (asking, answering):
                    task.cancel()
                await asyncio.gather(asking, answering, return_exceptions=True)
            if response is None or request.is_last or response.is_last:
                return
            if request.is_upgrade() or status_of(response) == _SWITCHING:
                await _through(reader, writer, up_reader, up_writer)
                return

    @staticmethod
    async def _ask(request: Head, reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter) -> None:
        """Hand the content on, then wait.

        Raises:
            ConnectionResetError: the client has left.
        """
        await pass_body(request, reader, up_writer, to_the_end=False)
        while not reader.at_eof():  # noqa: ASYNC110 - a stream tells its end to none but those who ask
            await asyncio.sleep(_LOOK_S)
        raise ConnectionResetError

    async def _answer(
        self, request: Head, up_reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Head | None:
        """Hand an answer on; None where no other can follow on this connection."""
        began = time.monotonic()
        response = await read_head(up_reader)
        while response is not None and status_of(response) // 100 == 1 and status_of(response) != _SWITCHING:
            writer.write(response.raw)
            response = await read_head(up_reader)
        if response is None:
            return None
        first = time.monotonic()
        writer.write(response.raw)
        await writer.drain()
        if status_of(response) == _SWITCHING or not has_body(request, response):
            return response
        ends = Ends()
        await pass_body(response, up_reader, writer, to_the_end=True, see=ends.add)
        self._tell(request, response, ends, began, first)
        return response if response.is_chunked or response.length is not None else None

    def _tell(self, request: Head, response: Head, ends: Ends, began: float, first: float) -> None:
        """Note what a model answered; whatever goes wrong with that, the answer has gone its way."""
        path = request.first[1].partition("?")[0] if len(request.first) > 1 else ""
        if request.first[0] != "POST" or status_of(response) != 200:
            return
        counts = counts_of(ends)
        if counts.output is None and not path.endswith(_GENERATING):
            return
        ended = time.monotonic()
        self._note(
            Metered(
                uuid.uuid4().hex,
                now_ms(),
                1000 * (ended - began),
                1000 * (first - began),
                status_of(response),
                counts,
            )
        )


async def _through(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    up_reader: asyncio.StreamReader,
    up_writer: asyncio.StreamWriter,
) -> None:
    """Both ways, byte for byte, until both ends have closed."""
    await asyncio.gather(_copy(reader, up_writer), _copy(up_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _refuse(writer: asyncio.StreamWriter, upstream: Address) -> None:
    """Say that nothing answers behind the meter, in the shape that clients of these servers read."""
    body = msgspec.json.encode({"error": {"message": f"tokencoach meter: nothing answers at {upstream}"}})
    writer.write(
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    with contextlib.suppress(OSError):
        await writer.drain()
        writer.close()
        await writer.wait_closed()
