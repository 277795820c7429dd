"""G1: a call that one of the person's own tests made; what did it give back, and on which way?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import python_functions, question_id
from tokencoach.comprehension.generators.call_setting import given
from tokencoach.comprehension.generators.kept_state import rests_on_what_is_kept
from tokencoach.comprehension.generators.recorded_facts import Fact, facts
from tokencoach.comprehension.generators.recorded_test import test_shown
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.reach import first_line
from tokencoach.comprehension.recordings import RecordedCall, RecordedFunction, Recordings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 3
_MOST_TRACE: Final = 80
_SHORT: Final = 4


class _Item(NamedTuple):
    """A call, how its input is shown, and what is asked of it."""

    call: RecordedCall
    given: tuple[str, ...]
    fact: Fact


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most three questions, about runs of different paths, with different answers; the rest are retries."""
    node = source.node(function)
    if node is None or not isinstance(context.recordings, Recordings):
        return
    row = context.recordings.of(source, function.qualname)
    if row is None or rests_on_what_is_kept(node, source):
        return
    outer = function.qualname.rpartition(".<locals>.")[0]
    around = python_functions(source.tree).get(outer) if source.tree is not None and outer else None
    first = first_line(node)
    reaching = [call for call in row.calls if any(first + line in function.changed for line in call.lines)]
    shown = {
        call: lines
        for call in sorted(reaching, key=_rank)
        if (lines := given(call, node, around, context)) is not None
    }
    items = [_Item(call, shown[call], fact) for call, fact in facts(node, row, list(shown))]
    picked = _different([item for item in items if not _is_told(item)])
    for item in picked[:_MOST]:
        like = (other for other in [*picked[_MOST:], *items] if _may_follow(other, item, picked[:_MOST]))
        spare = next(like, None)
        retry = _asked(function, source, row, spare, first, None) if spare is not None else None
        yield _asked(function, source, row, item, first, retry)


def _is_told(item: _Item) -> bool:
    """Whether the answer stands in what is shown."""
    answer = item.fact.expected[0]
    return len(answer) > _SHORT and any(answer in line for line in item.given)


def _rank(call: RecordedCall) -> tuple[bool, bool, int, str]:
    """What can be read whole first, then what is not simply nothing, then the shorter for its path."""
    texts = [item.text for item in call.given]
    return (
        not all(item.is_told for item in call.given),
        call.result in {"None", "True", "False"},
        sum(map(len, texts)) - 4 * len(call.lines),
        "|".join([call.test, *texts]),
    )


def _different(items: list[_Item]) -> list[_Item]:
    """One item a call; no answer twice; new paths first, then what shares one, then a second of a call.

    A line is no such second one: what is shown after the first tells which ran.
    """
    answers: set[tuple[str, ...]] = set()
    ways: set[tuple[int, ...]] = set()
    used: set[tuple[str, ...]] = set()
    found: list[_Item] = []
    rest: list[_Item] = []
    again: dict[tuple[str, ...], _Item] = {}
    for item in items:
        answer = (item.fact.ask, *item.fact.expected)
        if answer in answers:
            continue
        if item.given in used:
            known = {one[1:] for one in answers}
            if item.fact.matcher != "line" and item.fact.expected not in known:
                again.setdefault(item.given, item)
            continue
        answers.add(answer)
        used.add(item.given)
        (rest if item.call.lines in ways else found).append(item)
        ways.add(item.call.lines)
    return [*found, *rest, *again.values()]


def _may_follow(other: _Item, item: _Item, asked: Iterable[_Item]) -> bool:
    """Whether a wrong answer about one can be made good on the other: asked alike, of another input."""
    is_alike = other.fact.ask == item.fact.ask and other.fact.expected != item.fact.expected
    return is_alike and all(other.call != one.call for one in asked)


def _asked(
    function: ChangedFunction,
    source: Source,
    row: RecordedFunction,
    item: _Item,
    first: int,
    retry: Prepared | None,
) -> Prepared:
    call, fact = item.call, item.fact
    name = function.qualname.replace(".<locals>.", ".")
    test = test_shown(call.test, fact.expected[0])
    what = "\n".join(item.given) or "  no arguments"
    ran = [first + line for line in call.lines]
    return Prepared(
        Question(
            id=question_id(function, Kind.RECORDED_TRACE, f"{call.test}\0{what}\0{fact.ask}"),
            kind=Kind.RECORDED_TRACE,
            part=Part.EDGES if call.raises or call.handled else Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=next(line for line in ran if line in function.changed),
            prompt=f"`{name}` was called in your {test} with:\n{what}\n{fact.ask}",
            form=Form.TYPED,
            lines=tuple(sorted(function.changed)),
            seconds=20 + min(len(ran), 15),
        ),
        AnswerKey(
            expected=fact.expected,
            checked_by=CheckedBy.RECORDED,
            evidence=f"recorded in {call.test}, Python {row.python}",
            matcher=fact.matcher,
            trace=_trace(source, ran, call),
            facts={"outcome": call.outcome, "test": call.test},
        ),
        retry,
    )


def _trace(source: Source, ran: list[int], call: RecordedCall) -> tuple[str, ...]:
    """The lines that ran, each once and in the order of the file, and how it ended."""
    shown = [f"{line}: {source.line(line).strip()}" for line in ran[:_MOST_TRACE]]
    if len(ran) > _MOST_TRACE:
        shown.append(f"… {len(ran) - _MOST_TRACE} more lines")
    caught = [f"{name} was raised and handled inside" for name in call.handled]
    word = {"raised": "raises", "yielded": "yields"}.get(call.outcome, "returns")
    return (*shown, *caught, f"{word} {call.result}")
