"""The part of the made backend that is about the checklist; the first screen needs none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.errors import TokencoachError
from tui.made_coaching import MadeCoaching
from tui.made_names import HOSTILE, NOW_MS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.checklist.judge import Checklist, Judged
    from tokencoach.coach.finding import Finding

_STATES = ("met", "partly", "not_met", "not_enough_data", "met", "snoozed")


class MadeListing(MadeCoaching):
    """Every item in one of the states, in turn; what is said of them is remembered."""

    tz: ZoneInfo
    is_empty: bool

    def checklist(self, month: str) -> Checklist:
        """All items; the first has evidence that is hostile, the second a session behind it."""
        from tokencoach.audit.period import month_period  # noqa: PLC0415 - the first screen opens without it
        from tokencoach.checklist.judge import Checklist, instant_of  # noqa: PLC0415
        from tokencoach.checklist.registry import ITEMS  # noqa: PLC0415

        period = month_period(month, self.tz)
        items = () if self.is_empty else tuple(made_item(item.id, at) for at, item in enumerate(ITEMS))
        return Checklist(period, instant_of(period, NOW_MS), items, {"C5.peak": 0.7})

    def item_finding(self, detector: str, month: str) -> Finding | None:
        """The first of the made ones for C5."""
        from tui import made_findings  # noqa: PLC0415

        return (
            made_findings.habits(self.made_audit(month).spend.cost_nano).found[0]
            if detector == "full-context"
            else None
        )

    def snooze_item(self, item: str, until: str, because: str) -> None:
        """Remember it, or fail where the test wants it."""
        if self.is_broken:
            raise TokencoachError("the database is locked", "try again")
        self.snoozed[item] = (until, because)

    def take_item_word_back(self, item: str) -> bool:
        """Forget it."""
        return self.snoozed.pop(item, None) is not None


def made_item(item: str, at: int) -> Judged:
    """An item in a state of its own."""
    from tokencoach.checklist.item import Basis, Judgement, State  # noqa: PLC0415
    from tokencoach.checklist.judge import Cell, Judged  # noqa: PLC0415
    from tokencoach.checklist.registry import item_of  # noqa: PLC0415
    from tokencoach.coach.finding import Evidence  # noqa: PLC0415
    from tokencoach.store.tick_rows import TickRow  # noqa: PLC0415

    state = State(_STATES[at % len(_STATES)])
    is_snoozed = state is State.SNOOZED
    evidence = {
        0: (Evidence(HOSTILE, NOW_MS - 86_400_000, path="/srv/app", commit="3f2a91c0" * 5),),
        1: (
            Evidence(
                "two cloud calls", NOW_MS - 3_600_000, 250_000_000, 900, session=3, session_id="session-3"
            ),
        ),
    }.get(at, ())
    said = Judgement(
        State.MET if is_snoozed else state,
        f"why number {at} is so: {HOSTILE if at == 0 else 'the figures'}",
        "do the next thing",
        value=at / 24,
        target=0.5,
        evidence=evidence,
        basis=Basis.WORD if at == 4 else Basis.EVIDENCE,
        until_ms=NOW_MS + 5 * 86_400_000 if at == 4 else None,
    )
    snooze = TickRow(item, "snooze", "no time for it", NOW_MS, NOW_MS + 86_400_000) if is_snoozed else None
    trend = tuple(Cell(f"2026-{month:02}", None if month < 8 else state, at / 24) for month in range(6, 12))
    return Judged(item_of(item), said, state, at / 24, 0.5, snooze, None, trend, 0.74 if at == 4 else None)
