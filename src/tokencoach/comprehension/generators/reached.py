"""Which function of the project a Python call surely reaches."""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import python_functions
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import bound_by, dotted, own_nodes

if TYPE_CHECKING:
    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.languages.python_names import PythonFunction

_MOST_BYTES: Final = 400_000
_PLAIN: Final = frozenset({"staticmethod", "classmethod"})


class Called(NamedTuple):
    """A function that a call surely reaches, where it stands, and whether the first parameter is given by itself."""

    node: PythonFunction
    path: str
    name: str
    skips_first: bool


def local_names(node: PythonFunction) -> set[str]:
    """Names that a function itself gives a meaning."""
    return {name for part in own_nodes(node) for name in bound_by(part)} | {
        argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    }


def reached(
    call: ast.Call, function: ChangedFunction, source: Source, context: Context, local: set[str]
) -> Called | None:
    """The function that a call reaches, where the file itself or one import says so; None elsewhere."""
    name = dotted(call.func)
    tree = source.tree
    if name is None or tree is None:
        return None
    if name.startswith("self.") and name.count(".") == 1:
        return _own_method(name.removeprefix("self."), function, source)
    if "." in name or name in local:
        return None
    if _bound_at_top(source)[name] != 1:
        return None
    here = _at_top(tree, name, source.path)
    return here if here is not None else _imported(tree, name, source, context)


def _own_method(name: str, function: ChangedFunction, source: Source) -> Called | None:
    above = function.qualname.rpartition(".")[0]
    if not above or above.endswith("<locals>"):
        return None
    node = source.node_named(f"{above}.{name}")
    return None if node is None else _plain(node, source.path, f"self.{name}", is_method=True)


@lru_cache(maxsize=32)
def _bound_at_top(source: Source) -> Counter[str]:
    """How often a module binds each of its names outside of its functions and classes."""
    return (
        Counter(name for part in own_nodes(source.tree) for name in bound_by(part))
        if source.tree
        else Counter()
    )


def _at_top(tree: ast.Module, name: str, path: str) -> Called | None:
    """What a module's own name stands for: a function, or a class by how it is made."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
            return _plain(statement, path, name, is_method=False)
        if isinstance(statement, ast.ClassDef) and statement.name == name and not statement.keywords:
            made = python_functions(tree).get(f"{name}.__init__")
            is_bare = not statement.decorator_list and f"{name}.__new__" not in python_functions(tree)
            return _plain(made, path, name, is_method=True) if made is not None and is_bare else None
    return None


def _imported(tree: ast.Module, name: str, source: Source, context: Context) -> Called | None:
    """What a name stands for that one ``from … import`` of the file brings in from the project."""
    if context.repository is None:
        return None
    for node in own_nodes(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) != name:
                continue
            path = _path_of(node, source.path, context.repository.paths())
            content = context.repository.text(path) if path is not None else None
            if content is None or path is None or len(content) > _MOST_BYTES:
                return None
            text = text_of(content)
            other = parsed(text) if text is not None else None
            return _at_top(other, alias.name, path) if other is not None else None
    return None


def _path_of(node: ast.ImportFrom, path: str, paths: frozenset[str]) -> str | None:
    """The one file that an import can mean."""
    words = (node.module or "").replace(".", "/")
    if node.level:
        folder = path.split("/")[: -node.level]
        starts = ["/".join([*folder, *([words] if words else [])])]
        wanted = {f"{start}.py" for start in starts} | {f"{start}/__init__.py" for start in starts}
        found = sorted(wanted & paths)
    else:
        ends = (f"{words}.py", f"{words}/__init__.py")
        found = (
            [one for one in sorted(paths) if one in ends or one in {f"src/{end}" for end in ends}]
            if words
            else []
        )
    return found[0] if len(found) == 1 else None


def _plain(node: PythonFunction, path: str, name: str, *, is_method: bool) -> Called | None:
    """The function, unless a decorator may have changed what it takes."""
    decorators = {dotted(decorator) for decorator in node.decorator_list}
    if not decorators <= _PLAIN:
        return None
    return Called(node, path, name, is_method and "staticmethod" not in decorators)
