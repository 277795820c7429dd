"""A Python function as ``Flow``."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.flow import (
    Atom,
    Block,
    Both,
    Condition,
    Either,
    Fixed,
    Flow,
    Handler,
    How,
    If,
    Leave,
    Loop,
    Node,
    Not,
    Opaque,
    Plain,
    Scope,
    Try,
)
from tokencoach.comprehension.languages.python_names import (
    PythonFunction,
    bound_by,
    bound_by_all,
    dotted,
    names_in,
    own_nodes,
    subjects_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_JUMPS: Final = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_ENDS: Final = frozenset(
    {"exit", "quit", "sys.exit", "os._exit", "os.abort", "os.execv", "os.execvp", "os.execve", "pytest.fail",
     "pytest.skip", "self.fail", "self.skipTest", "ctx.exit", "ctx.fail", "ctx.abort", "parser.error", "parser.exit",
     "self.exit", "self.abort", "abort", "fail", "die", "typing.assert_never", "assert_never", "typer.Exit"}
)  # fmt: skip
RAISING: Final = re.compile(r"_*(?:re_?)?(?:raise|throw)(?:$|_|[A-Z])")
"""Names of functions that are there to raise, even if only under a condition of their own."""
_SAFE_CONTEXTS: Final = ("open(", "tempfile.", "zipfile.", "tarfile.", "socket.")
_TRUTHY_CALLS: Final = frozenset(
    {"isinstance", "issubclass", "bool", "hasattr", "callable", "any", "all", "len"}
)
_FIXED_NAMES: Final = frozenset({"TYPE_CHECKING", "typing.TYPE_CHECKING", "__debug__"})


def python_flow(function: PythonFunction) -> Flow:
    """The flow of a function of a parsed file."""
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:] or body
    inside = list(own_nodes(function))
    parameters = tuple(argument.arg for argument in _arguments(function.args))
    loops = [node for node in inside if isinstance(node, ast.For | ast.AsyncFor | ast.While)]
    return Flow(
        first=function.lineno,
        body_line=body[0].lineno,
        last=function.end_lineno or function.lineno,
        body=_block(body),
        parameters=parameters,
        optional=frozenset(_optional(function.args)),
        unstable=_unstable(inside, parameters) - _settled(function, inside, parameters),
        behind=_behind(inside),
        loose=_loose(inside),
        is_lazy=any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside),
        has_falsy_values=True,
        turns=tuple(_turn(loop) for loop in sorted(loops, key=lambda loop: loop.lineno)),
    )


def _optional(given: ast.arguments) -> Iterator[str]:
    """Parameters whose default is None."""
    plain = [*given.posonlyargs, *given.args]
    pairs = [*zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True)]
    for argument, default in [*pairs, *zip(given.kwonlyargs, given.kw_defaults, strict=True)]:
        if isinstance(default, ast.Constant) and default.value is None:
            yield argument.arg


def _settled(function: PythonFunction, inside: Sequence[ast.AST], parameters: Iterable[str]) -> set[str]:
    """Parameters that get one other value, for sure, before any condition looks at them."""
    stores = Counter(name for node in inside for name in bound_by(node))
    found = set()
    for statement in function.body:
        if not isinstance(statement, ast.Assign) or _is_known(statement.value):
            continue
        for name in {name for target in statement.targets for name in names_in(target)} & set(parameters):
            if stores[name] == 1 and not any(line <= statement.lineno for line in _tested(inside, name)):
                found.add(name)
    return found


def _tested(inside: Sequence[ast.AST], name: str) -> Iterator[int]:
    """Lines of the conditions that look at a name."""
    for node in inside:
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.For):
            test = node.iter if isinstance(node, ast.For) else node.test
            if any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(test)):
                yield node.lineno


def _turn(loop: ast.For | ast.AsyncFor | ast.While) -> Flow:
    """One turn of a loop: what is bound in the loop is new in each turn."""
    targets = [] if isinstance(loop, ast.While) else list(names_in(loop.target))
    return _part(loop.body, loop.body[-1].end_lineno or loop.lineno, targets, turn_of=loop.lineno)


def python_part(function: PythonFunction, line: int) -> Flow | None:
    """The flow from the statement on a line to the function's end, or to that of a turn of the loop around it.

    None where the line begins no statement, or what follows cannot be told.
    """
    found = _rest(function.body, line)
    if found is None:
        return None
    rest, loop = found
    last = (loop.body[-1] if loop is not None else function).end_lineno or line
    return msgspec.structs.replace(
        _part(rest, last, (), turn_of=loop.lineno if loop is not None else 0),
        first=function.lineno,
        start=line,
    )


def _rest(
    statements: Sequence[ast.stmt], line: int
) -> tuple[list[ast.stmt], ast.For | ast.AsyncFor | ast.While | None] | None:
    """The statements that follow from a line on, those of the blocks around included, and the loop they end with."""
    for place, statement in enumerate(statements):
        if statement.lineno == line:
            return list(statements[place:]), None
        if not statement.lineno < line <= (statement.end_lineno or statement.lineno):
            continue
        behind = statements[place + 1 :]
        if isinstance(statement, ast.If):
            inner = _rest(statement.body, line) or _rest(statement.orelse, line)
        elif isinstance(statement, ast.For | ast.AsyncFor | ast.While):
            inner = _rest(statement.body, line)
            return None if inner is None else (inner[0], inner[1] or statement)
        elif isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
            inner = _rest(statement.body, line)
            if inner is not None and inner[1] is None:
                around = copy.copy(statement)
                around.body = inner[0]
                inner = ([around], None)
        else:
            return None
        if inner is None or inner[1] is not None:
            return inner
        return [*inner[0], *behind], None
    return None


def _part(statements: Sequence[ast.stmt], last: int, targets: Sequence[str], turn_of: int) -> Flow:
    """Some statements in a row, with what they bind beside the targets."""
    inside = [node for statement in statements for node in (statement, *own_nodes(statement))]
    bound = {name for node in inside for name in bound_by(node)} - set(targets)
    return Flow(
        first=turn_of or statements[0].lineno,
        body_line=statements[0].lineno,
        last=last,
        body=_block(statements),
        parameters=tuple(targets),
        # What is bound here held something else before it was bound.
        unstable=_unstable(inside, targets) | _looked_at_before(statements, bound),
        behind=_behind(inside),
        loose=_loose(inside),
        has_falsy_values=True,
        turn_of=turn_of,
    )


def _looked_at_before(statements: Sequence[ast.stmt], bound: set[str]) -> frozenset[str]:
    """Those of the names that are read at or before the line that binds them, or are bound under a condition."""
    sure: set[str] = set()
    first: dict[str, int] = {}
    for statement in statements:
        names = set(bound_by_all(statement))
        sure |= names if isinstance(statement, ast.Assign) else set()
        for name in names:
            first.setdefault(name, statement.lineno)
    found, settled = bound - sure, bound & sure
    for statement in statements:
        for node in (statement, *own_nodes(statement)):
            is_read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in settled
            if isinstance(node, ast.Name) and is_read and node.lineno <= first[node.id]:
                found.add(node.id)
    return frozenset(found)


def condition_of(node: ast.expr) -> Condition:
    """A condition taken apart at ``and``, ``or`` and ``not``."""
    if isinstance(node, ast.BoolOp):
        parts = tuple(condition_of(part) for part in node.values)
        return Both(parts) if isinstance(node.op, ast.And) else Either(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return Not(condition_of(node.operand))
    if isinstance(node, ast.Constant):
        return Fixed(bool(node.value))
    return atom_of(node)


def atom_of(node: ast.expr) -> Atom:
    """A condition that is not taken apart further."""
    text = ast.unparse(node)
    # What has an effect, or is made anew each time, cannot be said to be true or false.
    hidden = any(
        isinstance(part, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Lambda) for part in ast.walk(node)
    )
    is_fixed = text in _FIXED_NAMES
    subjects = frozenset() if hidden or is_fixed else frozenset(subjects_of(node))
    return Atom(text, node.lineno, subjects, text)


def _block(statements: Iterable[ast.stmt]) -> Block:
    return tuple(_node(statement) for statement in statements)


def _node(node: ast.stmt) -> Node:  # noqa: C901, PLR0911 - one case each
    last = node.end_lineno or node.lineno
    match node:
        case ast.Return():
            value = ast.unparse(node.value) if node.value else "None"
            return Leave(How.RETURN, node.lineno, last, value, uses=_read(node))
        case ast.Raise():
            name = raised_name(node.exc)
            return Leave(
                How.RAISE, node.lineno, last, ast.unparse(node.exc) if node.exc else "", name, _read(node)
            )
        case ast.Break() | ast.Continue():
            how = How.BREAK if isinstance(node, ast.Break) else How.CONTINUE
            return Leave(how, node.lineno, last)
        case ast.If():
            return If(node.lineno, condition_of(node.test), _block(node.body), _block(node.orelse))
        case ast.For() | ast.AsyncFor():
            over = atom_of(node.iter)
            return Loop(node.lineno, over, None, _block(node.body), _block(node.orelse))
        case ast.While():
            return Loop(node.lineno, None, condition_of(node.test), _block(node.body), _block(node.orelse))
        case ast.With() | ast.AsyncWith():
            header = ", ".join(ast.unparse(item.context_expr) for item in node.items)
            is_safe = all(ast.unparse(item.context_expr).startswith(_SAFE_CONTEXTS) for item in node.items)
            return Scope(node.lineno, header, _block(node.body), may_swallow=not is_safe)
        case ast.Try() | ast.TryStar():
            return _try(node)
        case ast.Match():
            return Opaque(node.lineno, last, leaves=_holds_jump(node))
        case ast.Expr() if isinstance(node.value, ast.Call) and _ends(node.value):
            return Opaque(node.lineno, last, leaves=True)
    return _plain(node, last)


def _plain(node: ast.stmt, last: int) -> Plain:
    """A statement that passes; what is only told of a name, such as an import, binds it too."""
    if isinstance(node, ast.ClassDef | PythonFunction):
        return Plain(node.lineno, last, (node.name,))
    names = {name for name in bound_by_all(node) if "." not in name}
    return Plain(node.lineno, last, tuple(sorted(names - _changed_inside(node))), _read(node))


def _changed_inside(node: ast.stmt) -> set[str]:
    """Names of which a statement changes an element only."""
    targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [getattr(node, "target", None)]
    whole = {name for target in targets if target is not None for name in _stored(target)}
    return (
        {name for name in bound_by_all(node) if "." not in name} - whole
        if any(isinstance(target, ast.Subscript) for target in targets)
        else set()
    )


def _stored(target: ast.AST) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _read(node: ast.stmt) -> frozenset[str]:
    return frozenset(
        part.id for part in own_nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    )


def _try(node: ast.Try | ast.TryStar) -> Node:
    if isinstance(node, ast.TryStar):
        return Opaque(node.lineno, node.end_lineno or node.lineno, leaves=_holds_jump(node))
    handlers = tuple(
        Handler(handler.lineno, _caught(handler.type), handler.name or "", _block(handler.body))
        for handler in node.handlers
    )
    return Try(node.lineno, _block(node.body), handlers, _block(node.orelse), _block(node.finalbody))


def _caught(node: ast.expr | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(ast.unparse(part) for part in (node.elts if isinstance(node, ast.Tuple) else [node]))


def raised_name(node: ast.expr | None) -> str:
    """Type of what is raised, as it is written; empty where a value is raised whose type is not written."""
    if isinstance(node, ast.Call):
        node = node.func
    name = dotted(node) if node is not None else None
    return name if name is not None and name.rpartition(".")[2][:1].isupper() else ""


def _holds_jump(node: ast.AST) -> bool:
    return any(isinstance(part, _JUMPS) for part in own_nodes(node))


def _ends(call: ast.Call) -> bool:
    name = dotted(call.func)
    if name is not None and RAISING.match(name.rpartition(".")[2]):
        return True
    return name is not None and (
        name in _ENDS or name.rpartition(".")[2] in {"exit", "_exit", "abort", "fail"}
    )


def _arguments(given: ast.arguments) -> list[ast.arg]:
    rest = [argument for argument in (given.vararg, given.kwarg) if argument is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]


def _unstable(inside: Sequence[ast.AST], parameters: Iterable[str]) -> frozenset[str]:
    """Names bound more than once, in a loop, elsewhere, or to something that is written down."""
    count = Counter(parameters)
    told: set[str] = set()
    for node in inside:
        for name in bound_by(node):
            count[name] += 1
            # An attribute had a value before the first line.
            if "." in name:
                count[name] += 1
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            told.update(name for part in own_nodes(node) for name in bound_by(part))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            told.update(node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_known(node.value):
            told.update(bound_by_all(node))
    return frozenset(told | {name for name, times in count.items() if times > 1})


def _loose(inside: Sequence[ast.AST]) -> frozenset[str]:
    """Names that something else than a plain statement binds: a loop, a context, a handler, a condition."""
    found: set[str] = set()
    for node in inside:
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension | ast.NamedExpr):
            found.update(names_in(node.target))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            found.update(names_in(node.optional_vars))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
    return frozenset(found)


def _is_known(node: ast.expr | None) -> bool:
    """Whether a reader can tell the truth of a value from how it is written."""
    return isinstance(
        node,
        ast.Constant | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.JoinedStr | ast.Lambda,
    )


def _behind(inside: Sequence[ast.AST]) -> dict[str, frozenset[str]]:
    """For each name that holds a truth value, or another name's value: what it was made from."""
    found: dict[str, frozenset[str]] = {}
    for node in inside:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        name = node.targets[0]
        if isinstance(name, ast.Name) and _is_derived(node.value):
            found[name.id] = frozenset(subjects_of(node.value))
    return found


def _is_derived(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        name = dotted(node.func) or ""
        return name in _TRUTHY_CALLS or name.rpartition(".")[2] in {
            "get",
            "startswith",
            "endswith",
            "strip",
            "lower",
        }
    return isinstance(
        node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Name | ast.Attribute | ast.IfExp | ast.Subscript
    )
