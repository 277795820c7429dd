"""G7: facts of Python that code hides: shared defaults, late names, changed arguments, loops left early."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.languages.python_names import bound_by, dotted, own_nodes
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.languages.python_names import PythonFunction

_CHANGING: Final = frozenset(
    {"append", "extend", "insert", "setdefault", "sort", "reverse", "clear", "discard"}
)
_MADE: Final = frozenset({"list", "dict", "set"})
_ITEMS: Final = 5


class _Trap(NamedTuple):
    """A question of this file before it is put into shape."""

    what: str
    line: int
    prompt: str
    expected: tuple[str, ...]
    why: str
    matcher: str = "word"


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different traps."""
    del context
    node = source.node(function)
    if node is None:
        return
    found = [
        trap
        for make in (_shared_default, _late_name, _left_early, _changed_argument)
        for trap in make(node, function)
        if trap.line in function.changed
    ]
    for trap in found[:2]:
        yield _asked(function, trap)


def _shared_default(node: PythonFunction, function: ChangedFunction) -> Iterator[_Trap]:
    """A list, dict or set as a default that the function changes."""
    for argument, default in _defaults(node.args):
        is_made = isinstance(default, ast.Call) and dotted(default.func) in _MADE and not default.args
        if not (is_made or isinstance(default, ast.List | ast.Dict | ast.Set)):
            continue
        changes = _changes_of(node, argument.arg)
        if changes:
            yield _Trap(
                f"default:{argument.arg}",
                changes[0],
                f"{short(function)} is called twice, both times without `{argument.arg}`.\n"
                f"How many different objects are `{argument.arg}` in the two calls, 1 or 2? Type the number.",
                ("1",),
                f"the default on line {argument.lineno} is made once, and line {changes[0]} changes it for later calls",
                "literal",
            )


def _defaults(given: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    plain = [*given.posonlyargs, *given.args]
    yield from zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True)
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if default is not None:
            yield argument, default


def _late_name(node: PythonFunction, function: ChangedFunction) -> Iterator[_Trap]:
    """A function made in a loop that reads the loop's name when it is called, and is kept for later."""
    for loop in own_nodes(node):
        if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
            continue
        name = loop.target.id
        for part in own_nodes(loop):
            if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Attribute):
                continue
            kept = (
                [one for one in part.args if isinstance(one, ast.Lambda)]
                if part.func.attr == "append"
                else []
            )
            for made in kept:
                own = {argument.arg for argument in (*made.args.args, *made.args.kwonlyargs)}
                if name not in own and _reads(made.body, name) and not _is_bound_again(loop, name):
                    yield _Trap(
                        f"late:{name}",
                        made.lineno,
                        f"The loop on line {loop.lineno} of {short(function)} goes through three values, and the "
                        f"functions that line {made.lineno} keeps are called after it.\nWhich turn's `{name}` does "
                        "the first of them see: first, second or third?",
                        ("third", "last"),
                        f"`{name}` is looked up when the function is called, not when it is made",
                    )


