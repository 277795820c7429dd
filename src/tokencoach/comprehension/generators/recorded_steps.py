"""G1 of one statement: a test ran it with these values; what came out?"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.generators.base import MOST_ANSWER, question_id
from tokencoach.comprehension.generators.recorded_facts import is_lasting
from tokencoach.comprehension.generators.recorded_test import test_shown
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.reach import first_line
from tokencoach.comprehension.recordings import Recordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, PythonFunction, Source
    from tokencoach.comprehension.recordings import RecordedFunction, RecordedStep

_MOST: Final = 3
_MOST_VALUE, _MOST_SHOWN = 120, 320
# What is longer is cut beside the question on a screen of 80 columns.
_WIDTH_OF_CODE: Final = 66
_DULL: Final = frozenset({"None", "''", "[]", "{}", "()"})
_SIMPLE: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.If, ast.Expr)


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most three questions, each about another statement; another run of it is the retry."""
    node = source.node(function)
    if node is None or not isinstance(context.recordings, Recordings):
        return
    row = context.recordings.of(source, function.qualname)
    if row is None:
        return
    first = first_line(node)
    made = 0
    answers: set[str] = set()
    after = _followers(node)
    for statement in _statements(node, function):
        steps = [
            _placed(step, first, statement) for step in row.steps if first + step.line == statement.lineno
        ]
        steps = [step for step in steps if _is_plain(step, statement, after)]
        good = [
            step for step in sorted(steps, key=_rank) if _is_fair(step, steps, source.line(statement.lineno))
        ]
        fresh = [step for step in good if step.result not in answers]
        if not fresh or made == _MOST:
            continue
        step = fresh[0]
        other = next((one for one in good if one.result != step.result), None)
        retry = _asked(function, source, row, statement, other, None) if other is not None else None
        answers.add(step.result)
        made += 1
        yield _asked(function, source, row, statement, step, retry)


def _statements(node: PythonFunction, function: ChangedFunction) -> list[ast.stmt]:
    """Changed statements of which one value comes out, those that do most first."""
    found = [item for item in ast.walk(node) if isinstance(item, _SIMPLE) and item.lineno in function.changed]
    return sorted(found, key=lambda item: (-_size(item), item.lineno))


def _size(item: ast.stmt) -> int:
    return sum(1 for _ in ast.walk(item.test if isinstance(item, ast.If) else item))


def _placed(step: RecordedStep, first: int, statement: ast.stmt) -> RecordedStep:
    """The step with the line that a condition led to counted from the file's first."""
    if not isinstance(statement, ast.If):
        return step
    return msgspec.structs.replace(step, result=str(first + int(step.result)))


def _followers(node: PythonFunction) -> dict[ast.stmt, int]:
    """Of each statement that has one behind it in its block, the line of that."""
    found: dict[ast.stmt, int] = {}
    for item in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(item, name, None)
            if isinstance(block, list):
                found |= {one: other.lineno for one, other in pairwise(block) if isinstance(one, ast.stmt)}
    return found


def _is_plain(step: RecordedStep, statement: ast.stmt, after: Mapping[ast.stmt, int]) -> bool:
    """Whether a condition led where its text says: some lines give no sign that they run."""
    if not isinstance(statement, ast.If):
        return True
    otherwise = statement.orelse[0].lineno if statement.orelse else after.get(statement)
    return otherwise is not None and step.result in {str(statement.body[0].lineno), str(otherwise)}


def _rank(step: RecordedStep) -> tuple[bool, int, str]:
    """What is not simply true or false first, then the shorter."""
    texts = [item.text for item in step.given]
    return step.result in {"True", "False"}, sum(map(len, texts)), "|".join(texts)


def _is_fair(step: RecordedStep, steps: Sequence[RecordedStep], line: str) -> bool:
    """Whether the answer can be typed, is not to be seen, and depends on what is shown."""
    texts = [item.text for item in step.given]
    if not all(
        item.is_told and len(item.text) <= _MOST_VALUE and "\\x" not in item.text for item in step.given
    ):
        return False
    if sum(map(len, texts)) > _MOST_SHOWN or len(step.result) > MOST_ANSWER or "\\x" in step.result:
        return False
    bare = step.result.strip("'\"")
    as_part = re.compile(rf"(?<![\w.]){re.escape(step.result)}(?![\w.])")
    is_told = any(map(as_part.search, texts)) or (
        len(bare) > 3 and any(bare in text for text in [*texts, line])
    )
    if is_told or not all(map(is_lasting, [*texts, step.result])):
        return False
    return len({one.result for one in steps}) > 1 or (
        len(steps) == 1 and step.result not in _DULL | {"True", "False"}
    )


def _asked(
    function: ChangedFunction,
    source: Source,
    row: RecordedFunction,
    statement: ast.stmt,
    step: RecordedStep,
    retry: Prepared | None,
) -> Prepared:
    name = function.qualname.replace(".<locals>.", ".")
    head = statement.test if isinstance(statement, ast.If) else statement
    last = head.end_lineno or statement.lineno
    where = f"line {statement.lineno}" if last == statement.lineno else f"lines {statement.lineno} to {last}"
    shown = "\n".join(f"  {item.name} = {item.text}" for item in step.given)
    code = [source.line(number) for number in range(statement.lineno, last + 1)]
    is_cut = any(len(line) > _WIDTH_OF_CODE for line in code)
    ran_with = ":\n" + indent(dedent("\n".join(code)), "  ") + "\nwith:" if is_cut else " with:"
    target = _target(statement)
    ask = _ask(statement, target)
    test = test_shown(step.test, step.result)
    ran = [f"{number}: {line.strip()}" for number, line in enumerate(code, statement.lineno)]
    return Prepared(
        Question(
            id=question_id(function, Kind.RECORDED_TRACE, f"step\0{step.line}\0{shown}"),
            kind=Kind.RECORDED_TRACE,
            part=Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=statement.lineno,
            prompt=f"In your {test} {where} of `{name}` ran{ran_with}\n{shown}\n{ask}",
            form=Form.TYPED,
            lines=tuple(line for line in range(statement.lineno, last + 1) if line in function.changed),
            seconds=20,
        ),
        AnswerKey(
            expected=(step.result,),
            checked_by=CheckedBy.RECORDED,
            evidence=f"recorded in {step.test}, Python {row.python}",
            matcher="line" if isinstance(statement, ast.If) else "literal",
            trace=(*ran, _came_out(statement, target, step.result)),
            facts={"test": step.test, "step": str(statement.lineno), "target": target or ""},
        ),
        retry,
    )


def _ask(statement: ast.stmt, target: str | None) -> str:
    if isinstance(statement, ast.If):
        return "Which line runs next? Type its number."
    if isinstance(statement, ast.Expr):
        does = "yield" if isinstance(statement.value, ast.Yield) else "append"
        return f"What does it {does}? Type the value."
    return (f"What does `{target}` hold after it?" if target else "What does it return?") + " Type the value."


def _came_out(statement: ast.stmt, target: str | None, result: str) -> str:
    if isinstance(statement, ast.If):
        return f"line {result} runs next"
    if isinstance(statement, ast.Expr):
        return f"{'yields' if isinstance(statement.value, ast.Yield) else 'appends'} {result}"
    return f"{target} holds {result}" if target else f"returns {result}"


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    return ast.unparse(statement.target) if isinstance(statement, ast.AnnAssign | ast.AugAssign) else None
