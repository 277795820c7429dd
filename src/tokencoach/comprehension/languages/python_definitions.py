"""What a Python file defines outside of its functions: classes by their bodies, names by their values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Definition(NamedTuple):
    """A class, or a name of the module that is given a value; ``own`` are its lines without its methods'."""

    node: ast.ClassDef | ast.Assign | ast.AnnAssign
    first: int
    last: int
    own: frozenset[int]
    words: frozenset[int]


def definitions(tree: ast.Module) -> dict[str, Definition]:
    """The definitions of a file by their names; of equal names the last."""
    return dict(_definitions(tree.body, ""))


def _definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
    for one in body:
        last = one.end_lineno or one.lineno
        if isinstance(one, ast.ClassDef):
            first = min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])
            own = set(range(first, last + 1))
            for inner in one.body:
                if isinstance(inner, _Function | ast.ClassDef):
                    own -= _lines(inner)
            words = frozenset(number for inner in one.body if _is_words(inner) for number in _lines(inner))
            yield f"{prefix}{one.name}", Definition(one, first, last, frozenset(own), words)
            yield from _definitions(one.body, f"{prefix}{one.name}.")
        elif not prefix and isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
            target = one.target if isinstance(one, ast.AnnAssign) else one.targets[0]
            if isinstance(target, ast.Name):
                lines = frozenset(range(one.lineno, last + 1))
                yield target.id, Definition(one, one.lineno, last, lines, frozenset())
        elif not prefix and isinstance(one, ast.If | ast.Try):
            yield from _definitions(one.body, prefix)


def _lines(node: ast.stmt) -> set[int]:
    first = node.lineno
    if isinstance(node, _Function | ast.ClassDef):
        first = min([first, *(decorator.lineno for decorator in node.decorator_list)])
    return set(range(first, (node.end_lineno or node.lineno) + 1))


def _is_words(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def definition_spans(
    tree: ast.Module, lines: frozenset[int] | None, names: frozenset[str] | None
) -> Iterator[Span]:
    """Where definitions stand, those with some lines or of some names; their shapes leave functions and words out."""
    for name, one in definitions(tree).items():
        if (names is not None and name not in names) or (lines is not None and lines.isdisjoint(one.own)):
            continue
        yield Span(name, one.first, one.last, one.own, one.words, 1, _shape(one.node))


def _shape(node: ast.ClassDef | ast.Assign | ast.AnnAssign) -> str:
    if not isinstance(node, ast.ClassDef):
        return ast.unparse(node)
    heads = [ast.unparse(one) for one in (*node.decorator_list, *node.bases, *node.keywords)]
    rest = [
        ast.unparse(one)
        for one in node.body
        if not isinstance(one, _Function | ast.ClassDef) and not _is_words(one)
    ]
    return "\n".join(("class", *heads, *rest))
