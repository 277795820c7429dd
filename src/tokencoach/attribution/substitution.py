"""The substitutions of a sweep, as functions of a line: what ``sed``, ``perl`` or a program's ``replace`` make of it.

The text is a log's and the lines are a repository's, so nothing is tried that could take long: no
repeated group, two open repetitions at most, and only short lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[bytes], bytes]

LONGEST: Final = 400
_MOST_STEPS: Final = 16
_MOST_REPEATS: Final = 2
_MOST_BYTES: Final = 4096
_ADDRESS: Final = re.compile(rb"(?:/((?:\\.|[^/\\])*)/I?\s*)?")
_FLAGS: Final = re.compile(rb"[gIims]*")
_CLASSES: Final = {
    b"[:space:]": rb"\s", b"[:blank:]": rb" \t", b"[:alnum:]": rb"A-Za-z0-9", b"[:alpha:]": rb"A-Za-z",
    b"[:digit:]": rb"0-9", b"[:upper:]": rb"A-Z", b"[:lower:]": rb"a-z", b"[:punct:]": rb"!-/:-@\[-`{-~",
}  # fmt: skip
_TOKEN: Final = re.compile(
    rb"\\(?P<escaped>.)|(?P<set>\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])|(?P<plain>.)", re.DOTALL
)
_GROUP: Final = re.compile(rb"[\\$](\d)|\$\{(\d)\}|(\$?&)|\\(.)", re.DOTALL)
_REPEATS: Final = (b"*", b"+", b"?", b"{")
_SWAPPED: Final = b"(){}|+?"


@lru_cache(maxsize=64)
def substitution(text: bytes) -> Step | None:
    """What a sweep's text makes of a line; None where it cannot be told, or only at length."""
    steps: list[Step] = []
    for block in text[:_MOST_BYTES].split(b"\n\n"):
        how, *scripts = block.split(b"\n")
        found = _literal(scripts) if how == b"literal" else _scripts(how, scripts)
        if not found:
            return None
        steps += found
    return _chain(steps) if len(steps) <= _MOST_STEPS else None


def _chain(steps: list[Step]) -> Step:
    def made(line: bytes) -> bytes:
        for step in steps:
            line = step(line)
        return line

    return made


def _literal(texts: list[bytes]) -> list[Step]:
    return [_replacing(old, new) for old, new in list(pairwise(texts))[::2] if old]


def _replacing(old: bytes, new: bytes) -> Step:
    return lambda line: line.replace(old, new)


def _scripts(how: bytes, scripts: list[bytes]) -> list[Step]:
    """Every ``s`` command of some scripts; nothing where they hold anything else."""
    found: list[Step] = []
    for script in scripts:
        rest = script.strip(b" \t;")
        while rest:
            address = _ADDRESS.match(rest)
            rest = rest[address.end() :] if address else rest
            parts = _parts(rest)
            step = _step(how, *parts[:3], address[1] if address else None) if parts else None
            if parts is None or step is None:
                return []
            found.append(step)
            rest = parts[3].lstrip(b" \t;}")
    return found


def _parts(command: bytes) -> tuple[bytes, bytes, bytes, bytes] | None:
    """Pattern, replacement and flags of an ``s`` command, and what follows it."""
    if len(command) < 4 or command[:1] != b"s" or command[1:2].isalnum():
        return None
    mark = command[1:2]
    fields: list[bytes] = []
    field, at = b"", 2
    while at < len(command) and len(fields) < 2:
        byte = command[at : at + 1]
        if byte == b"\\" and at + 1 < len(command):
            after = command[at + 1 : at + 2]
            field += after if after == mark else byte + after
            at += 2
            continue
        if byte == mark:
            fields.append(field)
            field = b""
        else:
            field += byte
        at += 1
    flags = _FLAGS.match(command, at)
    if len(fields) < 2 or flags is None or command[flags.end() : flags.end() + 1].strip(b" \t;}\n"):
        return None
    return fields[0], fields[1], flags[0], command[flags.end() :]


def _step(how: bytes, pattern: bytes, replacement: bytes, flags: bytes, address: bytes | None) -> Step | None:
    expression = _expression(pattern, how)
    where = _expression(address, how) if address is not None else b""
    if not expression or where is None:
        return None
    options = re.IGNORECASE if flags.lower().count(b"i") else re.NOFLAG
    try:
        compiled, asked = re.compile(expression, options), re.compile(where)
        made = _replacement(replacement, compiled.groups, is_sed=how != b"perl")
    except (re.error, OverflowError, RecursionError):
        return None
    most = 0 if b"g" in flags else 1
    return lambda line: compiled.sub(made, line, most) if asked.search(line) else line


def _expression(pattern: bytes, how: bytes) -> bytes | None:
    """A pattern as this language writes it; None where it could take long."""
    is_basic, found, repeats, last = how == b"sed", b"", 0, b""
    for token in _TOKEN.finditer(pattern):
        escaped, chars, plain = token["escaped"], token["set"], token["plain"]
        if chars is not None:
            part = chars
            for name, members in _CLASSES.items():
                part = part.replace(name, members)
        elif escaped is not None:
            is_meant = escaped in _SWAPPED and is_basic
            part = escaped if is_meant else rb"\b" if escaped in b"<>" else b"\\" + escaped
        else:
            part = b"\\" + plain if is_basic and plain in _SWAPPED else plain
        if part in _REPEATS:
            # A lazy repetition is only perl's; of the others a second one repeats the first.
            is_lazy = part == b"?" and last in _REPEATS and how == b"perl"
            if last == b")" or (last in _REPEATS and not is_lazy):
                return None
            repeats += part != b"?"
        last = part
        found += part
    return found if repeats <= _MOST_REPEATS else None


def _replacement(text: bytes, groups: int, *, is_sed: bool) -> Callable[[re.Match[bytes]], bytes]:
    """The replacement as a function of what was found."""
    pieces: list[bytes | int] = []
    at = 0
    for found in _GROUP.finditer(text):
        number, braced, whole, escaped = found.groups()
        if (whole == b"&" and not is_sed) or (found[0][:1] == b"$" and is_sed):
            continue
        pieces.append(text[at : found.start()])
        at = found.end()
        if escaped is not None:
            pieces.append({b"n": b"\n", b"t": b"\t"}.get(escaped, escaped))
        else:
            pieces.append(min(int(number or braced or 0), groups))
    pieces.append(text[at:])
    return lambda match: b"".join(
        (match[piece] or b"") if isinstance(piece, int) else piece for piece in pieces
    )
