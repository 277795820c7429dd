"""G22: supposed values go into a piece of changed code; what comes out?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.generators.base import MOST_ANSWER, question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.worked.bench import TRUTH, Symbol
from tokencoach.comprehension.worked.pieces import RESULT, Outcome, explored, worked
from tokencoach.comprehension.worked.places import Place, places
from tokencoach.comprehension.worked.reading import reading
from tokencoach.comprehension.worked.slips import slips

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.worked.bench import Surroundings

_MOST: Final = 2
_MOST_PLACES: Final = 14
_MOST_GIVEN: Final = 4
_MOST_ROWS: Final = 10
_LEAST_EFFORT: Final = 5
_LONGEST_GIVEN: Final = 60
_LONGEST_TYPED: Final = 24
_LEAST_WRONG: Final = 3
_MOST_WRONG: Final = 4


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions: about different pieces, or different ways through one."""
    del context
    node = source.node(function)
    if node is None or source.tree is None or source.is_old_python:
        return
    read = reading(source.tree, node, function.qualname)
    found: list[tuple[Outcome, list[Outcome]]] = []
    for place in list(places(node, function.changed))[:_MOST_PLACES]:
        rows = read.rows(place.block[place.first :])
        all_of = [
            one
            for row in (rows or [{}])[:_MOST_ROWS]
            for one in explored(place, row, read.around, function.changed)
            if one.used
        ]
        found += [(one, all_of) for one in all_of if _is_worth(one, all_of)]
    found.sort(key=lambda pair: _rank(pair[0]))
    asked: list[Outcome] = []
    for one, others in found:
        if any(_is_alike(one, other) for other in asked):
            continue
        made = _asked(function, one, others, read.around)
        if made is not None:
            asked.append(one)
            yield made
        if len(asked) == _MOST:
            return


def _is_worth(one: Outcome, others: Sequence[Outcome]) -> bool:
    """Whether a result has to be worked out, and is not what was given or what always comes out."""
    if (
        one.value is None
        or isinstance(one.value, bool | Symbol)
        or len(one.text) > MOST_ANSWER
        or one.effort < _LEAST_EFFORT
    ):
        return False
    if len(one.used) > _MOST_GIVEN or any(len(text) > _LONGEST_GIVEN for _, text in one.used):
        return False
    if one.text in {text for _, text in one.used} or (one.text in {"[]", "{}", "''"} and one.decisions < 2):
        return False
    alike = {other.text for other in others if other.target == one.target and other.last == one.last}
    return len(alike) > 1


def _rank(one: Outcome) -> tuple[int, int, int, str]:
    return -min(one.effort, 14) + 2 * len(one.used), len(one.text), one.last, str(one.used)


def _is_alike(one: Outcome, other: Outcome) -> bool:
    """Whether two questions would ask for the same: the same answer, or the same way through the same lines."""
    return (
        one.text == other.text
        or (bool(one.lines & other.lines) and one.lines <= other.lines)
        or (bool(one.lines & other.lines) and other.lines <= one.lines)
    )


def _asked(
    function: ChangedFunction, one: Outcome, others: Sequence[Outcome], around: Surroundings
) -> Prepared | None:
    options = (
        () if len(one.text) <= _LONGEST_TYPED and one.is_plain else _options(function, one, others, around)
    )
    if options is None:
        return None
    block = one.place.block
    first = block[one.place.first].lineno
    given = "\n".join(f"  {_told(name, text)}" for name, text in one.used)
    what = (
        f"does {short(function)} return"
        if one.target == RESULT
        else f"is `{one.target}` when line {one.last} has run"
    )
    turn = f" in one turn of the loop on line {one.place.loop}" if one.place.loop else ""
    lines = f"line {first}" if first == one.last else f"lines {first} to {one.last}"
    ask = "" if options else " Type it as Python writes it."
    prompt = f"Follow {lines} of {short(function)}{turn}. Suppose\n{given}\nNothing raises. What {what}?{ask}"
    marked = min(one.lines & function.changed, default=first)
    return Prepared(
        Question(
            id=question_id(function, Kind.WORKED_OUT, prompt),
            kind=Kind.WORKED_OUT,
            part=Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=marked,
            prompt=prompt,
            form=Form.CHOICE if options else Form.TYPED,
            options=options,
            lines=tuple(sorted(one.lines & function.changed)),
            seconds=35,
        ),
        AnswerKey(
            expected=(one.text,),
            checked_by=CheckedBy.EXECUTED,
            evidence="worked out with Python's own types, line by line",
            matcher="options" if options else "literal",
            reasons=tuple(
                "it comes out" if text == one.text else "another way through, or a slip, gives it"
                for text in options
            ),
            trace=(
                f"lines that run: {', '.join(map(str, sorted(one.lines)))}",
                f"{what.split()[1]} {one.text}",
            ),
        ),
    )


def _told(name: str, text: str) -> str:
    if name.startswith(TRUTH):
        return f"`{name.removeprefix(TRUTH)}` is {text.lower()}"
    return f"`{name}` gives {text}" if name.endswith(")") else f"`{name}` is {text}"


def _literal(text: str) -> Any:
    return set() if text == "set()" else ast.literal_eval(text)


def _options(
    function: ChangedFunction, one: Outcome, others: Sequence[Outcome], around: Surroundings
) -> tuple[str, ...] | None:
    """The value and what a slip would make of it; None where too few are as plausible."""
    given = {name: _literal(text) for name, text in one.used}
    block = one.place.block[one.place.first :]
    block = [statement for statement in block if (statement.end_lineno or statement.lineno) <= one.last]
    wrong: dict[str, None] = {}
    for slipped in slips(block):
        place = Place(slipped, 0, (), 0, is_start=False)
        made = worked(place, given, around, frozenset(range(1, one.last + 1)))
        if made is not None and made.target == one.target and _is_option(made, one):
            wrong[made.text] = None
    for other in others:
        if other.target == one.target and other.last == one.last and _is_option(other, one):
            wrong[other.text] = None
    if len(wrong) < _LEAST_WRONG:
        return None
    return tuple(shuffled([one.text, *list(wrong)[:_MOST_WRONG]], function, f"G22{one.last}{one.used}"))


def _is_option(other: Outcome, one: Outcome) -> bool:
    return (
        other.text != one.text and type(other.value) is type(one.value) and 0 < len(other.text) <= MOST_ANSWER
    )
