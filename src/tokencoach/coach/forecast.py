"""Where a month will end: by what each day of the week usually uses, with the range that its spread gives."""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, pvariance
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATTERN_DAYS: Final = 56
"""Eight weeks: each day of the week is seen eight times."""
_LEAST_WEEKS: Final = 3
_LEAST_DAYS: Final = 5
# Four of five normal values lie within so many standard deviations.
_EIGHTY_PERCENT: Final = 1.2816
_BY_WEEKDAY: Final = (
    "spent so far, and for each day left what its day of the week used on average in the last {weeks} weeks; "
    "the range holds four of five months of that spread"
)
_BY_DAY: Final = (
    "spent so far, and for each day left what a day of this month used on average; the range holds four of five "
    "months of that spread"
)


class Forecast(NamedTuple):
    """What a month comes to at its end, with a range of 80 %, and how that is reckoned."""

    amount: int
    low: int
    high: int
    method: str


def forecast(by_day: Mapping[date, int], today: date) -> Forecast | str:
    """The end of the month that ``today`` is in, of amounts by day; why there is none, in words.

    Days without an entry used nothing. Days before the first that used anything are no part of any
    pattern: nothing was logged then. Today counts as spent so far, and no more is expected of it than
    its day of the week used beyond that.
    """
    first = min((day for day, amount in by_day.items() if amount), default=None)
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    so_far = sum(amount for day, amount in by_day.items() if today.replace(day=1) <= day <= today)
    if first is None:
        return "nothing was used in the last eight weeks"
    began = max(first, today - timedelta(days=PATTERN_DAYS))
    weeks = (today - began).days // 7
    if weeks >= _LEAST_WEEKS:
        since = today - timedelta(days=7 * weeks)
        samples = _by_weekday(by_day, since, today)
        method = _BY_WEEKDAY.format(weeks=weeks)
    else:
        since = max(first, today.replace(day=1))
        days = (today - since).days
        if days < _LEAST_DAYS:
            return (
                f"{days} whole days of this month are logged; it takes {_LEAST_DAYS}, or {_LEAST_WEEKS} weeks"
            )
        every = [by_day.get(since + timedelta(days=n), 0) for n in range(days)]
        samples = dict.fromkeys(range(7), every)
        method = _BY_DAY
    return _reckoned(so_far, by_day.get(today, 0), samples, (today, last), method)


def _by_weekday(by_day: Mapping[date, int], since: date, until: date) -> dict[int, list[int]]:
    """Amounts by day of the week from one day up to another, which is not in it."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        found[day.weekday()].append(by_day.get(day, 0))
    return found


def _reckoned(
    so_far: int, of_today: int, samples: Mapping[int, Sequence[int]], span: tuple[date, date], method: str
) -> Forecast:
    today, last = span
    ahead = [samples[(today + timedelta(days=n)).weekday()] for n in range(1, (last - today).days + 1)]
    rest = sum(fmean(sample) for sample in ahead) + max(0.0, fmean(samples[today.weekday()]) - of_today)
    spread = _EIGHTY_PERCENT * sqrt(sum(pvariance(sample) for sample in ahead))
    return Forecast(
        round(so_far + rest), round(so_far + max(0.0, rest - spread)), round(so_far + rest + spread), method
    )
