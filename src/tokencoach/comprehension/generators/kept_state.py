"""Whether what a function does rests on what its module keeps from call to call."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.generators.base import PythonFunction, Source

_CHANGING: Final = frozenset(
    {
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "update",
    }
)


def rests_on_what_is_kept(node: PythonFunction, source: Source) -> bool:
    """Whether it reads a name of its module that functions change: no call shows what that held."""
    if source.tree is None:
        return False
    names = {
        name.id
        for statement in source.tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    read = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)} & names
    return bool(read) and not read.isdisjoint(_changed(source.tree))


def _changed(tree: ast.Module) -> Iterator[str]:
    """Names that a function of the module sets anew, or changes in place, without binding them itself."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parts = list(ast.walk(function))
        shared = {name for item in parts if isinstance(item, ast.Global) for name in item.names}
        yield from shared
        own = {item.arg for item in parts if isinstance(item, ast.arg)}
        own |= {item.id for item in parts if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
        for item in parts:
            name = _changed_by(item)
            if name is not None and name not in own - shared:
                yield name


def _changed_by(item: ast.AST) -> str | None:
    """The name whose value an expression changes in place."""
    target: ast.expr | None = None
    if isinstance(item, ast.Subscript) and not isinstance(item.ctx, ast.Load):
        target = item.value
    elif isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in _CHANGING:
        target = item.func.value
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None
