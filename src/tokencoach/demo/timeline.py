"""The time of an acted history: it moves only when the script says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Timeline:
    """A clock in UTC milliseconds that is moved by hand and never goes back by itself."""

    def __init__(self, start: datetime) -> None:
        moment = start if start.tzinfo else start.replace(tzinfo=UTC)
        self.now_ms = round(moment.timestamp() * 1000)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move forward (or, with negative figures, back)."""
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self.now_ms += round(span.total_seconds() * 1000)

    def go_to(self, moment: datetime) -> None:
        """Jump to an instant; without an offset it is UTC."""
        self.now_ms = Timeline(moment).now_ms

    @property
    def now(self) -> datetime:
        """The instant as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.now_ms / 1000, UTC)

    @property
    def iso(self) -> str:
        """The instant as both assistants log it: ISO-8601, milliseconds, Z."""
        return iso_millis(self.now_ms)


def iso_millis(at_ms: int) -> str:
    """ISO-8601 with milliseconds and a Z."""
    # Whole seconds first: a float of milliseconds may round to the wrong one.
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
