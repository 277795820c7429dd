"""Sub-agents that read what had been read before in their session."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted, percent
from tokencoach.coach.evidence import dearest_first, end_of_path, in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Trace
    from tokencoach.store.trace_rows import CallStep

ID: Final = "agent-reading"
SHARE: Final = Threshold(
    "agent-reading.share",
    0.25,
    "share",
    "a sub-agent has to see the place it works at; where a quarter had been read before, it was sent off unprepared",
)
READS: Final = Threshold(
    "agent-reading.reads", 20, "reads", "fewer than twenty reads of sub-agents show no habit"
)
_MOST_NAMED: Final = 3


def find(material: Material) -> Finding | Quiet:
    """Reads of sub-agents that got what another context of the session had got, the file unchanged since."""
    number = repeated = 0
    parts: dict[int, float] = {}
    evidence = []
    for trace in material.traces:
        reads = [call for call in trace.calls if _is_read(call)]
        again = read_elsewhere(trace, reads)
        number += sum(call.agent is not None for call in reads)
        repeated += len(again)
        if again:
            shares = _shares(trace, again)
            parts |= shares
            evidence.append(_told(material, trace, again, shares))
    if number < material.limit(READS):
        why = f"{number} reads of sub-agents whose file and answer the logs tell; it takes {material.limit(READS):.0f}"
        return Quiet(ID, why, is_looked=False)
    rate = Rate(repeated, number, "reads of sub-agents")
    share = repeated / number
    if share < material.limit(SHARE):
        return Quiet(
            ID, f"{percent(share)} of what sub-agents read had been read before in their session", rate=rate
        )
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{percent(share)} of what sub-agents read had been read before",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=dearest_first(evidence),
        why="The same question with the same answer in another context of the same session before, and no change of the "
        "file between. The price of the sub-agents' requests that asked, by their share of the request's calls; what "
        f"a sub-agent works at it has to see, hence the range from nothing. Share: {SHARE.because}.",
        next="Put the lines that matter into the sub-agent's task, and give each one files of its own.",
        condition="I let sub-agents work on a part that was read already",
        action="name files and lines in their task, different ones for each",
        rate=rate,
        parts=parts,
    )


def read_elsewhere(trace: Trace, reads: list[CallStep]) -> list[CallStep]:
    """Reads of sub-agents that another context of the session had done before, in time order."""
    written = trace.written()
    readers: defaultdict[tuple[object, ...], set[int | None]] = defaultdict(set)
    found = []
    for call in reads:
        known = bisect_right(written[call.path or ""], call.at_ms)
        seen = readers[call.path, call.input_digest, call.output_digest, known]
        # Within one context it is another habit: a file read twice, or a circle.
        if call.agent is not None and seen and call.agent not in seen:
            found.append(call)
        seen.add(call.agent)
    return found


def _is_read(call: CallStep) -> bool:
    is_told = call.kind is ToolKind.READ and bool(call.path) and bool(call.output_digest)
    return is_told and call.status == CallStatus.OK


def _shares(trace: Trace, again: list[CallStep]) -> dict[int, float]:
    siblings = Counter(call.request_id for call in trace.calls)
    mine = Counter(call.request_id for call in again if call.request_id is not None)
    return {request: times / siblings[request] for request, times in mine.items()}


def _told(material: Material, trace: Trace, again: list[CallStep], shares: dict[int, float]) -> Evidence:
    files = Counter(end_of_path(call.path or "", 1) for call in again)
    named = ", ".join(name for name, _ in files.most_common(_MOST_NAMED))
    agents = len({call.agent for call in again})
    words = f"{counted(len(again), 'read')} of {counted(agents, 'sub-agent')} had been done before: {named}"
    return in_session(material, trace, words, again[0].at_ms, shares, turn=again[0].turn)


DETECTOR: Final = Detector(ID, find, (SHARE, READS))
