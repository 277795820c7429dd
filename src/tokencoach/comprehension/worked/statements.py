"""Statements of Python, worked out on a bench one after the other."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.worked.bench import Bench, Symbol
from tokencoach.comprehension.worked.leaving import Left, Ways, defaults_of, exception_of, is_quiet
from tokencoach.comprehension.worked.values import Values

if TYPE_CHECKING:
    from collections.abc import Sequence


_MOST_DEEP: Final = 2


class Worker:
    """Works statements out; of what it cannot it raises ``UnknownValueError``."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._values = Values(bench, self._apply)

    def value(self, node: ast.expr) -> Any:
        """Work an expression out."""
        return self._values.of(node)

    def block(self, statements: Sequence[ast.stmt]) -> Left | None:
        """Work a row of statements out; what leaves it, or None where it runs to its end."""
        for statement in statements:
            left = self.one(statement)
            if left is not None:
                return left
        return None

    def one(self, node: ast.stmt) -> Left | None:  # noqa: C901, PLR0911, PLR0912 - one case each
        """Work one statement out, or raise whatever Python would."""
        self.bench.step()
        self.bench.lines.add(node.lineno)
        match node:
            case ast.Assign():
                value = self._values.of(node.value)
                for target in node.targets:
                    self._values.bind(target, value)
            case ast.AnnAssign():
                if node.value is not None:
                    self._values.bind(node.target, self._values.of(node.value))
            case ast.AugAssign():
                self._augmented(node)
            case ast.Expr():
                self._called(node.value)
            case ast.If():
                self.bench.decisions += 1
                return self.block(node.body if self._values.holds(node.test) else node.orelse)
            case ast.For():
                return self._for(node)
            case ast.While():
                return self._while(node)
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.Try():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.Return():
                return Left(Ways.RETURN, None if node.value is None else self._values.of(node.value))
            case ast.Raise():
                return self._raised(node)
            case ast.Delete():
                self._deleted(node)
            case ast.Break():
                return Left(Ways.BREAK)
            case ast.Continue():
                return Left(Ways.CONTINUE)
            case ast.Pass():
                return None
            case _:
                raise UnknownValueError
        return None

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Subscript):
            owner, place = self._values.of(node.target.value), self._values.of(node.target.slice)
            made = self._values.joined(type(node.op), owner[place], self._values.of(node.value))
            self.bench.operations += 1
            owner[place] = made
            return
        name = dotted(node.target)
        if name is None:
            raise UnknownValueError
        own = self.bench.read(name)
        other = self._values.of(node.value)
        self.bench.operations += 1
        if isinstance(own, list) and isinstance(node.op, ast.Add):
            own += self._values.listed(other)
            self.bench.write(name, own)
        elif isinstance(own, list | dict | set):
            raise UnknownValueError
        else:
            self.bench.write(name, self._values.joined(type(node.op), own, other))

    def _called(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) or is_quiet(node):
            return
        if not isinstance(node, ast.Call | ast.Await):
            raise UnknownValueError
        self._values.of(node)

    def _for(self, node: ast.For) -> Left | None:
        self.bench.turns += 1
        try:
            for element in self._values.elements(node.iter):
                self._values.bind(node.target, element)
                if (left := self._turn(node)) is not None:
                    return None if left.way is Ways.BREAK else left
        finally:
            self.bench.turns -= 1
        return self.block(node.orelse)

    def _while(self, node: ast.While) -> Left | None:
        self.bench.turns += 1
        try:
            while self._values.holds(node.test):
                if (left := self._turn(node)) is not None:
                    return None if left.way is Ways.BREAK else left
        finally:
            self.bench.turns -= 1
        return self.block(node.orelse)

    def _turn(self, node: ast.For | ast.While) -> Left | None:
        """One turn of a loop; what ends the loop, if anything does."""
        self.bench.decisions += 1
        left = self.block(node.body)
        return None if left is not None and left.way is Ways.CONTINUE else left

    def _with(self, node: ast.With | ast.AsyncWith) -> Left | None:
        for one in node.items:
            entered = self._values.of(one.context_expr)
            if one.optional_vars is not None:
                if not isinstance(entered, Symbol):
                    raise UnknownValueError
                text = ast.unparse(one.optional_vars)
                self._values.bind(one.optional_vars, Symbol(text))
        return self.block(node.body)

    def _try(self, node: ast.Try) -> Left | None:
        if node.finalbody:
            raise UnknownValueError
        try:
            left = self.block(node.body)
        except UnknownValueError:
            raise
        except Exception as error:  # noqa: BLE001 - it is the code's own, and caught as the code says
            self.bench.decisions += 1
            return self._handled(node, error)
        if left is not None and left.way is Ways.RAISE:
            raise UnknownValueError
        return left if left is not None else self.block(node.orelse)

    def _handled(self, node: ast.Try, error: Exception) -> Left | None:
        for handler in node.handlers:
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            known = [exception_of(kind) for kind in kinds]
            if any(isinstance(error, kind) for kind in known):
                if handler.name is not None:
                    self.bench.names.pop(handler.name, None)
                return self.block(handler.body)
        raise error

    def _match(self, node: ast.Match) -> Left | None:
        value = self._values.of(node.subject)
        self.bench.decisions += 1
        for case in node.cases:
            if self._fits(case.pattern, value) and (case.guard is None or self._values.of(case.guard)):
                return self.block(case.body)
        return None

    def _fits(self, pattern: ast.pattern, value: Any) -> bool:
        match pattern:
            case ast.MatchValue():
                return bool(value == self._values.of(pattern.value))
            case ast.MatchSingleton():
                return value is pattern.value
            case ast.MatchOr():
                return any(self._fits(one, value) for one in pattern.patterns)
            case ast.MatchAs():
                if pattern.pattern is not None and not self._fits(pattern.pattern, value):
                    return False
                if pattern.name is not None:
                    self.bench.write(pattern.name, value)
                return True
        raise UnknownValueError

    def _raised(self, node: ast.Raise) -> Left:
        made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = dotted(made) if made is not None else None
        if name is None or name in self.bench.names or not name.rpartition(".")[2][:1].isupper():
            raise UnknownValueError
        return Left(Ways.RAISE, name)

    def _deleted(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise UnknownValueError
            del self._values.of(target.value)[self._values._index(target.slice)]  # noqa: SLF001 - one house

    def _apply(self, function: ast.FunctionDef, positional: list[Any], named: dict[str, Any]) -> Any:
        """Call a function of the file that can be worked out as well."""
        given = function.args
        plain = [one.arg for one in (*given.posonlyargs, *given.args)]
        if self.bench.depth >= _MOST_DEEP or given.vararg or given.kwarg or function.decorator_list:
            raise UnknownValueError
        bench = Bench(self.bench.around, {}, self.bench.depth + 1)
        worker = Worker(bench)
        values = dict(zip(plain, positional, strict=False)) | named
        for name, default in defaults_of(given):
            values.setdefault(name, worker.value(default))
        if len(positional) > len(plain) or values.keys() != {*plain, *(one.arg for one in given.kwonlyargs)}:
            raise UnknownValueError
        bench.names |= values
        left = worker.block(function.body)
        self.bench.operations += bench.operations
        self.bench.decisions += bench.decisions
        if left is None:
            return None
        if left.way is not Ways.RETURN:
            raise UnknownValueError
        return left.value
