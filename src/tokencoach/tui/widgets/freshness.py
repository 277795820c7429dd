"""How old what is shown may be: as of when, whether someone watches, what is still unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.tui import figures

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import Freshness
    from tokencoach.tui.theme import Glyphs

_SAMPLES = 20


class Pace:
    """How fast a backlog shrinks, over the last samples."""

    def __init__(self) -> None:
        self._samples: list[tuple[int, int]] = []

    def add(self, at_ms: int, left: int) -> None:
        """Note what is left at an instant; a backlog that grew begins a new measure."""
        if self._samples and (left > self._samples[-1][1] or at_ms < self._samples[-1][0]):
            self._samples.clear()
        self._samples.append((at_ms, left))
        del self._samples[:-_SAMPLES]

    def left_ms(self) -> int | None:
        """Milliseconds until nothing is left; None where nothing moves yet."""
        if len(self._samples) < 2:
            return None
        (first_ms, first), (last_ms, last) = self._samples[0], self._samples[-1]
        done, took = first - last, last_ms - first_ms
        return round(last * took / done) if done > 0 and took > 0 else None


def read_share(fresh: Freshness) -> float:
    """The share of all log bytes that has been read, 0 to 1."""
    if fresh.total_bytes <= 0:
        return 1.0
    return max(min(1 - fresh.backlog_bytes / fresh.total_bytes, 1.0), 0.0)


def freshness_line(
    fresh: Freshness,
    tz: ZoneInfo,
    now_ms: int,
    left_ms: int | None,
    glyphs: Glyphs,
    *,
    may_start: bool = False,
) -> Content:
    """``as of 14:02 ● watching``, or what is still unread, or that nobody watches."""
    if fresh.backlog_bytes > 0 and fresh.is_watching:
        share = min(read_share(fresh), 0.994)
        eta = f", {figures.span(left_ms)} left" if left_ms is not None else ""
        return Content.styled(f"reading {figures.percent(share)}{eta} {glyphs.on}", "$tone-pending")
    if fresh.is_watching:
        return Content.styled(f"as of {_when(now_ms, now_ms, tz)} {glyphs.on} watching", "$tone-muted")
    as_of = fresh.beat_at_ms or fresh.newest_request_ms
    when = "" if as_of is None else f"as of {_when(as_of, now_ms, tz)} "
    return Content.styled(
        f"{when}{glyphs.off} not watching{', w starts it' if may_start else ''}", "bold $tone-alert"
    )


def _when(at_ms: int, now_ms: int, tz: ZoneInfo) -> str:
    same_day = figures.day_time(at_ms, tz)[:6] == figures.day_time(now_ms, tz)[:6]
    return (figures.clock_time if same_day else figures.day_time)(at_ms, tz).strip()
