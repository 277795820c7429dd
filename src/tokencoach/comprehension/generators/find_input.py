"""G2: one operator is changed; which input would tell?"""

from __future__ import annotations

import ast
import copy
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
_SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
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
        killing = [(text_, said(a), said(b)) for text_, a, b in known if differ(a, b)]
        if killing and len(killing) < len(known):
            made += 1
            yield _asked(function, source, one, line, text, killing, mutant.source)


def _mutants(function: ChangedFunction, source: Source, one: Computable) -> Iterator[tuple[int, str]]:
    """Changed lines with one operator swapped."""
    for node in ast.walk(one.node):
        operator: ast.AST | None = node.ops[0] if isinstance(node, ast.Compare) else getattr(node, "op", None)
        is_one = isinstance(node, ast.BoolOp | ast.BinOp) or (
            isinstance(node, ast.Compare) and len(node.ops) == 1
        )
        if not is_one or operator is None or type(operator) not in _SWAPPED or not isinstance(node, ast.expr):
            continue
        if node.lineno != node.end_lineno or node.lineno not in function.changed:
            continue
        other = copy.deepcopy(node)
        swapped = _SWAPPED[type(operator)]()
        if isinstance(other, ast.Compare):
            other.ops = [swapped]  # type: ignore[list-item]
        else:
            other.op = swapped  # type: ignore[attr-defined]
        line = source.line(node.lineno)
        before = line.encode("utf-8")[: node.col_offset].decode("utf-8")
        after = line.encode("utf-8")[node.end_col_offset :].decode("utf-8")
        yield node.lineno, f"{before}{ast.unparse(other)}{after}"


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
