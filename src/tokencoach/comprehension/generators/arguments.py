"""G14: a changed line calls another function of the project; which parameter gets what, and what of those left out?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import MOST_ANSWER, question_id
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.reached import Called, local_names, reached
from tokencoach.comprehension.languages.python_names import own_nodes
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_MOST_CALLS: Final = 12


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions: about an argument given by its place, and about one that is left out."""
    node = source.node(function)
    if node is None or source.tree is None:
        return
    local = local_names(node)
    calls = [
        part for part in own_nodes(node) if isinstance(part, ast.Call) and part.lineno in function.changed
    ]
    given: Prepared | None = None
    left_out: Prepared | None = None
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))[:_MOST_CALLS]:
        called = reached(call, function, source, context, local)
        if (
            called is None
            or any(isinstance(one, ast.Starred) for one in call.args)
            or None in _keywords(call)
        ):
            continue
        given = given or _given(function, source, call, called)
        left_out = left_out or _left_out(function, source, call, called)
    yield from [one for one in (given, left_out) if one is not None][:_MOST]


def _keywords(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def _placed(called: Called) -> list[ast.arg]:
    """Parameters that are given by their places."""
    plain = [*called.node.args.posonlyargs, *called.node.args.args]
    return plain[1:] if called.skips_first else plain


def _given(function: ChangedFunction, source: Source, call: ast.Call, called: Called) -> Prepared | None:
    """Which parameter gets an argument that is given by its place, not by a name, from the second on."""
    placed = _placed(called)
    if len(call.args) < 2 or len(placed) < len(call.args):
        return None
    for place in range(len(call.args) - 1, 0, -1):
        text = ast.unparse(call.args[place])
        parameter = placed[place].arg
        if len(text) > MOST_ANSWER or parameter in text.lower() or text.lower() in parameter:
            continue
        if sum(ast.unparse(one) == text for one in call.args) > 1:
            continue
        prompt = (
            f"Line {call.lineno} of {short(function)} calls `{called.name}` ({called.path}).\n"
            f"Which of its parameters gets `{text}`? Type the parameter's name."
        )
        trace = f"`{called.name}` takes {', '.join(one.arg for one in placed)} in this order"
        return _prepared(
            function, source, call, f"given:{called.name}:{text}", prompt, parameter, "word", trace
        )
    return None


def _left_out(function: ChangedFunction, source: Source, call: ast.Call, called: Called) -> Prepared | None:
    """What a parameter is whose argument is left out, where that is written down and is not nothing."""
    placed = _placed(called)
    arguments = called.node.args
    pairs = list(zip(placed[len(placed) - len(arguments.defaults) :], arguments.defaults, strict=False))
    late = [
        (one, value) for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
    ]
    names = {one.arg for one in placed[: len(call.args)]} | _keywords(call)
    if len(arguments.defaults) > len(placed):
        return None
    for one, value in (*pairs, *late):
        try:
            literal = repr(ast.literal_eval(value))
        except (ValueError, TypeError):
            continue
        if one.arg in names or literal in {"None", "''", "()", "[]", "{}"} or len(literal) > MOST_ANSWER:
            continue
        prompt = (
            f"Line {call.lineno} of {short(function)} calls `{called.name}` ({called.path}) without `{one.arg}`.\n"
            f"Which value does `{one.arg}` have in that call?"
        )
        trace = (
            f"`{called.name}` has {one.arg}={literal} by default (line {called.node.lineno} of {called.path})"
        )
        what = f"left:{called.name}:{one.arg}"
        return _prepared(function, source, call, what, prompt, literal, "literal", trace)
    return None


def _prepared(
    function: ChangedFunction,
    source: Source,
    call: ast.Call,
    what: str,
    prompt: str,
    expected: str,
    matcher: str,
    trace: str,
) -> Prepared:
    code = source.line(call.lineno).strip()
    return Prepared(
        Question(
            id=question_id(function, Kind.ARGUMENTS, f"{what}:{code}"),
            kind=Kind.ARGUMENTS,
            part=Part.WHY,
            path=function.path,
            qualname=function.qualname,
            line=call.lineno,
            prompt=prompt,
            form=Form.TYPED,
            lines=(call.lineno,),
            seconds=20,
        ),
        AnswerKey(
            expected=(expected,),
            checked_by=CheckedBy.SYNTAX,
            evidence="the signature of the function that the call reaches",
            matcher=matcher,
            trace=(trace,),
        ),
    )
