"""What can be asked of a recorded call: its value, the line it leaves by, a loop's turns, a changed argument."""

from __future__ import annotations

import ast
import re
import tempfile
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import MOST_ANSWER, PythonFunction
from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.recordings import RecordedCall, RecordedFunction, Shown

_MOST_TURNS: Final = 9
_EMPTY: Final = frozenset({"None", "True", "False", "''", "[]", "{}", "()"})
_WORDS: Final = {
    "value": "What does it return? Type the value; if an exception leaves it, type the exception's name.",
    "awaited": "Awaited, what does it return? Type the value; if an exception leaves it, type its name.",
    "yielded": "It is run to its end. What does it yield? Type all of it as one list; if an exception leaves it, "
    "type the exception's name.",
}
# Comprehensions run on lines of their own in some versions, and begin them again at each turn in others.
_SIMPLE: Final = (ast.Return, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)
_LEAST_ARMS: Final = 3
_MOST_DIGITS: Final = 6
_NUMBER: Final = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?")
_QUOTED: Final = re.compile(r"""b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*\"""")
_HASH: Final = re.compile(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}\b")
# What a computer without that connection makes of a call, and another one does not.
_OF_THE_NETWORK: Final = frozenset(
    {"ConnectError", "ConnectTimeout", "ConnectionRefusedError", "ConnectionResetError", "MaxRetryError",
     "NewConnectionError", "ReadTimeout", "SSLCertVerificationError", "SSLError", "URLError", "gaierror", "herror"}
)  # fmt: skip
_UNSTEADY: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.Await)


class Fact(NamedTuple):
    """A question about a call, every accepted answer, and how answers are compared."""

    ask: str
    expected: tuple[str, ...]
    matcher: str


def facts(
    node: PythonFunction, row: RecordedFunction, calls: Sequence[RecordedCall]
) -> Iterator[tuple[RecordedCall, Fact]]:
    """All that can be asked, values first. What is the same in every call that was seen is left out."""
    if _tells_apart([(call.outcome, call.result if call.exact else "") for call in row.calls], row):
        for call in calls:
            if _has_value(call) and not _is_dull(node, call):
                yield call, _value(node, call)
    yield from _changed(node, row, calls)
    yield from _held(row, calls)
    steady = [call for call in calls if call.is_steady]
    yield from _exits(node, row, steady)
    yield from _arms(node, row, steady)
    yield from _turns(node, row, steady)


def _tells_apart(results: Sequence[object], row: RecordedFunction) -> bool:
    """Whether what is asked depends on the input, as far as was seen."""
    if len(set(results)) > 1:
        return True
    # One call alone cannot show that all would be alike; a value with some content is worth following.
    return len(row.calls) == 1 and row.calls[0].exact and row.calls[0].result not in _EMPTY


def _has_value(call: RecordedCall) -> bool:
    """Whether the outcome can be typed, and does not stand among what is shown."""
    echoed = len(call.result) > 6 and any(item.text == call.result for item in call.given)
    return (
        call.exact
        and len(call.result) <= MOST_ANSWER
        and "\\x" not in call.result
        and not echoed
        and is_lasting(call.result)
        and (call.result not in _OF_THE_NETWORK if call.raises else _is_by_head(call.result, call))
    )


def _is_by_head(text: str, call: RecordedCall) -> bool:
    """Whether a person can work a value out from what the call was given: no long sums, no hashes."""
    shown = " ".join(item.text for item in call.given)
    numbers = _digits(text)
    is_long = any(_significant(number) > _MOST_DIGITS and number not in shown for number in numbers)
    if is_long or any(one not in shown for one in _HASH.findall(text)):
        return False
    given = [number for item in call.args if item.is_exact for number in _digits(item.text)]
    return not numbers or all(_significant(number) <= _MOST_DIGITS for number in given)


def _digits(text: str) -> list[str]:
    """The numbers of a literal; those within texts are letters like others."""
    return _NUMBER.findall(_QUOTED.sub(" ", text))


def _significant(number: str) -> int:
    return len(re.sub(r"[eE].*|\.", "", number).strip("0"))


