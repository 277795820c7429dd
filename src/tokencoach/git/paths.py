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
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|\\\\")


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


def relative(root: str, path: str) -> bytes | None:
    """The path below the root, with slashes; None where it lies elsewhere.

    Both may be Windows paths, whatever computer this is: then case and the kind of slash do not matter.
    """
    is_windows = bool(_WINDOWS.match(root)) or bool(_WINDOWS.match(path))
    above, below = (root.replace("\\", "/"), path.replace("\\", "/")) if is_windows else (root, path)
    above = above.rstrip("/") + "/"
    head = below[: len(above)]
    is_inside = head.casefold() == above.casefold() if is_windows else head == above
    parts = below[len(above) :].split("/")
    if not is_inside or ".." in parts:
        return None
    return (
        "/".join(part for part in parts if part not in ("", ".")).encode("utf-8", "surrogateescape") or None
    )
