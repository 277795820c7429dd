"""The texts that a program puts for others, where both stand in it as they are.

A Python program is parsed, never run; of other languages the calls are found by how they look.
"""

from __future__ import annotations

import ast
import re
import warnings
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST: Final = 200_000
_MOST: Final = 64
_MOST_LINES: Final = 2_000
_TEXT: Final = r"""[rb]?(?P<{0}>['"`])(?P<{1}>(?:(?!(?P={0})|\\).)+)(?P={0})"""
_CALLS: Final = re.compile(
    rf"\.(?:replace|replaceAll|gsub|sub)!?\(\s*{_TEXT.format('a', 'old')}\s*,\s*{_TEXT.format('b', 'new')}"
)
_HINT: Final = re.compile(r"\.(?:replace|replaceAll|sub|gsub)!?\(")
_READING: Final = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "open"})
_WRITING: Final = frozenset({"write", "write_text", "write_bytes"})
_OTHERWISE: Final = frozenset(
    {"insert", "append", "extend", "join", "writelines", "dump", "dumps", "format", "subn", "splitlines"}
)
_FEWEST_WORDS: Final = re.compile(r"\w")
_PLAIN: Final = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^\w\d]|\\b)+")


class Replacement(NamedTuple):
    """A text and what is put for it, both perhaps of several lines; ``path`` is the file, as far as the program says."""

    old: str
    new: str
    path: str | None = None


class Difference(NamedTuple):
    """What the replacements of a program change: whole lines that come and go, and texts within a line."""

    added: list[str]
    removed: list[str]
    within: list[Replacement]


def replacements(program: str) -> tuple[Replacement, ...]:
    """The replacements of a program in their order, at most 64; none where it cannot be read."""
    return _read(program).found


def only_replaces(program: str) -> bool:
    """Whether its replacements are all that a program does to texts, as far as that can be seen."""
    return _read(program).is_all


class _Reading(NamedTuple):
    found: tuple[Replacement, ...]
    is_all: bool


@lru_cache(maxsize=64)
def _read(program: str) -> _Reading:
    if len(program) > _LONGEST or _HINT.search(program) is None:
        return _Reading((), is_all=False)
    tree, reader = _parsed(program), _Reader()
    found = reader.read(tree) if tree is not None else list(_looked_for(program))
    told = tuple(one for one in found if one.old != one.new and _FEWEST_WORDS.search(one.old))
    is_all = bool(told) and tree is not None and not reader.is_odd
    return _Reading(told[:_MOST], is_all and len(told) <= _MOST)


def difference(found: Sequence[Replacement]) -> Difference:
    """What replacements change, told by lines.

    The first and the last line of a text may be parts of longer ones: where one is put for one, that
    is a replacement within a line.
    """
    told = Difference([], [], [])
    for number, (old, new, _) in enumerate(found):
        for later in found[number + 1 :]:
            new = new.replace(later.old, later.new)  # noqa: PLW2901 - what the program makes of it in the end
        _tell(old.split("\n"), new.split("\n"), told)
    return told


def _tell(ours: list[str], theirs: list[str], told: Difference) -> None:
    for i, j, k, m in _steps(ours, theirs):
        gone, come = ours[i:j], theirs[k:m]
        if i == k == 0 and gone and come:
            _within(gone.pop(0), come.pop(0), told)
        if j == len(ours) and m == len(theirs) and gone and come:
            _within(gone.pop(), come.pop(), told)
        told.removed.extend(gone)
        told.added.extend(come)


def _steps(ours: list[str], theirs: list[str]) -> list[tuple[int, int, int, int]]:
    """Where two texts differ, as spans of lines of each."""
    if max(len(ours), len(theirs)) > _MOST_LINES:
        return [(0, len(ours), 0, len(theirs))]
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [(i, j, k, m) for how, i, j, k, m in steps if how != "equal"]


def _within(old: str, new: str, told: Difference) -> None:
    if old.strip():
        told.within.append(Replacement(old, new))


