"""The only place that reads the time; days and months of a zone in UTC milliseconds."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tokencoach.errors import UsageError

DAY_MS = 86_400_000
#: Instants lie before it, in the year 2109: a later one is a damaged field, and no calendar goes on for ever.
LATEST_MS = 1 << 42
_NAMES_OF_UTC = frozenset({"Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"})


def now_ms() -> int:
    """UTC milliseconds since 1970. ``TOKENCOACH_NOW`` (ISO-8601) overrides it for tests and demos."""
    fixed = os.environ.get("TOKENCOACH_NOW")
    if fixed:
        try:
            said_ms = parse_iso_ms(fixed)
        except (ValueError, OverflowError):
            said_ms = LATEST_MS
        if said_ms < LATEST_MS:
            return said_ms
        raise UsageError(
            f"TOKENCOACH_NOW is no instant: {fixed!r}", "write it as 2026-10-31T12:00:00Z, or unset it"
        )
    return time.time_ns() // 1_000_000


def parse_iso_ms(text: str) -> int:
    """UTC milliseconds of an ISO-8601 instant; without an offset it is UTC.

    Raises:
        ValueError: the text is no instant.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def zone(name: str | None) -> ZoneInfo:
    """The named zone, else the system's.

    Raises:
        UsageError: no such zone.
    """
    wanted = name or local_zone_name()
    if wanted in _NAMES_OF_UTC:
        wanted = "UTC"
    try:
        return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"unknown time zone {wanted!r}", "use an IANA name, for example Europe/Paris"
        ) from None


def local_zone_name() -> str:
    """IANA name of the system's zone: TZ, else /etc/localtime's target, else UTC."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named and _is_zone(named):
        return named
    try:
        target = os.path.realpath("/etc/localtime")
    except OSError:
        target = ""
    _, found, tail = target.partition("/zoneinfo/")
    if found and _is_zone(tail):
        return tail
    try:
        with open("/etc/timezone", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            tail = file.readline().strip()
    except OSError:
        return "UTC"
    return tail if tail and _is_zone(tail) else "UTC"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def day_start_ms(day: date, tz: ZoneInfo) -> int:
    """UTC milliseconds of the first instant of a day in a zone."""
    return round(datetime(day.year, day.month, day.day, tzinfo=tz).timestamp() * 1000)


def day_of(at_ms: int, tz: ZoneInfo) -> date:
    """The day of a zone that an instant falls on."""
    return datetime.fromtimestamp(at_ms / 1000, tz).date()


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def iso_utc(at_ms: int) -> str:
    """ISO-8601 with a Z, to the second."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
