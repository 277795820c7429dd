"""G14: a changed line calls another function of the project; which parameter gets what, and what of those left out?"""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import MOST_ANSWER, python_functions, question_id
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_flow import bound_by, dotted, own_nodes
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.languages.python_flow import PythonFunction

_MOST: Final = 2
_MOST_BYTES: Final = 400_000
_MOST_CALLS: Final = 12
_PLAIN: Final = frozenset({"staticmethod", "classmethod"})


class _Called(NamedTuple):
    """A function that a call surely reaches, where it stands, and whether the first parameter is given by itself."""

    node: PythonFunction
    path: str
    name: str
    skips_first: bool


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions: about an argument given by its place, and about one that is left out."""
    node = source.node(function)
    if node is None or source.tree is None:
        return
    local = {name for part in own_nodes(node) for name in bound_by(part)} | {
        argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    }
    calls = [
        part for part in own_nodes(node) if isinstance(part, ast.Call) and part.lineno in function.changed
    ]
    given: Prepared | None = None
    left_out: Prepared | None = None
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))[:_MOST_CALLS]:
        called = _resolved(call, function, source, context, local)
        if (
            called is None
            or any(isinstance(one, ast.Starred) for one in call.args)
            or None in _keywords(call)
        ):
            continue
        given = given or _given(function, source, call, called)
        left_out = left_out or _left_out(function, source, call, called)
    yield from [one for one in (given, left_out) if one is not None][:_MOST]


def _keywords(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def _resolved(
    call: ast.Call, function: ChangedFunction, source: Source, context: Context, local: set[str]
) -> _Called | None:
    """The function that a call reaches, where the file itself or one import says so; None elsewhere."""
    name = dotted(call.func)
    tree = source.tree
    if name is None or tree is None:
        return None
    if name.startswith("self.") and name.count(".") == 1:
        return _own_method(name.removeprefix("self."), function, source)
    if "." in name or name in local:
        return None
    if _bound_at_top(source)[name] != 1:
        return None
    here = _reached(tree, name, source.path)
    return here if here is not None else _imported(tree, name, source, context)


def _own_method(name: str, function: ChangedFunction, source: Source) -> _Called | None:
    above = function.qualname.rpartition(".")[0]
    if not above or above.endswith("<locals>"):
        return None
    node = source.node_named(f"{above}.{name}")
    return None if node is None else _plain(node, source.path, f"self.{name}", is_method=True)


@lru_cache(maxsize=32)
def _bound_at_top(source: Source) -> Counter[str]:
    """How often a module binds each of its names outside of its functions and classes."""
    return (
        Counter(name for part in own_nodes(source.tree) for name in bound_by(part))
        if source.tree
        else Counter()
    )


def _reached(tree: ast.Module, name: str, path: str) -> _Called | None:
    """What a module's own name stands for: a function, or a class by how it is made."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
            return _plain(statement, path, name, is_method=False)
        if isinstance(statement, ast.ClassDef) and statement.name == name and not statement.keywords:
            made = python_functions(tree).get(f"{name}.__init__")
            is_bare = not statement.decorator_list and f"{name}.__new__" not in python_functions(tree)
            return _plain(made, path, name, is_method=True) if made is not None and is_bare else None
    return None


def _imported(tree: ast.Module, name: str, source: Source, context: Context) -> _Called | None:
    """What a name stands for that one ``from … import`` of the file brings in from the project."""
    if context.repository is None:
        return None
    for node in own_nodes(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) != name:
                continue
            path = _path_of(node, source.path, context.repository.paths())
            content = context.repository.text(path) if path is not None else None
            if content is None or path is None or len(content) > _MOST_BYTES:
                return None
            text = text_of(content)
            other = parsed(text) if text is not None else None
            return _reached(other, alias.name, path) if other is not None else None
    return None


