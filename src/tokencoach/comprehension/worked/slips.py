"""Pieces of code with one slip in them: what somebody would work out who misread one place."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST: Final = 24
_SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip
_OTHER_WORD: Final = {
    "split": "rsplit", "rsplit": "split", "lstrip": "rstrip", "rstrip": "lstrip", "partition": "rpartition",
    "rpartition": "partition", "append": "extend", "extend": "append", "setdefault": "get", "lower": "upper",
    "removeprefix": "lstrip", "removesuffix": "rstrip", "items": "keys",
}  # fmt: skip


def slips(statements: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """The piece again and again, each time with another slip; it is not changed itself."""
    places = [node for statement in statements for node in ast.walk(statement)]
    made = 0
    for place, node in enumerate(places):
        for change in _changes(node):
            if made == _MOST:
                return
            made += 1
            copies = [copy.deepcopy(statement) for statement in statements]
            again = [part for statement in copies for part in ast.walk(statement)]
            change(again[place])
            yield copies
    for place, statement in enumerate(statements):
        if len(statements) > 1 and not isinstance(statement, ast.Return):
            yield [*statements[:place], *statements[place + 1 :]]


def _changes(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.If | ast.IfExp):
        yield _turned
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED:
        yield _other_comparison
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign) and type(node.op) in _SWAPPED:
        yield _other_operator
    elif isinstance(node, ast.Attribute) and node.attr in _OTHER_WORD:
        yield _other_word
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield _one_more
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield _without_tests
    elif isinstance(node, ast.For | ast.If | ast.While) and len(node.body) > 1:
        yield _without_last


class _Change:
    """A change of one node; told by its name alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, node: ast.AST) -> None:
        """Change the node."""
        if self.name == "turned" and isinstance(node, ast.If | ast.IfExp):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        elif self.name == "comparison" and isinstance(node, ast.Compare):
            node.ops[0] = _SWAPPED[type(node.ops[0])]()  # type: ignore[call-overload]
        elif self.name == "operator" and isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign):
            node.op = _SWAPPED[type(node.op)]()  # type: ignore[assignment]
        elif self.name == "word" and isinstance(node, ast.Attribute):
            node.attr = _OTHER_WORD[node.attr]
        elif self.name == "more" and isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value += 1
        elif self.name == "tests" and isinstance(node, ast.comprehension):
            node.ifs = []
        elif self.name == "last" and isinstance(node, ast.For | ast.If | ast.While):
            node.body = node.body[:-1]


_turned = _Change("turned")
_other_comparison = _Change("comparison")
_other_operator = _Change("operator")
_other_word = _Change("word")
_one_more = _Change("more")
_without_tests = _Change("tests")
_without_last = _Change("last")