def _is_dull(node: PythonFunction, call: RecordedCall) -> bool:
    """Whether the answer is no news, or rests on what is not shown.

    Nothing from what never gives anything; an example in its own text; the one value of a context
    manager, whose end rests on the block between.
    """
    if any(ast.unparse(item).endswith("contextmanager") for item in node.decorator_list):
        return True
    if call.result == "None" and not call.raises:
        return not any(isinstance(item, ast.Return) and item.value is not None for item in _own(node))
    text = ast.get_docstring(node) or ""
    return ">>>" in text and call.result in map(str.strip, text.split("\n"))


def _value(node: PythonFunction, call: RecordedCall) -> Fact:
    kind = (
        "yielded" if _is_generator(node) else "awaited" if isinstance(node, ast.AsyncFunctionDef) else "value"
    )
    return Fact(_WORDS[kind], (call.result,), "exception" if call.raises else "literal")


def _is_generator(node: PythonFunction) -> bool:
    return any(isinstance(item, ast.Yield | ast.YieldFrom) for item in _own(node))


def _changed(
    node: PythonFunction, row: RecordedFunction, calls: Sequence[RecordedCall]
) -> Iterator[tuple[RecordedCall, Fact]]:
    """What a list, set or dictionary that was handed in holds after the call."""
    packs = {pack.arg for pack in (node.args.vararg, node.args.kwarg) if pack is not None}
    for call in calls:
        for item in call.after:
            # A pack of further arguments is the function's own: its caller sees nothing of it.
            if item.name in packs:
                continue
            seen = {other.text for one in row.calls for other in one.after if other.name == item.name}
            is_fair = item.is_exact and len(item.text) <= MOST_ANSWER and _is_by_head(item.text, call)
            if is_fair and (len(seen) > 1 or len(row.calls) == 1):
                yield (
                    call,
                    Fact(
                        f"It changes `{item.name}` in place. What does `{item.name}` hold after the call? Type the value.",
                        (item.text,),
                        "literal",
                    ),
                )


def _held(row: RecordedFunction, calls: Sequence[RecordedCall]) -> Iterator[tuple[RecordedCall, Fact]]:
    """What an object that is returned holds, and what a method's own one holds after the call."""
    for call in calls:
        kind = call.result.partition(":")[0].strip("<>")
        for item in call.fields:
            others = {
                text for one in row.calls for name, text, _ in map(_parts, one.fields) if name == item.name
            }
            if call.outcome == "returned" and len(others) > 1 and _is_news(item, call):
                ask = f"It returns an object of the class {kind}. What does its `{item.name}` hold? Type the value."
                yield call, Fact(ask, (item.text,), "literal")
        # A generator's call is over before its first line runs.
        for item in call.left if call.outcome != "yielded" else ():
            others = {
                text for one in row.calls for name, text, _ in map(_parts, one.left) if name == item.name
            }
            if len(others) > 1 and _is_news(item, call):
                ask = f"What does `{call.args[0].name}.{item.name}` hold after the call? Type the value."
                yield call, Fact(ask, (item.text,), "literal")


def _parts(item: Shown) -> tuple[str, str, bool]:
    return item.name, item.text, item.is_exact


def _is_news(item: Shown, call: RecordedCall) -> bool:
    """Whether a value can be typed, and stands nowhere in what is shown."""
    is_short = item.is_exact and len(item.text) <= MOST_ANSWER and "\\x" not in item.text
    is_fair = is_short and is_lasting(item.text) and _is_by_head(item.text, call)
    return is_fair and all(item.text != given.text for given in call.given)


def is_lasting(text: str) -> bool:
    """Whether a value is the same in the next run: no temporary folder, no place in memory."""
    return not any(part in text for part in ("pytest-of-", " at 0x", tempfile.gettempdir() + "/"))


