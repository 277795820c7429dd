"""G4: given the truth of the conditions that are met, where and how does a call leave?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.flow import Atom, Flow, How, If, every
from tokencoach.comprehension.generators.base import MOST_ANSWER, question_id, shuffled
from tokencoach.comprehension.generators.flows import setting, steps, told, units
from tokencoach.comprehension.generators.guard import is_dispatch
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.walk import Walker, Way, is_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

LEAST_FACTS: Final = 2
MOST_FACTS: Final = 5
_MOST: Final = 2
_LEAST_EXITS: Final = 2
_LEAVING: Final = frozenset({How.RETURN, How.RAISE, How.END, How.BREAK, How.CONTINUE})
_SURE: Final = "Nothing else raises or ends the program, and every loop not named here runs to its end."


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions with different answers, each with another way for the retry."""
    del context
    best: list[tuple[Flow, Way]] = []
    for flow in units(function, source):
        if flow.is_lazy:
            continue
        ways = Walker(flow).ways()
        if len({_place(way) for way in ways}) < _LEAST_EXITS:
            continue
        good = [way for way in ways if _is_good(flow, way, function)]
        by_place: dict[int, Way] = {}
        for way in sorted(shuffled(good, function, "G4"), key=lambda way: -_worth(flow, way)):
            by_place.setdefault(_place(way), way)
        best += [(flow, way) for way in by_place.values()]
    best.sort(key=lambda pair: -_worth(*pair))
    for number, (flow, way) in enumerate(best[:_MOST]):
        spare = best[_MOST + number] if len(best) > _MOST + number else None
        retry = _asked(function, *spare, None) if spare is not None else None
        yield _asked(function, flow, way, retry)


def _asked(function: ChangedFunction, flow: Flow, way: Way, retry: Prepared | None) -> Prepared:
    end = way.end
    assert end is not None  # noqa: S101 - only ways that end are asked about
    value = _literal(flow, way) if retry is None or retry.key.matcher == "literal" else None
    is_value = value is not None and _asks_value(flow, way)
    if is_value and value is not None:
        ask, matcher = "What does it return?", "literal"
        expected: tuple[str, ...] = (value,)
    else:
        leaves = "turn end" if flow.turn_of else "call leave the function"
        ask = f"On which line does the {leaves}? Type the line's number" + (
            ", or `end` if the last line is passed." if _can_end(flow) else "."
        )
        expected, matcher = _lines(flow, way), "line"
    prompt = f"{setting(flow, function)} Suppose:\n{told(way.facts)}\n{_SURE}\n{ask}"
    what = f"{matcher}:{'|'.join(f'{atom.text}={value}' for atom, value in way.facts)}"
    part = Part.EDGES if end.how is not How.RETURN or way.empty else Part.TRACE
    return Prepared(
        Question(
            id=question_id(function, Kind.PATH_TO_EXIT, what),
            kind=Kind.PATH_TO_EXIT,
            part=part,
            path=function.path,
            qualname=function.qualname,
            line=way.facts[0][0].line,
            prompt=prompt,
            form=Form.TYPED,
            lines=tuple(sorted({atom.line for atom, _ in way.facts})),
            seconds=15 + 5 * len(way.facts),
        ),
        AnswerKey(
            expected=expected,
            checked_by=CheckedBy.SYNTAX,
            evidence="followed through the function's own conditions",
            matcher=matcher,
            trace=steps(way),
            facts={"how": end.how.value, "line": str(end.line)},
        ),
        retry,
    )


def _is_good(flow: Flow, way: Way, function: ChangedFunction) -> bool:
    """Whether a way is worth a question, and its answer is sure."""
    if way.end is None or way.end.how not in _LEAVING or not LEAST_FACTS <= len(way.facts) <= MOST_FACTS:
        return False
    # A row of checks for errors, each right behind its call, is passed without a thought.
    if all(atom.is_fresh for atom, _ in way.facts) or is_dispatch([atom for atom, _ in way.facts]):
        return False
    lines = {way.end.line, *(atom.line for atom, _ in way.facts)}
    return bool(lines & function.changed) and not _is_seen_at_once(flow, way) and is_told(flow, way.facts)


def _is_seen_at_once(flow: Flow, way: Way) -> bool:
    """Whether conditions and exit stand on one or two lines together, or the last condition is right above the exit."""
    if way.end is not None and way.end.how is not How.END and 0 <= way.end.line - way.facts[-1][0].line <= 1:
        return True
    return _last(flow, way) - way.facts[0][0].line <= 1


def _last(flow: Flow, way: Way) -> int:
    return way.end.line if way.end is not None and way.end.how is not How.END else flow.last


def _place(way: Way) -> int:
    return -1 if way.end is None or way.end.how is How.END else way.end.line


def _worth(flow: Flow, way: Way) -> float:
    compound = sum(
        not isinstance(node.condition, Atom) and node.line in {atom.line for atom, _ in way.facts}
        for node in every(flow.body)
        if isinstance(node, If)
    )
    surprising = way.end is not None and way.end.how in {How.END, How.RAISE}
    values = [value for _, value in way.facts]
    return min(len(values), 4) + compound + surprising + bool(way.empty) + (len(set(values)) > 1)


def _lines(flow: Flow, way: Way) -> tuple[str, ...]:
    end = way.end
    if end is None or end.how is How.END:
        return ("end", str(flow.tail)) if flow.tail else ("end",)
    # A statement of several lines is named by any of them.
    return tuple(str(number) for number in range(end.line, end.last + 1))


def _can_end(flow: Flow) -> bool:
    return any(way.end is not None and way.end.how is How.END for way in Walker(flow).ways())


def _literal(flow: Flow, way: Way) -> str | None:
    """What the way returns, where that is written down; None elsewhere."""
    if way.end is None or way.end.how not in {How.RETURN, How.END} or flow.tail or flow.turn_of:
        return None
    text = "None" if way.end.how is How.END else way.end.value
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return repr(value) if len(repr(value)) <= MOST_ANSWER else None


def _asks_value(flow: Flow, way: Way) -> bool:
    """Whether the value says as much as the line: no other exit returns it too, and there are others."""
    ends = {_place(other): _literal(flow, other) for other in Walker(flow).ways()}
    mine = _literal(flow, way)
    return (
        len(set(ends.values())) > 2
        and sum(value == mine for value in ends.values()) >= 1
        and mine is not None
    )
