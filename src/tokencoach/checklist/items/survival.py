"""C10: what was shipped is still there a month later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import percent
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.clock import DAY_MS
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.usage.words import Phase, WasteKind

if TYPE_CHECKING:
    from tokencoach.audit.allocate import Amount
    from tokencoach.audit.judgement import JudgedLine
    from tokencoach.audit.month import Allocated
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.store.audit_rows import SessionFacts

REVERTED: Final = Threshold("C10.reverted", 0.05, "share", "one line in twenty may be an honest mistake")
LIVED: Final = Threshold(
    "C10.lived",
    0.50,
    "share",
    "where half is gone after a month, what was shipped was a draft, whoever replaced it",
)
LINES: Final = Threshold("C10.lines", 50, "lines", "of fewer lines one file decides")
DAYS: Final = Threshold("C10.days", 30, "days", "what lives a month was meant to be there")
_NOISE: Final = 0.02


class Lived(NamedTuple):
    """Landed lines of one session that are old enough to tell: how many, alive after the days, reverted."""

    facts: SessionFacts
    spent: Amount
    landed: int
    alive: int
    reverted: int


def judge(grounds: Grounds) -> Judgement:
    """Lines of the month before: alive 30 days after they landed, and not falling two months running."""
    days = round(grounds.limit(DAYS))
    lived = survival(grounds.last.found, days)
    landed = sum(one.landed for one in lived)
    if landed < grounds.limit(LINES):
        return too_little(
            f"{landed} lines of {grounds.last_period.label} landed at least {days} days ago; "
            f"it takes {grounds.limit(LINES):.0f}",
            "nothing to do yet: lines need time",
        )
    share = sum(one.alive for one in lived) / landed
    reverted = sum(one.reverted for one in lived) / landed
    before = grounds.before("C10", 2)
    parts = (
        Part(
            reverted <= grounds.limit(REVERTED),
            f"{percent(reverted)} reverted ({percent(grounds.limit(REVERTED))} at most)",
        ),
        *_floor(share, grounds.limit(LIVED)),
        _trend(before, share),
    )
    lost = sorted((one for one in lived if one.alive < one.landed), key=lambda one: one.alive - one.landed)
    return Judgement(
        state_of(parts),
        f"{percent(share)} of {landed:,} lines of {grounds.last_period.label} lived {days} days; {sentence(parts)}",
        "open the session that lost most, and see what it was asked for",
        value=share,
        target=before[-1] if before else None,
        evidence=tuple(_told(one, days) for one in lost),
    )


def _floor(share: float, least: float) -> tuple[Part, ...]:
    """That too little lived, reverted or not; no part where enough did, for the sentence begins with it."""
    return () if share >= least else (Part(False, f"less than {percent(least)} of them"),)


def _trend(before: list[float], share: float) -> Part:
    """Falling two months running is no accident; a first month falls from nothing."""
    if len(before) < 2:
        return Part(True, "no two months before to fall from")
    falls = share < before[1] - _NOISE and before[1] < before[0] - _NOISE
    path = ", ".join(percent(value) for value in (*before, share))
    return Part(not falls, f"falling two months running ({path})" if falls else f"not falling ({path})")


def survival(found: Allocated, days: int) -> list[Lived]:
    """Landed lines of a period's sessions in production, session by session."""
    lived = []
    since, until = found.period.since_ms, found.period.until_ms
    for session in found.turns:
        judged = found.judged[session]
        if judged.phase is not Phase.PRODUCTION:
            continue
        lines = [
            line
            for edit in judged.edits()
            if edit.is_in_repository and since <= edit.edit.at_ms < until
            for line in edit.lines
            if line.weight and not line.is_removal
        ]
        ripe = [line for line in lines if _is_ripe(line, days, found.as_of_ms)]
        if ripe:
            alive = sum(_lived(line, days) for line in ripe)
            gone = sum((line.machine or line.verdict).kind is WasteKind.REVERTED for line in ripe)
            lived.append(Lived(judged.facts, found.ledger(session).total, len(ripe), alive, gone))
    return lived


def _is_ripe(line: JudgedLine, days: int, as_of_ms: int) -> bool:
    return line.life is not None and as_of_ms - line.life.landed_ms >= days * DAY_MS


def _lived(line: JudgedLine, days: int) -> bool:
    life = line.life
    return life is not None and (life.died_ms is None or life.died_ms - life.landed_ms >= days * DAY_MS)


def _told(one: Lived, days: int) -> Evidence:
    reverted = f", {one.reverted:,} of them reverted" if one.reverted else ""
    return Evidence(
        f"{one.landed - one.alive:,} of {one.landed:,} landed lines did not live {days} days{reverted}",
        one.facts.first_ms,
        one.spent.cost_nano,
        one.spent.tokens,
        one.facts.session,
        one.facts.session_id,
    )


ITEM: Final = Item(
    "C10",
    "Measure outcomes",
    "Of the lines of the month before that landed in production at least 30 days ago: the share that lived 30 days. "
    "Met if at most 5 % were reverted, half or more lived, and the share does not fall two months running.",
    judge,
    (REVERTED, LIVED, LINES, DAYS),
)
