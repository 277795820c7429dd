"""Finished work that is carried along: a session that goes on with something new after a commit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import count, counted, percent
from tokencoach.coach.evidence import dearest_first, in_session, quoted, sum_parts
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Threshold
from tokencoach.prompts.follow_up import is_follow_up
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Spent, Trace
    from tokencoach.store.trace_rows import PromptStep

ID: Final = "carried-work"
SHARE: Final = Threshold(
    "carried-work.share",
    0.05,
    "share",
    "below a twentieth of the spend it changes nothing where a session ends",
)
SESSIONS: Final = Threshold(
    "carried-work.sessions",
    5,
    "sessions",
    "from fewer than five sessions with an edit nobody can tell what a fresh one has to read first",
)
_WARY: Final = 0.9
_SHRUNK: Final = 0.7
_CONTINUED: Final = 2


class Stretch(NamedTuple):
    """What a session did after a commit: ``prompt`` asked for something new, ``requests`` carried ``before`` tokens.

    ``is_elsewhere`` says that it changed none of the files that the session had changed before.
    """

    prompt: PromptStep
    before: int
    requests: tuple[Spent, ...]
    is_elsewhere: bool


class Fresh(NamedTuple):
    """The context, in tokens, of the person's own sessions of a source: at the first request, and at the first edit.

    ``ready`` is the median of those that edited, ``wary`` what nine of ten of them did not pass.
    """

    start: int
    ready: int
    wary: int


def find(material: Material) -> Finding | Quiet:
    """What stood in the context before a commit and was sent with every request of the tasks after it.

    A fresh session would have had to read itself in: that part of the context, and writing it once, are not counted.
    """
    fresh = fresh_contexts(material)
    known = [trace for trace in material.traces if trace.facts.source in fresh]
    if not known:
        least = material.limit(SESSIONS)
        return Quiet(ID, f"no assistant with {least:.0f} sessions that changed a file", is_looked=False)
    parts: dict[int, float] = {}
    low: dict[int, float] = {}
    high: dict[int, float] = {}
    evidence = []
    for trace in known:
        paid = {spent.step.request_id for spent in trace.requests}
        own: dict[int, float] = {}
        context = fresh[trace.facts.source]
        found = [
            one
            for one in stretches(whole_conversation(material, trace))
            if any(spent.step.request_id in paid for spent in one.requests)
        ]
        for one in found:
            needed = context.ready if one.is_elsewhere else context.wary
            sum_parts(own, _of(carried(one, needed, context.start), paid))
            sum_parts(high, _of(carried(one, context.start, context.start), paid))
            if one.is_elsewhere:
                sum_parts(low, _of(carried(one, context.wary, context.start), paid))
        if own:
            sum_parts(parts, own)
            times = sum(spent.step.request_id in paid for one in found for spent in one.requests)
            evidence.append(_told(material, trace, found, own, times))
    nano, tokens = material.cost(parts)
    rate = material.share_of_spend(nano, tokens)
    if (rate.share or 0.0) < material.limit(SHARE):
        why = f"{percent(rate.share or 0.0)} of the spend carried finished work into another task"
        return Quiet(ID, f"{why}; up to {percent(material.limit(SHARE))} changes nothing", rate=rate)
    return Finding(
        id=ID,
        title=f"{len(evidence)} of {len(known)} sessions carried finished work into the next task",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=min(nano, material.cost(low)[0]),
        high_nano=max(nano, material.cost(high)[0]),
        evidence=dearest_first(evidence),
        why="After a commit a prompt asked for something new in the same conversation. Counted is what stood in the context "
        "before, as each later request read or wrote it, until a compaction or the session's end; less what a fresh "
        f"session needs, read by each request and written once: at their first edit yours had {_in_words(fresh)}, the "
        "larger of which is taken where the task changed files from before. The lower end counts only tasks that "
        "changed none of them, and takes the larger one too; the upper end takes the context of their first request. "
        f"Share: {SHARE.because}.",
        next="When a piece has landed, begin the next one in a fresh session, with two lines on what it has to know.",
        condition="a piece has landed and my next prompt is about something else",
        action="begin a fresh session for it",
        rate=rate,
        parts=parts,
    )


def fresh_contexts(material: Material) -> dict[str, Fresh]:
    """By source, how large the context of a session is when it begins and when it has read enough to edit."""
    begun: defaultdict[str, list[Trace]] = defaultdict(list)
    for trace in material.traces:
        if trace.main and trace.facts.first_ms >= material.period.since_ms:
            begun[trace.facts.source].append(trace)
    found = {}
    for source, traces in begun.items():
        start = _rank(sorted(trace.main[0].context for trace in traces), 0.5)
        # One that begins with much more goes on with another session's conversation.
        fresh = (
            trace
            for trace in traces
            if trace.inherited is None and trace.main[0].context <= _CONTINUED * start
        )
        edits = sorted(context for trace in fresh if (context := _at_first_edit(trace)) is not None)
        if len(edits) >= material.limit(SESSIONS):
            found[source] = Fresh(start, _rank(edits, 0.5), _rank(edits, _WARY))
    return found


def _at_first_edit(trace: Trace) -> int | None:
    """The context that the main thread had when it first changed a file; None where it changed none."""
    first = next((change.at_ms for change in trace.changes if change.agent is None), None)
    asked = [spent.context for spent in trace.main if first is not None and spent.step.at_ms <= first]
    return asked[-1] if asked else None


def whole_conversation(material: Material, trace: Trace) -> Trace:
    """A session with what came before it in the conversation that it goes on with, as far as the period has it."""
    seen = {trace.facts.session}
    whole = trace
    while (origin := trace.inherited) is not None and origin.step.session not in seen:
        seen.add(origin.step.session)
        parent = material.by_session.get(origin.step.session)
        if parent is None:
            break
        until = origin.step.at_ms
        whole = replace(
            whole,
            requests=(*(one for one in parent.main if one.step.at_ms <= until), *whole.requests),
            calls=(*(one for one in parent.calls if one.at_ms <= until), *whole.calls),
            changes=(*(one for one in parent.changes if one.at_ms <= until), *whole.changes),
            prompts=(*(one for one in parent.prompts if one.at_ms <= until), *whole.prompts),
            compactions=(*(one for one in parent.compactions if one.at_ms <= until), *whole.compactions),
        )
        trace = parent
    return whole


def stretches(trace: Trace) -> list[Stretch]:
    """What a conversation was asked anew after each commit that succeeded, in time order."""
    commits = _commits(trace)
    begun = []
    since = 0
    for prompt in trace.prompts:
        is_new = prompt.text is not None and not is_follow_up(prompt.text)
        if is_new and any(since <= at < prompt.at_ms for at in commits):
            begun.append(prompt)
            since = prompt.at_ms
    ends = [prompt.at_ms for prompt in begun[1:]]
    found = (_stretch(trace, prompt, end) for prompt, end in zip_longest(begun, ends))
    return [one for one in found if one is not None]


def _commits(trace: Trace) -> list[int]:
    return [
        call.result_ms or call.at_ms
        for call in trace.calls
        if call.kind is ToolKind.COMMIT and call.status == CallStatus.OK
    ]


def carried(one: Stretch, needed: int, start: int) -> dict[int, float]:
    """The part of each request that went into carrying more than a fresh session of ``needed`` tokens would.

    ``start`` is what any session begins with; reading itself in from there to ``needed`` is taken off first.
    """
    owed = max(0, needed - start) * one.requests[0].write_price
    parts = {}
    for spent in one.requests:
        weight = spent.leading(min(one.before, spent.context)) - spent.leading(min(needed, spent.context))
        paid = min(owed, max(0.0, weight))
        owed -= paid
        if weight > paid:
            parts[spent.step.request_id] = spent.part(weight - paid)
    return parts


def _stretch(trace: Trace, prompt: PromptStep, until_ms: int | None) -> Stretch | None:
    earlier = [spent for spent in trace.main if spent.step.at_ms <= prompt.at_ms]
    if not earlier:
        return None
    before = earlier[-1].context + earlier[-1].counts.output
    ends = [one.at_ms for one in trace.compactions if one.at_ms > prompt.at_ms]
    end = min([*ends, *([] if until_ms is None else [until_ms])], default=None)
    then = [one for one in trace.main if one.step.at_ms > prompt.at_ms]
    requests = _carriers([one for one in then if end is None or one.step.at_ms < end], before)
    if not requests:
        return None
    last_ms = requests[-1].step.at_ms
    had = {change.path for change in trace.changes if change.at_ms <= prompt.at_ms}
    has = {change.path for change in trace.changes if prompt.at_ms < change.at_ms <= last_ms}
    return Stretch(prompt, before, requests, is_elsewhere=not had & has)


def _carriers(requests: Sequence[Spent], before: int) -> tuple[Spent, ...]:
    """The requests that still carry what stood there before, up to where the context was made anew."""
    least = _SHRUNK * before
    found = []
    for place, spent in enumerate(requests):
        if spent.context >= least:
            found.append(spent)
        # A short request between two long ones is a title or a look-up, not a new beginning.
        elif place + 1 == len(requests) or requests[place + 1].context < least:
            break
    return tuple(found)


def _rank(rising: Sequence[int], share: float) -> int:
    return rising[min(len(rising) - 1, int(share * len(rising)))]


def _in_words(fresh: dict[str, Fresh]) -> str:
    return ", ".join(
        f"{count(one.ready)} tokens in the middle and {count(one.wary)} in one of ten ({source})"
        for source, one in sorted(fresh.items())
    )


def _of(parts: dict[int, float], paid: set[int]) -> dict[int, float]:
    """The parts of a session's own requests: those before it are told of the session that paid for them."""
    return {request: part for request, part in parts.items() if request in paid}


def _told(
    material: Material, trace: Trace, found: list[Stretch], own: dict[int, float], times: int
) -> Evidence:
    most = max(found, key=lambda one: one.before * len(one.requests))
    words = (
        f"{counted(len(found), 'new task')} after a commit, {counted(times, 'request')}, {count(most.before)} tokens "
        f"carried into “{quoted(most.prompt.text or '')}”"
    )
    first = next(spent for spent in trace.main if spent.step.request_id in own)
    is_own = most.prompt.session == trace.facts.session
    at_ms, turn = (most.prompt.at_ms, most.prompt.turn) if is_own else (first.step.at_ms, first.step.turn)
    return in_session(material, trace, words, at_ms, own, turn=turn)


DETECTOR: Final = Detector(ID, find, (SHARE, SESSIONS))
