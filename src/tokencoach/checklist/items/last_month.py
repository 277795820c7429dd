"""C1: what of last month's spend became shipped, reviewed code, looked at in the first days of the next."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit import fold
from tokencoach.audit.numbers import percent
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.clock import DAY_MS, day_of
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.store.checks.understood_rows import understood_lines
from tokencoach.store.close_rows import closed_versions
from tokencoach.store.ritual_rows import ritual_of
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from tokencoach.audit.judgement import JudgedEdit, TurnJudgement
    from tokencoach.audit.month import Allocated
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.store.audit_rows import SessionFacts

KNOWN: Final = Threshold(
    "C1.known", 0.80, "share", "below four fifths the unknown rest could turn the figure over"
)
DAY: Final = Threshold("C1.day", 7, "days", "what is looked at later changes little of the month that runs")
_MONTHS: Final = 3


class Reviewed(NamedTuple):
    """A part of spend whose lines are there and were understood or reviewed, and what is there unread."""

    share: float
    unread: tuple[Evidence, ...]


def judge(grounds: Grounds) -> Judgement:
    """The audit of the month before done in time, with enough of it known; the share is shown, not required."""
    last = grounds.last
    label = grounds.last_period.label
    if not last.total.requests:
        return too_little(f"no request in {label}", "use an assistant, or link the folder that its logs name")
    measure = fold.share_of(last.total)
    known = fold.known_share(fold.buckets(last.total, measure))
    found = shipped_and_reviewed(
        last.found,
        measure,
        fold.Reviewed(
            grounds.last_features.reviewed_commits | grounds.seen_by_others,
            understood_lines(grounds.reader.connection, grounds.as_of_ms),
        ),
    )
    parts = (_audited(grounds, label), _is_known(known, grounds.limit(KNOWN)))
    before = grounds.before("C1", _MONTHS)
    return Judgement(
        state_of(parts),
        f"{percent(found.share)} of {label}'s spend is shipped, still there and reviewed or understood; "
        f"{sentence(parts)}",
        _step(parts, label),
        value=found.share,
        target=median(before) if len(before) == _MONTHS else None,
        evidence=found.unread,
    )


def _audited(grounds: Grounds, label: str) -> Part:
    """Whether the audit was looked at to its end in time: the ritual done, or the month closed."""
    connection, month, tz = grounds.reader.connection, grounds.last_period.month or "", grounds.period.tz
    ritual = ritual_of(connection, month, tz.key)
    done = [ritual.done_ms] if ritual is not None and ritual.done_ms is not None else []
    done += [row.closed_ms for row in closed_versions(connection, month, tz.key)[:1]]
    done = [at_ms for at_ms in done if at_ms <= grounds.as_of_ms]
    until_ms = grounds.period.since_ms + round(grounds.limit(DAY)) * DAY_MS
    if done:
        when = day_of(min(done), tz).isoformat()
        in_time = min(done) < until_ms
        return Part(in_time, f"audited on {when}" if in_time else f"audited late, on {when}")
    if grounds.as_of_ms < until_ms:
        return Part(None, f"the audit of {label} may be done until {day_of(until_ms - 1, tz).isoformat()}")
    return Part(False, f"the audit of {label} was not done by day {grounds.limit(DAY):.0f}")


def _is_known(known: float, least: float) -> Part:
    return Part(known >= least, f"known for {percent(known)} of spend ({percent(least)} needed)")


def _step(parts: tuple[Part, ...], label: str) -> str:
    if not parts[0].holds:
        return f"press M for the ten minutes with {label}, or close it: tokencoach audit --close"
    if not parts[1].holds:
        return "mend what is unknown: tokencoach audit names each reason with its mend"
    return "read what is there and unread, the dearest session first"


def shipped_and_reviewed(found: Allocated, measure: str, reviewed: fold.Reviewed) -> Reviewed:
    """Of all spend of a period, the part whose lines are alive and were reviewed or understood.

    A turn's shipped spend is split by its shipped lines; ``measure`` is ``cost`` or ``weighted_tokens``.
    """
    whole = seen = 0.0
    unread = []
    for session, turns in found.turns.items():
        judged, total = found.judged[session], found.ledger(session).total
        whole += _size(total.cost_nano, total.weighted, measure)
        missed_nano = missed_tokens = 0.0
        for turn, ledger in turns.items():
            amounts = [
                amount for outcome, amount in ledger.by_outcome.items() if outcome.bucket is Bucket.SHIPPED
            ]
            followed = judged.followed(turn) if amounts else None
            part = _read_part(followed, reviewed, found.as_of_ms)
            for amount in amounts:
                seen += part * _size(amount.cost_nano, amount.weighted, measure)
                missed_nano += (1 - part) * amount.cost_nano
                missed_tokens += (1 - part) * amount.tokens
        if missed_tokens >= 1:
            unread.append(_unread(judged.facts, round(missed_nano), round(missed_tokens)))
    unread.sort(key=lambda one: (-one.cost_nano, -one.tokens, one.at_ms))
    return Reviewed(seen / whole if whole else 0.0, tuple(unread))


def _unread(facts: SessionFacts, cost_nano: int, tokens: int) -> Evidence:
    words = "shipped, and not reviewed or understood as far as the records tell"
    return Evidence(words, facts.first_ms, cost_nano, tokens, facts.session, facts.session_id)


def _size(cost_nano: int, weighted: int, measure: str) -> int:
    return cost_nano if measure == "cost" else weighted


def _read_part(turn: TurnJudgement | None, reviewed: fold.Reviewed, as_of_ms: int) -> float:
    """The part of a turn's shipped lines that are alive and were looked at."""
    shipped = seen = 0.0
    for judged in turn.edits if turn is not None else ():
        for line, is_seen in _shipped_lines(judged, reviewed, as_of_ms):
            shipped += line
            seen += line * is_seen
    return seen / shipped if shipped else 0.0


def _shipped_lines(judged: JudgedEdit, reviewed: fold.Reviewed, as_of_ms: int) -> list[tuple[float, bool]]:
    """Weight of each shipped line of an edit, and whether it is alive and was looked at."""
    understood = reviewed.lines.get((judged.edit.repo_id or 0, judged.edit.repo_path or ""), frozenset())
    return [
        (
            line.weight,
            line.life is not None
            and (line.life.died_ms is None or line.life.died_ms > as_of_ms)
            and (line.landed_in in reviewed.commits or line.key in understood),
        )
        for line in judged.lines
        if line.weight and line.verdict.bucket is Bucket.SHIPPED
    ]


ITEM: Final = Item(
    "C1",
    "Audit last month's use",
    "The audit of the month before is done (ritual or close) by day 7 and at least 80 % of its spend is known. "
    "Shown: cost of lines that are shipped, alive, and reviewed or understood, of all cost.",
    judge,
    (KNOWN, DAY),
)
