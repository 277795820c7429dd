"""Functions of the project that changed lines call, where it is sure which ones they are."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import python_functions
from tokencoach.comprehension.generators.reached import local_names, reached
from tokencoach.comprehension.generators.spoken import COMMON, is_like
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST_CALLS: Final = 12
_MOST_FILES: Final = 4
_MOST_MODULES: Final = 4
_LEAST_NAME: Final = 4
_MOST_BYTES: Final = 400_000


class Relied(NamedTuple):
    """A call on a line, and the function that it reaches: its lines, its name in its file, and the file's text."""

    line: int
    name: str
    path: str
    first: int
    last: int
    qualname: str
    text: str

    @property
    def bare(self) -> str:
        """The function's last name."""
        return self.qualname.rpartition(".")[2]


def relied_on(function: ChangedFunction, source: Source, context: Context) -> Iterator[Relied]:
    """The calls of the changed lines, from the first on."""
    if source.language == "python":
        yield from _in_python(function, source, context)
    elif source.language is not None:
        yield from _in_others(function, source, context, source.language)


def _in_python(function: ChangedFunction, source: Source, context: Context) -> Iterator[Relied]:
    node = source.node(function)
    if node is None:
        return
    local = local_names(node)
    calls = [
        part for part in own_nodes(node) if isinstance(part, ast.Call) and part.lineno in function.changed
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))[:_MOST_CALLS]:
        called = reached(call, function, source, context, local)
        if called is None or called.node is node or called.node.name == "__init__":
            continue
        text = source.new if called.path == source.path else _text(called.path, context)
        qualname, last = _begun_in(text).get(called.node.lineno, ("", 0))
        if qualname:
            yield Relied(call.lineno, called.name, called.path, called.node.lineno, last, qualname, text)


@lru_cache(maxsize=16)
def _begun_in(text: str) -> dict[int, tuple[str, int]]:
    """The functions of a Python file by the line where each begins: its name, and its last line."""
    tree = parsed(text) if text else None
    functions = python_functions(tree) if tree is not None else {}
    return {one.lineno: (name, one.end_lineno or one.lineno) for name, one in functions.items()}


def _text(path: str, context: Context) -> str:
    content = context.repository.text(path) if context.repository is not None else None
    return (text_of(content) or "") if content is not None and len(content) <= _MOST_BYTES else ""


def _in_others(
    function: ChangedFunction, source: Source, context: Context, language: str
) -> Iterator[Relied]:
    """Functions that a name alone, or the own object, leads to: of the same file, and in Go of the same folder."""
    from tokencoach.comprehension.languages.syntax import own_calls  # noqa: PLC0415 - a grammar is loaded late

    calls = [one for one in own_calls(source.new, language, function.qualname) if one[0] in function.changed]
    for line, name in sorted(set(calls))[:_MOST_CALLS]:
        found = _named(name, function, source.new, language, source.path, line)
        if not found and language == "go" and context.repository is not None:
            folder = source.path.rpartition("/")[0]
            paths = [
                path
                for path in context.repository.mentions(name)
                if path.rpartition("/")[0] == folder and path != source.path and is_like(path, language)
            ]
            for path in paths[:_MOST_FILES]:
                found += _named(name, function, _text(path, context), language, path, line)
        if len(found) == 1:
            yield found[0]
    yield from _in_modules(function, source, context, language)


def _in_modules(
    function: ChangedFunction, source: Source, context: Context, language: str
) -> Iterator[Relied]:
    """Functions that an import, or the name of a module or package, leads to."""
    from tokencoach.comprehension.languages.syntax import module_calls  # noqa: PLC0415 - a grammar is loaded late

    if context.repository is None:
        return
    calls = {
        (line, module, name)
        for line, module, name in module_calls(source.new, language, function.qualname)
        if line in function.changed and len(name) >= _LEAST_NAME and name not in COMMON
    }
    seen: set[str] = set()
    for line, module, name in sorted(calls)[:_MOST_MODULES]:
        if name in seen:
            continue
        seen.add(name)
        paths = [
            path
            for path in context.repository.mentions(name)
            if is_like(path, language) and _module_of(path, language) == module and path != source.path
        ]
        found = [
            one
            for path in paths[:_MOST_FILES]
            for one in _named(name, function, _text(path, context), language, path, line)
            if not _above(one.qualname)
        ]
        if len(found) == 1 and len(paths) <= _MOST_FILES:
            yield found[0]


def _module_of(path: str, language: str) -> str:
    """The name by which other files speak of the module that a file is, or is part of."""
    folder, _, file = path.rpartition("/")
    stem = file.partition(".")[0]
    is_folder = language == "go" or stem in {"mod", "index", "lib"}
    return folder.rpartition("/")[2] if is_folder else stem


def _named(
    name: str, function: ChangedFunction, text: str, language: str, path: str, line: int
) -> list[Relied]:
    from tokencoach.comprehension.languages.syntax import spans  # noqa: PLC0415 - a grammar is loaded late

    own = _above(function.qualname)
    found = []
    for span in spans(text, language, name=name):
        above = _above(span.qualname)
        # A name alone means a function of the file, or one of the same class; never another class's.
        if span.qualname != function.qualname and above in {"", own}:
            found.append(Relied(line, name, path, span.first, span.last, span.qualname, text))
    return found


def _above(qualname: str) -> str:
    return qualname.replace("::", ".").rpartition(".")[0]
