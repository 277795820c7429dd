"""G7: values at the edge of a condition (equal to the limit, empty but not absent): which line runs next?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import (
    Atom,
    Block,
    Condition,
    Flow,
    If,
    Loop,
    Node,
    Not,
    Scope,
    blocks,
)
from tokencoach.comprehension.generators.base import MOST_ANSWER, question_id
from tokencoach.comprehension.generators.flows import flow_of, short
from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_EQUAL: Final = {ast.Lt: False, ast.LtE: True, ast.Gt: False, ast.GtE: True}
_EMPTY: Final = "not None, but counts as false (0, an empty text, an empty list)"


class _Case(NamedTuple):
    node: If
    suppose: str
    value: bool
    then: str
    why: str


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different conditions."""
    del context
    flow = flow_of(function, source)
    if flow is None:
        return
    found = [case for case in _cases(flow, flow.body, "end") if case.node.line in function.changed]
    for case in sorted(found, key=lambda case: ("exactly" not in case.suppose, case.node.line))[:_MOST]:
        yield _asked(function, source, case)


def _cases(flow: Flow, block: Block, after: str) -> Iterator[_Case]:
    """Conditions of a block and of those in it; ``after`` is where control goes behind the block."""
    for place, node in enumerate(block):
        then = str(block[place + 1].line) if place + 1 < len(block) else after
        if isinstance(node, If) and then:
            yield from _of(flow, node, then)
        for inner in blocks(node):
            yield from _cases(flow, inner, _behind(node, then))


def _behind(node: Node, then: str) -> str:
    """Where control goes behind a block inside a node; empty where that is not plain."""
    return then if isinstance(node, If | Scope) and not isinstance(node, Loop) else ""


def _of(flow: Flow, node: If, then: str) -> Iterator[_Case]:
    condition, is_turned = _bare(node.condition)
    if condition is None or not condition.python:
        return
    try:
        tree = ast.parse(condition.python, mode="eval").body
    except (SyntaxError, ValueError):
        return
    found = _edge(tree, flow)
    if found is None or len(condition.text) > MOST_ANSWER:
        return
    suppose, value, why = found
    value = value is not is_turned
    target = node.then[0].line if value else node.otherwise[0].line if node.otherwise else None
    goal = str(target) if target is not None else then
    if node.then and goal:
        yield _Case(node, suppose, value, goal, why)


def _bare(condition: Condition) -> tuple[Atom | None, bool]:
    is_turned = False
    while isinstance(condition, Not):
        condition, is_turned = condition.part, not is_turned
    return (condition, is_turned) if isinstance(condition, Atom) else (None, is_turned)


def _edge(tree: ast.expr, flow: Flow) -> tuple[str, bool, str] | None:
    """What to suppose, the condition's truth then, and why."""
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
        operator, left, right = tree.ops[0], tree.left, tree.comparators[0]
        if type(operator) in _EQUAL and not isinstance(left, ast.Constant):
            shown = f"`{ast.unparse(left)}` is exactly `{ast.unparse(right)}`"
            value = _EQUAL[type(operator)]
            return shown, value, f"equal is {'within' if value else 'outside'} the limit"
        return None
    # Whoever leaves the argument out and whoever gives 0 are told alike: that is the trap.
    if dotted(tree) in flow.optional:
        return f"`{ast.unparse(tree)}` is {_EMPTY}", False, "the condition asks for truth, not for None"
    return None


def _asked(function: ChangedFunction, source: Source, case: _Case) -> Prepared:
    line = case.node.line
    code = source.line(line).strip()
    prompt = (
        f"Line {line} of {short(function)} is reached:\n  {code}\nSuppose {case.suppose}.\n"
        "Which line runs next? Type its number"
        + (", or `end` if the function ends." if case.then == "end" else ".")
    )
    return Prepared(
        Question(
            id=question_id(function, Kind.HIDDEN_TRAP, f"{line - function.first}:{case.suppose}"),
            kind=Kind.HIDDEN_TRAP,
            part=Part.EDGES,
            path=function.path,
            qualname=function.qualname,
            line=line,
            prompt=prompt,
            form=Form.TYPED,
            lines=(line,),
            seconds=20,
        ),
        AnswerKey(
            expected=(case.then,),
            checked_by=CheckedBy.SYNTAX,
            evidence="the condition at the edge of its range",
            matcher="line",
            trace=(
                f"line {line}: {case.why}, so the condition is {'true' if case.value else 'false'}",
                f"next: {case.then}",
            ),
        ),
    )
