"""What formatters do to files: new indentation, other quotes, lines broken up; nobody wrote anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accuracy.marks import continued

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accuracy.marks import Line

_CALL = re.compile(r"^(\s*)(.*?[(\[{])(.+?, .+)([)\]}][;:,]?(?: \{)?)$")


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
    """A long line with a list in brackets is broken, one item a line, with a comma after the last."""
    out: list[Line] = []
    for line in lines:
        found = _CALL.match(line.text) if len(line.text) > width else None
        items = _items(found[3]) if found else None
        if found is None or items is None:
            out.append(line)
            continue
        indent = found[1]
        out.append(continued(indent + found[2], [line]))
        out += [continued(f"{indent}    {item},", [line]) for item in items]
        out.append(continued(indent + found[4], [line]))
    return out


def _items(text: str) -> list[str] | None:
    """The parts of a list; None where brackets or quotes do not close in each."""
    parts = text.split(", ")
    for part in parts:
        if any(part.count(a) != part.count(b) for a, b in ("()", "[]", "{}")):
            return None
        if any(part.count(quote) % 2 for quote in "'\"`"):
            return None
    return parts


def everything(lines: Sequence[Line]) -> list[Line]:
    """Indentation, quotes and long lines at once."""
    return rewrapped(requoted(reindented(lines)))
