"""G2: one operator is changed; which input would tell?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import question_id, shuffled
from tokencoach.comprehension.generators.computed import Computable, computable, differ, is_sensible, said
from tokencoach.comprehension.inputs import as_call
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.sandbox.purity import with_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_MOST_TRIED: Final = 4
_SWAPPED: Final[dict[type[ast.AST], tuple[str, str]]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
}


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions; each mutant is told from the code by some inputs, but not by all."""
    one = computable(function, source, context)
    mutants = list(_mutants(function, source, one)) if one is not None else []
    if one is None or not mutants:
        return
    own = one.run()
    made = 0
    for line, text in shuffled(mutants, function, "G2")[:_MOST_TRIED]:
        if made == _MOST:
            return
        mutant = with_line(one.piece, line, text)
        pairs = list(zip(one.inputs, own, one.run(mutant), strict=True))
        known = [(text_, a, b) for text_, a, b in pairs if a is not None and b is not None and is_sensible(a)]
        differing = [(text_, a, b) for text_, a, b in known if differ(a, b)]
        # An operator that its operands do not know fails on every input: nothing to find.
        killing = [(text_, said(a), said(b)) for text_, a, b in differing if is_sensible(b)]
        if killing and len(differing) < len(known):
            made += 1
            yield _asked(function, source, one, line, text, killing, mutant.source)


def _mutants(function: ChangedFunction, source: Source, one: Computable) -> Iterator[tuple[int, str]]:
    """Changed lines with one operator swapped, and else as they are written."""
    for node in ast.walk(one.node):
        if not isinstance(node, ast.BoolOp | ast.BinOp | ast.Compare):
            continue
        operator = node.op if not isinstance(node, ast.Compare) else node.ops[0]
        operands = _operands(node)
        is_one = len(operands) == 2 or isinstance(node, ast.BoolOp)
        if not is_one or type(operator) not in _SWAPPED:
            continue
        if node.lineno != node.end_lineno or node.lineno not in function.changed:
            continue
        text = _swapped(source.line(node.lineno), operands, *_SWAPPED[type(operator)])
        if text is not None:
            yield node.lineno, text


def _operands(node: ast.BoolOp | ast.BinOp | ast.Compare) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp):
        return node.values
    return [node.left, node.right] if isinstance(node, ast.BinOp) else [node.left, *node.comparators]


def _swapped(line: str, operands: list[ast.expr], old: str, new: str) -> str | None:
    """The line with another operator between the operands; None where it does not stand there alone."""
    raw = line.encode("utf-8")
    for left, right in zip(reversed(operands[:-1]), reversed(operands[1:]), strict=True):
        begin, end = left.end_col_offset or 0, right.col_offset
        between = raw[begin:end].decode("utf-8")
        if between.strip("() \t") != old:
            return None
        raw = raw[:begin] + between.replace(old, new).encode("utf-8") + raw[end:]
    return raw.decode("utf-8")


def _asked(
    function: ChangedFunction,
    source: Source,
    one: Computable,
    line: int,
    text: str,
    killing: list[tuple[str, str, str]],
    mutant: str,
) -> Prepared:
    name = function.qualname
    shown = [f"{as_call(name, given)}: {now}; changed: {then}" for given, now, then in killing[:3]]
    prompt = (
        f"Suppose line {line} read\n  {text.strip()}\ninstead of\n  {source.line(line).strip()}\n"
        f"Type a call of `{name}` whose outcome would change, for example {name}(…)."
    )
    return Prepared(
        Question(
            id=question_id(function, Kind.FIND_INPUT, f"{line}:{text.strip()}"),
            kind=Kind.FIND_INPUT,
            part=Part.EDGES,
            path=function.path,
            qualname=name,
            line=line,
            prompt=prompt,
            form=Form.TYPED,
            lines=(line,),
            seconds=35,
        ),
        AnswerKey(
            expected=tuple(as_call(name, given) for given, _, _ in killing),
            checked_by=CheckedBy.EXECUTED,
            evidence="both versions are run on your input, shut in by the kernel",
            matcher="arguments",
            trace=tuple(shown),
            facts=one.facts(mutant=mutant),
        ),
    )
