"""Values as literals, read without running any code that they bring along."""

from __future__ import annotations

import math
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEPTH, _ITEMS, _LETTERS, _DIGITS = 5, 40, 300, 60
_PLAIN = (type(None), bool, int, float, str, bytes)


class _Opaque(Exception):  # noqa: N818 - a signal, not an error
    """The value holds something that is no plain builtin, or is too large."""


def _literal(value: Any, depth: int, left: list[int]) -> str:
    kind = type(value)
    left[0] -= 1
    if left[0] < 0 or depth > _DEPTH:
        raise _Opaque
    if kind in _PLAIN:
        too_long = kind in (str, bytes) and len(value) > _LETTERS
        if too_long or (kind is int and value.bit_length() > 3 * _DIGITS):
            raise _Opaque
        if kind is float and not math.isfinite(value):
            raise _Opaque
        return repr(value)
    if kind is dict:
        pairs = [(_literal(k, depth + 1, left), _literal(v, depth + 1, left)) for k, v in value.items()]
        return "{" + ", ".join(key + ": " + item for key, item in pairs) + "}"
    if kind not in (list, tuple, set) or (kind is set and not value):
        raise _Opaque
    items = [_literal(item, depth + 1, left) for item in value]
    if kind is set:
        return "{" + ", ".join(sorted(items)) + "}"
    inside = ", ".join(items)
    if kind is list:
        return "[" + inside + "]"
    return "(" + inside + (",)" if len(items) == 1 else ")")


def type_name(kind: type) -> str:
    """The name of a type, by no code of its own."""
    # A metaclass may answer for __name__ with code of its own.
    return str(type.__dict__["__name__"].__get__(kind))


def snapshot(value: Any) -> tuple[str, bool]:
    """A value as a literal, and whether it is one; else ``<its type>``. Runs no code of the value's."""
    try:
        text = _literal(value, 0, [_ITEMS])
        if len(text) <= _LETTERS:
            return text, True
    except (_Opaque, RuntimeError):
        pass
    kind = type(value)
    if kind is types.FunctionType or kind is types.BuiltinFunctionType:
        return "<function " + str(kind.__dict__["__name__"].__get__(value)) + ">", False
    if type in type.__dict__["__mro__"].__get__(kind):
        return "<class " + type_name(value) + ">", False
    return "<" + type_name(kind) + ">", False


def attribute(value: Any, name: str) -> tuple[str, bool] | None:
    """An attribute that lies in the instance or a class as plain data; None where code would answer."""
    kind = type(value)
    for scope in type.__dict__["__mro__"].__get__(kind):
        own = type.__dict__["__dict__"].__get__(scope)
        if name in own:
            found = snapshot(own[name])
            return found if found[1] else None
        slot = own.get("__dict__")
        if type(slot) is types.GetSetDescriptorType:
            inner = slot.__get__(value)
            if type(inner) is dict and name in inner:
                return snapshot(inner[name])
    return None
