"""G3: for which of these calls did the change alter the outcome?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import question_id, shuffled
from tokencoach.comprehension.generators.computed import Computable, computable, differ, is_sensible, said
from tokencoach.comprehension.inputs import as_call, parameters
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.sandbox.purity import sliced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST: Final = 4
_OF_EACH: Final = 3


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """One question, where the function was there before and some inputs tell the two apart, others not."""
    old = source.old_node(function)
    one = computable(function, source, context) if old is not None else None
    if one is None or old is None or source.old_tree is None or source.old is None:
        return
    if [name for name, _ in parameters(old) or []] != [name for name, _ in parameters(one.node) or []]:
        return
    before = sliced(source.old_tree, source.old.split("\n"), function.qualname)
    if before is None:
        return
    changed: list[tuple[str, str]] = []
    same: list[tuple[str, str]] = []
    for text, then, now in zip(one.inputs, one.run(before), one.run(), strict=True):
        if then is None or now is None or not (is_sensible(then) or is_sensible(now)):
            continue
        call = as_call(function.qualname, text)
        if differ(then, now):
            changed.append((call, f"before it {said(then)}, now it {said(now)}"))
        else:
            same.append((call, f"it {said(now)}, before and now"))
    few = [*shuffled(changed, function, "G3")[:_OF_EACH], *shuffled(same, function, "G3")[:_OF_EACH]]
    if changed and same and len(few) >= _LEAST:
        yield _asked(function, one, shuffled(few, function, "G3 options"), {call for call, _ in changed})


def _asked(
    function: ChangedFunction, one: Computable, options: list[tuple[str, str]], right: set[str]
) -> Prepared:
    return Prepared(
        Question(
            id=question_id(function, Kind.BEHAVIOUR_DIFF, "|".join(call for call, _ in options)),
            kind=Kind.BEHAVIOUR_DIFF,
            part=Part.EDGES,
            path=function.path,
            qualname=function.qualname,
            line=min(function.changed),
            prompt="For which of these calls does this change alter what comes out? Pick all.",
            form=Form.MULTIPLE,
            options=tuple(call for call, _ in options),
            lines=tuple(sorted(function.changed)),
            seconds=40,
        ),
        AnswerKey(
            expected=tuple(call for call, _ in options if call in right),
            checked_by=CheckedBy.EXECUTED,
            evidence="the function before and after the change was run on each, shut in by the kernel",
            matcher="options",
            reasons=tuple(why for _, why in options),
            trace=tuple(f"{call}: {why}" for call, why in options),
            facts={"python": one.python},
        ),
    )
