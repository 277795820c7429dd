"""Whether conditions can hold together: shown by values for which they do, else assumed that they cannot."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from itertools import combinations, islice, product
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.languages.python_values import UnknownValueError, spelled, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.comprehension.flow import Atom, Flow

_USUAL: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 5, 1.5, "", "a", b"", b"a", [], [1], (), (1,), {}, {"a": 1}, set(),
)  # fmt: skip
_MOST_NAMES: Final = 3
_MOST_TRIED: Final = 1_500
_THERE: Final = re.compile(r"exists|is_?file|is_?dir|is_?link")
_EQUAL: Final = re.compile(r"(.+?) (==|!=|is not|is) (.+)")
_TYPE_TEST: Final = re.compile(r"isinstance\((.+), (.+)\)$")

Fact = tuple["Atom", bool]


def agree(flow: Flow, facts: tuple[Fact, ...]) -> bool:
    """Whether the facts can be true together.

    Conditions about different things always can. Those about one thing can where some usual values,
    or some next to a constant they name, make all of them what they are said to be; a condition
    whose value nobody can work out here may be either for anything that is there at all.
    """
    return all(len(group) == 1 or _is_possible(tuple(group)) for group in _groups(flow, facts))


def _groups(flow: Flow, facts: tuple[Fact, ...]) -> list[list[Fact]]:
    """The facts, those together that speak of the same things."""
    names = [_closed(flow, atom.subjects) for atom, _ in facts]
    group = list(range(len(facts)))
    for one, other in combinations(range(len(facts)), 2):
        if any(_overlap(name, there) for name in names[one] for there in names[other]):
            joined = group[other]
            group = [group[one] if mine == joined else mine for mine in group]
    return [
        [fact for fact, mine in zip(facts, group, strict=True) if mine == number]
        for number in sorted(set(group))
    ]


def _closed(flow: Flow, names: Iterable[str]) -> frozenset[str]:
    """The names, and those that the ones holding a truth value were made from."""
    found = set(names)
    waiting = list(found)
    while waiting:
        for name in flow.behind.get(waiting.pop(), frozenset()) - found:
            found.add(name)
            waiting.append(name)
    return frozenset(found)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


@lru_cache(maxsize=4096)
def _is_possible(group: tuple[Fact, ...]) -> bool:
    cases = [atom.case_of for atom, value in group if value and atom.case_of]
    if len(cases) != len(set(cases)):
        return False
    known: list[tuple[ast.expr, bool]] = []
    hidden: list[str] = []
    types: dict[str, list[bool]] = {}
    for atom, value in group:
        tree = _tree(atom)
        kind = _TYPE_TEST.match(atom.python)
        if tree is not None and _can_be_known(tree, [spelled(name) for name in atom.subjects]):
            known.append((tree, value))
        elif kind is not None:
            types.setdefault(kind[1], []).append(value)
        else:
            hidden.append(atom.text)
    # Of types that are not known here a value may well be one, but hardly two.
    if (
        any(sum(values) > 1 for values in types.values())
        or sum(bool(_THERE.search(text)) for text in hidden) > 1
    ):
        return False
    if _are_two_at_once(group):
        return False
    return _witnessed(
        known, sorted({spelled(name) for atom, _ in group for name in atom.subjects}), bool(hidden or types)
    )


def _are_two_at_once(group: tuple[Fact, ...]) -> bool:
    """Whether one thing is said to equal two others, as a kind or a state may not."""
    equal: dict[str, set[str]] = {}
    for atom, value in group:
        found = _EQUAL.fullmatch(atom.python)
        if found is not None and value is (found[2] in {"==", "is"}):
            equal.setdefault(found[1], set()).add(found[3])
    return any(len(others) > 1 for others in equal.values())


@lru_cache(maxsize=1024)
def _tree(atom: Atom) -> ast.expr | None:
    try:
        return ast.parse(atom.python, mode="eval").body if atom.python else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def _can_be_known(tree: ast.expr, subjects: Iterable[str]) -> bool:
    """Whether the expression can be worked out for some values of its names."""
    for value in ("a", 1, [1], None):
        try:
            value_of(tree, dict.fromkeys(subjects, value))
        except UnknownValueError:
            return False
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            continue
        return True
    return False


def _witnessed(known: list[tuple[ast.expr, bool]], subjects: list[str], are_there: bool) -> bool:  # noqa: FBT001 - one caller
    """Whether values make the known conditions true; ``are_there`` asks for values that are something."""
    if not known:
        return True
    spoken = {
        ast.unparse(part)
        for tree, _ in known
        for part in ast.walk(tree)
        if isinstance(part, ast.Name | ast.Attribute)
    }
    names = [name for name in subjects if name in spoken]
    if not 0 < len(names) <= _MOST_NAMES:
        return False
    near = [value for value in _near(known) if value or not are_there]
    for values in islice(product(near, repeat=len(names)), _MOST_TRIED):
        try:
            if all(
                bool(value_of(tree, dict(zip(names, values, strict=True)))) is value for tree, value in known
            ):
                return True
        except (UnknownValueError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            continue
    return False


def _near(known: list[tuple[ast.expr, bool]]) -> list[Any]:
    """Values at and next to the constants of some conditions, and some usual ones."""
    constants = [part.value for tree, _ in known for part in ast.walk(tree) if isinstance(part, ast.Constant)]
    found: list[Any] = []
    for constant in constants:
        found.append(constant)
        if isinstance(constant, str):
            found += [f"{constant}b", f"b{constant}"]
        elif isinstance(constant, int) and not isinstance(constant, bool):
            found += [constant - 1, constant + 1]
            found += ["a" * size for size in (constant - 1, constant, constant + 1) if 0 <= size < 50]
    texts = [constant for constant in constants if isinstance(constant, str)]
    found += [f"{one}{other}" for one, other in islice(product(texts, texts), 16) if one != other]
    return [*found, *_USUAL]
