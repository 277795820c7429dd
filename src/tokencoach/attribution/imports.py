"""Imports that a tool sorts, joins or takes apart: the same names come from the same places as before.

Each statement is taken as the set of what it brings in, whatever its lines: ``from a import b, c`` brings
``b`` of ``a`` and ``c`` of ``a``, as two statements with one name each do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.residue import Left, Pairing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Atoms = frozenset[tuple[bytes, bytes]]

_BEGINS: Final = re.compile(
    rb"\s*(?:from\s+[\w.]+\s+import\b|(?:pub(?:\([\w\s]+\))?\s+)?use\s+[\w:{]|import\b|export\s+(?:type\s+)?[{*])"
)
_PATH_ALONE: Final = re.compile(rb'\s*(?:import\s+)?((?:[\w.]+\s+)?"[^"\s]+")\s*(?://.*)?$')
_OF_MODULE: Final = re.compile(rb"from\s+([\w.]+)\s+import\s+(.+)$", re.DOTALL)
_WITH_FROM: Final = re.compile(
    rb"(import|export)\s+(type\s+)?([\w$*{].*?)\s*from\s*(['\"][^'\"]+['\"])\s*;?$", re.DOTALL
)
_USE: Final = re.compile(rb"((?:pub(?:\([\w\s]+\))?\s+)?use)\s+(.+?);?$", re.DOTALL)
_PLAIN: Final = re.compile(rb"import\s+([^('\"{]+?);?$", re.DOTALL)
_REMARK: Final = re.compile(rb"(?:(?<=\s)|^)(?:#|//).*$")
_SPACES: Final = re.compile(rb"\s+")
_WORDS: Final = (b"import", b"export", b"use ", b"use\t")
_QUOTED_LAST: Final = re.compile(rb'"[^"\s]+"\s*(?://|$)', re.MULTILINE)
_LONGEST: Final = 200
_DEEPEST: Final = 8


class _Statement(NamedTuple):
    places: tuple[int, ...]
    atoms: Atoms


def may_hold_imports(text: bytes) -> bool:
    """Whether any line of a text may be an import, or begin one; asked first, for most texts have none."""
    for word in _WORDS:
        if word in text:
            return True
    return b'"' in text and _QUOTED_LAST.search(text) is not None


def may_import(texts: Iterable[bytes]) -> bool:
    """Whether any of the lines may be an import, or begin one."""
    return any(_BEGINS.match(text) or _PATH_ALONE.match(text) for text in texts)


def rearranged(
    ours: Sequence[Left], theirs: Sequence[Left], beside: Sequence[Left] = ()
) -> Iterator[Pairing]:
    """Statements of ours all of whose imports theirs hold too, in statements that import nothing else.

    What those hold may come from ``beside`` as well: lines that left the file at the same time.
    """
    mine, others = list(_statements(ours)), list(_statements(theirs))
    known = frozenset().union(*(one.atoms for one in (*mine, *_statements(beside))))
    holding: dict[tuple[bytes, bytes], _Statement] = {
        atom: one for one in others if one.atoms <= known for atom in one.atoms
    }
    for one in mine:
        if not one.atoms <= holding.keys():
            continue
        places = {place for atom in one.atoms for place in holding[atom].places}
        for place in one.places:
            yield Pairing((place,), tuple(sorted(places)), 1.0)


def _statements(lines: Sequence[Left]) -> Iterator[_Statement]:
    """The import statements among some lines; one that its lines do not end is none."""
    at = 0
    while at < len(lines):
        alone = _PATH_ALONE.match(lines[at].text)
        if alone is not None:
            atom = (b"path", _tidy(alone[1]))
            yield _Statement((lines[at].place,), frozenset([atom]))
        end = at + 1
        if alone is None and _BEGINS.match(lines[at].text):
            end = _end(lines, at)
            text = b" ".join(_REMARK.sub(b"", line.text) for line in lines[at:end]).strip()
            atoms = frozenset(_atoms(text)) if _is_closed(text) else frozenset()
            if atoms:
                yield _Statement(tuple(line.place for line in lines[at:end]), atoms)
        at = end


def _end(lines: Sequence[Left], at: int) -> int:
    """Where a statement ends that begins there: where its brackets are closed, or a line is missing."""
    text = b""
    for end in range(at, min(at + _LONGEST, len(lines))):
        if end > at and lines[end].place != lines[end - 1].place + 1:
            break
        text += _REMARK.sub(b"", lines[end].text)
        if _is_closed(text):
            return end + 1
    return at + 1


def _is_closed(text: bytes) -> bool:
    opened, closed = text.count(b"(") + text.count(b"{"), text.count(b")") + text.count(b"}")
    return opened <= closed and not text.rstrip().endswith((b"\\", b","))


def _atoms(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What one statement imports: from where, and under which name."""
    found = _OF_MODULE.match(text)
    if found is not None:
        yield from ((found[1], name) for name in _names(found[2].strip().strip(b"()")))
        return
    found = _WITH_FROM.match(text)
    if found is not None:
        yield from _of_clause(found[1], bool(found[2]), found[3], found[4].strip(b"'\""))
        return
    found = _USE.match(text)
    if found is not None:
        yield from ((_tidy(found[1]), path) for path in _paths(_SPACES.sub(b" ", found[2]), 0))
        return
    found = _PLAIN.match(text)
    if found is not None:
        yield from ((b"import", name) for name in _names(found[1]))


def _of_clause(word: bytes, is_type: bool, clause: bytes, module: bytes) -> Iterator[tuple[bytes, bytes]]:  # noqa: FBT001
    """What stands between the first word and ``from``: a default name, a namespace, names in braces."""
    before, brace, rest = clause.partition(b"{")
    for name in _names(before):
        yield module, word + b" default " + name
    for name in _names(rest.rpartition(b"}")[0]) if brace else ():
        bare = name.removeprefix(b"type ")
        yield module, word + (b" type " if is_type or bare != name else b" ") + bare


def _paths(path: bytes, depth: int) -> Iterator[bytes]:
    """A path with lists in braces as the single paths that it stands for."""
    head, brace, rest = path.partition(b"{")
    if not brace or depth > _DEEPEST:
        yield _tidy(path)
        return
    inside, _, tail = rest.rpartition(b"}")
    for part in _split(inside):
        yield from _paths(head.strip() + part + tail, depth + 1)


def _split(text: bytes) -> Iterator[bytes]:
    """The parts between commas that no brace holds."""
    part, depth = b"", 0
    for piece in re.split(rb"([{},])", text):
        depth += (piece == b"{") - (piece == b"}")
        if piece == b"," and not depth:
            yield part.strip()
            part = b""
        else:
            part += piece
    if part.strip():
        yield part.strip()


def _names(text: bytes) -> Iterator[bytes]:
    return (_tidy(name) for name in text.split(b",") if name.strip())


def _tidy(text: bytes) -> bytes:
    return _SPACES.sub(b" ", text.strip())
