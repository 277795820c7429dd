"""G25: a changed condition compares, measures or looks inside; for which values does it hold?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.question import Kind, Part, Prepared
from tokencoach.comprehension.worked.bench import TRUTH, Bench, NeedsTruthError, told
from tokencoach.comprehension.worked.pieces import is_reached
from tokencoach.comprehension.worked.places import places
from tokencoach.comprehension.worked.reading import reading
from tokencoach.comprehension.worked.statements import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.worked.places import Place
    from tokencoach.comprehension.worked.reading import Reading

_MOST: Final = 2
_MOST_TESTS: Final = 12
_MOST_TRIED: Final = 60
_MOST_SUPPOSED: Final = 3
_MOST_NAMED: Final = 3
_LEAST_TRUTHS: Final = 3
_LEAST_OPTIONS: Final = 4
_MOST_OF_A_KIND: Final = 3
_MOST_OPTIONS: Final = 5
_MOST_CODE: Final = 200
_LONGEST: Final = 90
_LONG: Final = 60


class _Row(NamedTuple):
    """Values by name, as they are told, and whether the condition holds for them."""

    given: tuple[tuple[str, str], ...]
    holds: bool

    @property
    def is_valued(self) -> bool:
        """Whether it names a value, and not only truths."""
        return any(not name.startswith(TRUTH) for name, _ in self.given)

    @property
    def text(self) -> str:
        """The row as an option."""
        return ", ".join(_told(name, value) for name, value in self.given)


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different conditions."""
    del context
    node = source.node(function)
    if node is None or source.tree is None or source.is_old_python:
        return
    read = reading(source.tree, node, function.qualname)
    seen: set[str] = set()
    asked = 0
    for place in places(node, function.changed):
        test = _test_of(place.block[place.first])
        text = ast.unparse(test) if test is not None and test.lineno in function.changed else ""
        if test is None or not text or text in seen or not _is_worth(test, text):
            continue
        seen.add(text)
        options = _options(function, list(_rows(test, place, read)))
        if options:
            asked += 1
            yield _asked(function, test, text, options)
        if asked == _MOST or len(seen) > _MOST_TESTS:
            return


def _test_of(statement: ast.stmt) -> ast.expr | None:
    """The condition that a statement decides by, or whose truth it gives."""
    if isinstance(statement, ast.If | ast.While | ast.Assert):
        return statement.test
    value = statement.value if isinstance(statement, ast.Return | ast.Assign) else None
    is_truth = isinstance(value, ast.Compare) or (
        isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    )
    # What ``and`` and ``or`` give is no truth value where a side is none.
    if isinstance(value, ast.BoolOp):
        is_truth = all(isinstance(part, ast.Compare) for part in value.values)
    return value if is_truth else None


def _is_worth(test: ast.expr, text: str) -> bool:
    """Whether more than one look at one value decides."""
    parts = list(ast.walk(test))
    is_joined = any(
        isinstance(part, ast.BoolOp) or (isinstance(part, ast.Compare) and len(part.ops) > 1)
        for part in parts
    )
    hidden = any(isinstance(part, ast.NamedExpr | ast.Await | ast.Lambda) for part in parts)
    return is_joined and not hidden and len(text) <= _MOST_CODE


def _rows(test: ast.expr, place: Place, read: Reading) -> Iterator[_Row]:
    """What the condition comes to for values of the names in it, and for what has to be supposed besides."""
    tried = 0
    for row in read.rows([test]) or [{}]:
        waiting: list[Mapping[str, Any]] = [row]
        while waiting and tried < _MOST_TRIED:
            tried += 1
            given = waiting.pop(0)
            bench = Bench(read.around, given)
            found, needed = _tried(test, bench)
            if needed and len(given) - len(row) < _MOST_SUPPOSED and _may_suppose(needed, read):
                waiting += [{**given, needed: value} for value in (True, False)]
            elif found is not None and is_reached(place, frozenset(bench.used), read.around, given):
                yield found


def _tried(test: ast.expr, bench: Bench) -> tuple[_Row | None, str]:
    """What a condition comes to on a bench; or the condition whose truth would have to be supposed."""
    try:
        holds = bool(Worker(bench).value(test))
        given = tuple(sorted((name, _briefly(value, test)) for name, value in bench.used.items()))
    except NeedsTruthError as error:
        return None, error.text
    except Exception:  # noqa: BLE001 - it cannot be worked out, or raises
        return None, ""
    return _Row(given, holds), ""


