"""Parameters of which a function uses but parts: attributes, values by constant keys. Those can be shown."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.python_names import children
from tokencoach.comprehension.record_steps import path_of

if TYPE_CHECKING:
    from tokencoach.comprehension.generators.base import PythonFunction
    from tokencoach.comprehension.record_steps import Path

_MOST: Final = 8
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def parts_of(node: PythonFunction) -> list[Path]:
    """The parts that are read of each parameter of which nothing else is; at most eight in all.

    A method that is called on a part rests on all of that part, a method of the parameter's own on all of it.
    """
    arguments = node.args
    names = {item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    found: dict[str, Path] = {}
    whole: set[str] = set()
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        item = waiting.pop()
        if isinstance(item, _SCOPES):
            whole |= {part.id for part in ast.walk(item) if isinstance(part, ast.Name)}
            continue
        path = path_of(item, names) if isinstance(item, ast.expr) else None
        if path is None:
            waiting.extend(_inside(item))
        elif not path[2]:
            whole.add(path[1])
        elif isinstance(getattr(item, "ctx", ast.Load()), ast.Load):
            found[path[0]] = path
    kept = sorted((path for path in found.values() if path[1] not in whole), key=lambda path: str(path[0]))
    return kept if len(kept) <= _MOST else []


def _inside(item: ast.AST) -> list[ast.AST]:
    """What a piece of code consists of: of a method that is called what it is called on, of ``a.b += 1`` a read too."""
    inner = children(item)
    if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
        return [item.func.value, *inner[1:]]
    if isinstance(item, ast.AugAssign) and not isinstance(item.target, ast.Name):
        return [*inner, ast.parse(ast.unparse(item.target), mode="eval").body]
    return inner
