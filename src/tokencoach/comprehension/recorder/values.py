"""Values as literals, read without running any code that they bring along."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import pathlib
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEPTH, _ITEMS, _LETTERS, _DIGITS = 5, 40, 300, 60
# By identity: a metaclass may answer a comparison with code of its own.
_PLAIN = frozenset(map(id, (type(None), bool, int, float, str, bytes)))
_TEXTS = frozenset(map(id, (str, bytes)))
_SEQUENCES = frozenset(map(id, (list, tuple, set)))
# Their texts are written by the standard library alone.
_TIMES = frozenset(map(id, (dt.time, dt.datetime)))
_PATHS = (pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath, pathlib.PureWindowsPath)
_OTHERS = frozenset(map(id, (dt.date, dt.timedelta, decimal.Decimal, *_PATHS)))
# Builtins that find their attributes just as every object does.
_GENERIC = frozenset(
    map(id, (object, dict, list, tuple, set, str, bytes, int, float, BaseException, Exception))
)
_FIELDS, _WORD = 8, 8
_ENUMS = type(enum.Enum)
NOT_SET = "<not set>"
MISSING, NOT_HELD = object(), object()
_HEAP = 1 << 9


class _Opaque(Exception):  # noqa: N818 - a signal, not an error
    """The value holds something that is no plain builtin, or is too large."""


def _literal(value: Any, depth: int, left: list[int]) -> str:
    kind = type(value)
    left[0] -= 1
    if left[0] < 0 or depth > _DEPTH:
        raise _Opaque
    if id(kind) in _PLAIN:
        too_long = id(kind) in _TEXTS and len(value) > _LETTERS
        if too_long or (kind is int and value.bit_length() > 3 * _DIGITS):
            raise _Opaque
        if kind is float and not math.isfinite(value):
            raise _Opaque
        return repr(value)
    if id(kind) in _OTHERS or (id(kind) in _TIMES and _is_plain_time(value)):
        return repr(value)
    if kind is dict:
        pairs = [(_literal(k, depth + 1, left), _literal(v, depth + 1, left)) for k, v in value.items()]
        return "{" + ", ".join(key + ": " + item for key, item in pairs) + "}"
    if id(kind) not in _SEQUENCES or (kind is set and not value):
        raise _Opaque
    items = [_literal(item, depth + 1, left) for item in value]
    if kind is set:
        return "{" + ", ".join(sorted(items)) + "}"
    inside = ", ".join(items)
    if kind is list:
        return "[" + inside + "]"
    return "(" + inside + (",)" if len(items) == 1 else ")")


def _is_plain_time(value: Any) -> bool:
    """Whether a time is bound to no zone that brings code along."""
    return value.tzinfo is None or value.tzinfo is dt.timezone.utc


def type_name(kind: type) -> str:
    """The name of a type, by no code of its own."""
    # A metaclass may answer for __name__ with code of its own.
    return str(type.__dict__["__name__"].__get__(kind))


def plain(value: Any) -> str | None:
    """A value as a literal; None where it is none, or a long one. Runs no code of the value's."""
    try:
        text = _literal(value, 0, [_ITEMS])
    except (_Opaque, RuntimeError):
        return None
    return text if len(text) <= _LETTERS else None


def snapshot(value: Any) -> tuple[str, bool]:
    """A value as a literal, and whether it is one; else ``Colour.RED`` or ``<its type>``. Runs no code of the value's."""
    text = plain(value)
    if text is not None:
        return text, True
    kind = type(value)
    if kind is types.FunctionType or kind is types.BuiltinFunctionType:
        return "<function " + str(kind.__dict__["__name__"].__get__(value)) + ">", False
    if any(scope is type for scope in type.__dict__["__mro__"].__get__(kind)):
        return "<class " + type_name(value) + ">", False
    if type(kind) is _ENUMS:
        name = held_in(value, "_name_")
        return (type_name(kind) + "." + name if type(name) is str else "<" + type_name(kind) + ">"), False
    held = fields(value)
    if held and all(is_exact or text[0] != "<" for _, text, is_exact in held):
        inside = ", ".join(name + " = " + text for name, text, _ in held)
        if len(inside) <= _LETTERS:
            return "<" + type_name(kind) + ": " + inside + ">", False
    return "<" + type_name(kind) + ">", False


