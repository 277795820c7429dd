"""What can go wrong in a Python expression, told from how it is written: a situation and its exception."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.languages.python_names import dotted, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.languages.python_names import PythonFunction

_MOST_TEXT: Final = 50
_MISSING_FILE: Final = frozenset(
    {"os.remove", "os.unlink", "os.stat", "os.listdir", "os.scandir", "os.rmdir", "os.path.getsize",
     "os.path.getmtime", "os.chdir"}
)  # fmt: skip
_CALM_CALLS: Final = frozenset(
    {"requests.get", "requests.post", "requests.put", "requests.delete", "requests.patch", "requests.request",
     "httpx.get", "httpx.post", "httpx.put", "httpx.delete", "httpx.patch", "httpx.request"}
)  # fmt: skip
_MATCHES: Final = frozenset({"re.match", "re.search", "re.fullmatch"})
_FILLING: Final = frozenset({"append", "extend", "insert"})
_SUBJECT: Final = re.compile(r"`([A-Za-z_][\w.]*)")
NONE: Final = "none"


class Failure(NamedTuple):
    """A situation in which a statement raises, or surprisingly does not.

    ``name`` is the exception's, ``none`` where nothing is raised. ``line`` is where the statement begins,
    ``subject`` the plain name whose value is supposed, if one is.
    """

    line: int
    last: int
    situation: str
    name: str
    subject: str = ""


def failures(function: PythonFunction) -> list[Failure]:
    """Situations in which the function's own simple statements fail, in their order, one for each statement."""
    found: dict[tuple[int, str], Failure] = {}
    for node in own_nodes(function):
        if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
            is_lazy = any(isinstance(part, ast.Lambda | ast.GeneratorExp) for part in ast.walk(node))
            for situation, name in [] if is_lazy else _situations(node):
                spoken = _SUBJECT.search(situation)
                subject = spoken[1] if spoken is not None else ""
                one = Failure(node.lineno, node.end_lineno or node.lineno, situation, name, subject)
                if _can_come(function, one):
                    found.setdefault((one.line, one.name), one)
    return [found[key] for key in sorted(found)]


@lru_cache(maxsize=8)
def _inside(function: PythonFunction) -> tuple[ast.AST, ...]:
    """The function's own nodes, which are gone through once for every situation."""
    return tuple(own_nodes(function))


def _can_come(function: PythonFunction, failure: Failure) -> bool:
    """Whether nothing that the function does with the subject speaks against the situation."""
    root = failure.subject.partition(".")[0]
    if " is the text " in failure.situation and _is_object(function, root):
        return False
    if " is an empty list" in failure.situation:
        return "." not in failure.subject and _may_be_empty(function, root)
    if " is a dict without" in failure.situation:
        made = [
            node.value for node in _inside(function) if isinstance(node, ast.Assign) and _binds(node, root)
        ]
        stored = any(
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and dotted(node.value) == failure.subject
            for node in _inside(function)
        )
        is_other = any(
            isinstance(node, ast.Attribute) and _is_no_dict(node, failure.subject)
            for node in _inside(function)
        )
        is_made = any(isinstance(value, ast.Dict | ast.DictComp) for value in made)
        # A field is an object of the project's more often than a plain dict.
        return "." not in failure.subject and not stored and not is_made and not is_other
    return True


def _is_object(function: PythonFunction, name: str) -> bool:
    """Whether a name is given an object of a class right here, and so is no text."""
    made = [node.value for node in _inside(function) if isinstance(node, ast.Assign) and _binds(node, name)]
    called = [dotted(value.func) or "" for value in made if isinstance(value, ast.Call)]
    return any(one.rpartition(".")[2][:1].isupper() for one in called)


def _is_no_dict(node: ast.Attribute, name: str) -> bool:
    """Whether a member of a name, or of an element of it, is one that no dict, or no usual value in one, has."""
    if isinstance(node.value, ast.Subscript):
        return dotted(node.value.value) == name and not any(
            hasattr(kind, node.attr) for kind in (dict, list, str, int)
        )
    return dotted(node.value) == name and not hasattr(dict, node.attr)


def _may_be_empty(function: PythonFunction, name: str) -> bool:
    """Whether a name is a parameter, or made by something that may make an empty list, and nothing fills it."""
    given = function.args
    parameters = {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    values = [node.value for node in _inside(function) if isinstance(node, ast.Assign) and _binds(node, name)]
    filled = any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _FILLING
        and dotted(node.func.value) == name
        for node in _inside(function)
    )
    made = [value for value in values if not _makes_list(value)]
    return not filled and not made and (bool(values) or name in parameters)


def _binds(node: ast.Assign, name: str) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id == name for target in node.targets for part in ast.walk(target)
    )


def _makes_list(value: ast.expr) -> bool:
    if isinstance(value, ast.ListComp):
        return True
    if not isinstance(value, ast.Call):
        return False
    name = dotted(value.func) or ""
    return name in {"list", "sorted", "glob.glob", "re.findall", "os.listdir"} or name.endswith(
        (".splitlines", ".findall")
    )


