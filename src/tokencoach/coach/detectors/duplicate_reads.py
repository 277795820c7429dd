"""Files read again although nothing in them had changed."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import percent
from tokencoach.coach.answers import carrying
from tokencoach.coach.evidence import dearest_first, end_of_path, in_session, quoted, sum_parts
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.coach.answers import Answer
    from tokencoach.coach.material import Material, Trace

ID: Final = "duplicate-reads"
SHARE: Final = Threshold(
    "duplicate-reads.share",
    0.15,
    "share",
    "some looking twice is care; beyond a seventh of what is read, the same text is paid for again and again",
)
READS: Final = Threshold("duplicate-reads.reads", 20, "reads", "fewer than twenty reads show no habit")


def find(material: Material) -> Finding | Quiet:
    """Reads of a file that gave the same answer as before, while nothing wrote to it and nothing was forgotten (C5)."""
    read = repeated = 0.0
    number = 0
    parts: dict[int, float] = {}
    once: dict[int, float] = {}
    most: dict[int, float] = {}
    evidence = []
    for trace in material.traces:
        known = [answer for answer in material.answers[trace.facts.session] if _is_read(answer)]
        number += len(known)
        read += sum(answer.tokens for answer in known)
        for path, again in reads_again(trace, known).items():
            repeated += sum(answer.tokens for answer in again)
            own = carrying((answer, answer.tokens) for answer in again)
            sum_parts(parts, own)
            sum_parts(once, carrying(((answer, answer.tokens) for answer in again), is_once=True))
            sum_parts(most, carrying((answer, answer.most) for answer in again))
            first = again[0].call
            words = f"{quoted(end_of_path(path))} read {len(again) + 1} times, unchanged"
            evidence.append(in_session(material, trace, words, first.at_ms, own, turn=first.turn, path=path))
    if number < material.limit(READS):
        return Quiet(
            ID,
            f"{number} reads whose file and answer the logs tell; it takes {material.limit(READS):.0f}",
            is_looked=False,
        )
    rate = Rate(round(repeated), round(read), "tokens read")
    limit = material.limit(SHARE)
    if (rate.share or 0.0) <= limit:
        why = f"{percent(rate.share or 0.0)} of what was read had been read before; up to {percent(limit)} is care"
        return Quiet(ID, why, rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{percent(rate.share or 0.0)} of what was read was known and unchanged",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=material.cost(once)[0],
        high_nano=max(nano, material.cost(most)[0]),
        evidence=dearest_first(evidence),
        why="Reads of one file in one context with the same answer, no write to it and no compaction between; all but "
        "the first. An answer's tokens (~) are what the prompt grew by, split by the answers' lengths: written once at "
        "the next request's price, then read from the cache by each request until the session ended or was compacted. "
        "The lower end counts the first of these only, the upper one a token for four bytes of the record. "
        f"Share: {SHARE.because}.",
        next="Name the files and the lines in the prompt, and let sub-agents do the wide reading.",
        condition="an assistant opens a file for the second time",
        action="point it at the lines that matter instead of the file",
        rate=rate,
        parts=parts,
    )


def reads_again(trace: Trace, reads: Sequence[Answer]) -> dict[str, list[Answer]]:
    """By file, every read that told nothing new to the context that it was made in."""
    written = trace.written()
    folded = [compaction.at_ms for compaction in trace.compactions]
    seen: set[tuple[object, ...]] = set()
    found: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in reads:
        call = answer.call
        path = call.path or ""
        known = bisect_right(written[path], call.at_ms), bisect_right(folded, call.at_ms)
        state = call.agent, path, call.output_digest, known
        if state in seen:
            found[path].append(answer)
        seen.add(state)
    return dict(found)


def _is_read(answer: Answer) -> bool:
    call = answer.call
    is_told = call.kind is ToolKind.READ and bool(call.path) and bool(call.output_digest)
    return is_told and call.status == CallStatus.OK


DETECTOR: Final = Detector(ID, find, (SHARE, READS))
