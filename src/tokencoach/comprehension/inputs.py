"""Arguments worth trying on a function that only computes, from recorded calls, its own constants and its types."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.generators.base import PythonFunction
    from tokencoach.comprehension.recordings import RecordedFunction

MOST: Final = 28
_MOST_TEXT: Final = 60
_BY_TYPE: Final[dict[str, tuple[Any, ...]]] = {
    "int": (3, 0, -1),
    "float": (1.5, 0.0, -2.0),
    "bool": (True, False),
    "str": ("ab c", "", "é\n"),
    "bytes": (b"ab", b""),
    "list": ([1, 2], []),
    "tuple": ((1, 2), ()),
    "dict": ({"a": 1}, {}),
    "None": (None,),
}


def parameters(node: PythonFunction) -> list[tuple[str, str | None]] | None:
    """Names of the parameters with their default as a literal; None where they cannot be given one by one."""
    given = node.args
    if given.vararg is not None or given.kwarg is not None or given.kwonlyargs:
        return None
    plain = [*given.posonlyargs, *given.args]
    values = [None] * (len(plain) - len(given.defaults)) + [ast.unparse(item) for item in given.defaults]
    return [(item.arg, value) for item, value in zip(plain, values, strict=True)]


def pool(node: PythonFunction, row: RecordedFunction | None) -> list[str]:
    """Inputs, each a literal of a list of arguments; recorded ones first. Empty where nothing fits for sure."""
    names = parameters(node)
    if not names:
        return []
    bases = [list(one) for one in _recorded(row, [name for name, _ in names])] or list(_typed(node))
    constants = _constants(node)
    found: dict[str, None] = {repr(base): None for base in bases}
    for base in bases:
        for place, value in enumerate(base):
            for other in _near(value, constants):
                found.setdefault(repr([*base[:place], other, *base[place + 1 :]]))
    return [text for text in found if len(text) <= _MOST_TEXT][:MOST]


def bound(given: str, names: Sequence[tuple[str, str | None]]) -> str | None:
    """What a person typed, as a call or as its arguments alone, as a literal of a list; None where it does not fit."""
    text = given.strip().strip("`")
    for attempt in (text, f"_({text})"):
        try:
            call = ast.parse(attempt, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if isinstance(call, ast.Call) and not isinstance(call.func, ast.Call):
            return _bound(call, names)
    return None


def as_call(name: str, text: str) -> str:
    """An input as a call that a person reads."""
    inside = ", ".join(repr(value) for value in ast.literal_eval(text))
    return f"{name}({inside})"


def kept(names: Sequence[tuple[str, str | None]]) -> str:
    """Parameters as text that an answer key carries."""
    return json.dumps([list(pair) for pair in names])


def _bound(call: ast.Call, names: Sequence[tuple[str, str | None]]) -> str | None:
    values = {name: default for name, default in names if default is not None}
    if len(call.args) > len(names):
        return None
    values |= {name: ast.unparse(item) for (name, _), item in zip(names, call.args, strict=False)}
    values |= {item.arg: ast.unparse(item.value) for item in call.keywords if item.arg is not None}
    if set(values) != {name for name, _ in names}:
        return None
    try:
        return repr([ast.literal_eval(values[name]) for name, _ in names])
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def _recorded(row: RecordedFunction | None, names: list[str]) -> Iterator[list[Any]]:
    for call in row.calls if row is not None else ():
        if [item.name for item in call.args] == names and call.is_plain and not call.state:
            try:
                yield [ast.literal_eval(item.text) for item in call.args]
            except ValueError:
                continue


def _typed(node: PythonFunction) -> Iterator[list[Any]]:
    """One input by the annotations and defaults; none where a parameter has neither."""
    first: list[Any] = []
    names = parameters(node) or []
    for item, (_, default) in zip([*node.args.posonlyargs, *node.args.args], names, strict=True):
        known = _types(item.annotation)
        if known:
            first.append(_BY_TYPE[known[0]][0])
        elif default is not None:
            try:
                first.append(ast.literal_eval(default))
            except (ValueError, SyntaxError, TypeError):
                return
        else:
            return
    yield first


def _types(annotation: ast.expr | None) -> list[str]:
    """Builtin types that an annotation allows, none where it allows others too."""
    if annotation is None:
        return []
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return _types(ast.parse(annotation.value, mode="eval").body)
        except SyntaxError:
            return []
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        left, right = _types(annotation.left), _types(annotation.right)
        return [*left, *right] if left and right else []
    text = ast.unparse(annotation)
    return [text] if text in _BY_TYPE else []


def _constants(node: PythonFunction) -> list[Any]:
    """What the function compares with, and what stands just beside it."""
    found: dict[str, Any] = {}
    for item in ast.walk(node):
        for part in [item.left, *item.comparators] if isinstance(item, ast.Compare) else ():
            for leaf in ast.walk(part):
                value = leaf.value if isinstance(leaf, ast.Constant) else None
                if isinstance(value, int) and not isinstance(value, bool):
                    found |= {repr(near): near for near in (value, value - 1, value + 1)}
                elif isinstance(value, str | float | bytes):
                    found[repr(value)] = value
    return list(found.values())


def _near(value: Any, constants: list[Any]) -> Iterator[Any]:
    """Values of the same type that often behave otherwise; never one of another type."""
    yield from (other for other in constants if type(other) is type(value) and other != value)
    if isinstance(value, list | tuple) and value:
        yield type(value)()
        yield value[:1]
        yield type(value)([*value, value[0]])
    elif isinstance(value, str) and value:
        yield from (
            value + value,
            "a" * max((one for one in constants if isinstance(one, int) and 0 < one < 40), default=1),
        )
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from (value + 1, value - 1)
    yield from (other for other in _BY_TYPE.get(type(value).__name__, ()) if other != value)
