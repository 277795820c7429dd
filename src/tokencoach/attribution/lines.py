"""Line keys: 64 bits that stay the same when a formatter moves spaces, quotes or trailing commas.

The lowest bit of a key says whether the line is significant, so that counting needs no text.
The next bit is set in every key but a blank line's, which is 0: no other line can get it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK: Final = 0
SIGNIFICANT_ALNUM: Final = 6

_SPACES: Final = b" \t\r\v\f"
_QUOTES: Final = bytes.maketrans(b"'", b'"')
_TRAILING: Final = b",;"
_ALNUM: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_NOT_ALNUM: Final = bytes(byte for byte in range(256) if byte not in _ALNUM and byte != ord("\n"))
_NOT_TEXT: Final = b",;()\"'`\\"
_NOT_SKELETON: Final = _SPACES + b"\n" + _NOT_TEXT
_NONBLANK: Final = 2
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_EVEN: Final = ~1
_digest: Final = xxhash.xxh3_64_intdigest


def line_key(line: bytes) -> int:
    """Key of one line, given without its newline."""
    keys = line_keys(line.replace(b"\n", b" "))
    return keys[0] if keys else BLANK


def line_keys(text: bytes) -> array[int]:
    """Keys of the lines of a text, split at newlines only; a trailing newline adds no line."""
    return array("Q", key_list(text))


def key_list(text: bytes) -> list[int]:
    """``line_keys`` as a list: an array would make a new number at each look."""
    return _keys(text.removesuffix(b"\n"), b"\n") if text else []


def signed_keys(raw: list[bytes], sign: bytes) -> list[int]:
    """Keys of diff lines that still begin with git's ``sign`` (``+`` or ``-``)."""
    return _keys(b"\n".join(raw)[1:], b"\n" + sign) if raw else []


def change_keys(removed: list[bytes], added: list[bytes]) -> tuple[list[int], list[int]]:
    """Keys of the removed and of the added lines of a change, each still with git's sign before it."""
    if not removed or not added:
        return signed_keys(removed, b"-"), signed_keys(added, b"+")
    # A text is normalised at a price of its own, whatever its length.
    alike = b"\n".join(removed).replace(b"\n-", b"\n+")
    keys = _keys(b"%b\n%b" % (alike[1:], b"\n".join(added)), b"\n+")
    return keys[: len(removed)], keys[len(removed) :]


def _keys(whole: bytes, newline: bytes) -> list[int]:
    if not whole.isascii():
        # Editors put it before a file's first line, and take it away.
        whole = _as_utf8(whole.replace(_BYTE_ORDER_MARK, b""))
    normal = whole.translate(_QUOTES, _SPACES)
    # Neither spaces nor quotes are letters or digits, so the shorter text is counted where that is all.
    counts = _alnum_counts(normal if whole.isascii() else whole)
    lines = normal.split(newline)
    # Called in place, the two functions take a fifth less than mapped over all lines.
    return [
        _digest(line.rstrip(_TRAILING)) | 3
        if count >= SIGNIFICANT_ALNUM
        else _digest(line.rstrip(_TRAILING)) & _EVEN | _NONBLANK
        if line
        else BLANK
        for line, count in zip(lines, counts, strict=True)
    ]


def is_significant(key: int) -> bool:
    """Whether the line carries information: at least 6 letters or digits after normalising."""
    return key & 1 == 1


def skeleton(lines: Iterable[bytes]) -> bytes:
    """What stays of joined lines when they are wrapped anew: no space, quote, comma or bracket of a call."""
    return b"".join(lines).translate(None, _NOT_SKELETON)


def skeletons(lines: list[bytes]) -> list[bytes]:
    """The skeleton of each of several lines, which hold no newline."""
    return b"\n".join(lines).translate(None, _SPACES + _NOT_TEXT).split(b"\n") if lines else []


def signed_skeletons(raw: list[bytes], sign: bytes) -> list[bytes]:
    """Skeletons of diff lines that still begin with git's ``sign`` (``+`` or ``-``)."""
    return b"\n".join(raw)[1:].translate(None, _SPACES + _NOT_TEXT).split(b"\n" + sign) if raw else []


def unsigned(raw: list[bytes], sign: bytes) -> bytes:
    """Lines that still carry git's sign as one text without it; a newline stands between two."""
    return b"\n".join(raw)[1:].replace(b"\n" + sign, b"\n")


def _as_utf8(text: bytes) -> bytes:
    """The text with the lines that are not UTF-8 taken for Windows' Latin: logs tell of any file in UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return b"\n".join(map(_line_as_utf8, text.split(b"\n")))
    return text


def _line_as_utf8(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode()
    return line


def _alnum_counts(text: bytes) -> Iterable[int]:
    """Letters and digits of each line; of a significant one with other than ASCII bytes only those of ASCII."""
    plain_lines = text.translate(None, _NOT_ALNUM).split(b"\n")
    if text.isascii():
        return map(len, plain_lines)
    # Decoding a line costs ten times the rest, and most are significant without.
    return [
        len(plain)
        if len(plain) >= SIGNIFICANT_ALNUM or line.isascii()
        else sum(map(str.isalnum, line.decode("utf-8", "replace")))
        for plain, line in zip(plain_lines, text.split(b"\n"), strict=True)
    ]
