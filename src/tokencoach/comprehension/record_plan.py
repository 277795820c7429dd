"""What the recorder is to watch: the changed functions of a worktree, with their executable lines."""

from __future__ import annotations

import ast
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from tokencoach.attribution.excluded import is_excluded
from tokencoach.attribution.path_kinds import PathKind, path_kind
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import children, within
from tokencoach.comprehension.reach import Reach, first_line
from tokencoach.comprehension.record_parts import parts_of
from tokencoach.comprehension.record_steps import stable_names, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.comprehension.generators.base import PythonFunction

MOST_FUNCTIONS: Final = 400
_MOST_STATE: Final = 8
# Statements stand in these alone.
_HOLDING: Final = (ast.stmt, ast.excepthandler, ast.match_case)
_INNER: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def watched(path: str, content: bytes, added: frozenset[int]) -> Iterator[dict[str, Any]]:
    """One entry for each changed function of a file; none for tests, vendored files and what is no Python."""
    text = text_of(content)
    if text is None or not may_be_watched(path):
        return
    tree = parsed(text)
    if tree is None:
        return
    reach = Reach(tree, text.split("\n"))
    order, stable = sorted(added), stable_names(tree)
    for qualname, node in sorted(reach.functions.items(), key=lambda item: item[1].lineno):
        begun, ended = first_line(node), node.end_lineno or node.lineno
        inside = frozenset(order[bisect_left(order, begun) : bisect_left(order, ended + 1)])
        changed = changed_lines(node, inside)
        if changed:
            first, parts = first_line(node), within(node)
            yield {
                "path": path,
                "qualname": qualname,
                "name": node.name,
                "first": first,
                "digest": reach.digest(qualname),
                "changed": sorted(line - first for line in changed),
                "state": _attributes(node, parts, qualname, ast.Load),
                "sets": _attributes(node, parts, qualname, ast.Store),
                "parts": parts_of(node),
                "steps": steps(
                    stable, node, reach.functions.get(qualname.rpartition(".<locals>.")[0]), changed
                ),
            }


def may_be_watched(path: str) -> bool:
    """Whether functions of a file can be recorded, by its path: it is neither a test nor another's."""
    return path_kind(path) is PathKind.CODE and not is_excluded(path)


def plan(root: str, out: str, files: Iterable[tuple[str, bytes, frozenset[int]]]) -> dict[str, Any]:
    """The plan that the recorder reads: functions of ``files`` (path, content, added lines) under ``root``."""
    functions = [item for path, content, added in files for item in watched(path, content, added)]
    return {"version": 1, "root": root, "out": out, "functions": functions[:MOST_FUNCTIONS]}


def changed_lines(node: PythonFunction, added: frozenset[int]) -> frozenset[int]:
    """Lines at which statements begin that the change touches; all of them where the head was touched."""
    first, last = first_line(node), node.end_lineno or node.lineno
    touched = sorted(line for line in added if first <= line <= last)
    if not touched:
        return frozenset()
    found: set[int] = set()
    whole: set[int] = set()
    for statement in _statements(node):
        inner = getattr(statement, "body", None)
        end = inner[0].lineno - 1 if inner else statement.end_lineno or statement.lineno
        whole.add(statement.lineno)
        place = bisect_left(touched, statement.lineno)
        if place < len(touched) and touched[place] <= max(end, statement.lineno):
            found.add(statement.lineno)
    is_head = touched[0] < node.body[0].lineno
    return frozenset(found or (whole if is_head else ()))


def _statements(node: PythonFunction) -> Iterator[ast.stmt]:
    """Statements of a function without its text and without what is in functions inside it."""
    waiting: list[ast.AST] = list(node.body)
    if ast.get_docstring(node, clean=False) is not None:
        waiting.pop(0)
    while waiting:
        item = waiting.pop()
        if isinstance(item, _INNER):
            continue
        if isinstance(item, ast.stmt):
            yield item
        waiting += [one for one in children(item) if isinstance(one, _HOLDING)]


def _attributes(
    node: PythonFunction, parts: list[ast.AST], qualname: str, how: type[ast.expr_context]
) -> list[str]:
    """Attributes of its object that a method, with all nodes in it, reads as data, or sets."""
    positional = [*node.args.posonlyargs, *node.args.args]
    is_bare = any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)
    if "." not in qualname or qualname.rsplit(".", 2)[-2] == "<locals>" or is_bare or not positional:
        return []
    own = positional[0].arg
    called = {item.func for item in parts if isinstance(item, ast.Call)}
    return sorted(
        {
            item.attr
            for item in parts
            if isinstance(item, ast.Attribute)
            and isinstance(item.ctx, how)
            and isinstance(item.value, ast.Name)
            and item.value.id == own
            and item not in called
            and not item.attr.startswith("__")
        }
    )[:_MOST_STATE]
