"""Tasks: a prompt with its follow-ups until the next intent, how large it was, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.clock import DAY_MS
from tokencoach.prompts.follow_up import is_follow_up, words_of
from tokencoach.usage.words import Bucket, ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.audit.judgement import JudgedEdit
    from tokencoach.coach.material import Material, Spent, Trace
    from tokencoach.store.trace_rows import CallStep, PromptStep

SMALL_LINES: Final = 30
MATURE_MS: Final = 14 * DAY_MS
_MOSTLY: Final = 0.8


class TaskKind(StrEnum):
    """How large a task was, by the files and lines that it changed."""

    QUESTION = "question"
    SMALL_EDIT = "small edit"
    LARGER_EDIT = "larger edit"
    MULTI_FILE = "multi-file"


class Fate(NamedTuple):
    """Significant lines that a task added, by what is known of them 14 days later.

    ``open`` are younger than that, on a branch, or of unknown end; in no share.
    """

    survived: float = 0.0
    reworked: float = 0.0
    lost: float = 0.0
    open: int = 0

    @property
    def judged(self) -> float:
        """Lines whose end is known."""
        return self.survived + self.reworked + self.lost


class Task(NamedTuple):
    """One or more turns of a session. ``words`` is how many its first prompt has, None where it is not kept.

    ``kind`` is None where the log does not tell what was changed. ``model`` did at least four fifths of
    the main thread's work (by tokens weighed as they are priced), else it is None.
    """

    trace: Trace
    turns: tuple[int, ...]
    at_ms: int
    words: int | None
    requests: tuple[Spent, ...]
    edits: tuple[JudgedEdit, ...]
    calls: tuple[CallStep, ...]
    kind: TaskKind | None
    model: str | None

    @property
    def changed(self) -> int:
        """Lines added and removed, blank ones left out."""
        return sum(len(edit.lines) for edit in self.edits)

    @property
    def files(self) -> int:
        """Files changed."""
        return len({edit.edit.path for edit in self.edits})

    @property
    def cost_nano(self) -> int:
        """What its requests cost, those of sub-agents too; requests without a price cost nothing here."""
        return sum(spent.cost_nano or 0 for spent in self.requests)

    @property
    def tokens(self) -> int:
        """All tokens of its requests."""
        return sum(spent.counts.total for spent in self.requests)

    @property
    def is_priced(self) -> bool:
        """Whether every request has a price."""
        return all(spent.cost_nano is not None for spent in self.requests)

    @property
    def context(self) -> int:
        """The longest prompt that the main thread was sent, in tokens."""
        return max((spent.context for spent in self.requests if spent.step.agent is None), default=0)

    def is_small(self, most_calls: int) -> bool:
        """A question, or at most thirty changed lines of one file, with few calls."""
        is_little = self.kind in (TaskKind.QUESTION, TaskKind.SMALL_EDIT)
        return is_little and len(self.calls) <= most_calls

    def fate(self, as_of_ms: int) -> Fate:
        """What became of the lines it added to files of repositories."""
        return fate_of(self.edits, as_of_ms)


def fate_of(edits: Iterable[JudgedEdit], as_of_ms: int) -> Fate:
    """Lines by their end, each with its credit: of a line that two sessions wrote each has half."""
    sums: defaultdict[str, float] = defaultdict(float)
    for edit in edits:
        is_young = as_of_ms - edit.edit.at_ms < MATURE_MS
        for line in edit.lines:
            if line.is_removal or not line.weight:
                continue
            verdict = line.machine or line.verdict
            if is_young or verdict.is_provisional:
                sums["open"] += 1
                continue
            credit = line.life.credit if line.life is not None else 1.0
            match verdict.bucket:
                case Bucket.SHIPPED:
                    sums["survived"] += credit
                    sums["lost"] += 1.0 - credit
                case Bucket.REWORKED:
                    sums["reworked"] += 1.0
                case Bucket.NOT_LANDED:
                    sums["lost"] += 1.0
                case _:
                    sums["open"] += 1
    return Fate(sums["survived"], sums["reworked"], sums["lost"], int(sums["open"]))


def tasks_of(material: Material) -> list[Task]:
    """Every task of a period, in time order."""
    found = [task for trace in material.traces for task in _tasks(trace)]
    found.sort(key=lambda task: (task.at_ms, task.turns))
    return found


def _tasks(trace: Trace) -> Iterator[Task]:
    requests: defaultdict[int | None, list[Spent]] = defaultdict(list)
    for spent in trace.requests:
        requests[spent.step.turn].append(spent)
    calls: defaultdict[int | None, list[CallStep]] = defaultdict(list)
    for call in trace.calls:
        calls[call.turn].append(call)
    run: list[PromptStep] = []
    for prompt in trace.prompts:
        if not requests[prompt.turn]:
            continue
        if run and not (prompt.text is not None and is_follow_up(prompt.text)):
            yield _task(trace, run, requests, calls)
            run = []
        run.append(prompt)
    if run:
        yield _task(trace, run, requests, calls)


def _task(
    trace: Trace,
    run: list[PromptStep],
    requests: defaultdict[int | None, list[Spent]],
    calls: defaultdict[int | None, list[CallStep]],
) -> Task:
    turns = tuple(prompt.turn for prompt in run)
    own = tuple(spent for turn in turns for spent in requests[turn])
    edits = tuple(
        edit for turn in turns if turn in trace.judged.turns for edit in trace.judged.turns[turn].edits
    )
    made = [call for turn in turns for call in calls[turn]]
    text = run[0].text
    return Task(
        trace=trace,
        turns=turns,
        at_ms=run[0].at_ms,
        words=None if text is None else len(words_of(text)),
        requests=own,
        edits=edits,
        calls=tuple(made),
        kind=_kind(trace, edits, made),
        model=_model(own),
    )


def _kind(trace: Trace, edits: tuple[JudgedEdit, ...], calls: list[CallStep]) -> TaskKind | None:
    """Its kind; none where a change was tried and nothing tells of one, or the session's are not told."""
    is_told = all(edit.lines or not edit.edit.kind.is_unseen for edit in edits)
    if not is_told or (trace.judged.untold is not None and not edits):
        return None
    if not edits:
        return None if any(call.kind is ToolKind.EDIT for call in calls) else TaskKind.QUESTION
    if len({edit.edit.path for edit in edits}) > 1:
        return TaskKind.MULTI_FILE
    changed = sum(len(edit.lines) for edit in edits)
    return TaskKind.SMALL_EDIT if changed <= SMALL_LINES else TaskKind.LARGER_EDIT


def _model(requests: tuple[Spent, ...]) -> str | None:
    """The model of the main thread; of several the one with nearly all of the output and prompt."""
    weights: defaultdict[str, float] = defaultdict(float)
    for spent in requests:
        if spent.step.agent is None:
            counts = spent.counts
            written = counts.cache_write_5m + counts.cache_write_1h
            weights[spent.step.model] += (
                counts.input + 0.1 * counts.cache_read + 1.25 * written + 5 * counts.output
            )
    if not weights:
        return None
    model = max(weights, key=lambda name: (weights[name], name))
    whole = sum(weights.values())
    return model if weights[model] >= _MOSTLY * whole else None
