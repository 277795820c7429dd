"""Where pieces of a function may begin, and the conditions that hold there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.languages.python_names import PythonFunction

_MOST_BEFORE: Final = 5

Guard = tuple[ast.expr, bool]


class Place(NamedTuple):
    """A row of statements inside a function, and the conditions that held when it was reached."""

    block: Sequence[ast.stmt]
    first: int
    guards: tuple[Guard, ...]
    loop: int
    is_start: bool


def places(node: PythonFunction, changed: frozenset[int]) -> Iterator[Place]:
    """Where pieces that hold a changed line may begin."""
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1:
        body = body[1:]
    yield from _in_block(body, (), 0, changed, is_start=True)


def _in_block(
    block: Sequence[ast.stmt],
    guards: tuple[Guard, ...],
    loop: int,
    changed: frozenset[int],
    *,
    is_start: bool = False,
) -> Iterator[Place]:
    touched = [place for place, one in enumerate(block) if changed & lines_of(one)]
    if not touched:
        return
    known = guards
    for place, one in enumerate(block):
        if touched[0] - _MOST_BEFORE <= place <= touched[-1]:
            yield Place(block, place, known, loop, is_start and place == 0)
        if place in touched:
            yield from _inside(one, known, loop, changed)
        if isinstance(one, ast.If) and _leaves(one.body):
            known = (*known, (one.test, False))
        elif (isinstance(one, ast.If) and one.orelse and _leaves(one.orelse)) or isinstance(one, ast.Assert):
            known = (*known, (one.test, True))


def _inside(one: ast.stmt, guards: tuple[Guard, ...], loop: int, changed: frozenset[int]) -> Iterator[Place]:
    if isinstance(one, ast.If):
        yield from _in_block(one.body, (*guards, (one.test, True)), loop, changed)
        yield from _in_block(one.orelse, (*guards, (one.test, False)), loop, changed)
    elif isinstance(one, ast.For | ast.AsyncFor):
        yield from _in_block(one.body, guards, one.lineno, changed)
    elif isinstance(one, ast.While):
        yield from _in_block(one.body, (*guards, (one.test, True)), one.lineno, changed)
    elif isinstance(one, ast.With | ast.AsyncWith):
        yield from _in_block(one.body, guards, loop, changed)
    elif isinstance(one, ast.Try):
        yield from _in_block(one.body, guards, loop, changed)
        yield from _in_block(one.orelse, guards, loop, changed)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def lines_of(node: ast.stmt) -> frozenset[int]:
    """The lines of a statement."""
    return frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
