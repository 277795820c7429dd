"""A report value frozen by the names of its fields, so that later versions of the program read it too."""

from __future__ import annotations

import dataclasses
import types
from enum import StrEnum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def named(value: Any) -> Any:
    """A report value as plain JSON values, its fields by name."""
    if dataclasses.is_dataclass(value):
        return {item.name: named(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [named(item) for item in value]
    if isinstance(value, dict):
        return {str(key): named(item) for key, item in value.items()}
    return str(value) if isinstance(value, StrEnum) else value


def revived(kind: type[T], said: Any) -> T:
    """A report value from what ``named`` made of it.

    Fields that were added since take their defaults, those that are gone are passed over.

    Raises:
        ValueError: a field without a default is missing.
    """
    try:
        return cast("T", _revived(kind, said))
    except (TypeError, KeyError) as error:
        raise ValueError(str(error)) from error


def _revived(kind: Any, said: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(arm for arm in get_args(kind) if arm is not type(None))
        return None if said is None else _revived(inner, said)
    if origin is tuple:
        return tuple(_revived(get_args(kind)[0], item) for item in said)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        known = {
            item.name: _revived(hints[item.name], said[item.name])
            for item in dataclasses.fields(kind)
            if item.name in said
        }
        return kind(**known)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return kind(*said)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(said)
    return said
