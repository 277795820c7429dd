"""Tests, builds and checks that printed a lot and were run again at once to see less of it."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.coach.answers import carrying
from tokencoach.coach.evidence import dearest_first, in_session, sum_parts
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.coach.answers import Answer
    from tokencoach.coach.material import Material, Trace

ID: Final = "big-outputs"
TOKENS: Final = Threshold(
    "big-outputs.tokens",
    5_000,
    "tokens",
    "a long source file's length, more than anybody reads of a test run; your own 95th percentile where it is known",
)
ANSWERS: Final = Threshold("big-outputs.answers", 20, "answers", "fewer than twenty runs show no habit")
TIMES: Final = Threshold("big-outputs.times", 3, "times", "once or twice is chance, three times are a habit")
_OWN: Final = 100
_PERCENTILE: Final = 0.95
_LEAST: Final = 1_000
_SMALL: Final = 0.25
_RUNS: Final = (ToolKind.TEST, ToolKind.BUILD, ToolKind.LINT)


def find(material: Material) -> Finding | Quiet:
    """Answers above the limit whose thread next ran the same thing to see less of it, with nothing written between."""
    traces = [(trace, material.answers[trace.facts.session]) for trace in material.traces]
    weights = sorted(
        answer.tokens for _, some in traces for answer in some if answer.tokens and answer.call.kind in _RUNS
    )
    if len(weights) < material.limit(ANSWERS):
        why = f"{counted(len(weights), 'run')} whose answer's weight the logs tell; it takes {material.limit(ANSWERS):.0f}"
        return Quiet(ID, why, is_looked=False)
    limit, whose = _limit(material, weights)
    big = [weight for weight in weights if weight > limit]
    parts: dict[int, float] = {}
    once: dict[int, float] = {}
    most: dict[int, float] = {}
    evidence = []
    for trace, some in traces:
        for first, then in asked_again(trace, some, limit):
            spare = first.tokens - then.tokens
            own = carrying([(first, spare)])
            sum_parts(parts, own)
            sum_parts(once, carrying([(first, spare)], is_once=True))
            sum_parts(most, carrying([(first, max(spare, first.most - then.most))]))
            words = _words(first, then)
            evidence.append(
                in_session(
                    material, trace, words, first.call.at_ms, own, turn=first.call.turn, path=first.call.path
                )
            )
    rate = Rate(len(evidence), len(weights), "runs of tests, builds and checks")
    if len(evidence) < material.limit(TIMES):
        times = len(evidence) or "none"
        why = f"{times} of {len(big)} runs of more than ~{limit:,.0f} tokens ({whose}) came again to see less of it"
        return Quiet(ID, why, rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{counted(len(evidence), 'run')} printed a lot and came again for less",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=material.cost(once)[0],
        high_nano=max(nano, material.cost(most)[0]),
        evidence=dearest_first(evidence),
        why=f"Answers of more than ~{limit:,.0f} tokens ({whose}) to a test run, a build or a check, where the "
        "thread's next call was the same command but for its options and filters, nothing was written between and its "
        "answer was at most a quarter as long. What the big one had more, carried from its first request to the "
        "session's end or the next compaction; the lower end counts the first request only. A big answer that was of "
        "use, or that was followed by something else, is not counted.",
        next="Ask for the tail or for the failures only: `... 2>&1 | tail -40`, `--quiet`.",
        condition="an assistant runs a command that prints a lot",
        action="write its quiet form into the project's instructions",
        rate=rate,
        parts=parts,
    )


def _limit(material: Material, weights: Sequence[float]) -> tuple[float, str]:
    """From which weight on an answer is big, and whose number that is."""
    said = material.limit(TOKENS)
    if said != TOKENS.value:
        return said, "your number"
    if len(weights) < _OWN:
        return said, "a long source file"
    return max(_LEAST, weights[int(len(weights) * _PERCENTILE)]), "your own 95th percentile"


def asked_again(trace: Trace, some: Sequence[Answer], limit: float) -> Iterator[tuple[Answer, Answer]]:
    """Each big answer with the small one that the thread's next call got for the same thing."""
    changed = [change.at_ms for change in trace.changes]
    threads: defaultdict[int | None, list[Answer]] = defaultdict(list)
    for answer in some:
        threads[answer.call.agent].append(answer)
    for thread in threads.values():
        for first, then in pairwise(thread):
            call, after = first.call, then.call
            is_same = call.subject != 0 and call.subject == after.subject
            if not is_same or call.request_id == after.request_id:
                continue
            is_small = 0 < then.tokens <= _SMALL * first.tokens
            is_untouched = not any(call.at_ms <= at <= after.at_ms for at in changed)
            if first.tokens > limit and is_small and is_untouched and call.input_digest != after.input_digest:
                yield first, then


def _words(first: Answer, then: Answer) -> str:
    call = first.call
    return f"a {call.kind} run: ~{first.tokens:,.0f} tokens, then asked again for ~{then.tokens:,.0f}"


DETECTOR: Final = Detector(ID, find, (TOKENS, ANSWERS, TIMES))
