"""Questions to a server on this computer: GET on a loopback address, small answers, no redirects."""

from __future__ import annotations

import http.client
import math
from collections.abc import Callable
from typing import Any, Final

import msgspec

_TIMEOUT: Final = 0.5
_LONGEST: Final = 4 << 20
_LOOPBACK: Final = ("127.0.0.1", "::1")


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


def asker(port: int, *, host: str = "127.0.0.1", timeout: float = _TIMEOUT) -> Ask:
    """A function that asks one server for a path; None where nothing answers in time.

    Raises:
        ValueError: the host is no loopback address.
    """
    if host not in _LOOPBACK:
        raise ValueError(f"{host} is not this computer")

    def ask(path: str) -> Answer | None:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Connection": "close", "Accept": "*/*"})
            response = connection.getresponse()
            return Answer(response.status, response.read(_LONGEST))
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    return ask


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
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if 0 <= value < 1 << 62 else None


def words(value: Any) -> str | None:
    """A text in JSON that is not empty, or None."""
    return value if isinstance(value, str) and value else None
