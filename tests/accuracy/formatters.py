"""What formatters do to files: new indentation, other quotes, lines broken up; nobody wrote anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accuracy.marks import continued

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accuracy.marks import Line

_TAIL = re.compile(r"[)\]}][;:,]?(?: \{|:)?")


def reindented(lines: Sequence[Line]) -> list[Line]:
    """Four blanks become a tab, a tab becomes two blanks."""
    out = []
    for line in lines:
        body = line.text.lstrip()
        indent = line.text[: len(line.text) - len(body)]
        turned = indent.replace("\t", "  ") if "\t" in indent else indent.replace("    ", "\t")
        out.append(continued(turned + body, [line]))
    return out


def requoted(lines: Sequence[Line]) -> list[Line]:
    """Single quotes become double ones."""
    return [continued(line.text.replace("'", '"'), [line]) for line in lines]


def rewrapped(lines: Sequence[Line], width: int = 56) -> list[Line]:
    """A long line with brackets is broken, one item a line, with a comma after each."""
    out: list[Line] = []
    for line in lines:
        found = _broken(line.text) if len(line.text) > width else None
        out += [continued(text, [line]) for text in found or [line.text]]
    return out


def _broken(text: str) -> list[str] | None:
    """The line in several: up to a bracket, what stands in it, from its end on."""
    indent = text[: len(text) - len(text.lstrip())]
    for place, character in enumerate(text):
        items = _items(text, place) if character in "([{" else None
        if items is not None and _TAIL.fullmatch(text, items[1]):
            inner = [f"{indent}    {item}," for item in items[0]]
            return [text[: place + 1], *inner, indent + text[items[1] :]]
    return None


def _items(text: str, start: int) -> tuple[list[str], int] | None:
    """The parts between commas inside a bracket, and where it closes."""
    parts, depth, quote, begin = [], 0, "", start + 1
    for place in range(start, len(text)):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        is_end = not quote and not depth
        if is_end or (character == "," and depth == 1 and not quote):
            parts.append(text[begin:place].strip())
            begin = place + 1
        if is_end:
            return (parts, place) if parts[0] else None
    return None


def everything(lines: Sequence[Line]) -> list[Line]:
    """Indentation, quotes and long lines at once."""
    return rewrapped(requoted(reindented(lines)))


def joined(lines: Sequence[Line], width: int = 100) -> list[Line]:
    """Lists in brackets that were broken, one item a line, become one line again where it fits."""
    out: list[Line] = []
    place = 0
    while place < len(lines):
        stop = _closing(lines, place)
        run = lines[place : stop + 1]
        head, *items, tail = run if len(run) > 2 else [lines[place], lines[place]]
        whole = head.text + " ".join(item.text.strip() for item in items).rstrip(",") + tail.text.strip()
        if stop > place and len(whole) <= width:
            out.append(continued(whole, run))
            place = stop + 1
        else:
            out.append(lines[place])
            place += 1
    return out


def _closing(lines: Sequence[Line], place: int) -> int:
    """Where the bracket closes that a line leaves open, items with commas between; else the place itself."""
    if not lines[place].text.endswith(("(", "[", "{")):
        return place
    stop = place + 1
    while stop < len(lines) and lines[stop].text.rstrip().endswith(","):
        stop += 1
    is_closed = place + 1 < stop < len(lines) and lines[stop].text.strip()[:1] in {")", "]", "}"}
    return stop if is_closed else place


def reflowed(lines: Sequence[Line], width: int = 44) -> list[Line]:
    """Lines of prose are broken at another width."""
    out: list[Line] = []
    for line in lines:
        if not line.text[:1].isalpha() or len(line.text) <= width:
            out.append(line)
            continue
        words, row = line.text.split(), ""
        for word in words:
            if row and len(row) + 1 + len(word) > width:
                out.append(continued(row, [line]))
                row = ""
            row = f"{row} {word}" if row else word
        out.append(continued(row, [line]))
    return out


def opening_sorted(lines: Sequence[Line]) -> list[Line]:
    """The imports, up to the first blank line after them, in order of the alphabet."""
    stop = next((place for place, line in enumerate(lines) if place > 5 and not line.text), 0)
    start = min(4, stop)
    return [*lines[:start], *sorted(lines[start:stop], key=lambda line: line.text), *lines[stop:]]
