"""Python 2 as Python 3 would write it, line for line, so that its syntax can be read."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_MENDED: Final = 60
_MOST_LETTERS: Final = 150_000
_PRINT: Final = re.compile(r"(?P<before>^\s*|.*?[:;]\s+)print\b(?P<what>.*)$")
_TO: Final = re.compile(r"\s*>>\s*(?P<file>[\w.]+)\s*(?:,(?P<what>.*))?$")
_EXCEPT: Final = re.compile(r"^(?P<head>\s*except\s+.+?),\s*(?P<name>\w+)\s*:")
_RAISE: Final = re.compile(r"(?P<head>\braise\s+[\w.]+)\s*,\s*(?P<what>[^#]+?)\s*$")
_OCTAL: Final = re.compile(r"(?<![\w.])0(?=[0-7]+L?\b)")
_LONG: Final = re.compile(r"(?<![\w.])(?P<digits>0[xX][0-9a-fA-F]+|\d+)[lL]\b")
_UNICODE: Final = re.compile(r"(?<!\w)[uU][rR](?=['\"])")
_TICKS: Final = re.compile(r"`(?P<what>[^`\n]+)`")
_EXEC: Final = re.compile(r"^(?P<before>\s*)exec\s+(?P<what>[^(].*?)(?:\s+in\s+(?P<names>.+))?$")
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"


def modernised(text: str) -> str | None:
    """The text with what only Python 2 understands written anew; every line stays in its place.

    None where the text is not Python 2 either.
    """
    if len(text) > _MOST_LETTERS:
        return None
    lines = text.split("\n")
    for _ in range(_MOST_MENDED):
        place = _fault("\n".join(lines))
        if place is None:
            return "\n".join(lines)
        if not _mended(lines, place):
            return None
    return None


def _fault(text: str) -> int | None:
    """The index of the line that cannot be read; None where all can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return (getattr(error, "lineno", 0) or 0) - 1
    except (RecursionError, MemoryError):
        return -1
    return None


def _mended(lines: list[str], place: int) -> bool:
    """Write one line anew; whether there was anything to write."""
    if not 0 <= place < len(lines):
        return False
    before = lines[place]
    for rule in _RULES:
        lines[place] = rule(before)
        if lines[place] != before:
            return True
    return _printed(lines, place)


def _printed(lines: list[str], place: int) -> bool:
    """Turn a ``print`` into a call, which ends where its brackets are closed."""
    found = _PRINT.match(lines[place])
    if found is None:
        return False
    last, depth = place, _depth(found["what"])
    while depth > 0 and last + 1 < len(lines):
        last += 1
        depth += _depth(lines[last])
    if depth:
        return False
    to = _TO.match(found["what"])
    what = (to["what"] or "") if to is not None else found["what"]
    end = f", file={to['file']})" if to is not None else ")"
    lines[place] = f"{found['before']}print({what.strip()}"
    code, mark, remark = lines[last].partition("  #")
    lines[last] = f"{code.rstrip().removesuffix(',')}{end}{mark}{remark}"
    return True


def _depth(text: str) -> int:
    return sum((mark in _OPENING) - (mark in _CLOSING) for mark in text)


def _excepted(line: str) -> str:
    return _EXCEPT.sub(r"\g<head> as \g<name>:", line)


def _raised(line: str) -> str:
    return _RAISE.sub(r"\g<head>(\g<what>)", line)


def _numbers(line: str) -> str:
    return _LONG.sub(r"\g<digits>", _OCTAL.sub("0o", line))


def _signs(line: str) -> str:
    return _TICKS.sub(r"repr(\g<what>)", _UNICODE.sub("r", line)).replace("<>", "!=")


def _executed(line: str) -> str:
    found = _EXEC.match(line)
    if found is None:
        return line
    names = f", {found['names']}" if found["names"] else ""
    return f"{found['before']}exec({found['what']}{names})"


_RULES: Final[tuple[Callable[[str], str], ...]] = (_excepted, _raised, _executed, _numbers, _signs)
