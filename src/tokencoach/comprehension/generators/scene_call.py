"""The call of a test that was recorded: its own statement, what stands around it, the names it reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.comprehension.generators.base import PythonFunction

SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
WITHS: Final = (ast.With, ast.AsyncWith)
LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_EXPECTING: Final = frozenset({"expect", "raises", "warns", "subTest", "deprecated_call", "does_not_raise"})


def is_expectation(node: ast.stmt, line: int) -> bool:
    """Whether a statement that does not hold the line only says what the test wants, or is a text."""
    if node.lineno <= line <= (node.end_lineno or node.lineno):
        return False
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and _asserts(node.value))


def _asserts(node: ast.expr) -> bool:
    """Whether it is a call by which a test says what it wants: ``self.assertEqual(…)``."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name.startswith("assert") or name in _EXPECTING


class Plain(NamedTuple):
    """A statement without statements in it, the ``with`` around it that do more than expect, whether in a loop."""

    heads: list[ast.With | ast.AsyncWith]
    node: ast.stmt
    is_repeated: bool


def innermost(node: ast.stmt, line: int) -> Plain | None:
    """The plain statement that holds the line; None in a branch, and where something runs before it in a block."""
    heads: list[ast.With | ast.AsyncWith] = []
    is_repeated = False
    while isinstance(node, (*WITHS, *LOOPS)):
        inner = [item for item in node.body if item.lineno <= line and not is_expectation(item, line)]
        if len(inner) != 1 or line > (inner[0].end_lineno or 0):
            return None
        if isinstance(node, LOOPS):
            is_repeated = True
        elif not all(_asserts(item.context_expr) for item in node.items):
            heads.append(node)
        node = inner[0]
    is_plain = not isinstance(node, (*SCOPES, ast.If, ast.Try, ast.Match))
    return Plain(heads, node, is_repeated) if is_plain and not (heads and is_repeated) else None


def outermost_call(node: ast.stmt, line: int) -> ast.Call | None:
    """The one outermost call on the line: all of its statement that tells nothing of the result."""
    calls = [
        item
        for item in ast.walk(node)
        if isinstance(item, ast.Call)
        and item.lineno <= line <= (item.end_lineno or item.lineno)
        and not _asserts(item)
    ]
    inner = {other for item in calls for other in ast.walk(item) if other is not item}
    outer = [item for item in calls if item not in inner]
    return outer[0] if len(outer) == 1 else None


def named_values(
    test: PythonFunction, before: list[ast.AST], own: ast.Call, values: Mapping[str, str]
) -> list[str] | None:
    """Lines for names of the test that what is shown reads and does not set; None where their values are not known.

    What a fixture gives goes by its name: nothing of it is hidden.
    """
    pieces = [piece for node in before for piece in (node.items if isinstance(node, WITHS) else [node])]
    parts = [part for piece in pieces for part in ast.walk(piece)]
    inside = list(ast.walk(own))
    bound = _set_names([*parts, *inside])
    bound |= {part.name for part in parts if isinstance(part, SCOPES)}
    bound |= {part.arg for part in [*parts, *inside] if isinstance(part, ast.arg)}
    read = dict.fromkeys(part.id for part in [*inside, *parts] if isinstance(part, ast.Name))
    of_test = _set_names(ast.walk(test)) | parameters(test)
    fixtures = {item.arg for item in ast.walk(test.args) if isinstance(item, ast.arg)} - of_test
    found = []
    for name in read:
        if name in bound or name not in of_test | fixtures:
            continue
        text = values.get(name)
        earlier = any(isinstance(part, ast.Name) and part.id == name for part in parts)
        # What was changed in place since is not what it was before these statements.
        if text is None or (earlier and text[0] in "[{"):
            if name in fixtures and text is None:
                continue
            return None
        found.append(f"{name} = {text}")
    return found


def _set_names(parts: Iterable[ast.AST]) -> set[str]:
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def parameters(test: PythonFunction) -> set[str]:
    """Names that a decorator of a test gives values to."""
    texts = (
        str(part.value)
        for call in test.decorator_list
        if isinstance(call, ast.Call) and call.args
        for part in ast.walk(call.args[0])
        if isinstance(part, ast.Constant)
    )
    return {name.strip() for text in texts for name in text.split(",")}
