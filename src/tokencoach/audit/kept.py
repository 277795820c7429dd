"""Audits and session rows kept in the database, so that a screen has figures before any query ends."""

from __future__ import annotations

import dataclasses
import json
import types
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tokencoach.audit.report import PeriodAudit, SessionRow
from tokencoach.store.verdict_rows import kept_audit, verdict_bodies, verdict_ids

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence

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
        return cast("T", _decoder(cast("Any", kind))(json.loads(body)))
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(str(error)) from error


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> Callable[[Any], Any]:
    """What turns plain JSON into a value of a type; made once, for a list decodes thousands."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _decoder(next(arm for arm in get_args(kind) if arm is not type(None)))
        return lambda said: None if said is None else inner(said)
    if origin is tuple:
        return _tuple_decoder(_decoder(get_args(kind)[0]))
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return lambda said: kind(*said)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        members = {str(member): member for member in kind}
        return members.__getitem__
    return _as_it_is


def _tuple_decoder(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return tuple if item is _as_it_is else lambda said: tuple([item(part) for part in said])


def _dataclass_decoder(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    decoders = [_decoder(hints[field.name]) for field in dataclasses.fields(kind)]
    due = [(place, decode) for place, decode in enumerate(decoders) if decode is not _as_it_is]

    def decode(said: Any) -> Any:
        if len(said) != len(decoders):
            raise ValueError("fields changed")
        for place, decode_field in due:
            said[place] = decode_field(said[place])
        return kind(*said)

    return decode


def _as_it_is(said: Any) -> Any:
    return said


def audit_name(period: Period) -> str:
    """The name under which a period's audit is kept."""
    return f"{period.first}:{period.last}:{period.tz.key}:"


def habits_name(period: Period) -> str:
    """The name under which a period's dearest habits are kept."""
    return f"habits:{audit_name(period)}"


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
    reader: Reader,
    *,
    text: str = "",
    sort: str = "time",
    is_reversed: bool = False,
    period: Period | None = None,
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
