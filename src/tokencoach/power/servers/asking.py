"""Questions to a server on this computer: a loopback address, small answers, no redirects."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any, Final

import msgspec

_TIMEOUT: Final = 0.5
_LONGEST: Final = 4 << 20
_PIECE: Final = 1 << 16
_LOOPBACK: Final = ("127.0.0.1", "::1")
_PATH: Final = re.compile(r"/[!-~]*\Z")
_STATUS: Final = re.compile(rb"HTTP/1\.\d (\d{3})(?: |\r\n)")
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_HEAD_ENDS: Final = b"\r\n\r\n"


class Answer(msgspec.Struct, frozen=True):
    """Status and body of an answer."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none or the server refused."""
        if self.status != 200:
            return None
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError):
            return None


Ask = Callable[[str], Answer | None]


def asker(port: int, *, host: str | None = None, timeout: float = _TIMEOUT) -> Ask:
    """A function that asks one server for a path; None where nothing answers in time.

    ``timeout`` is for each step of a question, and twice that for all of it, so that a server which sends
    a byte now and then holds nobody up. Without a host both loopback addresses are tried.

    Raises:
        ValueError: the host is no loopback address.
    """
    return partial(_answer, _hosts(host), port, timeout)


def poster(
    port: int, *, host: str | None = None, timeout: float = _TIMEOUT
) -> Callable[[str, bytes], Answer | None]:
    """A function that sends one server a body of JSON under a path; None where nothing answers in time.

    Raises:
        ValueError: the host is no loopback address.
    """
    return partial(_answer, _hosts(host), port, timeout)


def _hosts(host: str | None) -> tuple[str, ...]:
    if host is not None and host not in _LOOPBACK:
        raise ValueError(f"{host} is not this computer")
    return _LOOPBACK if host is None else (host,)


def _answer(
    hosts: tuple[str, ...], port: int, timeout: float, path: str, body: bytes | None = None
) -> Answer | None:
    if not _PATH.match(path):
        return None
    ends = time.monotonic() + 2 * timeout
    for one in hosts:
        try:
            with socket.create_connection((one, port), timeout) as connection:
                connection.sendall(_request(one, port, path, body))
                return _received(connection, ends)
        except ConnectionRefusedError:
            continue
        except OSError:
            return None
    return None


def _request(host: str, port: int, path: str, body: bytes | None) -> bytes:
    # Version 1.0: the answer comes in one piece and ends with the connection.
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    verb = "GET" if body is None else "POST"
    head = f"{verb} {path} HTTP/1.0\r\nHost: {where}\r\nAccept: */*\r\nConnection: close\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + (body or b"")


def _received(connection: socket.socket, ends: float) -> Answer | None:
    step = connection.gettimeout()
    got, needed = b"", _LONGEST
    while len(got) < needed:
        left = ends - time.monotonic()
        if left <= 0:
            return None
        connection.settimeout(min(left, step) if step else left)
        piece = connection.recv(_PIECE)
        if not piece:
            break
        got += piece
        needed = _whole(got)
    return _parsed(got[:needed])


def _whole(got: bytes) -> int:
    """How many bytes the answer has, as far as it tells."""
    head, found, _ = got.partition(_HEAD_ENDS)
    length = _LENGTH.search(head + b"\r\n") if found else None
    return _LONGEST if length is None else min(len(head) + len(_HEAD_ENDS) + int(length[1]), _LONGEST)


def _parsed(got: bytes) -> Answer | None:
    head, found, body = got.partition(_HEAD_ENDS)
    status = _STATUS.match(head + b"\r\n") if found else None
    return None if status is None else Answer(int(status[1]), body)


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list; an object alone is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    """A count in JSON, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return int(value) if 0 <= value < 1 << 62 else None


def words(value: Any) -> str | None:
    """A text in JSON that is not empty, or None."""
    return value if isinstance(value, str) and value else None
