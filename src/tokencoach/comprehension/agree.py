"""Whether conditions can hold together: shown by values for which they do, else assumed that they cannot."""

from __future__ import annotations

import ast
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.comprehension.flow import Atom, Flow

_TYPES: Final = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
    "list": list,
    "dict": dict,
    "tuple": tuple,
    "set": set,
}
_USUAL: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 1.5, "", "a", b"", b"a", [], [1], (), (1,), {}, {"a": 1}, set(),
)  # fmt: skip

_MOST_FOR_ONE: Final = 6


def agree(flow: Flow, facts: tuple[tuple[Atom, bool], ...]) -> bool:
    """Whether the facts can be true together.

    Conditions about different things always can. Those about one thing can where one of some usual
    values, or one next to a constant they name, makes all of them what they are said to be.
    """
    looked = [(atom, value, _closed(flow, atom.subjects)) for atom, value in facts]
    mixed: set[str] = set()
    for (one, _, names), (other, _, others) in combinations(looked, 2):
        shared = {name for name in names for there in others if _overlap(name, there)}
        if shared and one.text != other.text:
            mixed |= shared
    for name in sorted(mixed):
        about = [
            (atom, value) for atom, value, names in looked if any(_overlap(name, there) for there in names)
        ]
        if len(about) > _MOST_FOR_ONE or not _witnessed(name, about):
            return False
    return True


def _closed(flow: Flow, names: Iterable[str]) -> frozenset[str]:
    """The names, and those that the ones holding a truth value were made from."""
    found = set(names)
    waiting = list(found)
    while waiting:
        for name in flow.behind.get(waiting.pop(), frozenset()) - found:
            found.add(name)
            waiting.append(name)
    return frozenset(found)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _witnessed(name: str, about: list[tuple[Atom, bool]]) -> bool:
    trees = []
    for atom, value in about:
        try:
            tree = ast.parse(atom.python, mode="eval").body if atom.python else None
        except (SyntaxError, ValueError, RecursionError):
            tree = None
        if tree is None:
            return False
        trees.append((tree, value))
    constants = [node.value for tree, _ in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    near: list[Any] = [*constants]
    for constant in constants:
        if isinstance(constant, int) and not isinstance(constant, bool):
            near += [constant - 1, constant + 1]
            near += ["a" * size for size in (constant - 1, constant, constant + 1) if 0 <= size < 50]
    for candidate in (*_USUAL, *near):
        try:
            if all(bool(_value(tree, name, candidate)) is value for tree, value in trees):
                return True
        except (TypeError, ValueError, KeyError):
            continue
    return False


def _value(node: ast.expr, name: str, candidate: Any) -> Any:
    """The value of a simple expression in which one thing is known.

    Raises:
        ValueError: it is not simple, or looks at something else.
        TypeError: it makes no sense of the value.
    """
    if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == name:
        return candidate
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [_value(element, name, candidate) for element in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        inner = _value(node.operand, name, candidate)
        return not inner if isinstance(node.op, ast.Not) else -inner
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left = _value(node.left, name, candidate)
        return _compared(node.ops[0], left, _value(node.comparators[0], name, candidate))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _called(node, name, candidate)
    raise ValueError(name)


def _called(node: ast.Call, name: str, candidate: Any) -> Any:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function in {"len", "bool"} and len(node.args) == 1:
        inner = _value(node.args[0], name, candidate)
        return len(inner) if function == "len" else bool(inner)
    if function == "isinstance" and len(node.args) == 2:
        given = node.args[1]
        names = [ast.unparse(one) for one in (given.elts if isinstance(given, ast.Tuple) else [given])]
        return isinstance(_value(node.args[0], name, candidate), tuple(_TYPES[one] for one in names))
    raise ValueError(name)


def _compared(operator: ast.cmpop, left: Any, right: Any) -> bool:  # noqa: PLR0911 - one case each
    match operator:
        case ast.Is():
            return left is right
        case ast.IsNot():
            return left is not right
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return bool(left < right)
        case ast.LtE():
            return bool(left <= right)
        case ast.Gt():
            return bool(left > right)
        case ast.GtE():
            return bool(left >= right)
        case ast.In():
            return left in right
        case _:
            return left not in right
