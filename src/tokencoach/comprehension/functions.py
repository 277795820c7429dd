"""Functions and definitions of a changed file: where they are, how tangled, what they risk, whether they changed."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import msgspec
import xxhash

from tokencoach.comprehension.change import Author, ChangedFunction, Skip
from tokencoach.comprehension.generators.base import PythonFunction, Source, python_functions
from tokencoach.comprehension.languages.python_definitions import definition_spans
from tokencoach.comprehension.risks import risks_of
from tokencoach.comprehension.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


LEAST_LETTERS: Final = 12
LEAST_AI_LINES: Final = 3
_LEAST_IN_COMPANY: Final = 2
_AI_SHARE: Final = 0.6
_MIXED_SHARE: Final = 0.2
_TEST_NAME: Final = re.compile(r"(?:^|\.)(?:tests?\.|test_\w+$)")
"""Tests that stand beside what they test: Rust's module, functions that a runner finds by their names."""
_BRANCHES: Final = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.comprehension,
    ast.match_case,
    ast.Assert,
)


def changed_functions(source: Source, *, asks_all: bool = False) -> list[ChangedFunction]:
    """Functions of the file that its added lines touch, in the order in which they stand.

    In Python classes and module-level names count as such, by their own lines.

    Each carries why nothing is asked about it, if anything forbids it. ``asks_all`` asks about
    lines of people as well.
    """
    file = source.file
    spans = [span for span in _spans(source, lines=file.added) if span.own & file.added]
    names = frozenset(span.qualname for span in spans)
    old = {span.qualname: span.shape for span in _spans(source, names=names, is_old=True)}
    found = []
    for span in spans:
        changed = span.own & file.added
        ai = span.own & file.ai
        author = _author(source, changed - span.words, ai - span.words)
        text = "\n".join(source.line(number) for number in range(span.first, span.last + 1))
        found.append(
            ChangedFunction(
                path=file.path,
                blob=file.blob,
                qualname=span.qualname,
                language=source.language or "",
                first=span.first,
                last=span.last,
                changed=changed,
                ai=ai,
                author=author,
                body_hash=xxhash.xxh3_64_hexdigest(span.shape.encode("utf-8", "surrogateescape")),
                complexity=span.complexity,
                risks=risks_of(text),
                skip=_skip(
                    source, span, old.get(span.qualname), (changed if asks_all else ai) - span.words, author
                ),
            )
        )
    found = sorted(found, key=lambda function: (function.first, function.qualname))
    functions = [one for one in found if source.definition(one) is None]
    return found if any(one.skip is None for one in functions) else _in_company(source, found)


def _in_company(source: Source, found: list[ChangedFunction]) -> list[ChangedFunction]:
    """Functions of two lines are asked about where the file has no larger one, and they have enough together."""
    few = [one for one in found if one.skip is Skip.FEW_LINES and source.definition(one) is None]
    sizes = {one.qualname: len(informative(source, one.ai or one.changed)) for one in few}
    if sum(sizes.values()) < LEAST_AI_LINES:
        return found
    return [
        msgspec.structs.replace(one, skip=None) if sizes.get(one.qualname, 0) >= _LEAST_IN_COMPANY else one
        for one in found
    ]


def informative(source: Source, lines: frozenset[int]) -> frozenset[int]:
    """Lines that are worth a question: at least 12 characters, and no comment."""
    return frozenset(
        number
        for number in lines
        if len(text := source.line(number).strip()) >= LEAST_LETTERS
        and not text.startswith(("#", "//", "/*", "* ", '"""', "'''"))
    )


def _author(source: Source, changed: frozenset[int], ai: frozenset[int]) -> Author:
    lines = informative(source, changed)
    share = len(lines & ai) / len(lines) if lines else 0.0
    if share >= _AI_SHARE:
        return Author.AI
    return Author.MIXED if share >= _MIXED_SHARE else Author.HUMAN


def _skip(source: Source, span: Span, old: str | None, asked: frozenset[int], author: Author) -> Skip | None:
    """Why nothing is asked about a function; ``asked`` are its lines that may be asked about."""
    if old is not None and old == span.shape:
        return Skip.FORMATTING
    if _TEST_NAME.search(span.qualname):
        return Skip.TEST
    if author is Author.HUMAN and not asked:
        return Skip.HUMAN
    return Skip.FEW_LINES if len(informative(source, asked)) < LEAST_AI_LINES else None


def _spans(
    source: Source,
    *,
    lines: frozenset[int] | None = None,
    names: frozenset[str] | None = None,
    is_old: bool = False,
) -> Iterator[Span]:
    """Functions of the new or the old file; of large files only those with some lines, or of some names."""
    if source.language == "python":
        tree = source.old_tree if is_old else source.tree
        if tree is not None:
            taken = set()
            for span in _python_spans(tree, lines, names):
                taken.add(span.qualname)
                yield span
            yield from (one for one in definition_spans(tree, lines, names) if one.qualname not in taken)
    elif source.language is not None:
        from tokencoach.comprehension.languages.syntax import spans  # noqa: PLC0415 - a grammar is loaded late

        text = source.old if is_old else source.new
        if text is not None:
            yield from spans(text, source.language)


def _python_spans(
    tree: ast.Module, lines: frozenset[int] | None, names: frozenset[str] | None
) -> Iterator[Span]:
    functions = python_functions(tree)
    for name, node in functions.items():
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        last = node.end_lineno or node.lineno
        if names is not None and name not in names:
            continue
        if lines is not None and lines.isdisjoint(range(first, last + 1)):
            continue
        inner = {
            number
            for other in functions.values()
            if other is not node and node.lineno < other.lineno <= last
            for number in range(other.lineno, (other.end_lineno or other.lineno) + 1)
        }
        own = frozenset(range(first, last + 1)) - inner
        yield Span(name, first, last, own, _docstring(node), _complexity(node), _shape(node))


def _docstring(node: PythonFunction) -> frozenset[int]:
    first = node.body[0]
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return frozenset()
    return frozenset(range(first.lineno, (first.end_lineno or first.lineno) + 1))


def _complexity(node: PythonFunction) -> int:
    return 1 + sum(
        isinstance(part, _BRANCHES) or (isinstance(part, ast.BoolOp) and len(part.values) - 1)
        for part in ast.walk(node)
    )


def _shape(node: PythonFunction) -> str:
    """The function without positions, comments and docstring: equal for equal code."""
    body = node.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and body[1:]:
        body = body[1:]
    parts = [ast.unparse(one) for one in (node.args, *node.decorator_list, *body)]
    return "\n".join((type(node).__name__, *parts))
