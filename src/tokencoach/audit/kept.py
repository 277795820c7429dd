"""Audits and session rows kept in the database, so that a screen has figures before any query ends."""

from __future__ import annotations

import dataclasses
import json
import types
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from tokencoach.audit.report import PeriodAudit, SessionRow
from tokencoach.store.verdict_rows import kept_audit, verdict_bodies, verdict_ids

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from tokencoach.audit.period import Period
    from tokencoach.store.reader import Reader

T = TypeVar("T")


def dumped(value: object) -> str:
    """A report value as JSON: lists in the order of its fields."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return [_plain(getattr(value, item.name)) for item in dataclasses.fields(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def loaded(kind: type[T], body: str) -> T:
    """A report value from its JSON.

    Raises:
        ValueError: it was kept by another version of the program.
    """
    try:
        return _value(kind, json.loads(body))  # type: ignore[no-any-return]
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(str(error)) from error


def _value(kind: Any, said: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = [arm for arm in get_args(kind) if arm is not type(None)]
        return None if said is None else _value(inner[0], said)
    if origin is tuple:
        return tuple(_value(get_args(kind)[0], item) for item in said)
    if dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        if len(said) != len(hints):
            raise ValueError("fields changed")
        return kind(*(_value(hint, item) for hint, item in zip(hints, said, strict=True)))  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, tuple):
        return kind(*said)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(said)
    return said


@lru_cache(maxsize=64)
def _hints(kind: Any) -> list[Any]:
    hints = get_type_hints(kind)
    return [hints[item.name] for item in dataclasses.fields(kind)]


def audit_name(period: Period, repo: str | None = None) -> str:
    """The name under which a period's audit is kept."""
    return f"{period.first}:{period.last}:{period.tz.key}:{repo or ''}"


def cached_audit(reader: Reader, period: Period) -> PeriodAudit | None:
    """The kept audit of a period, however old; None where there is none. Takes about a millisecond."""
    kept = kept_audit(reader.connection, audit_name(period))
    if kept is None:
        return None
    try:
        return loaded(PeriodAudit, kept[1])
    except ValueError:
        return None


def session_ids(
    reader: Reader, *, text: str = "", sort: str = "time", is_reversed: bool = False, period: Period | None = None
) -> array[int]:
    """Rows of all judged sessions in an order; ``sort`` is time, cost, waste or tokens."""
    span = (period.since_ms, period.until_ms) if period is not None else None
    return verdict_ids(reader.connection, sort, is_reversed=is_reversed, text=text, span=span)


def session_rows(reader: Reader, ids: Sequence[int]) -> list[SessionRow]:
    """Kept rows of at most a few hundred sessions, in the given order."""
    bodies = verdict_bodies(reader.connection, ids)
    rows = []
    for row_id in ids:
        body = bodies.get(row_id)
        if body is None:
            continue
        try:
            rows.append(loaded(SessionRow, body))
        except ValueError:
            continue
    return rows
