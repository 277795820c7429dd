"""The one entry: a change in, the questions to ask about it out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.change import ChangedFile, ChangedFunction, Skip
from tokencoach.comprehension.choose import Limits, chosen, ranked
from tokencoach.comprehension.functions import changed_functions
from tokencoach.comprehension.generators import (
    arguments,
    behaviour,
    blast_radius,
    called,
    checks,
    condition_change,
    dependency,
    expected,
    explain,
    expression,
    failure_flow,
    field_uses,
    find_input,
    guard,
    holds,
    inherited,
    name_readers,
    next_line,
    path_to_exit,
    path_to_value,
    patterns,
    reach_change,
    recorded,
    recorded_steps,
    taken_out,
    traps,
    uncovered,
    value_sources,
    value_uses,
    worked_out,
)
from tokencoach.comprehension.generators.base import Context, Generator, Source
from tokencoach.comprehension.question import Kind, Part, Prepared
from tokencoach.comprehension.recordings import Recordings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tokencoach.comprehension.generators.base import Repository

GENERATORS: Final[tuple[Generator, ...]] = (
    recorded.questions,
    recorded_steps.questions,
    path_to_exit.questions,
    failure_flow.questions,
    guard.questions,
    expected.questions,
    checks.questions,
    worked_out.questions,
    holds.questions,
    patterns.questions,
    condition_change.questions,
    reach_change.questions,
    traps.questions,
    next_line.questions,
    inherited.questions,
    blast_radius.questions,
    path_to_value.questions,
    arguments.questions,
    expression.questions,
    value_sources.questions,
    value_uses.questions,
    field_uses.questions,
    name_readers.questions,
    called.questions,
    taken_out.questions,
    dependency.questions,
    explain.questions,
    # These run the function, behind kernel isolation or not at all, and so come last.
    find_input.questions,
    behaviour.questions,
    uncovered.questions,
)
_MOST_LOOKED_AT: Final = 12
_MOST_OF_A_KIND: Final = {Kind.RECORDED_TRACE: 3, Kind.EXPECTED: 3}
_USUAL_MOST: Final = 2


class Options(msgspec.Struct, frozen=True):
    """How much to ask: of whose lines (``ai`` or ``all``), of how many functions, how many questions.

    ``seconds`` are a person's; ``budget_s`` is the program's own time, 0 for no limit. ``last_parts``
    are the parts of understanding that were asked before, the newest last: the four rotate.
    ``is_full`` asks of all four.
    """

    ask: str = "ai"
    functions: int = 3
    questions: int = 4
    seconds: int = 90
    is_full: bool = False
    last_parts: tuple[Part, ...] = ()
    budget_s: float = 0.0


class Known(msgspec.Struct, frozen=True):
    """What is known from before and from elsewhere.

    ``weak`` tells of ``(folder, kind)`` how little of it is remembered, 0 to 1; ``bad`` holds
    ``(kind, path, qualname)`` of questions that the person called bad; ``asked`` are ids that were
    answered; ``uncovered`` are ``path::qualname`` that no recorded test reached; ``words`` are texts
    by name that an explanation must not repeat, such as the commit's message.
    """

    weak: Mapping[tuple[str, Kind], float] = {}
    bad: frozenset[tuple[str, str, str]] = frozenset()
    asked: frozenset[str] = frozenset()
    uncovered: frozenset[str] = frozenset()
    words: Mapping[str, str] = {}


class PreparedCheck(msgspec.Struct, frozen=True):
    """What to ask about a change: ``questions`` now, ``others`` are good too but too many.

    ``functions`` are all that changed, best first; ``skipped`` says of files why nothing is asked;
    ``nothing_because`` is set exactly where there is no question.
    """

    questions: tuple[Prepared, ...] = ()
    others: tuple[Prepared, ...] = ()
    functions: tuple[ChangedFunction, ...] = ()
    skipped: Mapping[str, Skip] = {}
    ai_lines: int = 0
    asked_because: str | None = None
    nothing_because: str | None = None


def prepare(
    change: Sequence[ChangedFile],
    *,
    recordings: object | None = None,
    repository: Repository | None = None,
    known: Known | None = None,
    options: Options | None = None,
    folder: Path | None = None,
) -> PreparedCheck:
    """The questions about a change. The same blobs, facts and options give the same questions.

    ``folder`` is the worktree, in which installed packages are looked up.
    """
    known, options = known or Known(), options or Options()
    skipped = {file.path: file.skip for file in change if file.skip is not None}
    sources = {file.path: Source(file) for file in change if file.skip is None}
    functions = _functions(sources, skipped, known, recordings, asks_all=options.ask == "all")
    able = [function for function in functions if function.skip is None]
    context = Context(
        tuple(change), recordings, repository, known.words, folder, tuple(able[:_MOST_LOOKED_AT])
    )
    deadline = time.monotonic() + options.budget_s if options.budget_s else None
    candidates = []
    for function in able[:_MOST_LOOKED_AT]:
        if deadline is not None and time.monotonic() > deadline:
            break
        candidates.append((function, _of(function, sources[function.path], context, known, deadline)))
    limits = Limits(
        options.functions, options.questions, options.seconds, options.is_full, options.last_parts
    )
    now = chosen(candidates, limits)
    picked = {one.question.id for one in now}
    others = [one for _, ones in candidates for one in ones if one.question.id not in picked]
    ai_lines = sum(len(file.ai) for file in change)
    return PreparedCheck(
        questions=tuple(now),
        others=tuple(others),
        functions=tuple(functions),
        skipped=skipped,
        ai_lines=ai_lines,
        asked_because=_because(now, ai_lines, asks_all=options.ask == "all") if now else None,
        nothing_because=None if now else _nothing(change, functions, skipped),
    )


def _functions(
    sources: dict[str, Source],
    skipped: dict[str, Skip],
    known: Known,
    recordings: object | None,
    *,
    asks_all: bool,
) -> list[ChangedFunction]:
    found = []
    for path, source in sources.items():
        if source.skip is not None:
            skipped[path] = source.skip
            continue
        found += changed_functions(source, asks_all=asks_all)
    missed = known.uncovered
    if isinstance(recordings, Recordings):
        missed |= uncovered.unreached(found, sources, recordings)
    return ranked(found, known.weak, missed)


def _of(
    function: ChangedFunction, source: Source, context: Context, known: Known, deadline: float | None
) -> list[Prepared]:
    """Questions about a function, at most two of a kind, that were neither answered nor called bad."""
    found: dict[Kind, list[Prepared]] = {}
    for generator in GENERATORS:
        if deadline is not None and time.monotonic() > deadline:
            break
        for one in generator(function, source, context):
            others = found.setdefault(one.question.kind, [])
            if len(others) < _MOST_OF_A_KIND.get(one.question.kind, _USUAL_MOST) and one.key.expected not in [
                other.key.expected for other in others
            ]:
                others.append(one)
    return [
        one
        for ones in found.values()
        for one in ones
        if one.question.id not in known.asked
        and (one.question.kind.value, function.path, function.qualname) not in known.bad
    ]


def _because(now: Sequence[Prepared], ai_lines: int, *, asks_all: bool) -> str:
    places = sorted({one.question.path for one in now})
    whose = f"{ai_lines} added lines are an assistant's" if ai_lines else "you asked about every added line"
    return f"{whose if ai_lines or asks_all else 'lines were added'}, in {', '.join(places[:3])}"


def _nothing(
    change: Sequence[ChangedFile], functions: Sequence[ChangedFunction], skipped: Mapping[str, Skip]
) -> str:
    """Why there is no question, in words."""
    if not change:
        return "nothing is added"
    reasons = {skip.value for skip in skipped.values()}
    reasons |= {function.skip.value for function in functions if function.skip is not None}
    if any(function.skip is None for function in functions):
        reasons.add("no question about these functions can be checked for sure")
    return ", ".join(sorted(reasons)) or "no function changed"
