"""Values of small Python expressions, worked out with built-in types only: nothing of a project is run."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST: Final = 200
TEXT_METHODS: Final = frozenset(
    {"strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition", "lower", "upper", "title",
     "capitalize", "replace", "startswith", "endswith", "removeprefix", "removesuffix", "find", "rfind", "count",
     "isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace", "swapcase", "casefold", "join"}
)  # fmt: skip
_TAKEN: Final = re.compile(
    r"\b(as|assert|async|await|break|class|continue|def|del|elif|except|finally|for|from|global|import|lambda|nonlocal"
    r"|pass|raise|return|try|while|with|yield)\b"
)
_LIST_METHODS: Final = frozenset({"index", "count", "copy"})
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "len": len, "sorted": sorted, "min": min, "max": max, "sum": sum, "abs": abs, "bool": bool, "str": str,
    "int": int, "list": list, "tuple": tuple, "round": round, "any": any, "all": all,
}  # fmt: skip
_TYPES: Final[Mapping[str, type]] = {
    "str": str, "int": int, "float": float, "bool": bool, "bytes": bytes, "list": list, "dict": dict, "tuple": tuple,
    "set": set,
}  # fmt: skip
_OPERATORS: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right, ast.NotIn: lambda left, right: left not in right,
}  # fmt: skip


def spelled(text: str) -> str:
    """A text of another language with its names that are words of Python's turned into names."""
    return _TAKEN.sub(r"\1_", text)


class UnknownValueError(Exception):
    """The expression does more than is worked out here."""


def value_of(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """The value of an expression in which some names, or dotted names, have known values.

    Raises:
        UnknownValueError: it uses anything else than known names, constants and plain built-in operations.
        Exception: whatever the operation itself raises, as Python would.
    """
    return _bounded(_value(node, known))


def _bounded(value: Any) -> Any:
    """The value, if it stays small."""
    if isinstance(value, str | bytes | list | tuple | dict | set) and len(value) > _MOST:
        raise UnknownValueError
    if isinstance(value, int) and abs(value) > 10**12:
        raise UnknownValueError
    return value


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:  # noqa: C901, PLR0911 - one case each
    match node:
        case ast.Constant():
            return node.value
        case ast.Name() | ast.Attribute():
            name = ast.unparse(node)
            if name not in known:
                raise UnknownValueError
            return known[name]
        case ast.List() | ast.Tuple():
            made = [value_of(element, known) for element in node.elts]
            return made if isinstance(node, ast.List) else tuple(made)
        case ast.UnaryOp():
            inner = value_of(node.operand, known)
            return not inner if isinstance(node.op, ast.Not) else _signed(node.op, inner)
        case ast.BoolOp():
            return _joined(node, known)
        case ast.IfExp():
            return value_of(node.body if value_of(node.test, known) else node.orelse, known)
        case ast.BinOp() if type(node.op) in _OPERATORS:
            left, right = value_of(node.left, known), value_of(node.right, known)
            if isinstance(node.op, ast.Mult | ast.Mod) and not (_is_number(left) and _is_number(right)):
                raise UnknownValueError
            return _OPERATORS[type(node.op)](left, right)
        case ast.Compare():
            return _compared(node, known)
        case ast.Subscript():
            return value_of(node.value, known)[_index(node.slice, known)]
        case ast.Call():
            return _called(node, known)
    raise UnknownValueError


def _signed(operation: ast.unaryop, inner: Any) -> Any:
    if not isinstance(operation, ast.USub) or not _is_number(inner):
        raise UnknownValueError
    return -inner


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _joined(node: ast.BoolOp, known: Mapping[str, Any]) -> Any:
    stops = isinstance(node.op, ast.Or)
    for part in node.values[:-1]:
        value = value_of(part, known)
        if bool(value) is stops:
            return value
    return value_of(node.values[-1], known)


def _compared(node: ast.Compare, known: Mapping[str, Any]) -> bool:
    left = value_of(node.left, known)
    for operation, other in zip(node.ops, node.comparators, strict=True):
        right = value_of(other, known)
        if not _OPERATORS[type(operation)](left, right):
            return False
        left = right
    return True


def _index(node: ast.expr, known: Mapping[str, Any]) -> Any:
    if not isinstance(node, ast.Slice):
        return value_of(node, known)
    return slice(
        *(None if part is None else value_of(part, known) for part in (node.lower, node.upper, node.step))
    )


def _called(node: ast.Call, known: Mapping[str, Any]) -> Any:
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise UnknownValueError
    if isinstance(node.func, ast.Name) and node.func.id == "isinstance" and len(node.args) == 2:
        return _is_instance(value_of(node.args[0], known), node.args[1])
    arguments = [value_of(argument, known) for argument in node.args]
    if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.func.id not in known:
        return FUNCTIONS[node.func.id](*arguments)
    if isinstance(node.func, ast.Attribute):
        owner = value_of(node.func.value, known)
        allowed = TEXT_METHODS if isinstance(owner, str) else _LIST_METHODS if isinstance(owner, list) else ()
        if node.func.attr in allowed:
            return getattr(owner, node.func.attr)(*arguments)
    raise UnknownValueError


def _is_instance(value: Any, types: ast.expr) -> bool:
    names = [ast.unparse(one) for one in (types.elts if isinstance(types, ast.Tuple) else [types])]
    if not all(name in _TYPES for name in names):
        raise UnknownValueError
    return isinstance(value, tuple(_TYPES[name] for name in names))
