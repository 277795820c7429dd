"""G11: say in your own words what the function is for and what decides; graded by a rubric that is shown."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.flow import Flow, How, If, Leave, Loop, atoms, every
from tokencoach.comprehension.generators.base import question_id
from tokencoach.comprehension.generators.flows import flow_of, short
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST_LINES: Final = 6
_MOST_ITEMS: Final = 6
_MOST_CODE: Final = 6_000
_MOST_SAID: Final = 20_000
_SEPARATOR: Final = " | "
_EFFECT: Final = re.compile(
    r"([A-Za-z_][\w.]*)\.(write\w*|save|commit|delete|remove|unlink|send\w*|post|put|execute|append|update|close|log\w*)\s*\("
)
_SELF: Final = frozenset({"self", "cls", "this", "args", "kwargs", "_"})


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """One question where there is enough to explain."""
    flow = flow_of(function, source)
    points = _points(function, source, flow) if flow is not None else {}
    if len(function.changed) < _LEAST_LINES or len([group for group in points.values() if group]) < 2:
        return
    decisions = points["decisions"].split(_SEPARATOR) if points["decisions"] else []
    about = f" Say what happens when `{decisions[0]}` does not hold." if decisions else ""
    code = "\n".join(source.line(number) for number in range(function.first, function.last + 1))
    said = {f"said {name}": text[:_MOST_SAID] for name, text in context.known.items()}
    yield Prepared(
        Question(
            id=question_id(function, Kind.EXPLAIN, function.body_hash),
            kind=Kind.EXPLAIN,
            part=Part.EXPLAIN,
            path=function.path,
            qualname=function.qualname,
            line=function.first,
            prompt=(
                f"Explain {short(function)} to a colleague, in 25 words or more of your own: what is it for, "
                f"what decides its outcome, and why is it done so?{about}"
            ),
            form=Form.TEXT,
            lines=tuple(sorted(function.changed)),
            seconds=60,
        ),
        AnswerKey(
            expected=tuple(f"{group}: {items}" for group, items in points.items() if items),
            checked_by=CheckedBy.RUBRIC,
            evidence="covers the points; whether it is true you say yourself",
            matcher="rubric",
            facts={**points, "code": code[:_MOST_CODE], **said},
        ),
    )


def _points(function: ChangedFunction, source: Source, flow: Flow) -> dict[str, str]:
    """The evidence sheet: what goes in, what decides, what comes out, what is changed outside."""
    nodes = list(every(flow.body))
    decisions = [
        atom.text
        for node in nodes
        if isinstance(node, If | Loop) and node.condition is not None and node.line in function.changed
        for atom in atoms(node.condition)
    ]
    outcomes = [
        node.name or node.value
        for node in nodes
        if isinstance(node, Leave)
        and node.how in {How.RETURN, How.RAISE}
        and _is_noun(node.name or node.value)
    ]
    text = "\n".join(source.line(number) for number in sorted(function.changed))
    effects = [f"{owner}.{verb}" for owner, verb in _EFFECT.findall(text)]
    return {
        "inputs": _joined([name for name in flow.parameters if name not in _SELF]),
        "decisions": _joined(decisions),
        "outcomes": _joined(outcomes),
        "effects": _joined(effects),
    }


def _is_noun(text: str) -> bool:
    """Whether a returned text has a name in it."""
    try:
        return not isinstance(ast.literal_eval(text), bool | int | type(None))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return bool(re.search(r"[A-Za-z]{3}", text))


def _joined(items: list[str]) -> str:
    unique = list(dict.fromkeys(item.replace(_SEPARATOR, " ")[:60] for item in items if item))
    return _SEPARATOR.join(unique[:_MOST_ITEMS])