def _exits(
    node: PythonFunction, row: RecordedFunction, calls: Sequence[RecordedCall]
) -> Iterator[tuple[RecordedCall, Fact]]:
    """The line by which a call leaves whose value cannot be typed, or says nothing."""
    first = first_line(node)
    ends = [item for item in _own(node) if isinstance(item, _SIMPLE)]
    seen = {_statement_at(ends, first + call.exit) for call in row.calls if not call.raises}
    if len(seen) < 2:
        return
    for call in calls:
        left = _statement_at(ends, first + call.exit) if not call.raises else None
        if left is not None and (not _has_value(call) or call.result == "None"):
            yield (
                call,
                Fact(
                    "Which is the last line that runs in this call? Type its number.", _numbers(left), "line"
                ),
            )


def _statement_at(statements: Sequence[ast.stmt], line: int) -> ast.stmt | None:
    found = [item for item in statements if item.lineno <= line <= (item.end_lineno or item.lineno)]
    return found[0] if len(found) == 1 else None


def _numbers(statement: ast.stmt) -> tuple[str, ...]:
    """A statement of several lines is named by any of them."""
    return tuple(map(str, range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)))


def _arms(
    node: PythonFunction, row: RecordedFunction, calls: Sequence[RecordedCall]
) -> Iterator[tuple[RecordedCall, Fact]]:
    """Of three branches or more the one that is taken."""
    first = first_line(node)
    inner = {item.orelse[0] for item in _own(node) if isinstance(item, ast.If) and _continues(item)}
    for item in _own(node):
        if not isinstance(item, ast.If) or item in inner:
            continue
        arms = _bodies(item)
        taken = {call: [arm for arm in arms if arm.lineno - first in call.lines] for call in row.calls}
        seen = {arm for found in taken.values() for arm in found}
        if len(arms) < _LEAST_ARMS or len(seen) < 2:
            continue
        for call in calls:
            if len(taken[call]) == 1 and _count(call, item.lineno - first) == 1:
                lines = ", ".join(str(arm.lineno) for arm in arms)
                yield (
                    call,
                    Fact(
                        f"The branches that begin with line {item.lineno} start at lines {lines}. "
                        "At which line starts the one that this call takes? Type its number.",
                        (str(taken[call][0].lineno),),
                        "line",
                    ),
                )


def _continues(item: ast.If) -> bool:
    """Whether it goes on with an ``elif``."""
    return len(item.orelse) == 1 and isinstance(item.orelse[0], ast.If)


def _bodies(item: ast.If) -> list[ast.stmt]:
    """First statements of the branches of an ``if`` with all that belongs to it."""
    found = [item.body[0]]
    while _continues(item):
        item = item.orelse[0]  # type: ignore[assignment]
        found.append(item.body[0])
    return found + item.orelse[:1]


def _turns(
    node: PythonFunction, row: RecordedFunction, calls: Sequence[RecordedCall]
) -> Iterator[tuple[RecordedCall, Fact]]:
    """How often the body of a loop is entered."""
    if tuple(map(int, row.python.split(".")[:2])) < (3, 10):
        return
    first = first_line(node)
    for loop in _own(node):
        if not isinstance(loop, ast.For | ast.While) or not _is_countable(loop):
            continue
        line = loop.body[0].lineno - first
        seen = {_count(call, line) for call in row.calls}
        for call in calls:
            count = _count(call, line)
            if len(seen) > 1 and 2 <= count <= _MOST_TURNS:
                yield (
                    call,
                    Fact(
                        f"How many times does line {line + first} run in this call? Type the number.",
                        (str(count),),
                        "literal",
                    ),
                )


def _is_countable(loop: ast.For | ast.While) -> bool:
    """Whether the body's first statement begins just once a turn, on a line of its own."""
    head = loop.body[0]
    part = head.test if isinstance(head, ast.If) else head
    is_plain = isinstance(head, ast.If | ast.Assign | ast.AugAssign | ast.Expr)
    last = part.end_lineno or part.lineno
    return (
        is_plain
        and head.lineno > loop.lineno
        and last == head.lineno
        and not any(isinstance(item, _UNSTEADY) for item in ast.walk(part))
    )


def _count(call: RecordedCall, line: int) -> int:
    return dict(call.counts).get(line, 1 if line in call.lines else 0)


def _own(node: PythonFunction) -> Iterator[ast.AST]:
    """Parts of a function that are not in a function or class inside it."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        item = waiting.pop()
        yield item
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(item))
