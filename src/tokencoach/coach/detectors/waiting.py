"""Asking again and again whether a command has ended: each time the whole conversation is sent."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import count, counted, percent
from tokencoach.coach.evidence import dearest_first, in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Spent, Trace
    from tokencoach.store.trace_rows import CallStep

ID: Final = "waiting"
SHARE: Final = Threshold(
    "waiting.share", 0.01, "share", "below a hundredth of the spend it changes nothing how one waits"
)
SECONDS: Final = Threshold(
    "waiting.seconds", 60, "seconds", "who has waited for a minute may ask again; tools take waits of minutes"
)
REQUESTS: Final = Threshold("waiting.requests", 10, "requests", "fewer than ten are no habit")
# Tools that only ask how something is that runs already, by their names without signs.
_WAITS: Final = frozenset(
    {
        *("writestdin", "wait", "waitagent", "waitforagent", "taskoutput", "bashoutput", "agentoutputtool"),
        *("readbash", "commandstatus", "getterminaloutput", "joboutput", "monitor", "shelloutput"),
    }
)
_SECOND_MS: Final = 1_000


def find(material: Material) -> Finding | Quiet:
    """Requests that only repeat the question of the one before, within a minute, whether something has ended."""
    parts: dict[int, float] = {}
    evidence = []
    for trace in material.traces:
        again = list(asked_again(trace, round(material.limit(SECONDS) * _SECOND_MS)))
        if again:
            own = {spent.step.request_id: 1.0 for spent in again}
            parts |= own
            evidence.append(_told(material, trace, again, own))
    nano, tokens = material.cost(parts)
    rate = material.share_of_spend(nano, tokens)
    if len(parts) < material.limit(REQUESTS) or (rate.share or 0.0) < material.limit(SHARE):
        why = f"{counted(len(parts), 'request')} only asked again whether something had ended"
        return Quiet(ID, f"{why}, {percent(rate.share or 0.0)} of the spend", rate=rate)
    return Finding(
        id=ID,
        title=f"{len(parts):,} requests only asked again whether a command had ended",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(evidence),
        why="Each request sends the whole conversation. Counted are those whose only call repeats that of the request "
        f"before it, with the same arguments and less than {material.limit(SECONDS):.0f} seconds later, by a tool that "
        "waits for a command or a sub-agent. The first question after each start is not counted, nor is one after a long "
        f"wait. Share: {SHARE.because}.",
        next="Say in the instructions (AGENTS.md, CLAUDE.md) that a command that takes long is waited for once, with the "
        "longest wait that the tool takes (yield_time_ms, timeout), and not asked for each second.",
        condition="an assistant starts a command that takes longer than a few seconds",
        action="have it wait once and long, instead of asking again",
        rate=rate,
        parts=parts,
    )


def asked_again(trace: Trace, within_ms: int) -> Iterator[Spent]:
    """Requests of a session that do nothing but repeat a question which was asked less than so long before."""
    calls: defaultdict[int | None, list[CallStep]] = defaultdict(list)
    for call in trace.calls:
        calls[call.request_id].append(call)
    last: dict[int | None, tuple[int, set[tuple[str, int]]]] = {}
    for spent in trace.requests:
        made = calls.get(spent.step.request_id)
        if not made:
            continue
        asked = {(call.tool, call.input_digest) for call in made}
        before_ms, before = last.get(spent.step.agent, (0, set()))
        begun_ms = min(call.at_ms for call in made)
        if asked <= before and begun_ms - before_ms < within_ms and all(map(_is_wait, made)):
            yield spent
        last[spent.step.agent] = begun_ms, asked


def _is_wait(call: CallStep) -> bool:
    return call.input_digest != 0 and "".join(filter(str.isalnum, call.tool)).lower() in _WAITS


def _told(material: Material, trace: Trace, again: list[Spent], own: dict[int, float]) -> Evidence:
    middle = round(median(spent.context for spent in again))
    words = f"asked again {counted(len(again), 'time')}, {count(middle)} tokens sent each time"
    dearest = max(again, key=lambda spent: (spent.cost_nano or 0, spent.context))
    return in_session(material, trace, words, again[0].step.at_ms, own, turn=dearest.step.turn)


DETECTOR: Final = Detector(ID, find, (SHARE, SECONDS, REQUESTS))
