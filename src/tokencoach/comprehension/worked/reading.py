"""What a function's names may be supposed to be: their shapes, and what nobody may suppose otherwise."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tokencoach.comprehension.languages.python_names import bound_by, dotted, own_nodes
from tokencoach.comprehension.worked.inputs import inputs
from tokencoach.comprehension.worked.pieces import settled, touched_by
from tokencoach.comprehension.worked.shapes import Shape, Shapes
from tokencoach.comprehension.worked.surroundings import fields_of, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.comprehension.languages.python_names import PythonFunction
    from tokencoach.comprehension.worked.bench import Surroundings


class Reading(NamedTuple):
    """A function as it is read: its shapes, what stands around it, names whose values are told or strange."""

    around: Surroundings
    shapes: dict[str, Shape]
    fixed: frozenset[str]
    strange: frozenset[str]
    bound: Counter[str]

    def rows(self, nodes: Iterable[ast.AST], *, is_lax: bool = False) -> list[dict[str, Any]]:
        """Values for the names and calls that some nodes read; ``is_lax`` where any plain value will do."""
        read = names_read(nodes)
        known = {
            name: self.shapes.get(name, Shape())
            for name in sorted(read)
            if (name in self.shapes or is_lax) and self.may_suppose(name)
        }
        free = frozenset(name for name in known if is_lax and not name.endswith(")"))
        return inputs(known, free)

    def may_suppose(self, name: str) -> bool:
        """Whether a name may be supposed to have any value of its kind."""
        root = name.partition(".")[0]
        return not (
            name in self.fixed
            or f"{name}." in self.shapes
            or name in self.around.constants
            or name in self.around.functions
            or name in self.around.modules
            or root in self.strange
            or root in self.around.modules
        )


def reading(tree: ast.Module, node: PythonFunction, qualname: str) -> Reading:
    """Read a function of a file."""
    bound = Counter(name for part in own_nodes(node) for name in (*bound_by(part), *touched_by(part)))
    strange = {
        name
        for part in own_nodes(node)
        if isinstance(part, ast.ExceptHandler | ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
        for name in bound_by(part)
    }
    strange |= {name for part in tree.body if not isinstance(part, ast.Assign) for name in bound_by(part)}
    around = surroundings(tree, node)
    return Reading(
        around,
        Shapes(node, fields_of(tree, qualname)).known,
        settled(node),
        frozenset(strange | vars(builtins).keys()),
        bound,
    )


def names_read(nodes: Iterable[ast.AST]) -> set[str]:
    """Names, dotted names and calls below some nodes, by their text."""
    found: set[str] = set()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Call | ast.Await):
                found.add(ast.unparse(part))
            elif isinstance(part, ast.Name | ast.Attribute) and (name := dotted(part)) is not None:
                found.add(name)
    return found
