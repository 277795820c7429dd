"""Stretches of a person's time: activity without its pauses, and parallel work counted once."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

Owner = TypeVar("Owner", bound="Hashable")

IDLE_MS: Final = 5 * 60_000
REVIEW_CAP_MS: Final = 60 * 60_000
_LINES_AN_HOUR: Final = 400
_LEAST_MS: Final = 3 * 60_000


class Span(NamedTuple, Generic[Owner]):
    """A stretch of time in UTC milliseconds, and the share of it that each owner has: at most 1 in all."""

    start_ms: int
    end_ms: int
    shares: Mapping[Owner, float]


def active_stretches(instants: Sequence[int], first_ms: int, last_ms: int) -> list[tuple[int, int]]:
    """Stretches from ``first_ms`` to ``last_ms`` in which no pause is longer than five minutes.

    ``instants`` are those at which something was seen to happen, in order.
    """
    inside = [first_ms, *(at for at in instants if first_ms < at < last_ms), last_ms]
    found: list[tuple[int, int]] = []
    for start, end in pairwise(inside):
        if not 0 < end - start <= IDLE_MS:
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def capped(stretches: Iterable[tuple[int, int]], cap_ms: int = REVIEW_CAP_MS) -> list[tuple[int, int]]:
    """The last stretches that together are no longer than the cap: what lies before is cut off."""
    found: list[tuple[int, int]] = []
    left = cap_ms
    for start, end in reversed(list(stretches)):
        length = min(end - start, left)
        if length > 0:
            found.append((end - length, end))
            left -= length
    return found[::-1]


def review_floor_ms(added_lines: int) -> int:
    """The least time in which so many lines can be read: an hour for 400, three minutes at least."""
    return max(added_lines * 3_600_000 // _LINES_AN_HOUR, _LEAST_MS)


def union_ms(stretches: Iterable[tuple[int, int]]) -> int:
    """Length of all stretches together, what overlaps counted once."""
    total = end = 0
    for start, stop in sorted(stretches):
        total += max(0, stop - max(start, end))
        end = max(end, stop)
    return total


def shared_out(spans: Iterable[Span[Owner]]) -> dict[Owner | None, float]:
    """Milliseconds of each owner; an instant of several spans is divided equally among them.

    What no owner has goes to None. All together is the length of the spans' union.
    """
    edges: list[tuple[int, int, int]] = []
    given = [span for span in spans if span.end_ms > span.start_ms]
    for number, span in enumerate(given):
        edges += [(span.start_ms, 1, number), (span.end_ms, 0, number)]
    total: defaultdict[Owner | None, float] = defaultdict(float)
    current: set[int] = set()
    before = 0
    for at_ms, is_start, number in sorted(edges):
        if current and at_ms > before:
            part = (at_ms - before) / len(current)
            for one in sorted(current):
                rest = part
                for owner, share in given[one].shares.items():
                    total[owner] += part * share
                    rest -= part * share
                total[None] += max(rest, 0.0)
        before = at_ms
        if is_start:
            current.add(number)
        else:
            current.discard(number)
    return dict(total)
