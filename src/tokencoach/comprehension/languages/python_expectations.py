"""What the tests of a Python file expect: comparisons with written values, and rows of parameters."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.expectation import (
    BLANK,
    MOST_VALUE,
    Expectation,
    Sort,
    dedented,
    fits,
    is_calm,
    slips,
    sort_of,
    words_of,
)
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import bound_by, dotted, names_in, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.languages.python_names import PythonFunction

_MOST_TESTS: Final = 60
_MOST_ROWS: Final = 4
_EQUAL: Final = frozenset({"assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "eq_"})
_RAISES: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_UNREADABLE: Final = object()


class _Compared(NamedTuple):
    """A statement that compares, the side that is looked at, and the side that is written down."""

    statement: ast.stmt
    looked_at: ast.expr
    written: ast.expr


class _Test(NamedTuple):
    """A test with its file's lines, and the values that the file's checks write down."""

    path: str
    node: PythonFunction
    lines: Sequence[str]
    added: frozenset[int]
    file_values: Sequence[Any]


@lru_cache(maxsize=32)
def python_expectations(path: str, content: bytes, added: frozenset[int]) -> tuple[Expectation, ...]:
    """The checks of the tests that a change touches, in the order of their lines; only what can be shown."""
    text = text_of(content)
    tree = parsed(text) if text is not None else None
    if text is None or tree is None:
        return ()
    tests = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]
    touched = [node for node in tests if added & frozenset(range(_first(node), _last(node) + 1))]
    known = [value for node in tests for one in _compared(node) if _is_asked(value := _read(one.written))]
    lines = text.split("\n")
    own = frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    touched = [node for node in touched if not _is_fed(node, own)]
    found = [
        one for node in touched[:_MOST_TESTS] for one in _of_test(_Test(path, node, lines, added, known))
    ]
    return tuple(sorted(found, key=lambda one: one.line))


def _is_fed(node: PythonFunction, own: frozenset[str]) -> bool:
    """Whether a test gets its data from a function of its file, which is not shown beside it."""
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id in own
        and not (part.args or part.keywords)
        for part in own_nodes(node)
    )


def _of_test(test: _Test) -> Iterator[Expectation]:
    yield from _raised(test)
    rows = list(_rows(test.node))
    parameters = {name for names, _ in rows for name in names}
    for one in _compared(test.node):
        if isinstance(one.written, ast.Name) and one.written.id in parameters:
            yield from _of_rows(test, one, rows)
        elif _is_asked(value := _read(one.written)):
            shown = _shown(test, one)
            given = _first_row(rows, words_of("\n".join(shown or ())))
            shown = (*given, *shown) if shown is not None and fits((*given, *shown)) else None
            if shown is not None:
                yield _made(test, one, shown, value, [*_near(test, one), *test.file_values])


def _raised(test: _Test) -> Iterator[Expectation]:
    """The exceptions that the test waits for, each with the code that has to raise it."""
    for part in test.node.body:
        call = part.items[0].context_expr if isinstance(part, ast.With | ast.AsyncWith) else None
        if not isinstance(call, ast.Call) or not isinstance(part, ast.With | ast.AsyncWith) or not call.args:
            continue
        word = dotted(call.func) or ""
        name = dotted(call.args[0])
        if word.rpartition(".")[2] not in _RAISES or name is None or len(part.items) > 1:
            continue
        header = f"{test.lines[part.lineno - 1][: part.col_offset]}with {word}({BLANK}):"
        one = _Compared(part, call, call.args[0])
        before = _before(test, one)
        inside = test.lines[part.body[0].lineno - 1 : part.end_lineno]
        shown = dedented([*before, header, *inside])
        if fits(shown):
            whole = "\n".join(test.lines[_first(test.node) - 1 : _last(test.node)])
            yield Expectation(
                test.node.name,
                test.path,
                part.lineno,
                shown,
                name.rpartition(".")[2],
                Sort.ERROR,
                (),
                words_of(whole) | words_of(whole.replace("-", "_")),
                words_of("\n".join(inside)),
            )


def _first_row(rows: Sequence[tuple[list[str], list[ast.expr]]], used: frozenset[str]) -> list[str]:
    """What the parameters that a test uses are in its first run."""
    found: dict[str, str] = {}
    for names, values in rows:
        if len(names) == len(values):
            for name, value in zip(names, values, strict=True):
                found.setdefault(name, ast.unparse(value))
    return [f"{name} = {value}" for name, value in found.items() if name in used]


def _of_rows(
    test: _Test, one: _Compared, rows: Sequence[tuple[list[str], list[ast.expr]]]
) -> Iterator[Expectation]:
    """One for each of the first rows of parameters that the change wrote, or that are in a changed test."""
    shown = _shown(test, one)
    name = one.written.id if isinstance(one.written, ast.Name) else ""
    table = [
        (dict(zip(names, values, strict=True)), values)
        for names, values in rows
        if name in names and len(names) == len(values)
    ]
    column = [_read(row[name]) for row, _ in table]
    written = [row for row, values in table if values and values[0].lineno in test.added]
    written.sort(key=lambda row: -sum(len(ast.unparse(node)) for node in row.values()))
    if shown is None:
        return
    for row in written[:_MOST_ROWS]:
        value = _read(row[name])
        given = [f"{key} = {ast.unparse(node)}" for key, node in row.items() if key != name]
        lines = (*given, *shown)
        if _is_asked(value) and fits(lines):
            yield _made(test, one, lines, value, column, row[name].lineno)


def _made(
    test: _Test, one: _Compared, shown: tuple[str, ...], value: Any, others: Sequence[Any], line: int = 0
) -> Expectation:
    texts: dict[str, None] = {}
    for other in [*_slips(value), *others]:
        if type(other) is type(value) and other != value and len(repr(other)) <= MOST_VALUE:
            texts[_written(other)] = None
    whole = "\n".join(test.lines[_first(test.node) - 1 : _last(test.node)])
    first, last = one.statement.lineno, one.statement.end_lineno or one.statement.lineno
    return Expectation(
        test.node.name,
        test.path,
        line or first,
        shown,
        _written(value),
        sort_of(_written(value)),
        tuple(texts),
        words_of(whole) | words_of(whole.replace("-", "_")),
        words_of("\n".join(test.lines[first - 1 : last])),
    )


def _written(value: Any) -> str:
    """A value as it is written down; a set in an order that is always the same."""
    return f"{{{', '.join(sorted(map(repr, value)))}}}" if isinstance(value, set) and value else repr(value)


def _slips(value: Any) -> Iterator[Any]:
    for text in slips(_written(value)):
        try:
            yield ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError):
            continue


def _compared(node: PythonFunction) -> Iterator[_Compared]:
    for part in own_nodes(node):
        if isinstance(part, ast.Assert) and isinstance(part.test, ast.Compare) and len(part.test.ops) == 1:
            if isinstance(part.test.ops[0], ast.Eq):
                yield from _sides(part, part.test.left, part.test.comparators[0])
            elif isinstance(part.test.ops[0], ast.In) and isinstance(_read(part.test.left), str):
                yield _Compared(part, part.test.comparators[0], part.test.left)
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and len(part.value.args) >= 2:
            called = part.value.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in _EQUAL:
                yield from _sides(part, part.value.args[0], part.value.args[1])


def _sides(statement: ast.stmt, left: ast.expr, right: ast.expr) -> Iterator[_Compared]:
    """The comparison, where one side alone is written down, or is a name and the other a call."""
    is_left, is_right = (_read(side) is not _UNREADABLE for side in (left, right))
    if is_left != is_right:
        yield _Compared(statement, *((right, left) if is_left else (left, right)))
    elif not is_left and isinstance(right, ast.Name):
        yield _Compared(statement, left, right)
    elif not is_left and isinstance(left, ast.Name):
        yield _Compared(statement, right, left)


def _rows(node: PythonFunction) -> Iterator[tuple[list[str], list[ast.expr]]]:
    """Names and values of every row that the test is run with."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not ast.unparse(decorator.func).endswith("parametrize"):
            continue
        if len(decorator.args) < 2 or not isinstance(decorator.args[1], ast.List | ast.Tuple):
            continue
        named = _read(decorator.args[0])
        names = [one.strip() for one in named.split(",")] if isinstance(named, str) else list(named or ())
        for row in decorator.args[1].elts:
            if isinstance(row, ast.Call) and ast.unparse(row.func).endswith("param"):
                yield names, row.args
            elif isinstance(row, ast.Tuple | ast.List) and len(names) > 1:
                yield names, row.elts
            elif len(names) == 1:
                yield names, [row]


