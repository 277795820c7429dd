"""What a Python function's behaviour rests on within its file, as one digest.

A recording speaks of the code as it was. It still holds for a function when neither the function nor
anything in the same file that it names, directly or through others, was touched since.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import xxhash

from tokencoach.comprehension.generators.base import PythonFunction, python_functions
from tokencoach.comprehension.languages.python_names import children

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPLIED: Final = frozenset({"__init__", "__new__", "__post_init__", "__call__", "__enter__", "__exit__"})


def first_line(node: PythonFunction | ast.ClassDef) -> int:
    """1-based line at which a definition begins, decorators included; Python counts from it too."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


class Reach:
    """The definitions of a file by bare name, and what each rests on."""

    def __init__(self, tree: ast.Module, lines: Sequence[str]) -> None:
        self.functions = python_functions(tree)
        self._lines = lines
        self._by_name: dict[str, list[ast.stmt]] = {}
        self._named: dict[ast.stmt, frozenset[str]] = {}
        self._texts: dict[ast.stmt, str] = {}
        self._gather(tree.body)

    def digest(self, qualname: str) -> str:
        """Digest of a function and all it rests on, in hex; equal where nothing of that was touched."""
        start = self.functions[qualname]
        seen: dict[ast.stmt, None] = {start: None}
        names: set[str] = set()
        waiting: list[ast.stmt] = [start]
        while waiting:
            # Methods by which a class is made and used are reached without being named.
            new = (self._names_in(waiting.pop()) | _IMPLIED) - names
            names |= new
            for name in sorted(new):
                for found in self._by_name.get(name, ()):
                    if found not in seen:
                        seen[found] = None
                        waiting.append(found)
        parts = sorted((node.lineno, self._text(node)) for node in seen if node is not start)
        whole = "\0".join([qualname, self._text(start), *(text for _, text in parts)])
        return xxhash.xxh3_64_hexdigest(whole.encode("utf-8", "surrogatepass"))

    def _names_in(self, node: ast.stmt) -> frozenset[str]:
        if node not in self._named:
            self._named[node] = _named(node)
        return self._named[node]

    def _gather(self, body: Iterable[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, _SCOPES):
                self._by_name.setdefault(node.name, []).append(node)
                if isinstance(node, ast.ClassDef):
                    self._gather(node.body)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            self._by_name.setdefault(name.id, []).append(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    self._by_name.setdefault((alias.asname or alias.name).split(".")[0], []).append(node)
            else:
                self._gather(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt))

    def _text(self, node: ast.stmt) -> str:
        """Source of a definition; of a class only what is not in its methods."""
        if node in self._texts:
            return self._texts[node]
        first = first_line(node) if isinstance(node, _SCOPES) else node.lineno
        last = node.end_lineno or node.lineno
        inner = (
            {
                line
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
                for line in range(first_line(item), (item.end_lineno or item.lineno) + 1)
            }
            if isinstance(node, ast.ClassDef)
            else set()
        )
        kept = (self._lines[number - 1].rstrip() for number in range(first, last + 1) if number not in inner)
        self._texts[node] = "\n".join(line for line in kept if line)
        return self._texts[node]


def _named(node: ast.stmt) -> frozenset[str]:
    """Names and attributes that a definition mentions; of a class only those outside its methods."""
    found: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.Name):
            found.add(item.id)
        elif isinstance(item, ast.Attribute):
            found.add(item.attr)
        inner = children(item)
        if item is node and isinstance(node, ast.ClassDef):
            inner = [one for one in inner if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        waiting += inner
    return frozenset(found)