def _parsed(program: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(program)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _looked_for(program: str) -> Iterator[Replacement]:
    for found in _CALLS.finditer(program):
        yield Replacement(found["old"], found["new"])


class _Reader(ast.NodeVisitor):
    """Follows names that stand for texts through a program, from its first statement to its last."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._found: list[Replacement] = []
        self._path: str | None = None
        self._steps = 0
        self.is_odd = False

    def read(self, tree: ast.Module) -> list[Replacement]:
        """The replacements in their order; none where the program is nested too deep."""
        try:
            self.visit(tree)
        except RecursionError:
            return []
        return self._found

    def visit_Assign(self, node: ast.Assign) -> None:
        """Bind names to the text that is assigned."""
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """A text that is put together otherwise."""
        self.is_odd = True
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        """Go through a loop over texts that stand in the program, one by one."""
        rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else ()
        for row in rows[:_MOST]:
            self._steps += 1
            self._bind(node.target, row)
            for statement in node.body if self._steps <= _MOST else ():
                self.visit(statement)
        if not rows:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Note a file that is opened, and a call that replaces one text by another."""
        self.generic_visit(node)
        called, arguments = node.func, node.args
        name = _name(called)
        if (
            name == "open"
            and arguments
            and (not isinstance(called, ast.Attribute) or _is_module(called.value))
        ):
            self._path = self._text(arguments[0])
        elif name in _READING and isinstance(called, ast.Attribute):
            self._path = self._text(called.value)
        self.is_odd = self.is_odd or name in _OTHERWISE or (name in _WRITING and not _is_plain(arguments))
        if name not in ("replace", "sub") or len(arguments) < 2 or not isinstance(called, ast.Attribute):
            return
        old, new = self._text(arguments[0]), self._text(arguments[1])
        if name == "sub":
            is_of_re = isinstance(called.value, ast.Name) and called.value.id == "re"
            old = _literal(old) if is_of_re and old is not None else None
            new = None if new is not None and "\\" in new else new
        if old and new is not None:
            self._found.append(Replacement(old, new, self._path))
        else:
            self.is_odd = True

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            text = self._text(value)
            self._texts.pop(target.id, None)
            if text is not None:
                self._texts[target.id] = text
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple | ast.List):
            for part, own in zip(target.elts, value.elts, strict=False):
                self._bind(part, own)

    def _text(self, node: ast.expr) -> str | None:
        """The text, or the path, that an expression stands for; None where only a run could tell."""
        if isinstance(node, ast.Constant):
            value = node.value
            value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            return value if isinstance(value, str) else None
        if isinstance(node, ast.Name):
            return self._texts.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
            between = "/" if isinstance(node.op, ast.Div) else ""
            return self._joined([node.left, node.right], between)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values, "")
        if isinstance(node, ast.FormattedValue):
            return self._text(node.value) if node.format_spec is None and node.conversion < 0 else None
        is_path = isinstance(node, ast.Call) and _name(node.func) == "Path" and len(node.args) == 1
        return self._text(node.args[0]) if is_path and isinstance(node, ast.Call) else None

    def _joined(self, nodes: Sequence[ast.expr], between: str) -> str | None:
        parts = [self._text(node) for node in nodes]
        known = [part for part in parts if part is not None]
        joined = between.join(known)
        return joined if len(known) == len(parts) and len(joined) <= _LONGEST else None


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _is_plain(arguments: Sequence[ast.expr]) -> bool:
    """Whether what is written is a name's text, or what a replacement makes of one."""
    return all(
        isinstance(one, ast.Name)
        or (isinstance(one, ast.Call) and _name(one.func) in ("replace", "sub", "encode"))
        for one in arguments[:1]
    )


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("io", "codecs")


def _literal(pattern: str) -> str | None:
    """The text that a regular expression stands for, where it stands for one alone."""
    if not _PLAIN.fullmatch(pattern):
        return None
    return re.sub(r"\\(.)", lambda found: "" if found[1] == "b" else found[1], pattern)
