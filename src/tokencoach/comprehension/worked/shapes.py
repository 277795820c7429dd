"""What kind of value each name of a function holds, told by what the function does with it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.languages.python_values import TEXT_METHODS
from tokencoach.comprehension.worked.annotations import annotated, of_constant
from tokencoach.comprehension.worked.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.comprehension.languages.python_names import PythonFunction

_LIST_WORDS: Final = frozenset({"append", "extend", "insert", "sort", "reverse", "remove"})
_DICT_WORDS: Final = frozenset({"items", "keys", "values", "setdefault"})
_TEXT_ONLY: Final = TEXT_METHODS - {"count", "find"}
_ITERATES: Final = frozenset({"sorted", "list", "tuple", "set", "enumerate", "reversed", "any", "all"})


class Shapes(ast.NodeVisitor):
    """Shapes of a function's names, of dotted names, and of what calls give, by their text."""

    def __init__(self, node: PythonFunction, fields: Mapping[str, ast.expr]) -> None:
        self.known: dict[str, Shape] = {}
        for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if one.annotation is not None:
                self.known[one.arg] = annotated(one.annotation)
        for name, annotation in fields.items():
            self.known[f"self.{name}"] = annotated(annotation)
        for default, shape in self._defaults(node):
            if isinstance(default, ast.Constant) and default.value is None:
                shape.may_be_none = True
            elif not shape.kinds:
                shape.take(of_constant(default))
        for statement in node.body:
            self.visit(statement)

    def _defaults(self, node: PythonFunction) -> list[tuple[ast.expr, Shape]]:
        given = node.args
        plain = [*given.posonlyargs, *given.args]
        pairs = list(zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True))
        pairs += [
            (one, value) for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value
        ]
        return [(value, self.known.setdefault(one.arg, Shape())) for one, value in pairs]

    def of(self, node: ast.expr) -> Shape:  # noqa: C901, PLR0911 - one case each
        """The shape of an expression, known or made at this look."""
        match node:
            case ast.Name() | ast.Attribute():
                name = dotted(node)
                return Shape(is_opaque=True) if name is None else self.known.setdefault(name, Shape())
            case ast.Await():
                return self.known.setdefault(ast.unparse(node), Shape())
            case ast.NamedExpr():
                return self._set(node.target, node.value)
            case ast.Subscript():
                return self._part(node)
            case ast.Call():
                return self._call(node)
            case ast.BoolOp():
                return self._either(node)
            case ast.IfExp():
                shape = Shape()
                shape.take(self.of(node.body))
                shape.take(self.of(node.orelse))
                return shape
            case ast.JoinedStr():
                return Shape({"text"})
            case ast.Dict() | ast.DictComp():
                return Shape({"dict"})
            case ast.List() | ast.ListComp():
                return Shape({"list"})
        return of_constant(node)

    def _either(self, node: ast.BoolOp) -> Shape:
        """One of several values; what stands in for a missing one is of its kind."""
        shape = self.of(node.values[0])
        if isinstance(node.op, ast.Or) and len(node.values) == 2:
            other = self.of(node.values[1])
            if other.kinds and not other.is_opaque and not shape.kinds:
                shape.kinds |= other.kinds
            if isinstance(node.values[1], ast.Dict | ast.List | ast.Constant):
                shape.may_be_none = True
            return shape
        found = Shape()
        for part in node.values:
            found.take(self.of(part))
        return found

    def _part(self, node: ast.Subscript) -> Shape:
        owner = self.of(node.value)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str):
            return owner.at(key)
        if isinstance(node.slice, ast.Slice):
            if not owner.kinds:
                owner.kinds.add("list")
            return owner
        if isinstance(key, int) or isinstance(node.slice, ast.UnaryOp):
            # A letter of a text looks like an element of a list; both at once is nothing sure.
            return owner.of_elements()
        owner.is_opaque = owner.is_opaque or not owner.kinds
        return owner.of_elements()

    def _call(self, node: ast.Call) -> Shape:  # noqa: PLR0911 - one case each
        if isinstance(node.func, ast.Attribute):
            word = node.func.attr
            key = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if word in {"get", "pop", "setdefault"} and isinstance(key, str):
                owner = self.of(node.func.value)
                owner.optional.add(key)
                shape = owner.at(key)
                if len(node.args) > 1:
                    shape.take(of_constant(node.args[1]))
                return shape
            if word in {"split", "rsplit", "splitlines"}:
                return Shape({"list"}, element=Shape({"text"}))
            if word in _TEXT_ONLY and word not in {"startswith", "endswith", "partition", "rpartition"}:
                return Shape({"text"})
        name = dotted(node.func)
        if name in {"len", "int", "sum", "round"}:
            return Shape({"number"})
        if name in {"str", "repr", "json.dumps"}:
            return Shape({"text"})
        if name in {"list", "sorted"}:
            return Shape({"list"})
        return self.known.setdefault(ast.unparse(node), Shape())

    def _set(self, target: ast.expr, value: ast.expr) -> Shape:
        shape, name = self.of(value), dotted(target)
        if name is not None:
            if name in self.known:
                self.known[name].take(shape)
            else:
                self.known[name] = shape
        return shape

    def visit_Assign(self, node: ast.Assign) -> None:
        """A name takes the shape of what it is given."""
        self.generic_visit(node)
        for target in node.targets:
            self._set(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """A name is said to be of a type."""
        self.generic_visit(node)
        name = dotted(node.target)
        if name is not None:
            self.known.setdefault(name, Shape()).take(annotated(node.annotation))

    def visit_For(self, node: ast.For | ast.comprehension) -> None:
        """What a loop goes through holds what the loop's name holds."""
        self._loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """The same in a comprehension."""
        self.visit_For(node)

    def _loop(self, target: ast.expr, over: ast.expr) -> None:
        inner = (
            over.args[0]
            if isinstance(over, ast.Call) and dotted(over.func) in _ITERATES and over.args
            else over
        )
        if isinstance(over, ast.Call) and dotted(over.func) == "enumerate" and isinstance(target, ast.Tuple):
            target = target.elts[-1]
        if isinstance(inner, ast.BoolOp):
            inner = inner.values[0]
        if (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr in _DICT_WORDS
        ):
            owner = self.of(inner.func.value)
            owner.kinds.add("dict")
            names = target.elts if isinstance(target, ast.Tuple) else []
            if inner.func.attr == "items" and len(names) == 2:
                self._named(names[0], Shape({"text"}))
                self._named(names[1], owner.of_elements())
            return
        if isinstance(inner, ast.Name | ast.Attribute | ast.Subscript) or (
            isinstance(inner, ast.Call) and dotted(inner.func) not in {"range", "zip"}
        ):
            owner = self.of(inner)
            if not owner.kinds:
                owner.kinds.add("list")
            self._named(target, owner.of_elements())

    def _named(self, target: ast.expr, shape: Shape) -> None:
        name = dotted(target)
        if name is None:
            shape.is_opaque = True
        elif name in self.known:
            self.known[name].take(shape)
            shape.take(self.known[name])
        else:
            self.known[name] = shape

    def visit_Compare(self, node: ast.Compare) -> None:
        """What a value is compared with is of its kind."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        for operation, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(operation, ast.In | ast.NotIn):
                self._member(left, right)
            elif isinstance(operation, ast.Is | ast.IsNot):
                for one, other in ((left, right), (right, left)):
                    if isinstance(other, ast.Constant) and other.value is None:
                        self.of(one).may_be_none = True
            else:
                self._alike(left, right)
                self._alike(right, left)

    def _alike(self, node: ast.expr, other: ast.expr) -> None:
        if not isinstance(other, ast.Constant) or isinstance(other.value, bool) or other.value is None:
            return
        if isinstance(node, ast.Call) and dotted(node.func) == "len" and isinstance(other.value, int):
            self.of(node.args[0]).sizes.add(other.value)
        elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            shape = self.of(node)
            shape.take(of_constant(other))
            shape.constants.append(other.value)

    def _member(self, left: ast.expr, right: ast.expr) -> None:
        if isinstance(left, ast.Constant) and isinstance(left.value, str):
            owner = self.of(right)
            owner.constants.append(left.value)
            owner.optional.add(left.value)
            if "dict" in owner.kinds:
                owner.at(left.value)
        elif isinstance(right, ast.Tuple | ast.List | ast.Set):
            for one in right.elts:
                self._alike(left, one)

    def visit_Call(self, node: ast.Call) -> None:
        """A method says what its owner is, a function what it takes."""
        self.of(node)
        if isinstance(node.func, ast.Attribute):
            self._method(node.func, node)
            self.visit(node.func.value)
        elif isinstance(node.func, ast.Name) and node.func.id in {"len", *_ITERATES} and node.args:
            shape = self.of(node.args[0])
            if node.func.id != "len" and not shape.kinds:
                shape.kinds.add("list")
        for part in (*node.args, *node.keywords):
            self.visit(part)

    def _method(self, func: ast.Attribute, node: ast.Call) -> None:
        owner, word = self.of(func.value), func.attr
        if word in _TEXT_ONLY and not (word == "join" and not isinstance(func.value, ast.Constant)):
            owner.kinds.add("text")
            owner.marks += [
                one.value
                for one in ast.walk(node)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if word == "join" and node.args:
                inner = self.of(node.args[0])
                inner.kinds.add("list")
                inner.of_elements().kinds.add("text")
        elif word in _LIST_WORDS:
            owner.kinds.add("list")
        elif word in _DICT_WORDS:
            owner.kinds.add("dict")
        elif word == "add":
            owner.kinds.add("set")
        elif word not in {"get", "pop", "copy", "update", "clear", "index", "count", "find"}:
            owner.is_opaque = True

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Whatever has a field is an object of the project, and no plain value."""
        base = dotted(node.value)
        if base is not None:
            self.known.setdefault(f"{base}.", Shape()).is_opaque = True
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """A sum with a text is one of texts, one with a number one of numbers."""
        self.generic_visit(node)
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, ast.JoinedStr) or (
                isinstance(other, ast.Constant) and other.value is not None
            ):
                shape = Shape({"text"}) if isinstance(other, ast.JoinedStr) else of_constant(other)
                if isinstance(node.op, ast.Add | ast.Sub | ast.Div | ast.FloorDiv | ast.Mod) and shape.kinds:
                    self.of(one).kinds |= shape.kinds
            elif isinstance(node.op, ast.Add) and isinstance(other, ast.List):
                self.of(one).kinds.add("list")

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """What is taken a part of has parts."""
        self._part(node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function in a function has names of its own."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """The same for one that waits."""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The same for a class."""