def _path_of(node: ast.ImportFrom, path: str, paths: frozenset[str]) -> str | None:
    """The one file that an import can mean."""
    words = (node.module or "").replace(".", "/")
    if node.level:
        folder = path.split("/")[: -node.level]
        starts = ["/".join([*folder, *([words] if words else [])])]
        wanted = {f"{start}.py" for start in starts} | {f"{start}/__init__.py" for start in starts}
        found = sorted(wanted & paths)
    else:
        ends = (f"{words}.py", f"{words}/__init__.py")
        found = (
            [one for one in sorted(paths) if one in ends or one in {f"src/{end}" for end in ends}]
            if words
            else []
        )
    return found[0] if len(found) == 1 else None


def _plain(node: PythonFunction, path: str, name: str, *, is_method: bool) -> _Called | None:
    """The function, unless a decorator may have changed what it takes."""
    decorators = {dotted(decorator) for decorator in node.decorator_list}
    if not decorators <= _PLAIN:
        return None
    return _Called(node, path, name, is_method and "staticmethod" not in decorators)


def _placed(called: _Called) -> list[ast.arg]:
    """Parameters that are given by their places."""
    plain = [*called.node.args.posonlyargs, *called.node.args.args]
    return plain[1:] if called.skips_first else plain


def _given(function: ChangedFunction, source: Source, call: ast.Call, called: _Called) -> Prepared | None:
    """Which parameter gets an argument that is given by its place, not by a name, from the second on."""
    placed = _placed(called)
    if len(call.args) < 2 or len(placed) < len(call.args):
        return None
    for place in range(len(call.args) - 1, 0, -1):
        text = ast.unparse(call.args[place])
        parameter = placed[place].arg
        if len(text) > MOST_ANSWER or parameter in text.lower() or text.lower() in parameter:
            continue
        if sum(ast.unparse(one) == text for one in call.args) > 1:
            continue
        prompt = (
            f"Line {call.lineno} of {short(function)} calls `{called.name}` ({called.path}).\n"
            f"Which of its parameters gets `{text}`? Type the parameter's name."
        )
        trace = f"`{called.name}` takes {', '.join(one.arg for one in placed)} in this order"
        return _prepared(
            function, source, call, f"given:{called.name}:{text}", prompt, parameter, "word", trace
        )
    return None


def _left_out(function: ChangedFunction, source: Source, call: ast.Call, called: _Called) -> Prepared | None:
    """What a parameter is whose argument is left out, where that is written down and is not nothing."""
    placed = _placed(called)
    arguments = called.node.args
    pairs = list(zip(placed[len(placed) - len(arguments.defaults) :], arguments.defaults, strict=False))
    late = [
        (one, value) for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
    ]
    names = {one.arg for one in placed[: len(call.args)]} | _keywords(call)
    if len(arguments.defaults) > len(placed):
        return None
    for one, value in (*pairs, *late):
        try:
            literal = repr(ast.literal_eval(value))
        except (ValueError, TypeError):
            continue
        if one.arg in names or literal in {"None", "''", "()", "[]", "{}"} or len(literal) > MOST_ANSWER:
            continue
        prompt = (
            f"Line {call.lineno} of {short(function)} calls `{called.name}` ({called.path}) without `{one.arg}`.\n"
            f"Which value does `{one.arg}` have in that call?"
        )
        trace = (
            f"`{called.name}` has {one.arg}={literal} by default (line {called.node.lineno} of {called.path})"
        )
        what = f"left:{called.name}:{one.arg}"
        return _prepared(function, source, call, what, prompt, literal, "literal", trace)
    return None


def _prepared(
    function: ChangedFunction,
    source: Source,
    call: ast.Call,
    what: str,
    prompt: str,
    expected: str,
    matcher: str,
    trace: str,
) -> Prepared:
    code = source.line(call.lineno).strip()
    return Prepared(
        Question(
            id=question_id(function, Kind.ARGUMENTS, f"{what}:{code}"),
            kind=Kind.ARGUMENTS,
            part=Part.WHY,
            path=function.path,
            qualname=function.qualname,
            line=call.lineno,
            prompt=prompt,
            form=Form.TYPED,
            lines=(call.lineno,),
            seconds=20,
        ),
        AnswerKey(
            expected=(expected,),
            checked_by=CheckedBy.SYNTAX,
            evidence="the signature of the function that the call reaches",
            matcher=matcher,
            trace=(trace,),
        ),
    )
