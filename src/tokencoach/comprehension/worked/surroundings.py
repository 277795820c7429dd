"""What a file gives to each of its functions: constants, functions that only compute, imported modules."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from typing import TYPE_CHECKING, Any

from tokencoach.comprehension.languages.python_names import bound_by, dotted, own_nodes
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.worked.bench import Surroundings, bounded
from tokencoach.comprehension.worked.methods import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.languages.python_names import PythonFunction


def surroundings(tree: ast.Module, node: PythonFunction) -> Surroundings:
    """What a function of a file may read besides its own names."""
    own = {name for part in own_nodes(node) for name in bound_by(part)}
    own |= {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
    imports = {name for part in ast.walk(tree) if isinstance(part, ast.Import) for name in bound_by(part)}
    counts = Counter(name for part in own_nodes(tree) for name in bound_by(part))
    constants = {name: value for name, value in _constants(tree) if counts[name] == 1 and name not in own}
    functions = {
        part.name: part
        for part in tree.body
        if isinstance(part, ast.FunctionDef) and counts[part.name] == 1 and _is_plain(part)
    }
    shadowed = (own | set(counts)) & set(vars(builtins))
    return Surroundings(
        constants,
        {name: part for name, part in functions.items() if name not in own},
        frozenset(imports - own | {name for name in imports if counts[name] <= 1}),
        frozenset(shadowed),
    )


def fields_of(tree: ast.Module, qualname: str) -> dict[str, ast.expr]:
    """What the fields of a method's class are said to be, in its body and where it is made."""
    above = qualname.rpartition(".")[0].rpartition(".")[2]
    found: dict[str, ast.expr] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.ClassDef) and part.name == above:
            for one in part.body:
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                    found[one.target.id] = one.annotation
                elif isinstance(one, ast.FunctionDef) and one.name == "__init__":
                    found |= dict(_taken_over(one))
    return found


def _taken_over(maker: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Fields that take a parameter over as it is."""
    given = {one.arg: one.annotation for one in (*maker.args.args, *maker.args.kwonlyargs) if one.annotation}
    for part in own_nodes(maker):
        if isinstance(part, ast.AnnAssign) and (dotted(part.target) or "").startswith("self."):
            yield (dotted(part.target) or "").removeprefix("self."), part.annotation
        elif isinstance(part, ast.Assign) and isinstance(part.value, ast.Name) and part.value.id in given:
            for target in part.targets:
                name = dotted(target) or ""
                annotation = given[part.value.id]
                if name.startswith("self.") and annotation is not None:
                    yield name.removeprefix("self."), annotation


def _constants(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for part in tree.body:
        target = part.targets[0] if isinstance(part, ast.Assign) and len(part.targets) == 1 else None
        target = part.target if isinstance(part, ast.AnnAssign) else target
        if not isinstance(target, ast.Name) or not isinstance(part, ast.Assign | ast.AnnAssign):
            continue
        try:
            yield target.id, _written(part.value)
        except (UnknownValueError, ValueError, TypeError, SyntaxError, RecursionError):
            continue


def _written(node: ast.expr | None) -> Any:
    if node is None:
        raise UnknownValueError
    if isinstance(node, ast.Call):
        name = dotted(node.func)
        if name == "re.compile" and len(node.args) == 1 and not node.keywords:
            return compiled(ast.literal_eval(node.args[0]))
        if name == "frozenset" and len(node.args) == 1:
            return frozenset(ast.literal_eval(node.args[0]))
    return bounded(ast.literal_eval(node))


def _is_plain(node: ast.FunctionDef) -> bool:
    return not node.decorator_list and not any(
        isinstance(part, ast.Yield | ast.YieldFrom | ast.Global | ast.Nonlocal | ast.Await)
        for part in own_nodes(node)
    )
