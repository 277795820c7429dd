"""Cutting a function out of its file with all it needs, if all of that only computes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MODULES: Final = frozenset(
    {"__future__", "ast", "base64", "binascii", "bisect", "calendar", "collections", "colorsys", "copy", "dataclasses",
     "datetime", "decimal", "difflib", "enum", "fnmatch", "fractions", "functools", "hashlib", "heapq", "html",
     "itertools", "json", "keyword", "math", "numbers", "operator", "posixpath", "re", "shlex", "statistics", "string",
     "struct", "textwrap", "types", "typing", "typing_extensions", "unicodedata", "urllib.parse", "zlib"}
)  # fmt: skip
_HARMLESS: Final = frozenset(
    {"abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr", "complex", "dict", "divmod",
     "enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr", "hex", "int", "isinstance",
     "issubclass", "iter", "len", "list", "map", "max", "min", "next", "oct", "ord", "pow", "range", "repr",
     "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip", "True", "False", "None",
     "Ellipsis", "NotImplemented", "BaseException", "Exception", "ArithmeticError", "AssertionError",
     "AttributeError", "EOFError", "ImportError", "IndexError", "KeyError", "LookupError", "NameError",
     "NotImplementedError", "OSError", "OverflowError", "RuntimeError", "StopIteration", "SyntaxError",
     "TypeError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "ValueError", "ZeroDivisionError"}
)  # fmt: skip
# The clock and the machine: not the same the next time.
_UNSTEADY: Final = frozenset({"now", "today", "utcnow", "fromtimestamp", "localtime"})
_REFUSED: Final = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.ClassDef, ast.Await, ast.AsyncFor,
                   ast.AsyncWith, ast.Yield, ast.YieldFrom)  # fmt: skip
_MOST_NODES: Final = 3000


class Slice(NamedTuple):
    """A function and what it needs, each on its own lines of the file; ``modules`` are imported before."""

    source: str
    name: str
    modules: tuple[str, ...]


class _ImpureError(Exception):
    """Something does more than compute, or cannot be told."""


def sliced(tree: ast.Module, lines: Sequence[str], name: str) -> Slice | None:
    """The slice of a module-level function; None where it, or what it needs, does more than compute."""
    try:
        needed, modules = _closure(tree, name)
    except _ImpureError:
        return None
    kept = [""] * len(lines)
    for node in needed:
        first = first_line(node) if isinstance(node, ast.FunctionDef) else node.lineno
        last = node.end_lineno or node.lineno
        kept[first - 1 : last] = lines[first - 1 : last]
    return Slice("\n".join(kept), name, tuple(sorted(modules - {"__future__"})))


def with_line(piece: Slice, number: int, text: str) -> Slice:
    """The slice with one of its lines (1-based) replaced."""
    lines = piece.source.split("\n")
    lines[number - 1] = text
    return piece._replace(source="\n".join(lines))


def _closure(tree: ast.Module, name: str) -> tuple[list[ast.stmt], set[str]]:
    """Statements that a function needs, in order, and the modules that they import."""
    defined = dict(_definitions(tree))
    needed: dict[str, ast.stmt] = {}
    modules: set[str] = set()
    waiting = [name]
    while waiting:
        wanted = waiting.pop()
        if wanted in needed or (wanted in _HARMLESS and wanted not in defined):
            continue
        node = defined.get(wanted)
        if node is None:
            raise _ImpureError(wanted)
        needed[wanted] = node
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules |= _allowed(node)
        else:
            waiting += _free_names(node)
    statements = sorted(dict.fromkeys(needed.values()), key=lambda node: node.lineno)
    return statements, modules


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.stmt | None]]:
    """Module-level names with the one statement that binds each; None where it is not just one."""
    seen: set[str] = set()
    waiting: list[tuple[ast.stmt, bool]] = [(node, True) for node in reversed(tree.body)]
    while waiting:
        node, is_top = waiting.pop()
        for name in _bound(node):
            # What is bound under a condition, or a second time, is not what it seems.
            yield name, node if is_top and name not in seen else None
            seen.add(name)
        if isinstance(node, ast.If | ast.Try | ast.For | ast.While | ast.With):
            inner = (item for item in ast.walk(node) if isinstance(item, ast.stmt) and item is not node)
            waiting += [(item, False) for item in inner]


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [item.id for target in targets for item in ast.walk(target) if isinstance(item, ast.Name)]
    return []


def _allowed(node: ast.Import | ast.ImportFrom) -> set[str]:
    named = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    names = {name or "" for name in named}
    if not names <= MODULES or (isinstance(node, ast.ImportFrom) and node.level):
        raise _ImpureError(*sorted(names))
    return names


def _free_names(node: ast.stmt) -> list[str]:
    """Names that a definition takes from its module.

    Raises:
        _ImpureError: it does more than compute.
    """
    if not isinstance(node, ast.FunctionDef | ast.Assign | ast.AnnAssign):
        raise _ImpureError(type(node).__name__)
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        raise _ImpureError("a decorator may do anything")
    own: set[str] = set()
    names: set[str] = set()
    for count, item in enumerate(_walked(node)):
        if count > _MOST_NODES or isinstance(item, _REFUSED):
            raise _ImpureError(type(item).__name__)
        _refuse_reaching(item)
        if isinstance(item, ast.arg):
            own.add(item.arg)
        elif isinstance(item, ast.Name):
            (names if isinstance(item.ctx, ast.Load) else own).add(item.id)
        elif isinstance(item, ast.ExceptHandler | ast.FunctionDef) and item is not node:
            own.add(item.name or "")
    return sorted(names - own)


def _walked(node: ast.stmt) -> Iterator[ast.AST]:
    """A definition's parts without its annotations, which are never evaluated."""
    waiting: list[ast.AST] = [node]
    while waiting:
        item = waiting.pop()
        yield item
        for name, value in ast.iter_fields(item):
            if name not in {"annotation", "returns"}:
                parts = value if isinstance(value, list) else [value]
                waiting += [part for part in parts if isinstance(part, ast.AST)]


def _refuse_reaching(item: ast.AST) -> None:
    if isinstance(item, ast.Attribute) and (
        (item.attr.startswith("__") and item.attr != "__name__") or item.attr in _UNSTEADY
    ):
        raise _ImpureError(item.attr)
    if (
        isinstance(item, ast.Call)
        and isinstance(item.func, ast.Name)
        and item.func.id in {"getattr", "hasattr"}
    ):
        name = item.args[1] if len(item.args) > 1 else None
        if not isinstance(name, ast.Constant) or str(name.value).startswith("_"):
            raise _ImpureError("an attribute by a name that is not written there")
