"""Paths as git writes them: quoted like a C string where a byte would break the line."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS: Final = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
    b'"': b'"',
    b"\\": b"\\",
}
_PREFIX: Final = 2


def unquoted(name: bytes) -> bytes:
    """The path that git wrote, with its quotes and escapes undone where it has any."""
    if not name.startswith(b'"'):
        return name
    return _ESCAPE.sub(_byte, name[1:].removesuffix(b'"'))


def path_of_label(label: bytes) -> bytes | None:
    """Path behind ``--- `` or ``+++ ``, without its ``a/``; None for ``/dev/null``."""
    name = label.removesuffix(b"\t")
    if name == b"/dev/null":
        return None
    return unquoted(name)[_PREFIX:]


def path_of_header(names: bytes) -> bytes:
    """Path behind ``diff --git `` where both names are the same: no rename, so either half holds it."""
    if names.startswith(b'"'):
        end = 1
        while names[end : end + 1] not in (b'"', b""):
            end += 2 if names[end : end + 1] == b"\\" else 1
        return unquoted(names[: end + 1])[_PREFIX:]
    return names[_PREFIX : len(names) // 2]


def _byte(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) > 1:
        return bytes([int(code, 8) & 0xFF])
    return _LETTERS.get(code, code)
