"""A file of JSON settings as text: something is put in or taken out, and every other byte stays as it is.

Comments and commas before a closing bracket are understood, as the editors of people who write them do.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_TRIVIA: Final = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD: Final = re.compile(r"[-+.\w]+")
_REST_OF_LINE: Final = re.compile(r"[ \t]*(?://[^\n]*|/\*[^\n]*?\*/[ \t]*)(?=\r?\n)")
_DEEPEST: Final = 200


class NotJsonError(ValueError):
    """The text is no JSON; ``line`` counts from 1."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


@dataclass(slots=True)
class Node:
    """A value and where it stands; ``entries`` are the members of an object or the items of an array."""

    start: int
    end: int
    value: Any
    entries: list[Entry] = field(default_factory=list)

    def member(self, key: str) -> Node | None:
        """The value of a key, the last where there are several; None where there is none."""
        return next((entry.node for entry in reversed(self.entries) if entry.key == key), None)


@dataclass(slots=True)
class Entry:
    """A member or an item: from its key (or value) to the end of its value; where its comma stands, if one does."""

    key: str | None
    start: int
    node: Node
    comma: int | None = None


def parse(text: str) -> Node:
    """The one value of a text, with the place of everything in it.

    Raises:
        NotJsonError: the text is no JSON, with the line.
    """
    parser = _Parser(text)
    found = parser.value()
    if parser.peek():
        raise parser.fail("there is more after the end")
    return found


class _Parser:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def fail(self, what: str) -> NotJsonError:
        return NotJsonError(what, self.text.count("\n", 0, self.at) + 1)

    def peek(self) -> str:
        """The next character that is neither space nor comment; empty at the end."""
        found = _TRIVIA.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at
        return self.text[self.at : self.at + 1]

    def value(self) -> Node:
        first, start = self.peek(), self.at
        if first and first in "{[":
            return self.container(is_object=first == "{")
        if first == '"':
            said = self.string()
            return Node(start, self.at, said)
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise self.fail(f"{first!r} is no value" if first else "a value is missing")
        try:
            value = json.loads(found[0])
        except ValueError:
            raise self.fail(f"{found[0][:20]!r} is no value") from None
        self.at = found.end()
        return Node(start, self.at, value)

    def string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if found is None:
            raise self.fail("a text has no end")
        try:
            said = str(json.loads(found[0]))
        except ValueError:
            raise self.fail("a text holds what no JSON may hold") from None
        self.at = found.end()
        return said

    def container(self, *, is_object: bool) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail("nested too deep")
        start, closing = self.at, "}" if is_object else "]"
        self.at += 1
        entries: list[Entry] = []
        while self.peek() != closing:
            if entries and entries[-1].comma is None:
                raise self.fail(f"a comma or {closing!r} is missing")
            entries.append(self.entry(is_object=is_object))
            if self.peek() == ",":
                entries[-1].comma = self.at
                self.at += 1
        self.at += 1
        self.depth -= 1
        value: Any = (
            {one.key: one.node.value for one in entries} if is_object else [one.node.value for one in entries]
        )
        return Node(start, self.at, value, entries)

    def entry(self, *, is_object: bool) -> Entry:
        key, start = None, self.at
        if is_object:
            if self.peek() != '"':
                raise self.fail("a name in quotes is missing")
            key = self.string()
            if self.peek() != ":":
                raise self.fail("a colon is missing")
            self.at += 1
        return Entry(key, start, self.value())


def put(text: str, into: Node, key: str | None, value: Any) -> str:
    """The text with a new last member of an object (or, without a key, a new last item of an array)."""
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = _indent_unit(text)
    if into.entries and newline not in text[into.start : into.end]:
        body = json.dumps(value, ensure_ascii=False)
        return _beside(text, into, " ", f"{json.dumps(key)}: {body}" if key is not None else body)
    depth = _indent_at(text, into.entries[0].start) if into.entries else _indent_at(text, into.start) + unit
    body = json.dumps(value, ensure_ascii=False, indent=unit).replace("\n", newline + depth)
    body = f"{json.dumps(key)}: {body}" if key is not None else body
    if into.entries:
        return _beside(text, into, newline + depth, body)
    rest = text[into.start + 1 : into.end - 1]
    end = "" if "\n" in rest else newline + _indent_at(text, into.start)
    return f"{text[: into.start + 1]}{newline}{depth}{body}{end}{text[into.start + 1 :]}"


def _beside(text: str, into: Node, space: str, body: str) -> str:
    """After the last entry, and after a comment that ends its line."""
    last = into.entries[-1]
    end = last.node.end if last.comma is None else last.comma + 1
    comment = _REST_OF_LINE.match(text, end)
    after = comment.end() if comment is not None else end
    comma, closing = (",", "") if last.comma is None else ("", ",")
    return f"{text[:end]}{comma}{text[end:after]}{space}{body}{closing}{text[after:]}"


def replace(text: str, node: Node, value_text: str) -> str:
    """The text with another value in a value's place, written as it is given."""
    return f"{text[: node.start]}{value_text}{text[node.end :]}"


def formatted(text: str, value: Any, key_at: int) -> str:
    """A value as it is written below the member that begins at a place."""
    newline = "\r\n" if "\r\n" in text else "\n"
    depth = _indent_at(text, key_at)
    return json.dumps(value, ensure_ascii=False, indent=_indent_unit(text)).replace("\n", newline + depth)


def take(text: str, out_of: Node, index: int) -> str:
    """The text without one entry, and without the comma that it needed; the inverse of ``put``."""
    entry = out_of.entries[index]
    start = len(text[: entry.start].rstrip(" \t\r\n"))
    end = entry.node.end if entry.comma is None else entry.comma + 1
    cut = f"{text[:start]}{text[end:]}"
    if entry.comma is None and index > 0:
        comma = out_of.entries[index - 1].comma
        cut = cut if comma is None else f"{cut[:comma]}{cut[comma + 1 :]}"
    if len(out_of.entries) == 1:
        inside = text[out_of.start + 1 : start] + text[end : out_of.end - 1]
        if not inside.strip():
            return f"{text[: out_of.start + 1]}{text[out_of.end - 1 :]}"
    return cut


def _indent_at(text: str, at: int) -> str:
    """The spaces that the line of a place begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _indent_unit(text: str) -> str:
    """How far the first nested line is indented; two spaces where none is."""
    found = re.search(r"^([ \t]+)[\"\[{]", text, re.MULTILINE)
    return found[1] if found is not None else "  "
