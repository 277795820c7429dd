"""Sessions that were left with nothing: no line landed, no answer taken, nobody came back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.clock import DAY_MS
from tokencoach.coach.ending import HABITS, Cause, cause_of, ends_at_a_commit, is_answered
from tokencoach.coach.evidence import dearest_first, in_session, whole
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.store.followed_rows import next_request_ms
from tokencoach.usage.words import Bucket, Phase

if TYPE_CHECKING:
    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Trace

ID: Final = "abandoned-session"
HOURS: Final = Threshold(
    "abandoned-session.hours",
    24,
    "hours",
    "who has not come back to a project by the next day has dropped the work",
)
SESSIONS: Final = Threshold(
    "abandoned-session.sessions", 5, "sessions", "fewer than five sessions of known end show no habit"
)
_CAUSES_TOLD: Final = 3


def find(material: Material) -> Finding | Quiet:
    """Production sessions without a landed or pending line that nobody went on with.

    Source of the rule: the checklist's C19. Sessions without edits count only where they broke off
    before an answer; those whose lines are unknown, or of whose main thread no log tells, are left out.
    """
    judged = [
        (trace, said) for trace in material.traces if (said := is_abandoned(trace, material)) is not None
    ]
    least = material.limit(SESSIONS)
    if len(judged) < least:
        return Quiet(
            ID, f"{counted(len(judged), 'session')} whose end is known; it takes {least:.0f}", is_looked=False
        )
    left = [(trace, cause_of(trace, material)) for trace, said in judged if said]
    is_priced = bool(sum(trace.ledger.total.cost_nano for trace, _ in judged))
    rate = Rate(
        sum(_amount(trace, is_priced=is_priced) for trace, _ in left),
        sum(_amount(trace, is_priced=is_priced) for trace, _ in judged),
        "dollars" if is_priced else "tokens",
    )
    if not left:
        return Quiet(ID, f"none of {len(judged)} sessions of known end was left with nothing", rate=rate)
    parts = {request: 1.0 for trace, _ in left for request in whole(trace)}
    nano, tokens = material.cost(parts)
    causes = _dearest_causes(left)
    habit = HABITS[causes[0]]
    return Finding(
        id=ID,
        title=f"{len(left)} of {len(judged)} sessions left with nothing landed",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(_told(material, *one) for one in left),
        why=f"Causes: {_listed(causes, left)}. Cost of production sessions of which no line landed or is pending (without "
        f"edits: that broke off before an answer), with no other session of the project within "
        f"{material.limit(HOURS):.0f} hours. The cause is the first of which the end of the log shows signs. "
        f"Limit: {HOURS.because}.",
        next=habit.advice,
        condition=habit.condition,
        action=habit.action,
        rate=rate,
        parts=parts,
    )


def is_abandoned(trace: Trace, material: Material) -> bool | None:
    """Whether a session was left with nothing; None where that cannot be told (yet)."""
    until = trace.facts.last_ms + round(material.limit(HOURS) * 3_600_000)
    if trace.phase is not Phase.PRODUCTION or until > material.as_of_ms or trace.judged.untold is not None:
        return None
    if trace.facts.last_ms >= material.period.until_ms:
        return None
    is_empty = _is_empty(trace)
    if not is_empty:
        return is_empty
    if ends_at_a_commit(trace):
        return None
    return (
        next_request_ms(material.reader.connection, trace.facts.session, trace.facts.last_ms, until) is None
    )


def _is_empty(trace: Trace) -> bool | None:
    """Whether nothing of a session landed or is pending, without edits whether it has no answer; None where not known."""
    if not trace.judged.has_edits:
        return not is_answered(trace) if trace.main else None
    ends = {line.verdict.bucket for edit in trace.judged.edits() for line in edit.lines if line.weight}
    if not ends or Bucket.UNKNOWN in ends or ends == {Bucket.NEUTRAL}:
        return None
    return not ends & {Bucket.SHIPPED, Bucket.REWORKED, Bucket.PENDING}


def _dearest_causes(left: list[tuple[Trace, Cause]]) -> list[Cause]:
    """Causes by what they cost; not known comes last."""
    cost: Counter[Cause] = Counter()
    for trace, cause in left:
        cost[cause] += trace.ledger.total.weighted
    return sorted(cost, key=lambda cause: (cause is Cause.UNKNOWN, -cost[cause], cause))


def _listed(causes: list[Cause], left: list[tuple[Trace, Cause]]) -> str:
    times = Counter(cause for _, cause in left)
    told = [f"{cause} {times[cause]}" for cause in causes[:_CAUSES_TOLD] if cause is not Cause.UNKNOWN]
    if times[Cause.UNKNOWN]:
        told.append(f"cause unknown {times[Cause.UNKNOWN]}")
    return ", ".join(told)


def _amount(trace: Trace, *, is_priced: bool) -> float:
    total = trace.ledger.total
    return total.cost_nano / 1e9 if is_priced else total.tokens


def _told(material: Material, trace: Trace, cause: Cause) -> Evidence:
    lines = sum(1 for edit in trace.judged.edits() for line in edit.lines if line.weight)
    did = f"{counted(lines, 'line')} written, none landed" if lines else "broke off before an answer"
    days = (trace.facts.last_ms - trace.facts.first_ms) / DAY_MS
    lasted = f", over {counted(round(days), 'day')}" if days >= 1 else ""
    named = "cause unknown" if cause is Cause.UNKNOWN else cause.value
    words = f"{named}: {did} in {counted(len(trace.requests), 'request')}{lasted}"
    return in_session(material, trace, words, trace.requests[0].step.at_ms, whole(trace))


DETECTOR: Final = Detector(ID, find, (HOURS, SESSIONS))
