"""Calls in expressions of Python: of built-in functions and methods, of the file's own, and of strangers."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.worked.bench import Symbol, bounded, is_plain, told
from tokencoach.comprehension.worked.methods import (
    CHANGING,
    FREE_OF_ORDER,
    FUNCTIONS,
    IN_MODULES,
    KEYWORDS,
    METHODS,
    TYPES,
    formatted,
)
from tokencoach.comprehension.worked.patterns import FLAGS, compiled, searched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tokencoach.comprehension.worked.bench import Bench

    Apply = Callable[[ast.FunctionDef, list[Any], dict[str, Any]], Any]

_CARRYING: Final = frozenset(
    {"len", "list", "tuple", "enumerate", "zip", "reversed", "range", "next", "iter"}
)
"""Functions that only pass elements on, or count them."""
UNORDERED: Final = (set, frozenset)


class Calls(ABC):
    """Works calls out on a bench; what an expression is worth is told by the class above."""

    def __init__(self, bench: Bench, apply: Apply) -> None:
        self._bench = bench
        self._apply = apply

    @abstractmethod
    def of(self, node: ast.expr) -> Any:
        """The value of an expression."""

    @abstractmethod
    def elements(self, node: ast.expr) -> list[Any]:
        """What a loop goes through."""

    def _spread(self, nodes: list[ast.expr]) -> Iterator[Any]:
        for node in nodes:
            if isinstance(node, ast.Starred):
                yield from self.elements(node.value)
            else:
                yield self.of(node)

    def _call(self, node: ast.Call) -> Any:  # noqa: PLR0911 - one case each
        self._bench.operations += 1
        name = dotted(node.func)
        if name == "isinstance" and len(node.args) == 2:
            return self._is_instance(node)
        if name is not None and name in self._bench.given.keys() - self._bench.names.keys():
            raise UnknownValueError
        if ast.unparse(node) in self._bench.given:
            return self._supposed(node)
        known = self._bench.around
        if (
            name is not None
            and name in FUNCTIONS
            and name not in known.shadowed
            and name not in self._bench.names
        ):
            return self._built_in(name, node)
        if name is not None and name.partition(".")[0] in known.modules:
            return self._in_module(name, node)
        if name is not None and name in known.functions and name not in self._bench.names:
            return self._apply(known.functions[name], *self._arguments(node))
        if isinstance(node.func, ast.Attribute) and not isinstance(owner := self.of(node.func.value), Symbol):
            return self._method(owner, node.func, node)
        return self._foreign(node)

    def _foreign(self, node: ast.Call) -> Symbol:
        """What a call gives of which nothing is known; it may change whatever it can reach."""
        name = dotted(node.func) or ""
        is_made = name.rpartition(".")[2][:1].isupper()
        for part in (*node.args, *(one.value for one in node.keywords)):
            value = self.of(part.value if isinstance(part, ast.Starred) else part)
            if isinstance(value, list | dict | set) and not is_made:
                raise UnknownValueError
        root = name.partition(".")[0]
        if not is_made and root:
            self._bench.lose(root)
        text = ast.unparse(node)
        return Symbol(f"{name}(…)" if is_made else text, is_made=is_made)

    def _supposed(self, node: ast.Call) -> Any:
        """What a call of somebody else's function is supposed to give; it may not reach what is known here."""
        for part in ast.walk(node):
            name = dotted(part) if isinstance(part, ast.expr) else None
            if name is not None and isinstance(self._bench.names.get(name), list | dict | set):
                raise UnknownValueError
        root = (dotted(node.func) or "").partition(".")[0]
        value = self._bench.suppose(ast.unparse(node))
        self._bench.lose(root)
        return value

    def _arguments(self, node: ast.Call) -> tuple[list[Any], dict[str, Any]]:
        named = {}
        for one in node.keywords:
            if one.arg is None:
                raise UnknownValueError
            named[one.arg] = self._key(one.value)
        return list(self._spread(node.args)), named

    def _key(self, node: ast.expr) -> Any:
        """A keyword's value; a small function made in place is one that can be called."""
        if (
            isinstance(node, ast.Name)
            and node.id in {"len", "str", "int"}
            and node.id not in self._bench.names
        ):
            return FUNCTIONS[node.id]
        if not isinstance(node, ast.Lambda):
            return self.of(node)
        names = [one.arg for one in node.args.args]
        if len(names) != 1 or node.args.defaults or node.args.vararg or node.args.kwonlyargs:
            raise UnknownValueError

        def called(value: Any) -> Any:
            kept = dict(self._bench.names)
            self._bench.names[names[0]] = value
            try:
                return self.of(node.body)
            finally:
                self._bench.names = kept

        return called

    def _built_in(self, name: str, node: ast.Call) -> Any:
        positional, named = self._arguments(node)
        if not named.keys() <= KEYWORDS and name != "dict":
            raise UnknownValueError
        unordered = any(isinstance(one, UNORDERED) for one in positional)
        if unordered and name not in FREE_OF_ORDER:
            raise UnknownValueError
        if any(isinstance(one, Symbol) for one in positional):
            return Symbol(ast.unparse(node))
        if name not in _CARRYING and not all(is_plain(one) for one in positional):
            raise UnknownValueError
        if name in {"range", "int", "round", "sum", "divmod"} and any(
            type(one) is int and abs(one) > 10**6 for one in positional
        ):
            raise UnknownValueError
        if name in {"str", "repr"}:
            for one in positional:
                told(one)
        return FUNCTIONS[name](*positional, **named)

    def _in_module(self, name: str, node: ast.Call) -> Any:
        positional = list(self._spread(node.args))
        if not all(is_plain(one) for one in positional):
            raise UnknownValueError
        if name in IN_MODULES and not node.keywords:
            for one in positional:
                told(one)
            return IN_MODULES[name](*positional)
        module, _, word = name.partition(".")
        if module == "re" and positional:
            pattern = compiled(positional[0], self._flags(node))
            return (
                pattern
                if word == "compile" and len(positional) == 1
                else searched(pattern, word, positional[1:])
            )
        return self._foreign(node)

    def _flags(self, node: ast.Call) -> int:
        """Flags of a pattern that are written down by their names."""
        found = 0
        for one in node.keywords:
            names = [dotted(part) or "" for part in _alternatives(one.value)]
            if one.arg != "flags" or not all(name in FLAGS for name in names):
                raise UnknownValueError
            for name in names:
                found |= FLAGS[name]
        return found

    def _method(self, owner: Any, func: ast.Attribute, node: ast.Call) -> Any:
        positional, named = self._arguments(node)
        if isinstance(owner, re.Pattern):
            return searched(owner, func.attr, positional)
        if isinstance(owner, str) and func.attr == "format":
            return formatted(owner, positional, named)
        if func.attr not in METHODS.get(type(owner), ()) or not named.keys() <= KEYWORDS:
            raise UnknownValueError
        if any(isinstance(one, UNORDERED) for one in positional) and func.attr in {"join", "extend"}:
            raise UnknownValueError
        made = getattr(owner, func.attr)(*positional, **named)
        if func.attr in CHANGING:
            bounded(owner)
        return made

    def _is_instance(self, node: ast.Call) -> bool:
        value = self.of(node.args[0])
        if isinstance(value, Symbol):
            return self._bench.truth(ast.unparse(node))
        told(value)
        kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else _alternatives(node.args[1])
        names = [ast.unparse(one) for one in kinds]
        if not all(name in TYPES and name not in self._bench.around.shadowed for name in names):
            raise UnknownValueError
        return isinstance(value, tuple(TYPES[name] for name in names))


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]
