"""Every check that a Python test makes, as it holds and as it would not."""

from __future__ import annotations

import ast
import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.expectation import dedented, is_calm, slips, words_of
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import dotted, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.languages.python_names import PythonFunction

MOST_SHOWN: Final = 20
_MOST_WIDE: Final = 120
_MOST_TESTS: Final = 40
_LONGEST: Final = 80
_LONGEST_VALUE: Final = 60
_OPPOSITE: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_OF_UNITTEST: Final[dict[str, type[ast.cmpop]]] = {
    "assertEqual": ast.Eq, "assertNotEqual": ast.NotEq, "assertIn": ast.In, "assertNotIn": ast.NotIn,
    "assertIs": ast.Is, "assertIsNot": ast.IsNot, "assertListEqual": ast.Eq, "assertDictEqual": ast.Eq,
    "assertGreater": ast.Gt, "assertLess": ast.Lt, "assertEquals": ast.Eq,
}  # fmt: skip
_OF_MOCKS: Final = frozenset(
    {"assert_called", "assert_called_once", "assert_called_once_with", "assert_called_with"}
)
_STATUS: Final = frozenset({"exit_code", "status_code", "returncode", "status"})
_RUN_OTHERWISE: Final = ("xfail", "skip", "skipif", "flaky")


class Check(NamedTuple):
    """One check. ``holds`` is how the test states it, ``fails`` are statements that it rules out.

    ``is_telling`` ones need the code to be understood: no type, no mere presence, no exit code.
    """

    line: int
    last: int
    holds: str
    fails: tuple[str, ...]
    is_telling: bool


class Checked(NamedTuple):
    """A test with its checks taken out; each one's place is marked in ``shown`` by its number from 1."""

    test: str
    path: str
    line: int
    shown: tuple[str, ...]
    checks: tuple[Check, ...]
    words: frozenset[str]
    checked: frozenset[str]


@lru_cache(maxsize=32)
def python_checks(path: str, content: bytes, added: frozenset[int]) -> tuple[Checked, ...]:
    """The tests that a change touches, and that make at least two checks, in the order of their lines."""
    text = text_of(content)
    tree = parsed(text) if text is not None else None
    if text is None or tree is None:
        return ()
    lines = text.split("\n")
    tests = sorted(
        (
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
        ),
        key=lambda node: node.lineno,
    )
    touched = [node for node in tests if added & frozenset(range(node.lineno, (node.end_lineno or 0) + 1))]
    makers = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    found = (_checked(path, node, lines, makers) for node in touched[:_MOST_TESTS] if not _is_special(node))
    return tuple(one for one in found if one is not None)


def _is_special(node: PythonFunction) -> bool:
    """Whether a test is not run as it stands: skipped, expected to fail, run for rows of parameters."""
    marks = [ast.unparse(one) for one in node.decorator_list]
    return any(word in mark for mark in marks for word in (*_RUN_OTHERWISE, "parametrize", "given"))


def _checked(
    path: str, node: PythonFunction, lines: Sequence[str], makers: dict[str, PythonFunction]
) -> Checked | None:
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    checks = sorted({one.line: one for one in _checks(body)}.values(), key=lambda one: one.line)
    if len(checks) < 2 or sum(one.is_telling for one in checks) < 1:
        return None
    shown = _shown(body, checks, lines)
    if len(shown) > MOST_SHOWN:
        checks, shown = _sliced(body, checks, lines)
    if len(checks) < 2 or len(shown) > MOST_SHOWN or any(len(line) > _MOST_WIDE for line in shown):
        return None
    helpers = [makers[name] for name in {*names_in_all(node)} & makers.keys() if name != node.name]
    whole = [*lines[node.lineno - 1 : node.end_lineno], *(ast.unparse(one) for one in helpers)]
    return Checked(
        node.name,
        path,
        node.lineno,
        shown,
        tuple(checks),
        words_of("\n".join(whole)) | words_of("\n".join(whole).replace("-", "_")),
        words_of("\n".join("\n".join(lines[one.line - 1 : one.last]) for one in checks)),
    )


def names_in_all(node: ast.AST) -> Iterator[str]:
    """Every plain name below a node."""
    yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _checks(body: Sequence[ast.stmt]) -> Iterator[Check]:
    """Checks that are made exactly once, whatever happens: none in a loop or behind a condition."""
    for statement in body:
        if isinstance(statement, ast.With | ast.AsyncWith) or (
            isinstance(statement, ast.Try) and not statement.handlers
        ):
            yield from _checks(statement.body)
        else:
            made = _check(statement)
            if made is not None:
                yield made


