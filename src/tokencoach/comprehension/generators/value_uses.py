"""G20: a line gives a variable its value; which later lines compute with it, if only by way of others?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import Leave, Plain, every
from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import flow_of, short
from tokencoach.comprehension.generators.value_sources import Values, targets_of
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.flow import Flow
    from tokencoach.comprehension.generators.base import Context, Source

_MOST_RIGHT: Final = 3
_LEAST_WRONG: Final = 2
_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 5
_MOST_CODE: Final = 66
_MOST_STATEMENTS: Final = 80

_Line = Plain | Leave


class _Spread(NamedTuple):
    """Where a value goes: lines that surely compute with it, those of them that do not name it, and other lines."""

    made: Plain
    name: str
    reached: list[_Line]
    indirect: list[_Line]
    others: list[_Line]


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question, about the value that goes the longest way unnamed."""
    del context
    flow = flow_of(function, source)
    if flow is None or sum(1 for _ in every(flow.body)) > _MOST_STATEMENTS:
        return
    found = [spread for spread in _spreads(flow, source) if spread.made.line in function.changed]
    good = [
        one
        for one in found
        if one.indirect
        and len(one.others) >= _LEAST_WRONG
        and len(one.reached) + len(one.others) >= _LEAST_OPTIONS
    ]
    for spread in sorted(good, key=lambda one: (-len(one.indirect), one.made.line))[:1]:
        yield _asked(function, source, spread)


def _spreads(flow: Flow, source: Source) -> Iterator[_Spread]:
    values = Values(flow, source)
    targets = [
        node for node in targets_of(flow) if node.uses and len(source.line(node.line).strip()) <= _MOST_CODE
    ]
    targets = [node for node in targets if values.is_about_values(node)]
    sure = {node: set(values.surely(node)) | node.uses for node in targets}
    possible = {node: values.may_reach(node) for node in targets}
    for made in (node for node in every(flow.body) if isinstance(node, Plain)):
        name = values.only_value(made) if made.binds else None
        if name is None:
            continue
        later = [node for node in targets if node.line > made.last]
        reached = [node for node in later if name in sure[node]]
        indirect = [node for node in reached if name not in values.words(node)]
        others = [node for node in later if name not in possible[node]]
        yield _Spread(made, name, reached, indirect, others)


def _asked(function: ChangedFunction, source: Source, spread: _Spread) -> Prepared:
    line, what = spread.made.line, f"{spread.made.line - function.first}:{spread.name}"
    direct = [node for node in spread.reached if node not in spread.indirect]
    right = [*_lines(spread.indirect, function, f"{what}i")[:2], *_lines(direct, function, f"{what}d")]
    right = right[:_MOST_RIGHT]
    wrong = _lines(spread.others, function, f"{what}o")[: _MOST_OPTIONS - len(right)]
    lines = sorted((*right, *wrong))
    picked = set(right)
    return pick_all(
        function,
        Kind.VALUE_USES,
        Part.EDGES,
        f"Line {line} of {short(function)} gives `{spread.name}` its value. Suppose it were another one.\n"
        "Which of these lines compute with it, directly or by way of other variables? Conditions do not count.",
        [
            Option(
                f"line {one}: {source.line(one).strip()}",
                one in picked,
                "the value goes into it" if one in picked else "nothing that goes into it comes from there",
            )
            for one in lines
        ],
        line=line,
        what=what,
        evidence="the assignments were followed from each line back",
    )


def _lines(nodes: Sequence[_Line], function: ChangedFunction, salt: str) -> list[int]:
    """The lines of some statements; these hold sets, whose own texts are not always the same."""
    return shuffled([node.line for node in nodes], function, salt)
