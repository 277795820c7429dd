"""Names in a Python tree: what an expression looks at, what a statement binds."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.python_values import TEXT_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator

PythonFunction = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right inside a node, as ``ast.iter_child_nodes`` tells them, but for whether a name is read or set."""
    found: list[ast.AST] = []
    for field in node._fields:
        if field != "ctx":
            value = getattr(node, field, None)
            if isinstance(value, list):
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found


def within(node: ast.AST) -> list[ast.AST]:
    """The node and all nodes in it, level by level."""
    found = [node]
    for one in found:
        found += children(one)
    return found


def bound_by_all(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement and all in it bind."""
    for node in (statement, *own_nodes(statement)):
        yield from bound_by(node)


def names_in(target: ast.expr) -> Iterator[str]:
    """Every plain name of an expression."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Every node inside a function, but of functions and classes in it only that they are there."""
    waiting = children(function)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += children(node)


def subjects_of(node: ast.AST) -> Iterator[str]:
    """Dotted names that an expression looks at, as long as they are written; of a call its method too."""
    name = dotted(node)
    if name is not None:
        if name not in vars(builtins):
            yield name
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TEXT_METHODS:
        # What a text's own method says is a fact about the text.
        for part in (node.func.value, *node.args):
            yield from subjects_of(part)
        return
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        bound = {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        for child in ast.iter_child_nodes(node):
            yield from (one for one in subjects_of(child) if one.partition(".")[0] not in bound)
        return
    for child in ast.iter_child_nodes(node):
        yield from subjects_of(child)


def dotted(node: ast.AST) -> str | None:
    """``a.b.c`` of a name or of attributes of a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = dotted(node.value)
        return None if above is None else f"{above}.{node.attr}"
    return None


def bound_by(node: ast.AST) -> Iterator[str]:
    """Names, and dotted names, that a node itself gives a value to or takes it from."""
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        name = dotted(node)
        if name is not None:
            yield name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from _targets(target, is_top=True)
    elif isinstance(node, ast.AugAssign):
        # A value that is changed is bound anew besides the store that stands there.
        yield from _targets(node.target, is_top=False)
    elif isinstance(node, ast.ClassDef | PythonFunction):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        yield from [node.name] if node.name else []


def _targets(target: ast.expr, *, is_top: bool) -> Iterator[str]:
    """Names that a subscript's store changes; plain names are met on their own."""
    if isinstance(target, ast.Subscript):
        name = dotted(target.value)
        if name is not None:
            yield name
            yield name
    elif not is_top:
        name = dotted(target)
        if name is not None:
            yield name
