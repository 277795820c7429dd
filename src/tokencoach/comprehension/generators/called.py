"""G18: a changed line relies on another function of the project; what can come back from it?"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import How, Leave, Opaque, every
from tokencoach.comprehension.generators.base import Option, pick_all, python_functions, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.reached import local_names, reached
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import own_nodes
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.languages.python_names import PythonFunction

_MOST_RIGHT: Final = 3
_LEAST_WRONG: Final = 2
_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 5
_MOST_TEXT: Final = 50
_MOST_CALLS: Final = 12
_OFF_SCREEN: Final = 25
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_TEXT: Final = re.compile(r"""'[^'"]*'|"[^'"]*\"""")
_WRITTEN: Final = frozenset(
    {"None", "True", "False", "nil", "null", "undefined", "true", "false", "NULL", "nullptr", "err", "Ok", "Err",
     "Some", "Vec", "new", "String", "b"}
)  # fmt: skip
"""Words of values that a reader knows without the function around them."""
_USUAL: Final = {
    "python": ("None", "True", "False", "[]", "{}", "''", "0", "()"),
    "go": ("nil, err", "nil, nil", '"", nil', '"", err', "true, nil", "false, nil", "false, err", "0, err"),
    "javascript": ("null", "undefined", "true", "false", "[]", '""', "{}"),
    "ruby": ("nil", "true", "false", "[]", '""', "0"),
}
"""Of a language that gives one value of a known type there is nothing to choose from."""


class _Callee(NamedTuple):
    """A function that a line calls: its text, what it returns as written, and what others in its file do."""

    line: int
    name: str
    path: str
    first: int
    text: str
    returns: tuple[str, ...]
    others: tuple[str, ...]


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question, about a function that does not stand on the same screen."""
    made = (
        _in_python(function, source, context) if source.language == "python" else _elsewhere(function, source)
    )
    for callee in made:
        if callee.path == source.path and abs(callee.first - callee.line) < _OFF_SCREEN:
            continue
        options = _options(function, source.language or "", callee)
        if options:
            yield _asked(function, callee, options)
            return


def _in_python(function: ChangedFunction, source: Source, context: Context) -> Iterator[_Callee]:
    node = source.node(function)
    if node is None:
        return
    local = local_names(node)
    calls = [
        part for part in own_nodes(node) if isinstance(part, ast.Call) and part.lineno in function.changed
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))[:_MOST_CALLS]:
        called = reached(call, function, source, context, local)
        if (
            called is None
            or called.node is node
            or called.node.name == "__init__"
            or not _ends_sure(called.node)
        ):
            continue
        content = source.file.new if called.path == source.path or context.repository is None else None
        if content is None and context.repository is not None:
            content = context.repository.text(called.path)
        text = text_of(content) if content is not None else None
        tree = parsed(text) if text is not None else None
        if tree is None:
            continue
        others = [
            value
            for other in python_functions(tree).values()
            if other.lineno != called.node.lineno
            for value in _returns(other)
        ]
        yield _Callee(
            call.lineno,
            called.name,
            called.path,
            called.node.lineno,
            ast.unparse(called.node),
            tuple(_returns(called.node)),
            tuple(others),
        )


def _ends_sure(node: PythonFunction) -> bool:
    """Whether every value that comes back stands behind a ``return``: no generator, no decorator, no silent end."""
    lazy = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own_nodes(node))
    bare = any(isinstance(part, ast.Return) and part.value is None for part in own_nodes(node))
    return not lazy and not bare and isinstance(node.body[-1], ast.Return | ast.Raise)


def _returns(node: PythonFunction) -> list[str]:
    found = [part for part in own_nodes(node) if isinstance(part, ast.Return) and part.value is not None]
    return [ast.unparse(part.value) for part in sorted(found, key=lambda part: part.lineno) if part.value]


def _elsewhere(function: ChangedFunction, source: Source) -> Iterator[_Callee]:
    """Functions of the same file in other languages, where one alone has the name."""
    from tokencoach.comprehension.languages.syntax import own_calls, returned, spans, syntax_flow  # noqa: PLC0415 - a grammar is loaded late

    language = source.language or ""
    by_name: dict[str, list[tuple[str, int, int]]] = {}
    for span in spans(source.new, language):
        bare = span.qualname.replace("::", ".").rpartition(".")[2]
        by_name.setdefault(bare.partition("/")[0], []).append((span.qualname, span.first, span.last))
    calls = [one for one in own_calls(source.new, language, function.qualname) if one[0] in function.changed]
    for line, name in sorted(calls)[:_MOST_CALLS]:
        found = by_name.get(name, [])
        qualname, first, last = found[0] if len(found) == 1 else ("", 0, 0)
        # A name alone means a function of the file, or one of the same class; never another class's.
        if qualname in {"", function.qualname} or _above(qualname) not in {"", _above(function.qualname)}:
            continue
        flow = syntax_flow(source.new, language, qualname)
        # What a way that is not followed gives back is not known.
        if flow is None or any(isinstance(node, Opaque) and node.leaves for node in every(flow.body)):
            continue
        others = [value for other, value in returned(source.new, language) if other != qualname]
        text = " ".join(source.line(number) for number in range(first, last + 1))
        yield _Callee(line, name, source.path, first, text, tuple(_left_with(flow.body)), tuple(others))


def _above(qualname: str) -> str:
    return qualname.replace("::", ".").rpartition(".")[0]


def _left_with(body: tuple[object, ...]) -> Iterator[str]:
    for node in every(body):  # type: ignore[arg-type]
        if isinstance(node, Leave) and node.how is How.RETURN and node.value:
            yield node.value.removesuffix(";").strip()


def _options(function: ChangedFunction, language: str, callee: _Callee) -> list[Option]:
    """Written values that come back or are raised, and others of the same form that never do."""
    right = shuffled(sorted({text for text in callee.returns if _is_written(text)}), function, "G18r")[
        :_MOST_RIGHT
    ]
    sizes = {text.count(",") for text in callee.returns}
    # What only one kind of value can be is known from the name of the function.
    if not right or len(set(callee.returns)) < 2 or len(sizes) != 1:
        return []
    usual = _USUAL.get({"typescript": "javascript", "tsx": "javascript"}.get(language, language))
    if usual is None or (language == "go" and sizes == {0}):
        return []
    others = {text for text in (*callee.others, *usual) if _is_written(text) and text.count(",") in sizes}
    told = " ; ".join(callee.returns)
    wrong = [text for text in shuffled(sorted(others), function, "G18w") if not _is_part(text, told)]
    wrong = wrong[: _MOST_OPTIONS - len(right)]
    if len(wrong) < _LEAST_WRONG or len(right) + len(wrong) < _LEAST_OPTIONS:
        return []
    return [
        Option(text, text in right, "a `return` gives it" if text in right else "no `return` gives it")
        for text in shuffled([*right, *wrong], function, "G18")
    ]


def _is_written(text: str) -> bool:
    """Whether a value is told by how it is written, and by no name of the function's own."""
    return 0 < len(text) <= _MOST_TEXT and set(_WORD.findall(_TEXT.sub("", text))) <= _WRITTEN


def _is_part(text: str, told: str) -> bool:
    """Whether a value stands anywhere behind a ``return``, if only as one of two."""
    return bool(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", told))


def _asked(function: ChangedFunction, callee: _Callee, options: list[Option]) -> Prepared:
    return pick_all(
        function,
        Kind.CALLED,
        Part.EDGES,
        f"Line {callee.line} of {short(function)} calls `{callee.name}` ({callee.path}).\n"
        "Which of these values can come back? Pick those that its own `return` statements write down.",
        options,
        line=callee.line,
        what=f"{callee.line - function.first}:{callee.name}",
        evidence="the `return` statements of the function that the call reaches",
        seconds=25,
    )