def _read(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _UNREADABLE


def _is_asked(value: Any) -> bool:
    """Whether a value can be asked for: no truth value, not nothing, not long."""
    if value is _UNREADABLE or value is None or value is Ellipsis or isinstance(value, bool | complex):
        return False
    return len(repr(value)) <= MOST_VALUE


def _near(test: _Test, one: _Compared) -> Iterator[Any]:
    """Values that the test writes down before the check."""
    for part in own_nodes(test.node):
        if (
            isinstance(part, ast.Constant | ast.List | ast.Dict | ast.Tuple)
            and part.lineno < one.statement.lineno
        ):
            yield _read(part)


def _shown(test: _Test, one: _Compared) -> tuple[str, ...] | None:
    """The test up to a check, the value taken out; None where that is too long to be put before a question."""
    check = _blanked(test.lines, one)
    shown = dedented([*_before(test, one), *check])
    if not fits(shown):
        shown = dedented([*_before(test, one, needed=_needed(test, one)), *check])
    return shown if fits(shown) else None


def _before(test: _Test, one: _Compared, needed: frozenset[int] | None = None) -> list[str]:
    """The lines of a test before a check, without other checks; of the ``needed`` statements only, if given."""
    lines: list[str] = []
    for node in _statements(test.node):
        if node.lineno >= one.statement.lineno or (isinstance(node, ast.Assert) and _is_idle(node)):
            continue
        if needed is not None and node.lineno not in needed:
            continue
        last = min(node.end_lineno or node.lineno, one.statement.lineno - 1)
        first = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", ()))])
        lines += _without_checks(test, node, first, last)
    return lines


def _statements(node: PythonFunction) -> list[ast.stmt]:
    body = node.body
    is_told = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    return body[1:] if is_told else body


def _needed(test: _Test, one: _Compared) -> frozenset[int]:
    """Lines of the statements that have to do with what a check looks at: all that share a name with it, and so on."""
    before = [node for node in _statements(test.node) if node.lineno < one.statement.lineno]
    own = {name for node in test.node.body for part in ast.walk(node) for name in bound_by(part)}
    own |= {given.arg for given in test.node.args.args}
    known = {name for name in names_in(one.looked_at) if name in own}
    found: set[int] = set()
    while True:
        more = [node for node in before if node.lineno not in found and known & set(_names(node))]
        if not more:
            return frozenset(found)
        found |= {node.lineno for node in more}
        known |= {name for node in more for name in _names(node) if name in own}


def _names(node: ast.stmt) -> Iterator[str]:
    yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    yield from bound_by(node)


def _without_checks(test: _Test, node: ast.stmt, first: int, last: int) -> list[str]:
    """Lines of a statement without those checks in it that have no effect."""
    dropped = {
        number
        for part in own_nodes(node)
        if isinstance(part, ast.Assert) and _is_idle(part)
        for number in range(part.lineno, (part.end_lineno or part.lineno) + 1)
    }
    return [test.lines[number - 1] for number in range(first, last + 1) if number not in dropped]


def _is_idle(check: ast.Assert) -> bool:
    return is_calm(ast.unparse(check.test))


def _blanked(lines: Sequence[str], one: _Compared) -> list[str]:
    """The check with the written side taken out."""
    written, statement = one.written, one.statement
    last = statement.end_lineno or statement.lineno
    to_line = written.end_lineno or written.lineno
    before = lines[written.lineno - 1].encode()[: written.col_offset].decode("utf-8", "replace")
    after = lines[to_line - 1].encode()[written.end_col_offset :].decode("utf-8", "replace")
    # A message behind the check would tell what it is about.
    after = after.partition(', f"')[0].partition(', "')[0] if isinstance(statement, ast.Assert) else after
    return [
        *lines[statement.lineno - 1 : written.lineno - 1],
        f"{before}{BLANK}{after.partition('  #')[0]}",
        *lines[to_line:last],
    ]


def _first(node: PythonFunction) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _last(node: PythonFunction) -> int:
    return node.end_lineno or node.lineno
