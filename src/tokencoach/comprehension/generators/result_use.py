"""What a caller makes of a call's result, right where the call stands."""

from __future__ import annotations

import ast
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import python_functions
from tokencoach.comprehension.languages.parsing import parsed
from tokencoach.comprehension.languages.python_names import own_nodes

if TYPE_CHECKING:
    from tokencoach.comprehension.languages.python_names import PythonFunction


class ResultUse(StrEnum):
    """What becomes of a result; the values are what a person reads as options."""

    DROPPED = "it is thrown away"
    RETURNED = "it is returned as it is"
    KEPT = "it is assigned to a variable or a field"
    TESTED = "a condition tests it"
    PASSED = "it is an argument of another call"
    LOOPED = "a loop goes through it"
    PART = "only an element, a field or a method of it is used"


_LOGIC: Final = (ast.BoolOp, ast.UnaryOp, ast.Compare)


def result_use(text: str, language: str, caller: str, name: str) -> ResultUse | None:
    """What a function makes of the one call by a name in it; None where it calls more than once, or is unclear."""
    if language != "python":
        from tokencoach.comprehension.languages.syntax_results import use_of  # noqa: PLC0415 - a grammar is loaded late

        word = use_of(text, language, caller, name)
        return ResultUse[word] if word else None
    node = _functions_of(text).get(caller)
    return _in_python(node, name) if node is not None else None


@lru_cache(maxsize=4)
def _functions_of(text: str) -> dict[str, PythonFunction]:
    tree = parsed(text)
    return python_functions(tree) if tree is not None else {}


def returns_something(node: PythonFunction) -> bool:
    """Whether a call of the function gives a value that somebody may use."""
    inside = list(own_nodes(node))
    if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in inside):
        return True
    return any(
        isinstance(part, ast.Return)
        and part.value is not None
        and not (isinstance(part.value, ast.Constant) and part.value.value is None)
        for part in inside
    )


def _in_python(node: PythonFunction, name: str) -> ResultUse | None:
    parents = {child: part for part in (node, *own_nodes(node)) for child in ast.iter_child_nodes(part)}
    found = [
        part
        for part in own_nodes(node)
        if isinstance(part, ast.Call)
        and name in {getattr(part.func, "id", None), getattr(part.func, "attr", None)}
    ]
    if len(found) != 1:
        return None
    return _of(found[0], parents)


def _of(call: ast.AST, parents: dict[ast.AST, ast.AST]) -> ResultUse | None:  # noqa: PLR0911 - one case each
    above = parents.get(call)
    if isinstance(above, ast.Await):
        return _of(above, parents)
    match above:
        case ast.Expr():
            return ResultUse.DROPPED
        case ast.Return():
            return ResultUse.RETURNED
        case ast.Assign() | ast.AnnAssign() if above.value is call:
            return ResultUse.KEPT
        case ast.Attribute() | ast.Subscript() if above.value is call:
            return ResultUse.PART
        case ast.Call() | ast.keyword():
            return ResultUse.PASSED
        case ast.For() | ast.AsyncFor() | ast.comprehension() if above.iter is call:
            return ResultUse.LOOPED
    return ResultUse.TESTED if _is_tested(call, parents) else None


def _is_tested(call: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    while isinstance(parents.get(call), _LOGIC):
        call = parents[call]
    above = parents.get(call)
    return isinstance(above, ast.If | ast.While | ast.Assert | ast.IfExp) and above.test is call
