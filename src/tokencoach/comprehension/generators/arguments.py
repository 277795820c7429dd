"""G14: a changed line calls another function of the project; which parameter gets what, and what of those left out?"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.generators.base import MOST_ANSWER, python_functions, question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.reached import Called, local_names, reached
from tokencoach.comprehension.generators.relied import Relied, relied_on
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import own_nodes
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 6
_SIGNS: Final = re.compile(r"[\W_]")
_MOST_CALLS: Final = 12


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions: about an argument given by its place, and about one that is left out."""
    if source.language not in {"python", None}:
        yield from _given_elsewhere(function, source, context)
        return
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
        given = given or _given(function, source, context, call, called)
        left_out = left_out or _left_out(function, source, call, called)
    yield from [one for one in (given, left_out) if one is not None][:_MOST]


def _given_elsewhere(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """As for Python: which parameter gets an argument, of the first call where that cannot be read off its name."""
    from tokencoach.comprehension.languages.syntax import all_parameters, arguments_at, parameters  # noqa: PLC0415 - a grammar is loaded late

    language = source.language or ""
    for relied in relied_on(function, source, context):
        named = parameters(relied.text, language, relied.qualname)
        given = arguments_at(source.new, language, function.qualname, relied.line, relied.bare)
        if named is None or given is None or len(given) < 2 or len(named) != len(given):
            continue
        for place in range(len(given) - 1, 0, -1):
            text, parameter = given[place], named[place]
            if _is_told_by_name(text, parameter) or given.count(text) > 1 or len(text) > MOST_ANSWER:
                continue
            others = [name for name in named if name != parameter]
            near = sorted(all_parameters(relied.text, language) - {*named, relied.bare})
            others += shuffled(near, function, f"near:{relied.name}")[
                : max(0, _LEAST_OPTIONS - 1 - len(others))
            ]
            if len(others) < _LEAST_OPTIONS - 1:
                return
            yield _picked(function, source, relied, text, parameter, others[: _MOST_OPTIONS - 1], named)
            return


def _picked(
    function: ChangedFunction,
    source: Source,
    relied: Relied,
    text: str,
    parameter: str,
    others: list[str],
    named: tuple[str, ...],
) -> Prepared:
    """The question where names are picked: nobody types another function's names from memory."""
    made = _prepared(
        function,
        source,
        relied.line,
        f"given:{relied.name}:{text}",
        f"Line {relied.line} of {short(function)} calls `{relied.name}` ({relied.path}).\n"
        f"Which of its parameters gets `{text}`?",
        parameter,
        "options",
        f"`{relied.name}` takes {', '.join(named)} in this order",
    )
    options = tuple(shuffled([parameter, *others], function, f"G14:{relied.name}"))
    return Prepared(
        msgspec.structs.replace(made.question, form=Form.CHOICE, options=options),
        msgspec.structs.replace(
            made.key,
            reasons=tuple(
                "it stands in its place" if one == parameter else _place_of(one, named) for one in options
            ),
        ),
    )


def _place_of(name: str, named: tuple[str, ...]) -> str:
    return (
        f"it is parameter {named.index(name) + 1}" if name in named else "it is no parameter of the function"
    )


def _is_told_by_name(text: str, parameter: str) -> bool:
    """Whether an argument speaks of the parameter's name, or is but a part of it."""
    bare, wanted = _SIGNS.sub("", text).lower(), parameter.replace("_", "").lower()
    return wanted in bare or (bare in wanted and bool(bare))


def _keywords(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def _placed(called: Called) -> list[ast.arg]:
    """Parameters that are given by their places."""
    plain = [*called.node.args.posonlyargs, *called.node.args.args]
    return plain[1:] if called.skips_first else plain


def _given(
    function: ChangedFunction, source: Source, context: Context, call: ast.Call, called: Called
) -> Prepared | None:
    """Which parameter gets an argument that is given by its place, not by a name, from the second on."""
    placed = _placed(called)
    if len(call.args) < 2 or len(placed) < len(call.args):
        return None
    named = tuple(one.arg for one in placed)
    for place in range(len(call.args) - 1, 0, -1):
        text, parameter = ast.unparse(call.args[place]), named[place]
        if len(text) > MOST_ANSWER or _is_told_by_name(text, parameter):
            continue
        if sum(ast.unparse(one) == text for one in call.args) > 1:
            continue
        others = [name for name in named if name != parameter]
        near = sorted(_near(called, source, context) - {*named, "self", "cls", "args", "kwargs"})
        others += shuffled(near, function, f"near:{called.name}")[: max(0, _LEAST_OPTIONS - 1 - len(others))]
        if len(others) < _LEAST_OPTIONS - 1:
            return None
        relied = Relied(call.lineno, called.name, called.path, called.node.lineno, 0, called.name, "")
        return _picked(function, source, relied, text, parameter, others[: _MOST_OPTIONS - 1], named)
    return None


def _near(called: Called, source: Source, context: Context) -> set[str]:
    """Parameters of the other functions of the file that a call reaches."""
    text = source.new if called.path == source.path else ""
    if not text and context.repository is not None:
        text = text_of(context.repository.text(called.path) or b"") or ""
    tree = parsed(text)
    functions = python_functions(tree).values() if tree is not None else ()
    return {one.arg for node in functions for one in (*node.args.args, *node.args.kwonlyargs)}


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
        return _prepared(function, source, call.lineno, what, prompt, literal, "literal", trace)
    return None


def _prepared(
    function: ChangedFunction,
    source: Source,
    line: int,
    what: str,
    prompt: str,
    expected: str,
    matcher: str,
    trace: str,
) -> Prepared:
    code = source.line(line).strip()
    return Prepared(
        Question(
            id=question_id(function, Kind.ARGUMENTS, f"{what}:{code}"),
            kind=Kind.ARGUMENTS,
            part=Part.WHY,
            path=function.path,
            qualname=function.qualname,
            line=line,
            prompt=prompt,
            form=Form.TYPED,
            lines=(line,),
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
