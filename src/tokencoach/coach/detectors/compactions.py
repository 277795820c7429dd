"""Sessions that were compacted again and again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted
from tokencoach.coach.evidence import add_parts, dearest_first, in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from tokencoach.coach.material import Material, Spent, Trace

ID: Final = "compactions"
MOST: Final = Threshold(
    "compactions.most",
    2,
    "times",
    "what the first summary leaves out, the second can not know; after the third the session works from hearsay",
)
SESSIONS: Final = Threshold("compactions.sessions", 5, "sessions", "fewer than five sessions show no habit")
_PICO: Final = 1000


class Aftermath(NamedTuple):
    """What a session's compactions cost: logged requests by part, and summaries that no log has (nano-dollars)."""

    parts: dict[int, float]
    read_again: int
    unlogged_nano: int


def find(material: Material) -> Finding | Quiet:
    """The context written anew after each compaction, and what had to be looked up once more (C5)."""
    known = material.traces
    if len(known) < material.limit(SESSIONS):
        why = f"{counted(len(known), 'session')}; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    most = round(material.limit(MOST))
    parts: dict[int, float] = {}
    evidence = []
    unlogged = 0
    for trace in known:
        number = len(trace.compactions)
        if number > most:
            after = aftermath(trace)
            add_parts(parts, after.parts)
            unlogged += after.unlogged_nano
            words = counted(number, "compaction")
            if after.read_again:
                words += f"; {counted(after.read_again, 'call')} then asked for what had been known"
            evidence.append(in_session(material, trace, words, trace.compactions[0].at_ms, after.parts))
    rate = Rate(len(evidence), len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"no session of {len(known)} was compacted more than {most} times", rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{len(evidence)} of {len(known)} sessions compacted more than {counted(most, 'time')}",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=nano,
        high_nano=nano + unlogged,
        evidence=dearest_first(evidence),
        why="What the first request after each compaction wrote to the cache or read fresh, and the calls that got the "
        "same answer to the same question as before it, by their share of the request's calls. The upper end adds the "
        "summaries, which logs leave out: the old context read and the new one written once at that model's price. "
        f"Number: {MOST.because}.",
        next="End the session before the second compaction: commit, note what is left to do, start fresh.",
        condition="a session was compacted once and the work is not nearly done",
        action="write down what is left, commit and start a fresh session",
        rate=rate,
        parts=parts,
    )


def aftermath(trace: Trace) -> Aftermath:
    """What followed each compaction of a session."""
    siblings = Counter(call.request_id for call in trace.calls)
    parts: dict[int, float] = {}
    read_again = unlogged = 0
    for place, compaction in enumerate(trace.compactions):
        following = trace.compactions[place + 1 :]
        until = following[0].at_ms if following else None
        before = [one for one in trace.main if one.step.at_ms <= compaction.at_ms]
        first = next((one for one in trace.main if one.step.at_ms > compaction.at_ms), None)
        if first is not None:
            add_parts(parts, {first.step.request_id: _rewritten(first)})
        if before:
            unlogged += _summary_nano(before[-1], compaction.before_tokens, compaction.after_tokens)
        for request in _asked_again(trace, compaction.at_ms, until):
            read_again += 1
            if request is not None:
                parts[request] = min(1.0, parts.get(request, 0.0) + 1 / siblings[request])
    return Aftermath(parts, read_again, unlogged)


def _rewritten(spent: Spent) -> float:
    counts, rates = spent.counts, spent.rates
    return spent.part(
        counts.input * rates.input
        + counts.cache_write_5m * rates.cache_write_5m
        + counts.cache_write_1h * rates.cache_write_1h
    )


def _summary_nano(before: Spent, before_tokens: int, after_tokens: int) -> int:
    if before.tier is None:
        return 0
    read = (before_tokens or before.context) * before.tier.cache_read
    return round((read + after_tokens * before.tier.output) / _PICO)


def _asked_again(trace: Trace, at_ms: int, until_ms: int | None) -> list[int | None]:
    """Requests of main-thread calls after an instant that got an answer which had been got before it."""
    had = {
        (call.tool, call.input_digest, call.output_digest)
        for call in trace.calls
        if call.at_ms <= at_ms and call.agent is None
    }
    return [
        call.request_id
        for call in trace.calls
        if call.at_ms > at_ms
        and (until_ms is None or call.at_ms <= until_ms)
        and call.agent is None
        and call.output_digest
        and call.status == CallStatus.OK
        and (call.tool, call.input_digest, call.output_digest) in had
    ]


DETECTOR: Final = Detector(ID, find, (MOST, SESSIONS))