def _reads(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def _is_bound_again(loop: ast.For, name: str) -> bool:
    return any(
        name in set(bound_by(part)) for statement in loop.body for part in (statement, *own_nodes(statement))
    )


def _left_early(node: PythonFunction, function: ChangedFunction) -> Iterator[_Trap]:
    """A loop whose only condition leaves it: how often is the condition looked at?"""
    for loop in own_nodes(node):
        if not isinstance(loop, ast.For) or loop.orelse:
            continue
        jumps = [
            part
            for part in own_nodes(loop)
            if isinstance(part, ast.Break | ast.Continue | ast.Return | ast.Raise)
        ]
        tests = [one for one in loop.body if isinstance(one, ast.If) and not one.orelse]
        inner = [
            part
            for part in own_nodes(loop)
            if isinstance(part, ast.If | ast.For | ast.While | ast.Try | ast.With)
        ]
        if len(tests) != 1 or len(inner) != 1 or len(jumps) != 1 or jumps[0] is not tests[0].body[-1]:
            continue
        if isinstance(jumps[0], ast.Raise) or not _depends(tests[0].test, loop):
            continue
        first, second = shuffled(
            [(2, 4), (3, 4), (2, 5), (1, 3), (4, 5)], function, f"loop:{loop.lineno - node.lineno}"
        )[0]
        goes_on = isinstance(jumps[0], ast.Continue)
        behind = loop.body[loop.body.index(tests[0]) + 1 :]
        if goes_on and not behind:
            continue
        line = behind[0].lineno if goes_on else tests[0].lineno
        count = _ITEMS - 2 if goes_on else first
        yield _Trap(
            f"loop:{ast.unparse(tests[0].test)}",
            tests[0].lineno,
            f"The loop on line {loop.lineno} of {short(function)} is given {_ITEMS} items; the condition on line "
            f"{tests[0].lineno} is true for items {first} and {second} and false for the others.\n"
            f"Nothing else raises. How many times does line {line} run?",
            (str(count),),
            f"line {jumps[0].lineno} {'goes on with the next item' if goes_on else f'leaves the loop at item {first}'}",
            "literal",
        )


def _depends(test: ast.expr, loop: ast.For) -> bool:
    """Whether a condition looks at the loop's item, and at nothing that the loop's body makes."""
    names = {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
    looked = {part.id for part in ast.walk(test) if isinstance(part, ast.Name)}
    made = {
        name
        for statement in loop.body
        for part in (statement, *own_nodes(statement))
        for name in bound_by(part)
    }
    return bool(names & looked) and not made & looked


def _changed_argument(node: PythonFunction, function: ChangedFunction) -> Iterator[_Trap]:
    """Which one of several arguments the function's own statements change."""
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    names = [name for name in names if name not in {"self", "cls"}]
    bound = {name for part in own_nodes(node) for name in bound_by(part)}
    changed = {
        name: lines
        for name in names
        if name not in bound or _only_elements(node, name)
        if (lines := _changes_of(node, name))
    }
    # A name for an argument, or an element of it, would be a second way to change it.
    if len(changed) != 1 or len(names) < 3 or _has_second_names(node, set(names)):
        return
    (name, lines) = next(iter(changed.items()))
    yield _Trap(
        f"in place:{name}",
        lines[0],
        f"Which argument do the own statements of {short(function)} change in place, so that the caller sees it?\n"
        "Type its name.",
        (name,),
        f"line {lines[0]} changes the object that the caller gave",
    )


def _only_elements(node: PythonFunction, name: str) -> bool:
    """Whether a name is never given another value, only its elements."""
    return not any(
        isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load)
        for part in own_nodes(node)
    )


def _changes_of(node: PythonFunction, name: str) -> list[int]:
    """Lines that change the object behind a name, as far as they say so themselves."""
    found = []
    for part in own_nodes(node):
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and dotted(part.func.value) == name
        ):
            if part.func.attr in _CHANGING:
                found.append(part.lineno)
        elif (
            isinstance(part, ast.Subscript | ast.Attribute)
            and not isinstance(part.ctx, ast.Load)
            and dotted(part.value) == name
        ):
            found.append(part.lineno)
    return sorted(found)


def _has_second_names(node: PythonFunction, names: set[str]) -> bool:
    for part in own_nodes(node):
        if isinstance(part, ast.Assign | ast.AnnAssign | ast.NamedExpr) and part.value is not None:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            if not any(isinstance(one, ast.Name | ast.Tuple | ast.List) for one in targets):
                continue
            if any(isinstance(one, ast.Name) and one.id in names for one in _handed_on(part.value)):
                return True
        elif isinstance(part, ast.For | ast.AsyncFor | ast.comprehension | ast.withitem):
            over = part.context_expr if isinstance(part, ast.withitem) else part.iter
            if any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(over)):
                return True
    return False


def _handed_on(value: ast.expr) -> Iterator[ast.AST]:
    """Parts of a value that may be the whole value, or an element of another thing."""
    yield value
    if isinstance(value, ast.BoolOp):
        yield from value.values
    elif isinstance(value, ast.IfExp):
        yield from (value.body, value.orelse)
    elif isinstance(value, ast.Subscript | ast.Attribute):
        yield from ast.walk(value)
    elif isinstance(value, ast.Tuple | ast.List):
        yield from value.elts


def _asked(function: ChangedFunction, trap: _Trap) -> Prepared:
    return Prepared(
        Question(
            id=question_id(function, Kind.HIDDEN_TRAP, trap.what),
            kind=Kind.HIDDEN_TRAP,
            part=Part.EDGES,
            path=function.path,
            qualname=function.qualname,
            line=trap.line,
            prompt=trap.prompt,
            form=Form.TYPED,
            lines=(trap.line,),
            seconds=20,
        ),
        AnswerKey(
            expected=trap.expected,
            checked_by=CheckedBy.SYNTAX,
            evidence="the function's own statements",
            matcher=trap.matcher,
            trace=(trap.why,),
        ),
    )
