"""Pieces of a function that can be worked out from supposed values, and what comes out of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.languages.python_names import bound_by, dotted, own_nodes
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.worked.bench import TRUTH, Bench, NeedsTruthError, Surroundings, is_plain, told
from tokencoach.comprehension.worked.leaving import Left, Ways
from tokencoach.comprehension.worked.methods import CHANGING, FUNCTIONS, METHODS
from tokencoach.comprehension.worked.places import Place, lines_of
from tokencoach.comprehension.worked.statements import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tokencoach.comprehension.languages.python_names import PythonFunction

_MOST_LINES: Final = 22
_MOST_WAYS: Final = 15
_MOST_SUPPOSED: Final = 3
_WORDS: Final = frozenset().union(*METHODS.values()) | set(FUNCTIONS)
RESULT: Final = "return"
"""The target that stands for what the function returns."""


class Outcome(NamedTuple):
    """What came out of a piece: a target's value as it is written, and what was read and done for it."""

    place: Place
    last: int
    target: str
    value: Any
    text: str
    used: tuple[tuple[str, str], ...]
    lines: frozenset[int]
    effort: int
    decisions: int

    @property
    def is_plain(self) -> bool:
        """Whether the value can be typed."""
        return is_plain(self.value)


def explored(
    place: Place, given: Mapping[str, Any], around: Surroundings, changed: frozenset[int]
) -> list[Outcome]:
    """What comes out of a piece for given values, for each way that conditions nobody knows may go."""
    found: list[Outcome] = []
    waiting: list[Mapping[str, Any]] = [given]
    for _ in range(_MOST_WAYS):
        if not waiting:
            break
        row = waiting.pop(0)
        needed: list[str] = []
        one = worked(place, row, around, changed, needed)
        if one is not None:
            found.append(one)
        if needed and len(row) - len(given) < _MOST_SUPPOSED:
            waiting += [{**row, needed[0]: value} for value in (True, False)]
    return found


def worked(
    place: Place,
    given: Mapping[str, Any],
    around: Surroundings,
    changed: frozenset[int],
    needed: list[str] | None = None,
) -> Outcome | None:
    """What comes out of the piece that begins at a place; None where nothing does for sure.

    ``needed`` gets the condition that would have to be supposed for the piece to go on.
    """
    bench = Bench(around, given)
    worker = Worker(bench)
    best: Outcome | None = None
    first = place.block[place.first].lineno
    for one in place.block[place.first :]:
        if (one.end_lineno or one.lineno) - first >= _MOST_LINES:
            break
        try:
            left = worker.one(one)
        except NeedsTruthError as error:
            if needed is not None:
                needed.append(error.text)
            break
        except UnknownValueError:
            break
        except Exception:  # noqa: BLE001 - whatever the code itself would raise
            return None
        if left is not None and left.way is Ways.RAISE:
            return None
        best = _outcome(place, one, left, bench, changed) or best
        if left is not None:
            break
    if best is None:
        return None
    used = frozenset(name for name, _ in best.used)
    return best if is_reached(place, used, around, given) else None


def _outcome(
    place: Place, one: ast.stmt, left: Left | None, bench: Bench, changed: frozenset[int]
) -> Outcome | None:
    if not changed & bench.lines or not changed & lines_of(one):
        return None
    target, value = RESULT, left.value if left is not None else None
    if left is None or left.way is not Ways.RETURN:
        names = [name for name in _targets(one) if name in bench.names]
        if not names:
            return None
        target = names[-1]
        value = bench.names[target]
    try:
        text = told(value)
        used = tuple((name, told(given)) for name, given in bench.used.items())
    except UnknownValueError:
        return None
    return Outcome(
        place,
        one.end_lineno or one.lineno,
        target,
        value,
        text,
        used,
        frozenset(bench.lines),
        bench.operations + 2 * (bench.decisions - sum(name.startswith(TRUTH) for name in bench.used)),
        bench.decisions,
    )


def _targets(one: ast.stmt) -> list[str]:
    """Names that a statement, and all in it, gives a value or changes, in their order."""
    found = [
        (part.lineno, name)
        for part in (one, *own_nodes(one))
        for name in touched_by(part)
        if hasattr(part, "lineno")
    ]
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def touched_by(part: ast.AST) -> Iterator[str]:
    """Names that a node gives a value to, or whose value it changes in its place."""
    if isinstance(part, ast.For | ast.comprehension):
        return
    if isinstance(part, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
            name = dotted(target.value if isinstance(target, ast.Subscript) else target)
            if name is not None:
                yield name
    elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
        name = dotted(part.func.value)
        if name is not None and part.func.attr in CHANGING:
            yield name


def is_reached(place: Place, used: frozenset[str], around: Surroundings, given: Mapping[str, Any]) -> bool:
    """Whether what was supposed agrees with the conditions that lead to the place; ``used`` are names of it."""
    for test, wanted in place.guards:
        names = {name for part in ast.walk(test) if isinstance(part, ast.expr) and (name := dotted(part))}
        if not any(_is_about(name, one) for name in names for one in used):
            continue
        worker = Worker(Bench(around, given))
        try:
            if bool(worker.value(test)) is not wanted:
                return False
        except Exception:  # noqa: BLE001 - what cannot be worked out may forbid it
            return False
    return True


def _is_about(name: str, used: str) -> bool:
    return used == name or used.startswith((f"{name}.", f"{name}(", f"{name}["))


def settled(node: PythonFunction) -> frozenset[str]:
    """Names that a function sets to values that can be told: to suppose others would contradict it."""
    found: set[str] = set()
    for part in own_nodes(node):
        if isinstance(part, ast.Assign | ast.AnnAssign) and part.value is not None and _is_told(part.value):
            for name in bound_by(part):
                found.add(name)
            for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
                found |= {name for name in [dotted(target)] if name is not None}
        elif isinstance(part, ast.AugAssign):
            found |= {name for name in [dotted(part.target)] if name is not None}
    return frozenset(found)


def _is_told(value: ast.expr) -> bool:
    if isinstance(value, ast.Await | ast.Attribute | ast.Subscript | ast.Name):
        return False
    if isinstance(value, ast.Call):
        word = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return word in _WORDS and word not in {"get", "pop", "list", "dict"}
    return True
