"""Cache that was written for nothing, and cache that was lost and written again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import count, counted
from tokencoach.coach.cache_losses import Cause, cache_losses, writes_cache
from tokencoach.coach.evidence import dearest_first, in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold

if TYPE_CHECKING:
    from tokencoach.coach.cache_losses import CacheLoss
    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Trace

ID: Final = "cache-writes"
TOKENS: Final = Threshold(
    "cache-writes.tokens",
    10_000,
    "tokens",
    "every conversation ends with a last small write that nobody reads; a loss of this size is a whole context",
)
SESSIONS: Final = Threshold("cache-writes.sessions", 5, "sessions", "fewer than five sessions show no habit")
_SHORT: Final = {
    Cause.EXPIRED: "long break",
    Cause.MODEL: "model changed",
    Cause.PREFIX: "beginning not found",
    Cause.MIDDLE: "sent anew",
    Cause.ENDED: "never used",
}
_ADVICE: Final = {
    Cause.EXPIRED: (
        "Before a break longer than the cache lives, land what works; after it start fresh with a short summary.",
        "I leave a session for longer than its cache lives (5 minutes or 1 hour)",
        "commit first and start fresh afterwards",
    ),
    Cause.MODEL: (
        "Choose the model before the first prompt; another one reads the whole conversation from scratch.",
        "a session needs another model",
        "start a fresh session with it and a short summary",
    ),
    Cause.PREFIX: (
        "Set up tools, servers, skills and mode before the first prompt, and leave them alone until the session ends.",
        "I want to change tools, servers, skills or settings",
        "do it between two sessions, not in one",
    ),
    Cause.MIDDLE: (
        "What is sent anew costs as much as the conversation is long: begin the next piece of work in a fresh session.",
        "a piece of work has landed",
        "begin the next one in a fresh session",
    ),
    Cause.ENDED: (
        "A short conversation writes a cache that nobody reads: put small questions into one session, one after the other.",
        "I have several small questions",
        "ask them in one session",
    ),
}


def find(material: Material) -> Finding | Quiet:
    """What cache writes cost that no later request read, by the cause that weighs most."""
    known = [trace for trace in material.traces if writes_cache(trace)]
    if len(known) < material.limit(SESSIONS):
        why = f"{counted(len(known), 'session')} whose log shows cache writes; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    least = round(material.limit(TOKENS))
    parts: dict[int, float] = {}
    evidence = []
    by_cause: Counter[Cause] = Counter()
    lost = 0
    for trace in known:
        losses = list(cache_losses(trace, least))
        if not losses:
            continue
        for loss in losses:
            lost += loss.tokens
            by_cause[loss.cause] += round(loss.part * (loss.spent.cost_nano or loss.tokens))
            request = loss.spent.step.request_id
            parts[request] = min(1.0, parts.get(request, 0.0) + loss.part)
        evidence.append(_told(material, trace, losses))
    rate = Rate(len(evidence), len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"no cache of {least:,} tokens was lost in {len(known)} sessions", rate=rate)
    nano, tokens = material.cost(parts)
    worst = max(Cause, key=lambda cause: by_cause[cause])
    advice, condition, action = _ADVICE[worst]
    return Finding(
        id=ID,
        title=f"{len(evidence)} of {len(known)} sessions lost {count(lost)} of cache: {_SHORT[worst]}",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(evidence),
        why="What a request sends is read from the cache at a fraction of its price where it is as it was. Counted is what "
        "had to be sent or written again, less the price of reading it; and what was written and never read, less the "
        f"price of sending it plainly. Mostly: {worst}.{_unsaid(worst)} Compactions are left "
        f"out. From {least:,} tokens on: {TOKENS.because}.",
        next=advice,
        condition=condition,
        action=action,
        rate=rate,
        parts=parts,
    )


def _unsaid(worst: Cause) -> str:
    """What the log leaves open about a cause, and what doing otherwise would not have saved."""
    said = {
        Cause.EXPIRED: " A fresh session would have had to write its own beginning.",
        Cause.MIDDLE: " No log says why: the assistant dropped or moved something, effort or thinking was set anew, or the "
        "service let go of it before its time.",
        Cause.PREFIX: " No log says why: tools, servers, rules or settings had changed, or the service had let go of it.",
    }
    return said.get(worst, "")


def _told(material: Material, trace: Trace, losses: list[CacheLoss]) -> Evidence:
    parts: dict[int, float] = {}
    for loss in losses:
        request = loss.spent.step.request_id
        parts[request] = parts.get(request, 0.0) + loss.part
    causes = Counter(loss.cause for loss in losses)
    said = ", ".join(f"{times} x {_SHORT[cause]}" for cause, times in causes.most_common())
    tokens = sum(loss.tokens for loss in losses)
    worst = max(losses, key=lambda loss: loss.tokens)
    words = f"{count(tokens)} tokens: {said}"
    return in_session(material, trace, words, losses[0].spent.step.at_ms, parts, turn=worst.spent.step.turn)


DETECTOR: Final = Detector(ID, find, (TOKENS, SESSIONS))
