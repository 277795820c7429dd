"""What an annotation, or a constant, says of a value's kind."""

from __future__ import annotations

import ast
from typing import Final

from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.worked.shape import Shape

_PLAIN: Final = {"str": "text", "int": "number", "float": "fraction", "bool": "flag", "list": "list", "dict": "dict",
                 "List": "list", "Dict": "dict", "Sequence": "list", "Mapping": "dict", "tuple": "row", "Tuple": "row",
                 "set": "set", "Set": "set", "frozenset": "set"}  # fmt: skip


def annotated(node: ast.expr) -> Shape:  # noqa: PLR0911 - one case each
    """The shape that an annotation promises; opaque where it is no plain type."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return Shape(may_be_none=True)
        if isinstance(node.value, str):
            try:
                return annotated(ast.parse(node.value, mode="eval").body)
            except SyntaxError:
                return Shape(is_opaque=True)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        shape = annotated(node.left)
        shape.take(annotated(node.right))
        return shape
    if isinstance(node, ast.Subscript):
        return _subscripted(node)
    name = (dotted(node) or "").rpartition(".")[2]
    if name == "Any":
        return Shape()
    return Shape({_PLAIN[name]}) if name in _PLAIN else Shape(is_opaque=True)


def _subscripted(node: ast.Subscript) -> Shape:
    name = (dotted(node.value) or "").rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Optional":
        shape = annotated(inner[0])
        shape.may_be_none = True
        return shape
    if name == "Union":
        shape = Shape()
        for one in inner:
            shape.take(annotated(one))
        return shape
    kind = _PLAIN.get(name)
    if kind in {"list", "set"} and len(inner) == 1:
        element = annotated(inner[0])
        return Shape({kind}, element=element if element.kinds else Shape(is_opaque=True))
    if kind == "dict" and len(inner) == 2:
        element = annotated(inner[1])
        is_text = annotated(inner[0]).kinds == {"text"}
        return Shape({"dict"}, element=element, is_opaque=not is_text)
    return Shape(is_opaque=True)


def of_constant(node: ast.expr) -> Shape:
    """The shape of what is written down."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return of_constant(node.operand)
    if isinstance(node, ast.List):
        return Shape({"list"})
    if isinstance(node, ast.Dict):
        return Shape({"dict"})
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool):
        return Shape({"flag"})
    if isinstance(value, str):
        return Shape({"text"})
    return Shape({"number"}) if isinstance(value, int) else Shape()