def _situations(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    yield from _unpacking(statement)
    guarded = {id(part) for node in ast.walk(statement) for part in _guarded(node)}
    if isinstance(statement, ast.AnnAssign):
        # Of a variable inside a function it is never worked out.
        guarded |= {id(part) for part in ast.walk(statement.annotation)}
    for node in ast.walk(statement):
        if id(node) in guarded:
            continue
        for situation, name in _of(node):
            if len(situation) <= _MOST_TEXT * 3:
                yield situation, name


def _guarded(node: ast.AST) -> Iterator[ast.AST]:
    """What is only looked at under a condition inside the expression."""
    if isinstance(node, ast.IfExp):
        yield from (part for one in (node.body, node.orelse) for part in ast.walk(one))
    elif isinstance(node, ast.BoolOp):
        yield from (part for one in node.values[1:] for part in ast.walk(one))
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
        # Whether an element is reached at all depends on what is gone through.
        yield from (part for one in ast.iter_child_nodes(node) for part in ast.walk(one))


def _of(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from _subscript(node)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        if dotted(node.value.func) in _MATCHES:
            yield f"`{_text(node.value)}` finds no match", "AttributeError"
        elif _is_get(node.value):
            yield f"`{_text(node.value)}` gives None", "AttributeError"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
        if _is_len(node.right):
            yield f"`{_text(node.right)}` is 0", "ZeroDivisionError"
    elif isinstance(node, ast.Call):
        yield from _call(node)


def _subscript(node: ast.Subscript) -> Iterator[tuple[str, str]]:
    value, index = node.value, node.slice
    if isinstance(value, ast.Call):
        if dotted(value.func) in _MATCHES:
            yield f"`{_text(value)}` finds no match", "TypeError"
        elif _is_get(value):
            yield f"`{_text(value)}` gives None", "TypeError"
        return
    name = dotted(value)
    if name is None:
        return
    number = index.operand if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) else index
    if (
        isinstance(number, ast.Constant)
        and isinstance(number.value, int)
        and not isinstance(number.value, bool)
    ):
        if number.value in {0, 1} and not name.startswith("sys.argv"):
            yield f"`{name}` is an empty list", "IndexError"
    elif isinstance(index, ast.Constant) and isinstance(index.value, str):
        yield f"`{name}` is a dict without the key {index.value!r}", "KeyError"


def _call(node: ast.Call) -> Iterator[tuple[str, str]]:  # noqa: C901 - one case each
    name = dotted(node.func) or ""
    keywords = {keyword.arg for keyword in node.keywords}
    first = node.args[0] if node.args else None
    is_plain = len(node.args) == 1 and not keywords and not isinstance(first, ast.Constant | ast.Starred)
    if first is None:
        return
    if name in {"int", "float"} and is_plain and isinstance(first, ast.Name | ast.Attribute | ast.Subscript):
        yield f"`{_text(first)}` is the text 'n/a'", "ValueError"
    elif name in {"max", "min"} and is_plain and isinstance(first, ast.Name | ast.Attribute):
        yield f"`{_text(first)}` is an empty list", "ValueError"
    elif name == "next" and is_plain:
        yield f"`{_text(first)}` has nothing left to give", "StopIteration"
    elif name == "json.loads" and is_plain:
        yield f"`{_text(first)}` is the empty text ''", "json.JSONDecodeError"
    elif name in _MISSING_FILE or (name in {"open", "io.open"} and _reads(node)):
        yield f"there is no file `{_text(first)}`", "FileNotFoundError"
    elif name == "os.makedirs" and "exist_ok" not in keywords and len(node.args) == 1:
        yield f"the folder `{_text(first)}` is there already", "FileExistsError"
    elif name == "subprocess.run" and None not in keywords:
        checks = any(one.arg == "check" for one in node.keywords)
        if not checks:
            yield "the program that it starts ends with exit status 1", NONE
        elif any(one.arg == "check" and _is_true(one.value) for one in node.keywords):
            yield "the program that it starts ends with exit status 1", "subprocess.CalledProcessError"
    elif name in {"subprocess.check_call", "subprocess.check_output"}:
        yield "the program that it starts ends with exit status 1", "subprocess.CalledProcessError"
    elif name in _CALM_CALLS:
        yield "the server answers with status 404", NONE


def _unpacking(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """``a, b = text.split(":")`` where the separator is absent."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Tuple | ast.List):
        return
    target, call = statement.targets[0], statement.value
    starred = any(isinstance(element, ast.Starred) for element in target.elts)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or starred:
        return
    if call.func.attr in {"split", "rsplit"} and call.args and len(target.elts) > 1:
        separator = call.args[0]
        subject = dotted(call.func.value)
        if isinstance(separator, ast.Constant) and isinstance(separator.value, str) and subject is not None:
            yield f"`{subject}` is the text 'abc', without {separator.value!r}", "ValueError"


def _reads(node: ast.Call) -> bool:
    mode = node.args[1] if len(node.args) > 1 else None
    named = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    mode = named[0] if named else mode
    return mode is None or (isinstance(mode, ast.Constant) and str(mode.value).strip("bt") == "r")


def _is_get(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and len(node.args) == 1
        and not node.keywords
        and isinstance(node.args[0], ast.Constant | ast.Name)
        and (dotted(node.func.value) or "").rpartition(".")[2]
        not in {"requests", "httpx", "session", "client"}
    )


def _is_len(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "len"


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"
