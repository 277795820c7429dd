"""Changed statements that can be followed by themselves: all that they read can be shown, and one value comes out."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.languages.python_names import children
from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from tokencoach.comprehension.generators.base import PythonFunction

_MOST_READ, _MOST_LINES, _MOST_STEPS = 6, 8, 40
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# What runs later, elsewhere or more than once tells nothing of one statement.
_ODD: Final = (ast.Lambda, ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.GeneratorExp, ast.Starred)
_UNSTEADY: Final = re.compile(
    r"time|now|today|random|uuid|choice|shuffle|sample|token_|urandom|getpid|environ|getenv|getcwd|cwd|stat$|exists|"
    r"monotonic|perf_counter|is_file|is_dir|listdir|iterdir|glob|open|read|run$|id$|hash$|object$|globals|locals"
)
Path = list[Any]
"""A value as it is written, the variable it hangs on, and the way from there: attributes, keys."""
_LEAST_WORK: Final = 3
_MOST_PARTS: Final = 3
_ASKING: Final = frozenset({"isinstance", "issubclass", "getattr", "hasattr"})
_WORK: Final = {
    ast.Call: 1, ast.BinOp: 1, ast.Compare: 1, ast.Subscript: 1, ast.BoolOp: 2, ast.IfExp: 2,
    ast.ListComp: 3, ast.SetComp: 3, ast.DictComp: 3,
}  # fmt: skip


def steps(
    stable: frozenset[str], node: PythonFunction, around: PythonFunction | None, changed: frozenset[int]
) -> list[dict[str, Any]]:
    """Statements to follow: lines from the function's first, what they read, what they set.

    ``reads`` are values as whole as they come, ``parts`` only the parts of them that are used, for where
    the whole cannot be shown; None where there is too little left to work out. ``what`` is ``set``,
    ``return``, ``yield`` or, of a condition, ``next``. ``stable`` are ``stable_names`` of the file,
    ``around`` is the function that this one is defined in.
    """
    own = list(_own(node))
    is_generator = any(isinstance(item, ast.Yield | ast.YieldFrom) for item in own)
    local = _locals(node, own) | (_locals(around, list(_own(around))) if around is not None else frozenset())
    begun = [item.lineno for item in own if isinstance(item, ast.stmt)]
    first = first_line(node)
    found: list[dict[str, Any]] = []
    for item in own:
        followed = _followed(item, local) if isinstance(item, ast.stmt) else None
        if followed is None or item.lineno not in changed or begun.count(item.lineno) > 1:  # type: ignore[attr-defined]
            continue
        if followed.what == "return" and is_generator:
            continue
        last = followed.value.end_lineno or followed.value.lineno
        begin = item.lineno - first  # type: ignore[attr-defined]
        seen = _Reading(followed, local, stable)
        whole, parts = seen.paths(is_deep=False), seen.paths(is_deep=True)
        if last - first - begin < _MOST_LINES and (whole or parts):
            told = {"reads": whole, "parts": parts, "what": followed.what, "sets": followed.sets}
            found.append({"first": begin, "last": last - first, **told})
    return sorted(found, key=lambda step: int(step["first"]))[:_MOST_STEPS]


class Followed(NamedTuple):
    """A statement of which one value comes out: that value, what becomes of it, and where it can be seen after."""

    what: str
    value: ast.expr
    sets: list[Path]
    is_added: bool


def _followed(item: ast.stmt, local: frozenset[str]) -> Followed | None:
    """How a statement can be followed; None where nothing plain comes out of it."""
    if isinstance(item, ast.If):
        end = item.test.end_lineno or item.test.lineno
        return Followed("next", item.test, [], is_added=False) if item.body[0].lineno > end else None
    if isinstance(item, ast.Return) and item.value is not None:
        return Followed("return", item.value, [], is_added=False)
    if isinstance(item, ast.Expr):
        return _of_call(item.value, local)
    if not isinstance(item, ast.Assign | ast.AnnAssign | ast.AugAssign) or item.value is None:
        return None
    targets = item.targets if isinstance(item, ast.Assign) else [item.target]
    names = targets[0].elts if isinstance(targets[0], ast.Tuple | ast.List) else [targets[0]]
    sets = [path_of(name, local) for name in names]
    known = [path for path in sets if path is not None]
    if len(known) != len(sets) or len(targets) > 1:
        return None
    return Followed("set", item.value, known, isinstance(item, ast.AugAssign))


def _of_call(value: ast.expr, local: frozenset[str]) -> Followed | None:
    """What is yielded, or put at the end of a list."""
    if isinstance(value, ast.Yield) and value.value is not None:
        return Followed("yield", value.value, [], is_added=False)
    is_plain = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and not value.keywords
    if not is_plain or not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    into = path_of(value.func.value, local)
    if value.func.attr != "append" or len(value.args) != 1 or into is None:
        return None
    return Followed("set", value.args[0], [[into[0], into[1], [*into[2], ["[", -1]]]], is_added=False)


def path_of(item: ast.expr, local: Container[str]) -> Path | None:
    """How a value is come by from a variable: by attributes, by constant keys, by ``.get`` of a constant one."""
    parts: list[list[Any]] = []
    at = item
    while not isinstance(at, ast.Name):
        if isinstance(at, ast.Attribute):
            parts.append([".", at.attr])
            at = at.value
        elif isinstance(at, ast.Subscript) and (key := _constants([at.slice])):
            parts.append(["[", *key])
            at = at.value
        elif isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute) and (given := _given_to_get(at)):
            parts.append(["get", *given])
            at = at.func.value
        else:
            return None
    is_odd = len(parts) > _MOST_PARTS or any(str(part[1]).startswith("__") for part in parts)
    return None if at.id not in local or is_odd else [ast.unparse(item), at.id, parts[::-1]]


def _given_to_get(item: ast.Call) -> list[Any]:
    """The key of a ``.get``, and what it gives without one where that is said; empty for any other call."""
    is_get = isinstance(item.func, ast.Attribute) and item.func.attr == "get" and not item.keywords
    return _constants(item.args) if is_get and len(item.args) in {1, 2} else []


def _constants(items: Sequence[ast.expr]) -> list[Any]:
    """Values of constants of which the first is a key; empty where one is none."""
    try:
        found = [ast.literal_eval(item) for item in items]
    except (ValueError, TypeError):
        return []
    is_plain = all(type(value) in {str, int, bool, type(None)} for value in found)
    return found if is_plain and type(found[0]) in {str, int} else []


class _Reading:
    """What a followed statement reads."""

    def __init__(self, followed: Followed, local: frozenset[str], stable: frozenset[str]) -> None:
        self.followed, self.local, self.stable = followed, local, stable
        inside = list(ast.walk(followed.value))
        self.is_odd = any(isinstance(part, _ODD) for part in inside) or any(
            _UNSTEADY.match(_name(part.func)) for part in inside if isinstance(part, ast.Call)
        )
        self.bound = {
            part.id for part in inside if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }

    def paths(self, *, is_deep: bool) -> list[Path] | None:
        """What it reads, in order; None where it reads what cannot be shown, or is not worth asking.

        Of an object only the attributes of a method's own count, or where ``is_deep`` the part used of any.
        """
        found = {path[0]: path for path in self.followed.sets} if self.followed.is_added else {}
        work = 1 if self.followed.is_added else 0
        waiting: list[ast.AST] = [] if self.is_odd else [self.followed.value]
        while waiting:
            item = waiting.pop()
            path = self._path(item, is_deep=is_deep)
            if path is not None:
                found[path[0]] = path
                continue
            if isinstance(item, ast.Name) and self._is_unknown(item.id):
                return None
            # A function that is held in a variable may be anything.
            if (
                isinstance(item, ast.Call)
                and isinstance(item.func, ast.Name)
                and self._is_local(item.func.id)
            ):
                return None
            # A function of the project is more than one that everybody knows.
            is_known = isinstance(item, ast.Call) and isinstance(item.func, ast.Name)
            work += _WORK.get(type(item), 0) + (is_known and item.func.id in self.stable)  # type: ignore[attr-defined]
            work += isinstance(item, ast.Call) and len(item.args) > 1 and _name(item.func) not in _ASKING
            inner = children(item)
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
                inner = [item.func.value, *inner[1:]]
            waiting.extend(reversed(inner))
        few = 0 < len(found) <= _MOST_READ and work >= _LEAST_WORK
        return list(found.values()) if few else None

    def _path(self, item: ast.AST, *, is_deep: bool) -> Path | None:
        path = path_of(item, self.local) if isinstance(item, ast.expr) else None
        if path is None or path[1] in self.bound:
            return None
        is_own = len(path[2]) == 1 and path[2][0][0] == "." and path[1] in {"self", "cls"}
        return path if is_deep or is_own or not path[2] else None

    def _is_local(self, name: str) -> bool:
        return name in self.local and name not in self.bound

    def _is_unknown(self, name: str) -> bool:
        return name not in self.bound and name not in self.stable and not hasattr(builtins, name)


def _name(called: ast.expr) -> str:
    """The bare name by which something is called."""
    return (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )


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
            waiting += children(item)