def _briefly(value: Any, test: ast.expr) -> str:
    """A value as it is told, without what nobody looks at where it is long."""
    text = told(value)
    return text if len(text) <= _LONG else told(_looked_at(value, test))


def _looked_at(value: Any, test: ast.expr) -> Any:
    """The value, without fields of a dict that the condition does not speak of."""
    if not isinstance(value, dict):
        return value
    spoken = {part.value for part in ast.walk(test) if isinstance(part, ast.Constant)}
    return (
        {key: _looked_at(inner, test) for key, inner in value.items() if key in spoken} if spoken else value
    )


def _may_suppose(text: str, read: Reading) -> bool:
    """Whether the truth of something may be supposed: the function does not make it from what else is supposed."""
    try:
        node = ast.parse(text.removeprefix(TRUTH), mode="eval").body
    except SyntaxError:
        return False
    names = {name for part in ast.walk(node) if (name := dotted(part)) is not None}
    return not any(name in read.fixed or read.bound[name] > 1 for name in names)


def _options(function: ChangedFunction, rows: list[_Row]) -> list[Option]:
    """Rows that differ in one value first, so that each part of the condition decides somewhere."""
    rows = [
        row
        for row in dict.fromkeys(rows)
        if 0 < len(row.given) <= _MOST_NAMED
        and len(row.text) <= _LONGEST
        and (row.is_valued or len({name for one in rows for name, _ in one.given}) >= _LEAST_TRUTHS)
        and not _is_at_odds(row)
    ]
    salt = "G25"
    right = shuffled([row for row in rows if row.holds], function, salt)
    wrong = shuffled([row for row in rows if not row.holds], function, salt)
    picked: list[_Row] = []
    while (right or wrong) and len(picked) < _MOST_OPTIONS:
        for rest in (right, wrong):
            most = [row for row in picked if rest and row.holds is rest[0].holds]
            if rest and len(most) < _MOST_OF_A_KIND and len(picked) < _MOST_OPTIONS:
                best = max(rest, key=lambda row: _nearness(row, picked))
                rest.remove(best)
                picked.append(best)
            else:
                rest.clear()
    if len(picked) < _LEAST_OPTIONS or len({row.holds for row in picked}) < 2 or _is_told_by_one(picked):
        return []
    return [
        Option(row.text, row.holds, "it holds" if row.holds else "it does not hold")
        for row in shuffled(picked, function, f"{salt}o")
    ]


def _is_at_odds(row: _Row) -> bool:
    """Whether two truths may speak of one value, so that both together may not be possible."""
    seen: set[str] = set()
    for name, _ in row.given:
        if not name.startswith(TRUTH):
            continue
        test = ast.parse(name.removeprefix(TRUTH), mode="eval").body
        # Whether it is there at all is looked at before what it is.
        if dotted(test) is not None or (
            isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.IsNot)
        ):
            continue
        names = {found for part in ast.walk(test) if (found := dotted(part)) is not None}
        if names & seen:
            return True
        seen |= names
    return False


def _nearness(row: _Row, picked: Sequence[_Row]) -> int:
    """How many rows of the other kind differ from it in one place only."""
    return sum(
        row.holds is not other.holds and len(set(row.given) ^ set(other.given)) <= 2 for other in picked
    )


def _is_told_by_one(picked: Sequence[_Row]) -> bool:
    """Whether each option holds just where one and the same plain truth is given."""
    names = {name for row in picked for name, _ in row.given if name.startswith(TRUTH)}
    return any(
        all((dict(row.given).get(name) == "True") is row.holds for row in picked)
        or all((dict(row.given).get(name) == "False") is row.holds for row in picked)
        for name in names
    )


def _told(name: str, text: str) -> str:
    if name.startswith(TRUTH):
        return f"`{name.removeprefix(TRUTH)}` is {text.lower()}"
    return f"`{name}` gives {text}" if name.endswith(")") else f"`{name}` is {text}"


def _asked(function: ChangedFunction, test: ast.expr, text: str, options: list[Option]) -> Prepared:
    return pick_all(
        function,
        Kind.HOLDS,
        Part.EDGES,
        f"Line {test.lineno} of {short(function)} depends on\n  {text}\nFor which of these does it hold?",
        options,
        line=test.lineno,
        what=text,
        evidence="worked out with Python's own types",
        seconds=30,
    )