def fields(value: Any) -> list[tuple[str, str, bool]]:
    """All that an object of a plain class holds, read past its own code; empty where that cannot be told."""
    found: dict[str, Any] = {}
    for scope in type.__dict__["__mro__"].__get__(type(value)):
        if scope is object:
            continue
        # A class that is not written in Python keeps more than can be seen.
        if not type.__dict__["__flags__"].__get__(scope) & _HEAP or not _gathered(value, scope, found):
            return []
    words = type.__dict__["__basicsize__"].__get__(type(value)) - object.__basicsize__
    # More room than its attributes need, or names of the language's own, tell of what is kept elsewhere.
    if words > _WORD * (len(found) + 2) or any(name.startswith("__") for name in found):
        return []
    kept = []
    for name, item in sorted(found.items()):
        try:
            kept.append((name, _literal(item, 0, [_ITEMS]), True))
        except (_Opaque, RuntimeError):
            is_named = type(type(item)) is _ENUMS
            kept.append((name, snapshot(item)[0] if is_named else "<" + type_name(type(item)) + ">", False))
    return kept


def _gathered(value: Any, scope: type, found: dict[str, Any]) -> bool:
    """Add what one class of an object's keeps of it; False where that is too much."""
    for name, slot in type.__dict__["__dict__"].__get__(scope).items():
        if type(slot) is types.MemberDescriptorType:
            try:
                found.setdefault(name, slot.__get__(value))
            except AttributeError:
                continue
        elif name == "__dict__" and type(slot) is types.GetSetDescriptorType:
            inner = slot.__get__(value)
            if type(inner) is not dict or len(inner) > _FIELDS:
                return False
            found.update((key, item) for key, item in inner.items() if type(key) is str)
    return len(found) <= _FIELDS


def attribute(value: Any, name: str) -> tuple[str, bool] | None:
    """An attribute that lies in the instance or a class as plain data; None where code would answer."""
    held = held_in(value, name)
    if held is NOT_HELD:
        return None
    return (NOT_SET, False) if held is MISSING else snapshot(held)


def held_in(value: Any, name: str) -> Any:
    """What an attribute holds, read past all code; ``MISSING`` where it is not set, ``NOT_HELD`` where code answers."""
    answers = False
    of_class, inner = MISSING, None
    for scope in type.__dict__["__mro__"].__get__(type(value)):
        own = type.__dict__["__dict__"].__get__(scope)
        if "__getattribute__" in own and id(scope) not in _GENERIC:
            return NOT_HELD
        answers = answers or "__getattr__" in own
        if of_class is MISSING:
            of_class = own.get(name, MISSING)
        if inner is None and type(own.get("__dict__")) is types.GetSetDescriptorType:
            inner = own["__dict__"].__get__(value)
    missing = NOT_HELD if answers else MISSING
    if type(of_class) is types.MemberDescriptorType:
        try:
            return of_class.__get__(value)
        except AttributeError:
            return missing
    if type(inner) is dict and name in inner:
        return NOT_HELD if _comes_first(of_class) else inner[name]
    if of_class is MISSING:
        return missing
    return NOT_HELD if plain(of_class) is None else of_class


def _comes_first(of_class: Any) -> bool:
    """Whether what a class has by a name answers even where the object holds that name itself: a property does."""
    scopes = type.__dict__["__mro__"].__get__(type(of_class))
    return any("__set__" in type.__dict__["__dict__"].__get__(scope) for scope in scopes)
