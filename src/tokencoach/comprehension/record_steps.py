"""Changed statements that can be followed by themselves: all that they read can be shown, and one value comes out."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.generators.base import PythonFunction

_MOST_READ, _MOST_LINES, _MOST_STEPS = 6, 8, 40
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# What runs later, elsewhere or more than once tells nothing of one statement.
_ODD: Final = (ast.Lambda, ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.GeneratorExp, ast.Starred)
_UNSTEADY: Final = re.compile(
    r"time|now|today|random|uuid|choice|shuffle|sample|token_|urandom|getpid|environ|getenv|getcwd|cwd|stat$|exists|"
    r"monotonic|perf_counter|is_file|is_dir|listdir|iterdir|glob|open|read|run$|id$|hash$|object$|globals|locals"
)
_LEAST_WORK: Final = 3
_WORK: Final = {
    ast.Call: 1, ast.BinOp: 1, ast.Compare: 1, ast.Subscript: 1, ast.BoolOp: 2, ast.IfExp: 2,
    ast.ListComp: 3, ast.SetComp: 3, ast.DictComp: 3,
}  # fmt: skip


def steps(
    stable: frozenset[str], node: PythonFunction, around: PythonFunction | None, changed: frozenset[int]
) -> list[dict[str, Any]]:
    """Assignments to a name and returns: lines from the function's first, what they read, what they set.

    ``stable`` are ``stable_names`` of the file, ``around`` is the function that this one is defined in.
    """
    own = list(_own(node))
    is_generator = any(isinstance(item, ast.Yield | ast.YieldFrom) for item in own)
    local = _locals(node, own) | (_locals(around, list(_own(around))) if around is not None else frozenset())
    begun = [item.lineno for item in own if isinstance(item, ast.stmt)]
    found: list[dict[str, Any]] = []
    for item in own:
        if not isinstance(item, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
            continue
        if (
            item.lineno not in changed
            or begun.count(item.lineno) > 1
            or (isinstance(item, ast.Return) and is_generator)
        ):
            continue
        last = item.end_lineno or item.lineno
        reads = _reads(item, local, stable) if last - item.lineno < _MOST_LINES else None
        target = None if isinstance(item, ast.Return) else _target(item)
        if reads and (isinstance(item, ast.Return) or target is not None):
            first = first_line(node)
            found.append({"first": item.lineno - first, "last": last - first, "reads": reads, "sets": target})
    return sorted(found, key=lambda step: int(step["first"]))[:_MOST_STEPS]


def _target(item: ast.Assign | ast.AnnAssign | ast.AugAssign) -> str | None:
    targets = item.targets if isinstance(item, ast.Assign) else [item.target]
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def _reads(
    item: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return,
    local: frozenset[str],
    stable: frozenset[str],
) -> list[str] | None:
    """Names, and attributes of names, that a statement reads; None where it reads more, or is not worth asking."""
    if item.value is None or any(isinstance(part, _ODD) for part in ast.walk(item)):
        return None
    if _work(item.value, stable) + isinstance(item, ast.AugAssign) < _LEAST_WORK:
        return None
    if any(_UNSTEADY.match(_name(part.func)) for part in ast.walk(item.value) if isinstance(part, ast.Call)):
        return None
    bound = {
        part.id
        for part in ast.walk(item.value)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    fields = _fields(item.value)
    inner = {field.value for field in fields}
    called = {part.func for part in ast.walk(item.value) if isinstance(part, ast.Call)}
    reads = {f"{field.value.id}.{field.attr}": None for field in fields if isinstance(field.value, ast.Name)}
    reads |= (
        {item.target.id: None}
        if isinstance(item, ast.AugAssign) and isinstance(item.target, ast.Name)
        else {}
    )
    names = [part for part in ast.walk(item.value) if isinstance(part, ast.Name)]
    for part in sorted(names, key=lambda name: (name.lineno, name.col_offset)):
        if part.id in bound or part in inner:
            continue
        if part.id in local:
            # A function that is held in a variable may be anything.
            if part in called:
                return None
            reads[part.id] = None
        elif part.id not in stable and not hasattr(builtins, part.id):
            return None
    return list(reads) if 0 < len(reads) <= _MOST_READ else None


def _work(value: ast.expr, stable: frozenset[str]) -> int:
    """How much there is to follow; a function of the project is more than one that everybody knows."""
    parts = list(ast.walk(value))
    known = sum(
        isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in stable
        for part in parts
    )
    return known + sum(_WORK.get(type(part), 0) for part in parts)


def _name(called: ast.expr) -> str:
    """The bare name by which something is called."""
    return (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )


def _fields(value: ast.expr) -> list[ast.Attribute]:
    """Data attributes of a method's own object; a method that is called on it rests on all of the object."""
    called = {part.func for part in ast.walk(value) if isinstance(part, ast.Call)}
    return [
        part
        for part in ast.walk(value)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id in {"self", "cls"}
        and part not in called
    ]


def _locals(node: PythonFunction, own: list[ast.AST]) -> frozenset[str]:
    """Parameters and names that the function binds; with those of functions around it, its variables."""
    arguments = node.args
    names = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    found = {item.arg for item in names if item is not None}
    found |= {item.id for item in own if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    return frozenset(found)


def stable_names(tree: ast.Module) -> frozenset[str]:
    """Names of a module that are bound once, by a definition, an import or as a constant of capitals."""
    found: dict[str, int] = {}
    for item in tree.body:
        names: list[str] = []
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [item.name]
        elif isinstance(item, ast.Import | ast.ImportFrom):
            names = [(alias.asname or alias.name).split(".")[0] for alias in item.names]
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            names = [part.id for part in targets if isinstance(part, ast.Name) and part.id.isupper()]
        for name in names:
            found[name] = found.get(name, 0) + 1
    return frozenset(name for name, times in found.items() if times == 1)


def _own(node: PythonFunction) -> Iterator[ast.AST]:
    """Parts of a function that are not in a function or class inside it."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        item = waiting.pop()
        yield item
        if not isinstance(item, _SCOPES):
            waiting.extend(ast.iter_child_nodes(item))
