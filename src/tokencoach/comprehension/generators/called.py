"""G18: a changed line relies on another function of the project; what can come back from it?"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import How, Leave, Opaque, every
from tokencoach.comprehension.generators.base import Option, pick_all, python_functions, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.relied import Relied, relied_on
from tokencoach.comprehension.languages.parsing import parsed
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


class _Returns(NamedTuple):
    """What a function returns, as written, and whether nothing else comes back."""

    values: tuple[str, ...]
    is_all: bool


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question, about the first function that does not stand on the same screen."""
    for relied in relied_on(function, source, context):
        if (
            relied.path == source.path
            and relied.first - _OFF_SCREEN < relied.line < relied.last + _OFF_SCREEN
        ):
            continue
        made = _of_returns(function, source.language or "", relied)
        if made is not None:
            yield made
            return


def _of_returns(function: ChangedFunction, language: str, relied: Relied) -> Prepared | None:
    found = _python_returns(relied) if language == "python" else _other_returns(relied, language)
    options = _options(function, language, *found) if found is not None else []
    if not options:
        return None
    return pick_all(
        function,
        Kind.CALLED,
        Part.EDGES,
        f"Line {relied.line} of {short(function)} calls `{relied.name}` ({relied.path}).\n"
        "Which of these values can come back? Pick those that its own `return` statements write down.",
        options,
        line=relied.line,
        what=f"{relied.line - function.first}:{relied.name}",
        evidence="the `return` statements of the function that the call reaches",
        seconds=25,
    )


def _python_returns(relied: Relied) -> tuple[list[str], list[str]] | None:
    """What the function returns, as written, and what others of its file do; None where that is not all."""
    known = _returns_in(relied.text)
    own = known.get(relied.qualname)
    if own is None or not own.is_all:
        return None
    return list(own.values), [
        value for name, one in known.items() if name != relied.qualname for value in one.values
    ]


@lru_cache(maxsize=16)
def _returns_in(text: str) -> dict[str, _Returns]:
    """What each function of a Python file returns."""
    tree = parsed(text)
    functions = python_functions(tree) if tree is not None else {}
    return {name: _Returns(tuple(_returns(node)), _ends_sure(node)) for name, node in functions.items()}


def _ends_sure(node: PythonFunction) -> bool:
    """Whether every value that comes back stands behind a ``return``: no generator, no silent end."""
    lazy = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own_nodes(node))
    bare = any(isinstance(part, ast.Return) and part.value is None for part in own_nodes(node))
    return not lazy and not bare and isinstance(node.body[-1], ast.Return | ast.Raise)


def _returns(node: PythonFunction) -> list[str]:
    found = [part for part in own_nodes(node) if isinstance(part, ast.Return) and part.value is not None]
    return [ast.unparse(part.value) for part in sorted(found, key=lambda part: part.lineno) if part.value]


def _other_returns(relied: Relied, language: str) -> tuple[list[str], list[str]] | None:
    from tokencoach.comprehension.languages.syntax import returned, syntax_flow  # noqa: PLC0415 - a grammar is loaded late

    flow = syntax_flow(relied.text, language, relied.qualname)
    # What a way that is not followed gives back is not known.
    if flow is None or any(isinstance(node, Opaque) and node.leaves for node in every(flow.body)):
        return None
    own = [
        node.value.removesuffix(";").strip()
        for node in every(flow.body)
        if isinstance(node, Leave) and node.how is How.RETURN and node.value
    ]
    return own, [value for other, value in returned(relied.text, language) if other != relied.qualname]


def _options(
    function: ChangedFunction, language: str, returns: list[str], neighbours: list[str]
) -> list[Option]:
    """Written values that come back or are raised, and others of the same form that never do."""
    right = shuffled(sorted({text for text in returns if _is_written(text)}), function, "G18r")[:_MOST_RIGHT]
    sizes = {text.count(",") for text in returns}
    # What only one kind of value can be is known from the name of the function.
    if not right or len(set(returns)) < 2 or len(sizes) != 1:
        return []
    usual = _USUAL.get({"typescript": "javascript", "tsx": "javascript"}.get(language, language))
    if usual is None or (language == "go" and sizes == {0}):
        return []
    others = {text for text in (*neighbours, *usual) if _is_written(text) and text.count(",") in sizes}
    told = " ; ".join(returns)
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
