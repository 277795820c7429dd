"""Classes of a Python file: what they derive from, and which members stand in their own bodies."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import dotted, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator


class ClassFacts(NamedTuple):
    """A class at the top of a file. ``bases`` are dotted names, empty where one is no plain name.

    ``methods`` are the plain functions of its body, ``members`` every name that the body binds,
    ``fields`` what its methods give to the object.
    """

    name: str
    line: int
    last: int
    bases: tuple[str, ...]
    methods: frozenset[str]
    members: frozenset[str]
    fields: frozenset[str]


class FileFacts(NamedTuple):
    """The classes of a file by name, and where its imported names come from: level, module, name there."""

    classes: dict[str, ClassFacts]
    imports: dict[str, tuple[int, str, str]]


@lru_cache(maxsize=256)
def classes_in(content: bytes) -> FileFacts:
    """What a file says of its classes; nothing where it is not understood, or binds a class's name twice."""
    text = text_of(content)
    tree = parsed(text) if text is not None else None
    if tree is None:
        return FileFacts({}, {})
    found = [_facts(node) for node in tree.body if isinstance(node, ast.ClassDef)]
    names = [one.name for one in found]
    return FileFacts(
        {one.name: one for one in found if names.count(one.name) == 1},
        {name: where for node in own_nodes(tree) for name, where in _imports(node)},
    )


def _imports(node: ast.AST) -> Iterator[tuple[str, tuple[int, str, str]]]:
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, (node.level, node.module or "", alias.name)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name, (0, alias.name, "")


def _facts(node: ast.ClassDef) -> ClassFacts:
    bases = tuple(
        dotted(base.value if isinstance(base, ast.Subscript) else base) or "" for base in node.bases
    )
    methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    members = methods | {
        part.id for part in own_nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    members |= {one.name for one in node.body if isinstance(one, ast.ClassDef)}
    fields = {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, ast.Store)
        and dotted(part.value) in {"self", "cls"}
    }
    return ClassFacts(
        node.name,
        node.lineno,
        node.end_lineno or node.lineno,
        bases,
        frozenset(methods),
        frozenset(members),
        frozenset(fields),
    )
