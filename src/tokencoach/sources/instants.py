"""ISO-8601 timestamps into UTC milliseconds, fast: logs hold one per line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tokencoach.clock import LATEST_MS

#: Instants of minutes seen, and what seconds and their fractions add, by their text with the mark behind it.
MINUTES: Final[dict[str, int]] = {}
_TIMES: Final = {f"{minute // 60:02}:{minute % 60:02}:": minute * 60_000 for minute in range(24 * 60)}
SECONDS: Final = {f"{second:02}.": second * 1000 for second in range(60)}
FRACTIONS: Final = {f"{millisecond:03}Z": millisecond for millisecond in range(1000)}
_DAYS: Final[dict[str, int]] = {}
_MOST_MINUTES: Final = 20_000


def instant_ms(text: str | None) -> int | None:
    """Milliseconds since 1970 in UTC, or ``None`` where the text is no instant after 1970 and before ``LATEST_MS``.

    A time without a zone is taken as UTC.
    """
    if not text:
        return None
    # Lines of one minute share all but the last digits; three look-ups take a fifth of the parsing.
    try:
        return MINUTES[text[:17]] + SECONDS[text[17:20]] + FRACTIONS[text[20:]]
    except KeyError:
        return _of_a_new_minute(text)


def _of_a_new_minute(text: str) -> int | None:
    """As ``instant_ms``; a minute of a day that was seen needs no parsing either."""
    try:
        minute = _DAYS[text[:11]] + _TIMES[text[11:17]]
        found = minute + SECONDS[text[17:20]] + FRACTIONS[text[20:]]
    except KeyError:
        return _parsed(text)
    if not minute:
        # The first instant of 1970 is none.
        return _parsed(text)
    if len(MINUTES) >= _MOST_MINUTES:
        MINUTES.clear()
    MINUTES[text[:17]] = minute
    return found


def _parsed(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        milliseconds = int(moment.timestamp() * 1000 + 0.5)
    except (ValueError, OverflowError, OSError):
        return None
    if not 0 < milliseconds < LATEST_MS:
        return None
    if text[11:17] in _TIMES and text[17:20] in SECONDS and text[20:] in FRACTIONS:
        if len(_DAYS) >= _MOST_MINUTES:
            _DAYS.clear()
        _DAYS[text[:11]] = milliseconds - milliseconds % 86_400_000
    return milliseconds


def ms_of(moment: datetime) -> int | None:
    """Milliseconds since 1970 of a time with a zone; ``None`` as for ``instant_ms``."""
    milliseconds = int(moment.timestamp() * 1000)
    return milliseconds if 0 < milliseconds < LATEST_MS else None
