"""Expressions of Python, worked out with built-in values as Python would."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.worked.bench import Symbol, bounded, is_plain, told
from tokencoach.comprehension.worked.calls import UNORDERED, Calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


OPERATORS: Final[dict[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitOr: operator.or_, ast.BitAnd: operator.and_,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right, ast.NotIn: lambda left, right: left not in right,
}  # fmt: skip
_NUMBERS: Final = (int, float)
_MOST_REPEATED: Final = 40


class Values(Calls):
    """Works expressions out on a bench; ``apply`` is what calls a function of the file.

    Raises:
        UnknownValueError: from every method, where more than plain operations would be needed.
    """

    def of(self, node: ast.expr) -> Any:
        """The value of an expression, or whatever Python would raise."""
        self._bench.step()
        made: Callable[[Any], Any] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if made is None:
            raise UnknownValueError
        return bounded(made(node))

    def holds(self, node: ast.expr) -> bool:
        """Whether a condition holds, worked out or supposed."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self.holds(node.operand)
        if isinstance(node, ast.BoolOp):
            is_any = isinstance(node.op, ast.Or)
            self._bench.decisions += 1
            return any(map(self.holds, node.values)) if is_any else all(map(self.holds, node.values))
        value = self.of(node)
        return self._bench.truth(ast.unparse(node)) if isinstance(value, Symbol) else bool(value)

    def elements(self, node: ast.expr) -> list[Any]:
        """What a loop goes through; a set has no order and so is not gone through."""
        return self.listed(self.of(node))

    def listed(self, value: Any) -> list[Any]:
        """The elements of a value in their order."""
        if isinstance(value, UNORDERED) or not hasattr(value, "__iter__"):
            raise UnknownValueError
        found = []
        for one in value:
            self._bench.step()
            found.append(one)
        return found

    def bind(self, target: ast.expr, value: Any) -> None:
        """Give a target of an assignment its value."""
        if isinstance(target, ast.Name):
            self._bench.write(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpacked(target.elts, self.listed(value))
        elif isinstance(target, ast.Subscript):
            self.of(target.value)[self._index(target.slice)] = value
        else:
            name = dotted(target)
            if name is None or name.partition(".")[0] in self._bench.names:
                raise UnknownValueError
            self._bench.write(name, value)

    def _unpacked(self, targets: list[ast.expr], values: list[Any]) -> None:
        stars = [place for place, one in enumerate(targets) if isinstance(one, ast.Starred)]
        if not stars and len(targets) != len(values):
            raise ValueError
        if stars:
            at, rest = stars[0], len(targets) - stars[0] - 1
            if len(values) < len(targets) - 1:
                raise ValueError
            end = len(values) - rest
            values = [*values[:at], values[at:end], *values[end:]]
        for target, value in zip(targets, values, strict=True):
            self.bind(target.value if isinstance(target, ast.Starred) else target, value)

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        return self._bench.read(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        name = dotted(node)
        root = (name or "").partition(".")[0]
        if name is not None and (root not in self._bench.names or name in self._bench.names):
            return self._bench.read(name)
        owner = self.of(node.value)
        if not isinstance(owner, Symbol) or owner.is_made:
            raise UnknownValueError
        return Symbol(f"{owner.text}.{node.attr}")

    def _list(self, node: ast.List) -> Any:
        return list(self._spread(node.elts))

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._spread(node.elts))

    def _set(self, node: ast.Set) -> Any:
        return set(self._spread(node.elts))

    def _dict(self, node: ast.Dict) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                found |= self.of(value)
            else:
                found[self.of(key)] = self.of(value)
        return found

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.holds(node.operand)
        inner = self.of(node.operand)
        if not isinstance(node.op, ast.USub) or type(inner) not in _NUMBERS:
            raise UnknownValueError
        return -inner

    def _boolop(self, node: ast.BoolOp) -> Any:
        stops = isinstance(node.op, ast.Or)
        self._bench.decisions += 1
        for part in node.values[:-1]:
            value = self.of(part)
            is_true = self._bench.truth(ast.unparse(part)) if isinstance(value, Symbol) else bool(value)
            if is_true is stops:
                return value
        return self.of(node.values[-1])

    def _ifexp(self, node: ast.IfExp) -> Any:
        self._bench.decisions += 1
        return self.of(node.body if self.holds(node.test) else node.orelse)

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.of(node.left), self.of(node.right)
        self._bench.operations += 1
        if isinstance(left, Symbol) or isinstance(right, Symbol):
            return Symbol(ast.unparse(node))
        return self.joined(type(node.op), left, right)

    def joined(self, operation: type[ast.operator], left: Any, right: Any) -> Any:
        """Both sides of an operator in one."""
        if operation not in OPERATORS or (operation is ast.Mod and type(left) not in _NUMBERS):
            raise UnknownValueError
        sizes = [one for one in (left, right) if type(one) is int]
        if operation is ast.Mult and len(sizes) == 1 and sizes[0] > _MOST_REPEATED:
            raise UnknownValueError
        return OPERATORS[operation](left, right)

    def _compare(self, node: ast.Compare) -> Any:
        self._bench.operations += 1
        left = self.of(node.left)
        for operation, other in zip(node.ops, node.comparators, strict=True):
            right = self.of(other)
            if not (is_plain(left) and is_plain(right)):
                return self._unsure(node, left, operation, right)
            # Whether two equal texts or numbers are one object is nobody's to know.
            if isinstance(operation, ast.Is | ast.IsNot) and not _is_single(left, right):
                raise UnknownValueError
            if not OPERATORS[type(operation)](left, right):
                return False
            left = right
        return True

    def _unsure(self, node: ast.Compare, left: Any, operation: ast.cmpop, right: Any) -> bool:
        """A comparison with what nobody knows; only an object made right here is surely something."""
        made = any(isinstance(one, Symbol) and one.is_made for one in (left, right))
        if len(node.ops) > 1:
            raise UnknownValueError
        known = made or not any(isinstance(one, Symbol) for one in (left, right))
        if known and isinstance(operation, ast.Is | ast.IsNot) and any(one is None for one in (left, right)):
            return isinstance(operation, ast.IsNot)
        return self._bench.truth(ast.unparse(node))

    def _subscript(self, node: ast.Subscript) -> Any:
        value = self.of(node.value)
        self._bench.operations += 1
        if isinstance(value, Symbol) and not value.is_made:
            return Symbol(f"{value.text}[{ast.unparse(node.slice)}]")
        if not isinstance(value, str | list | tuple | dict | re.Match):
            raise UnknownValueError
        return value[self._index(node.slice)]

    def _index(self, node: ast.expr) -> Any:
        if not isinstance(node, ast.Slice):
            return self.of(node)
        return slice(
            *(None if part is None else self.of(part) for part in (node.lower, node.upper, node.step))
        )

    def _namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.of(node.value)
        self.bind(node.target, value)
        return value

    def _joinedstr(self, node: ast.JoinedStr) -> Any:
        found = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                found.append(str(part.value))
            elif isinstance(part, ast.FormattedValue):
                found.append(self._formatted(part))
        self._bench.operations += 1
        return "".join(found)

    def _formatted(self, node: ast.FormattedValue) -> str:
        value = self.of(node.value)
        if not is_plain(value):
            raise UnknownValueError
        written = told(value)
        if node.conversion == ord("r"):
            value = written
        text = value if isinstance(value, str) else written
        if node.format_spec is None:
            return text
        if not isinstance(node.format_spec, ast.JoinedStr) or not isinstance(value, int | float | str):
            raise UnknownValueError
        spec = "".join(str(one.value) for one in node.format_spec.values if isinstance(one, ast.Constant))
        if len(node.format_spec.values) > 1 or not re.fullmatch(r"[,.<>^]?\d{0,2}(\.\d)?[dfsx,%]?", spec):
            raise UnknownValueError
        return format(value, spec)

    def _listcomp(self, node: ast.ListComp) -> Any:
        return list(self._each(node.generators, node.elt))

    def _setcomp(self, node: ast.SetComp) -> Any:
        return set(self._each(node.generators, node.elt))

    def _generatorexp(self, node: ast.GeneratorExp) -> Any:
        return iter(list(self._each(node.generators, node.elt)))

    def _dictcomp(self, node: ast.DictComp) -> Any:
        return dict(self._each(node.generators, ast.Tuple([node.key, node.value], ast.Load())))

    def _each(self, loops: list[ast.comprehension], made: ast.expr) -> Iterator[Any]:
        bound = {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
        kept = {name: self._bench.names[name] for name in bound if name in self._bench.names}
        self._bench.turns += 1
        try:
            yield from list(self._nested(loops, made))
        finally:
            self._bench.turns -= 1
            for name in bound:
                self._bench.names.pop(name, None)
            self._bench.names |= kept

    def _nested(self, loops: list[ast.comprehension], made: ast.expr) -> Iterator[Any]:
        if not loops:
            yield self.of(made)
            return
        loop, *rest = loops
        if loop.is_async:
            raise UnknownValueError
        for element in self.elements(loop.iter):
            self.bind(loop.target, element)
            self._bench.decisions += 1
            if all(self.holds(test) for test in loop.ifs):
                yield from self._nested(rest, made)

    def _await(self, node: ast.Await) -> Any:
        if ast.unparse(node) in self._bench.given:
            return self._bench.suppose(ast.unparse(node))
        return self.of(node.value)


def _is_single(left: Any, right: Any) -> bool:
    return any(one is None or isinstance(one, bool) for one in (left, right))
