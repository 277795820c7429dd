"""Sessions dearer than nearly all of the person's own, of which nothing shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.allocate import WEIGHT_UNIT
from tokencoach.audit.numbers import count, counted, money, percent
from tokencoach.coach.evidence import dearest_first, in_session, whole
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import Bucket, Phase

if TYPE_CHECKING:
    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Trace

ID: Final = "dear-session"
SESSIONS: Final = Threshold(
    "dear-session.sessions", 20, "sessions", "of fewer sessions nobody can say what is dear for this person"
)
RANK: Final = Threshold(
    "dear-session.rank", 0.90, "share", "your own dearest tenth is where a look back repays its time"
)
LOST: Final = Threshold(
    "dear-session.lost",
    0.5,
    "share",
    "where more than half ended in lines that are gone, the session did not pay",
)


def find(material: Material) -> Finding | Quiet:
    """Sessions of production above the person's own 90th percentile without a shipped or pending line.

    Sessions without an edit are questions, whose worth no log tells, and are left out; so are those of
    which too much is unknown.
    """
    least = material.limit(SESSIONS)
    ranked = [trace for trace in material.traces if _spend(trace, material)]
    if len(ranked) < least:
        return Quiet(
            ID,
            f"{counted(len(ranked), 'session')}; it takes {least:.0f} to know your own dear ones",
            is_looked=False,
        )
    edge = _quantile(sorted(_spend(trace, material) for trace in ranked), material.limit(RANK))
    dear = [trace for trace in ranked if _spend(trace, material) > edge]
    lost = [trace for trace in dear if is_without_outcome(trace, material)]
    rate = Rate(len(lost), len(dear), "dear sessions")
    bar = count(round(edge)) + " weighted tokens" if _is_by_tokens(material) else money(round(edge))
    if not lost:
        why = f"each of your {counted(len(dear), 'session')} above {bar} shipped or may still ship"
        return Quiet(ID, why if dear else f"none of your sessions stands out above {bar}", rate=rate)
    parts = {request: 1.0 for trace in lost for request in whole(trace)}
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{len(lost)} of your {len(dear)} dearest sessions shipped no line",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(_told(material, trace) for trace in lost),
        why=f"Cost of production sessions above your own {percent(material.limit(RANK))} rank ({bar}) with edits of which "
        f"no line shipped or is pending, and at least {percent(material.limit(LOST))} of the spend ended in lines that "
        "never landed or were rewritten within 14 days. Questions, exploration and prototypes are left out.",
        next="Set a checkpoint: at half of that price, land something or write down why not and stop.",
        condition=f"a session passes half of {bar} without a commit",
        action="land what works, or stop and write down what was learnt",
        rate=rate,
        parts=parts,
    )


def is_without_outcome(trace: Trace, material: Material) -> bool:
    """Whether a production session with edits has no shipped or pending line, and lost most of its spend."""
    if trace.phase is not Phase.PRODUCTION or not trace.judged.has_edits:
        return False
    ends = {line.verdict.bucket for edit in trace.judged.edits() for line in edit.lines if line.weight}
    if ends & {Bucket.SHIPPED, Bucket.PENDING}:
        return False
    return lost_share(trace) >= material.limit(LOST)


def lost_share(trace: Trace) -> float:
    """The part of a session's weighted tokens that ended in lines that never landed or did not last."""
    whole = trace.ledger.total.weighted
    gone = (Bucket.NOT_LANDED, Bucket.REWORKED)
    lost = sum(
        amount.weighted for outcome, amount in trace.ledger.by_outcome.items() if outcome.bucket in gone
    )
    return lost / whole if whole else 0.0


def _is_by_tokens(material: Material) -> bool:
    """Whether some requests have no price, so that costs cannot be compared."""
    return bool(material.total.unpriced) or not material.total.total.cost_nano


def _spend(trace: Trace, material: Material) -> float:
    total = trace.ledger.total
    return total.weighted / WEIGHT_UNIT if _is_by_tokens(material) else total.cost_nano


def _quantile(rising: list[float], share: float) -> float:
    """The value that ``share`` of them do not pass, linear between neighbours."""
    place = share * (len(rising) - 1)
    low = int(place)
    high = min(low + 1, len(rising) - 1)
    return rising[low] + (rising[high] - rising[low]) * (place - low)


def _told(material: Material, trace: Trace) -> Evidence:
    lines = sum(1 for edit in trace.judged.edits() for line in edit.lines if line.weight)
    reasons: dict[str, int] = {}
    for outcome, amount in trace.ledger.by_outcome.items():
        reasons[outcome.reason] = reasons.get(outcome.reason, 0) + amount.weighted
    most = max(reasons, key=lambda reason: (reasons[reason], reason))
    words = f"{counted(len(trace.requests), 'request')}, {counted(lines, 'line')} written, mostly {most.replace('_', ' ')}"
    return in_session(material, trace, words, trace.requests[0].step.at_ms, whole(trace))


DETECTOR: Final = Detector(ID, find, (SESSIONS, RANK, LOST))
