"""Small turns that were thought about far longer than the person's others."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import count
from tokencoach.coach.evidence import dearest_first, in_session, quoted
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.coach.material import Material, Spent, Trace

ID: Final = "reasoning"
LINES: Final = Threshold(
    "reasoning.lines", 30, "lines", "a change of up to thirty lines is what a small model does as well"
)
TIMES: Final = Threshold(
    "reasoning.times",
    5,
    "times",
    "five times the median of your own turns of that kind is no matter of chance",
)
TOKENS: Final = Threshold(
    "reasoning.tokens", 2_000, "tokens", "below this the thinking costs less than looking at it"
)
TURNS: Final = Threshold(
    "reasoning.turns", 20, "turns", "a median of fewer than twenty turns moves with every new one"
)


class Thought(NamedTuple):
    """A small turn. ``kind`` is what it is compared within: the model, and whether it changed lines."""

    trace: Trace
    turn: int
    requests: tuple[Spent, ...]
    kind: tuple[int, bool]

    @property
    def reasoning(self) -> int:
        """Tokens thought in all of its requests."""
        return sum(spent.counts.reasoning for spent in self.requests)


def find(material: Material) -> Finding | Quiet:
    """What small turns thought beyond so many times the median of the person's own turns of the same kind."""
    small = list(small_turns(material.traces, round(material.limit(LINES))))
    by_kind: dict[tuple[int, bool], list[Thought]] = defaultdict(list)
    for thought in small:
        by_kind[thought.kind].append(thought)
    enough = {kind: turns for kind, turns in by_kind.items() if len(turns) >= material.limit(TURNS)}
    if not enough:
        most = max(map(len, by_kind.values()), default=0)
        why = f"{most} small turns of a kind whose log tells what was thought; it takes {material.limit(TURNS):.0f}"
        return Quiet(ID, why, is_looked=False)
    parts: dict[int, float] = {}
    evidence = []
    for turns in enough.values():
        usual = median(thought.reasoning for thought in turns)
        limit = max(usual * material.limit(TIMES), usual + material.limit(TOKENS))
        for thought in turns:
            if thought.reasoning > limit:
                beyond = _beyond(thought, usual)
                parts |= beyond
                first = thought.requests[0].step
                words = f"{count(thought.reasoning)} tokens thought, {count(round(usual))} are usual{_prompt(thought)}"
                evidence.append(
                    in_session(material, thought.trace, words, first.at_ms, beyond, turn=thought.turn)
                )
    judged = sum(map(len, enough.values()))
    rate = Rate(len(evidence), judged, "turns")
    if not evidence:
        return Quiet(ID, f"no small turn of {judged} thought far more than usual", rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{len(evidence)} of {judged} small turns thought far more than usual",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=dearest_first(evidence),
        why=f"Turns without a change or with at most {material.limit(LINES):.0f} lines that thought more than "
        f"{material.limit(TIMES):.0f} times the median of your own turns with that model: what lies above the median, "
        f"at the price of output. Some needed it, hence the range from nothing. Number: {TIMES.because}.",
        next="Set the effort for small tasks one step lower and see whether the answers stay as good.",
        condition="a task is a question or a change of a few lines",
        action="set the reasoning effort one step lower",
        rate=rate,
        parts=parts,
    )


def small_turns(traces: Iterable[Trace], most_lines: int) -> list[Thought]:
    """Turns with few changed lines or none, of sessions whose log tells what was thought."""
    found = []
    for trace in traces:
        if not any(spent.counts.reasoning for spent in trace.requests):
            continue
        lines: dict[int | None, int] = defaultdict(int)
        for change in trace.changes:
            lines[change.turn] += max(len(change.added), len(change.removed))
            # A change of which the log shows no line may be of any size.
            lines[change.turn] += (most_lines + 1) * change.kind.is_unseen
        by_turn: dict[int, list[Spent]] = defaultdict(list)
        for spent in trace.main:
            if spent.step.turn is not None:
                by_turn[spent.step.turn].append(spent)
        for turn, requests in by_turn.items():
            if lines[turn] <= most_lines:
                kind = requests[0].step.model_id, lines[turn] > 0
                found.append(Thought(trace, turn, tuple(requests), kind))
    return found


def _beyond(thought: Thought, usual: float) -> dict[int, float]:
    share = 1 - usual / thought.reasoning
    return {
        spent.step.request_id: spent.part(share * spent.counts.reasoning * spent.rates.output)
        for spent in thought.requests
        if spent.counts.reasoning
    }


def _prompt(thought: Thought) -> str:
    text = next((one.text for one in thought.trace.prompts if one.turn == thought.turn), None)
    return f": “{quoted(text)}”" if text else ""


DETECTOR: Final = Detector(ID, find, (LINES, TIMES, TOKENS, TURNS))