def _check(statement: ast.stmt) -> Check | None:
    if isinstance(statement, ast.Assert):
        made = _of_test(statement.test)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        made = _of_call(statement.value)
    else:
        return None
    if made is None or any(isinstance(part, ast.NamedExpr | ast.Await) for part in ast.walk(statement)):
        return None
    test, others = made
    holds, wrong = ast.unparse(test), [ast.unparse(one) for one in others]
    wrong = [text for text in dict.fromkeys(wrong) if len(text) <= _LONGEST and text != holds]
    if len(holds) > _LONGEST or not wrong or not is_calm(holds):
        return None
    last = statement.end_lineno or statement.lineno
    return Check(statement.lineno, last, holds, tuple(wrong), _is_telling(test))


def _of_test(test: ast.expr) -> tuple[ast.expr, list[ast.expr]] | None:
    """A test as it holds, and tests that then do not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test, [test.operand]
    if isinstance(test, ast.Compare):
        return (test, list(_other_comparisons(test))) if len(test.ops) == 1 else None
    if isinstance(test, ast.Call) and dotted(test.func) in {"isinstance", "any", "all"}:
        return None
    if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return test, [ast.UnaryOp(ast.Not(), test)]
    return None


def _other_comparisons(test: ast.Compare) -> Iterator[ast.expr]:
    """The comparison with another value, where one is written down, and its opposite."""
    right = test.comparators[0]
    if isinstance(test.ops[0], ast.Eq):
        for value in _slips(right):
            other = copy.copy(test)
            other.comparators = [value]
            yield other
    opposite = copy.copy(test)
    opposite.ops = [_OPPOSITE[type(test.ops[0])]()]
    yield opposite


def _slips(node: ast.expr) -> Iterator[ast.expr]:
    try:
        value: Any = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return
    if isinstance(value, bool) or value is None or len(repr(value)) > _LONGEST_VALUE:
        return
    if isinstance(value, int) and 0 <= value < 100:
        yield from (ast.Constant(near) for near in (value + 1, value - 1) if near >= 0)
        return
    for text in slips(repr(value)):
        try:
            other = ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError):
            continue
        if type(other) is type(value) and other != value:
            yield ast.parse(repr(other), mode="eval").body


def _of_call(call: ast.Call) -> tuple[ast.expr, list[ast.expr]] | None:
    """What a check of ``unittest`` or of a mock says, written as a condition."""
    word = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if word in _OF_UNITTEST and len(call.args) >= 2:
        return _of_test(ast.Compare(call.args[0], [_OF_UNITTEST[word]()], [call.args[1]]))
    if word in {"assertTrue", "assertFalse"} and call.args:
        negated = ast.UnaryOp(ast.Not(), call.args[0])
        return (call.args[0], [negated]) if word == "assertTrue" else (negated, [call.args[0]])
    if word in {"assertIsNone", "assertIsNotNone"} and call.args:
        kind = ast.Is() if word == "assertIsNone" else ast.IsNot()
        return _of_test(ast.Compare(call.args[0], [kind], [ast.Constant(None)]))
    if isinstance(call.func, ast.Attribute) and word in {*_OF_MOCKS, "assert_not_called"}:
        other = "assert_not_called" if word in _OF_MOCKS else "assert_called"
        return call, [ast.Call(ast.Attribute(call.func.value, other, ast.Load()), [], [])]
    return None


def _is_telling(test: ast.expr) -> bool:
    if isinstance(test, ast.Name):
        return False
    words = {part.attr for part in ast.walk(test) if isinstance(part, ast.Attribute)}
    if isinstance(test, ast.Compare):
        is_none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
        return not words & _STATUS and not (is_none and isinstance(test.ops[0], ast.IsNot))
    return True


def _shown(
    body: Sequence[ast.stmt],
    checks: Sequence[Check],
    lines: Sequence[str],
    left_out: frozenset[int] = frozenset(),
) -> tuple[str, ...]:
    """The test's lines, each check's replaced by its number; checks that are not asked for are left out."""
    numbers = {one.line: place for place, one in enumerate(checks, 1)}
    dropped = set(left_out)
    for statement in _all(body):
        is_check = isinstance(statement, ast.Assert) or _check(statement) is not None
        if is_check and statement.lineno not in numbers and is_calm(ast.unparse(statement)):
            dropped |= set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    for one in checks:
        dropped |= set(range(one.line + 1, one.last + 1))
    end = max(one.last for one in checks)
    told = []
    for number in range(body[0].lineno, end + 1):
        if number in numbers:
            line = lines[number - 1]
            told.append(f"{line[: len(line) - len(line.lstrip())]}check_{numbers[number]}")
        elif number not in dropped:
            told.append(lines[number - 1])
    return dedented(told)


def _all(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        yield from (part for part in own_nodes(statement) if isinstance(part, ast.stmt))


def _sliced(
    body: Sequence[ast.stmt], checks: Sequence[Check], lines: Sequence[str]
) -> tuple[list[Check], tuple[str, ...]]:
    """The first checks of a long test that can be shown with all that comes before them."""
    for count in range(len(checks) - 1, 1, -1):
        some = list(checks[:count])
        shown = _shown(body, some, lines)
        if len(shown) <= MOST_SHOWN and any(one.is_telling for one in some):
            return some, shown
    return [], ()
