"""G12: given the truth of the conditions that are met, which line last gave a variable its value?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.flow import Flow, Leave, Plain, every
from tokencoach.comprehension.generators.base import question_id, shuffled
from tokencoach.comprehension.generators.flows import setting, told, units
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.walk import Walker, Way, is_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST_FACTS: Final = 2
_MOST_FACTS: Final = 4
_LEAST_LINES: Final = 2
_MOST: Final = 2
_FAR: Final = 5
_CAME: Final = "argument"

_Candidate = tuple[Flow, str, Plain | Leave, Way]


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different variables, each with another way for the retry."""
    del context
    best: dict[tuple[str, int], list[_Candidate]] = {}
    for flow in units(function, source):
        for variable in _variables(flow):
            for target in _targets(flow, variable, function):
                ways = _good(flow, variable, target, function)
                if len({way.used for way in ways}) >= _LEAST_LINES:
                    order = sorted(shuffled(ways, function, variable), key=lambda way: -_worth(way))
                    best[variable, target.line] = _distinct([(flow, variable, target, way) for way in order])
                    break
    asked = sorted(best.values(), key=lambda ways: (-_worth(ways[0][3]), ways[0][2].line, ways[0][1]))
    for first, *others in asked[:_MOST]:
        retry = _asked(function, others[0], None) if others else None
        yield _asked(function, first, retry)


def _variables(flow: Flow) -> list[str]:
    """Names with two values or more, all given by plain statements."""
    bound: dict[str, set[int]] = {}
    for node in every(flow.body):
        if isinstance(node, Plain):
            for name in node.binds:
                bound.setdefault(name, set()).add(node.line)
    return sorted(
        name
        for name, lines in bound.items()
        if name not in flow.loose and len(lines) + (name in flow.parameters) >= _LEAST_LINES and name != "_"
    )


def _targets(flow: Flow, variable: str, function: ChangedFunction) -> list[Plain | Leave]:
    """Statements that read the variable, the farthest from its start first."""
    found = [
        node
        for node in every(flow.body)
        if isinstance(node, Plain | Leave)
        and variable in node.uses
        and variable not in getattr(node, "binds", ())
    ]
    bound = {node.line for node in every(flow.body) if isinstance(node, Plain) and variable in node.binds}
    near = [node for node in found if node.line in function.changed or bound & function.changed]
    return sorted(near, key=lambda node: -node.line)


def _good(flow: Flow, variable: str, target: Plain | Leave, function: ChangedFunction) -> list[Way]:
    found = []
    for way in Walker(flow, target.line, variable).ways():
        if way.seen is None or not 1 <= way.seen <= _MOST_FACTS:
            continue
        # One condition is enough only where the answer is not on the screen's next lines.
        if way.seen < _LEAST_FACTS and target.line - way.used < _FAR:
            continue
        facts = way.facts[: way.seen]
        if not way.used and variable not in flow.parameters:
            continue
        lines = {way.used, target.line, *(atom.line for atom, _ in facts)}
        # The facts must not speak of the variable itself: its value would be what is asked for.
        if lines & function.changed and is_told(flow, facts) and target.line - way.used > 1:
            found.append(way)
    return found


def _distinct(candidates: list[_Candidate]) -> list[_Candidate]:
    found: dict[int, _Candidate] = {}
    for candidate in candidates:
        found.setdefault(candidate[3].used, candidate)
    return list(found.values())


def _worth(way: Way) -> float:
    values = [value for _, value in way.facts[: way.seen]]
    return min(len(values), 3) + (len(set(values)) > 1) + (way.used == 0) * 0.5


def _asked(function: ChangedFunction, candidate: _Candidate, retry: Prepared | None) -> Prepared:
    flow, variable, target, way = candidate
    facts = way.facts[: way.seen]
    came = "the loop's own line" if flow.turn_of else "the caller"
    hint = f", or `{_CAME}` for the value that comes from {came}" if variable in flow.parameters else ""
    prompt = (
        f"{setting(flow, function)} Suppose:\n{told(facts)}\nNothing raises, and other loops run to their end.\n"
        f"Line {target.line} reads `{variable}`: which line assigned that value? Type the line's number{hint}."
    )
    expected = (str(way.used),) if way.used else (_CAME, str(flow.turn_of or flow.first))
    what = (
        f"{variable}:{target.line - flow.first}:{'|'.join(f'{atom.text}={value}' for atom, value in facts)}"
    )
    trace = tuple(
        f"line {atom.line}: `{atom.text}` is {'true' if value else 'false'}" for atom, value in facts
    )
    return Prepared(
        Question(
            id=question_id(function, Kind.PATH_TO_VALUE, what),
            kind=Kind.PATH_TO_VALUE,
            part=Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=target.line,
            prompt=prompt,
            form=Form.TYPED,
            lines=tuple(sorted({target.line, *(atom.line for atom, _ in facts)})),
            seconds=15 + 5 * len(facts),
        ),
        AnswerKey(
            expected=expected,
            checked_by=CheckedBy.SYNTAX,
            evidence="followed through the function's own conditions and assignments",
            matcher="line",
            trace=(*trace, f"line {target.line} reads what {_where(way, flow)} assigned"),
        ),
        retry,
    )


def _where(way: Way, flow: Flow) -> str:
    if way.used:
        return f"line {way.used}"
    return f"the loop on line {flow.turn_of}" if flow.turn_of else "the caller"
