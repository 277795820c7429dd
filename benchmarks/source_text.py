"""Real source text to edit: the interpreter's own standard library, escaped for JSON once."""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

NEWLINE = rb"\n"


class Module(NamedTuple):
    """One source file: its name, its lines and its whole text, escaped for a JSON string."""

    name: str
    lines: list[bytes]
    whole: bytes


class Slice(NamedTuple):
    """A run of lines of a module; ``start`` counts from 1."""

    module: Module
    start: int
    lines: list[bytes]

    @property
    def text(self) -> bytes:
        """The lines joined, as they stand inside a JSON string."""
        return NEWLINE.join(self.lines) + NEWLINE


def escaped(text: str) -> bytes:
    """The inside of a JSON string."""
    return json.dumps(text)[1:-1].encode()


class Library:
    """The standard library's larger modules, sorted by name: the same in every run."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        folder = Path(sysconfig.get_path("stdlib"))
        self._modules = [
            module
            for path in sorted(folder.glob("*.py"))
            if (module := _read(path)) and len(module.lines) >= 60
        ]

    def module(self) -> Module:
        """Any module."""
        return self._rng.choice(self._modules)

    def slice(self, module: Module, count: int) -> Slice:
        """Some consecutive lines of a module."""
        count = min(count, len(module.lines) - 1)
        start = self._rng.randrange(len(module.lines) - count)
        return Slice(module, start + 1, module.lines[start : start + count])


def _read(path: Path) -> Module | None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    lines = [escaped(line) for line in text.splitlines()]
    return Module(path.name, lines, NEWLINE.join(lines) + NEWLINE)


CHECKED = '''"""Shares of a total."""


def share(amount, total, cap=100):
    """Part of a total in percent."""
    if total < 0:
        raise ValueError(total)
    if total == 0:
        return 0
    part = 100 * amount / total
    if part > cap:
        return cap
    while part < -cap:
        part = part + cap
        if part == -1:
            raise OverflowError(part)
    return part
'''
"""A file with a function that can be asked about."""
