"""G24: a method or field of a class changes, or is called through the object; whose is it in the end?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import Option, pick_all, question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.languages.python_names import own_nodes
from tokencoach.comprehension.lineage import Lineage, Placed
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 6
_MOST_RIGHT: Final = 3
_LEAST_WRONG: Final = 2
_LEAST_DEFINING: Final = 2


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question about who inherits the change, and one about which class's method a line calls."""
    if context.repository is None or source.language != "python":
        return
    above, _, name = function.qualname.rpartition(".")
    placed = Placed(source.path, above)
    node = source.node(function)
    if node is None or not above or "." in above:
        return
    lineage = Lineage(source, context.repository)
    if lineage.facts(placed) is None:
        return
    heirs = _heirs(function, lineage, placed, name)
    if heirs is not None:
        yield heirs
    found = _found_in(function, node, lineage, placed)
    if found is not None:
        yield found


def _heirs(function: ChangedFunction, lineage: Lineage, placed: Placed, name: str) -> Prepared | None:
    """Which classes below have no method of the name that comes before this one."""
    if name.startswith("__") and name != "__init__":
        return None
    below = lineage.below(placed)
    owners = {one: lineage.owner(one, name) for one in below if lineage.order(one) is not None}
    right = [one for one, owner in owners.items() if owner == placed]
    wrong = {one: owner for one, owner in owners.items() if owner not in {placed, None}}
    if not right or len(wrong) < _LEAST_WRONG or len(right) + len(wrong) < _LEAST_OPTIONS:
        return None
    picked = shuffled(sorted(right), function, "heirs")[:_MOST_RIGHT]
    others = shuffled(sorted(wrong), function, "others")[: _MOST_OPTIONS - len(picked)]
    options = [
        Option(_said(one), one in picked, _why(one, wrong.get(one)))
        for one in shuffled([*picked, *others], function, "G24")
    ]
    what = "is made by" if name == "__init__" else f"runs for `.{name}(…)` of"
    return pick_all(
        function,
        Kind.INHERITED,
        Part.WHY,
        f"This commit changes {short(function)}. Of the classes below `{placed.name}` some have a `{name}` of "
        f"their own, or get one from a class in between.\nFor which of these is it the changed one that "
        f"{what} an object, without a `super()`?",
        options,
        line=function.first,
        what=f"heirs:{name}",
        evidence="the classes of the repository, in the order in which Python looks into them",
        seconds=30,
    )


def _why(one: Placed, owner: Placed | None) -> str:
    if owner is None:
        return "it has none of its own, and none comes before"
    return "it has one of its own" if owner == one else f"it gets that of {owner.name}"


def _said(one: Placed) -> str:
    return f"{one.name} ({one.path})"


def _found_in(
    function: ChangedFunction, node: ast.FunctionDef | ast.AsyncFunctionDef, lineage: Lineage, placed: Placed
) -> Prepared | None:
    """In which class the method stands that a changed line calls through the object or ``super()``."""
    calls = sorted(
        (part.lineno, part.func.attr, isinstance(part.func.value, ast.Call))
        for part in own_nodes(node)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and ast.unparse(part.func.value) in {"self", "cls", "super()"}
        and part.lineno in function.changed
    )
    for line, name, is_above in calls:
        owner = lineage.owner(placed, name, is_above=is_above)
        facts = lineage.facts(owner) if owner is not None else None
        if owner is None or owner == placed or facts is None or name not in facts.methods:
            continue
        made = _asked_where(function, lineage, placed, owner, (line, name, is_above))
        if made is not None:
            return made
    return None


def _asked_where(
    function: ChangedFunction, lineage: Lineage, placed: Placed, owner: Placed, call: tuple[int, str, bool]
) -> Prepared | None:
    line, name, is_above = call
    above = [one for one in (lineage.order(placed) or [])[1:] if isinstance(one, Placed)]
    near = [one for one in lineage.below(above[-1]) if one not in {placed, owner}] if above else []
    defining = [one for one in (*above, *near) if (facts := lineage.facts(one)) and name in facts.methods]
    others = [one for one in dict.fromkeys(defining) if one != owner]
    # Where only one class has it and the class has but one above there is nothing to find out.
    if len(above) < _LEAST_DEFINING and not others:
        return None
    first, rest = others[:2], shuffled(sorted({*above, *near} - {owner, *others[:2]}), function, name)
    wrong = [*first, *rest][: _MOST_OPTIONS - 2]
    if len(wrong) < _LEAST_OPTIONS - 1:
        return None
    options = shuffled([owner, *wrong], function, f"found:{name}")
    called = f"super().{name}(…)" if is_above else f"self.{name}(…)"
    prompt = (
        f"Line {line} of {short(function)} calls `{called}`. The object is a `{placed.name}` itself, no class below it."
        "\nIn which class does the method stand that runs?"
    )
    return Prepared(
        Question(
            id=question_id(function, Kind.INHERITED, f"found:{name}"),
            kind=Kind.INHERITED,
            part=Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=line,
            prompt=prompt,
            form=Form.CHOICE,
            options=tuple(_said(one) for one in options),
            lines=(line,),
            seconds=25,
        ),
        AnswerKey(
            expected=(_said(owner),),
            checked_by=CheckedBy.SYNTAX,
            evidence="the classes of the repository, in the order in which Python looks into them",
            matcher="options",
            reasons=tuple(
                "it is the first that has it" if one == owner else _why_not(one, name, lineage, above)
                for one in options
            ),
            trace=tuple(one.name for one in (placed, *above)),
        ),
    )


def _why_not(one: Placed, name: str, lineage: Lineage, above: list[Placed]) -> str:
    facts = lineage.facts(one)
    has = facts is not None and name in facts.members
    if one not in above:
        return "it is not above this class"
    return "another one comes before it" if has else f"it has no `{name}` of its own"
