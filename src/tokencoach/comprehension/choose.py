"""Which functions are worth asking about, and which of their questions are asked now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.question import Form, Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tokencoach.comprehension.change import ChangedFunction

_MOST_LINES: Final = 40
_MOST_COMPLEXITY: Final = 15
_RISKS_FOR_ALL: Final = 3
_PER_FUNCTION: Final = 2
_PARTS: Final = (Part.TRACE, Part.EDGES, Part.WHY, Part.EXPLAIN)
_KINDS: Final = tuple(Kind)


class Limits(msgspec.Struct, frozen=True):
    """What a person is asked at most. ``last_parts`` were asked before, the newest last."""

    functions: int = 3
    questions: int = 4
    seconds: int = 90
    is_full: bool = False
    last_parts: tuple[Part, ...] = ()


def score(
    function: ChangedFunction, weak: Mapping[tuple[str, Kind], float], uncovered: frozenset[str]
) -> float:
    """How much a function is worth asking about, 0 to 8: much changed, tangled, risky, new, weak, untested."""
    size = function.last - function.first + 1
    folder = function.path.rpartition("/")[0]
    return (
        2 * min(len(function.changed), _MOST_LINES) / _MOST_LINES
        + 2 * min(function.complexity, _MOST_COMPLEXITY) / _MOST_COMPLEXITY
        + min(1.0, len(function.risks) / _RISKS_FOR_ALL)
        + len(function.changed) / size
        + max((share for (area, _), share in weak.items() if area == folder), default=0.0)
        + (f"{function.path}::{function.qualname}" in uncovered)
    )


def ranked(
    functions: Iterable[ChangedFunction],
    weak: Mapping[tuple[str, Kind], float],
    uncovered: frozenset[str] = frozenset(),
) -> list[ChangedFunction]:
    """The functions with their scores, best first; equals in the order of their places."""
    scored = [
        msgspec.structs.replace(function, score=round(score(function, weak, uncovered), 6))
        for function in functions
    ]
    return sorted(scored, key=lambda function: (-function.score, function.path, function.first))


def chosen(
    candidates: Sequence[tuple[ChangedFunction, Sequence[Prepared]]], limits: Limits
) -> list[Prepared]:
    """The questions to ask now, out of each function's; functions come best first.

    The part that was not asked about for longest comes first, and the parts take turns.
    """
    able = [(function, questions) for function, questions in candidates if questions][: limits.functions]
    waiting = {part: [one for one in _in_order(able) if one.question.part is part] for part in _PARTS}
    picked: list[Prepared] = []
    order = _rotated(limits.last_parts)
    while any(waiting.values()) and len(picked) < limits.questions:
        for part in order:
            while waiting[part]:
                one = waiting[part].pop(0)
                if _fits(one, picked, limits):
                    picked.append(one)
                    break
            if len(picked) == limits.questions:
                break
    return picked


def _rotated(last: Sequence[Part]) -> list[Part]:
    """The parts, longest unasked first."""
    recent = {part: place for place, part in enumerate(last)}
    return sorted(_PARTS, key=lambda part: (recent.get(part, -1), _PARTS.index(part)))


def _in_order(able: Sequence[tuple[ChangedFunction, Sequence[Prepared]]]) -> list[Prepared]:
    """By how good the kind is, and within a kind by how good the function is."""
    flat = [(rank, one) for rank, (_, questions) in enumerate(able) for one in questions]
    return [one for _, one in sorted(flat, key=lambda pair: (_KINDS.index(pair[1].question.kind), pair[0]))]


def _fits(one: Prepared, picked: Sequence[Prepared], limits: Limits) -> bool:
    spent = sum(other.question.seconds for other in picked)
    if picked and not limits.is_full and spent + one.question.seconds > limits.seconds:
        return False
    if one.question.form is Form.TEXT and any(other.question.form is Form.TEXT for other in picked):
        return False
    here = [
        other
        for other in picked
        if (other.question.path, other.question.qualname) == (one.question.path, one.question.qualname)
    ]
    return len(here) < _PER_FUNCTION and all(other.key.expected != one.key.expected for other in here)
