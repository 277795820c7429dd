"""G19 for a name of a Python module: its value changes; which functions read it, here or where it is imported?"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import Option, pick_all, python_functions, shuffled
from tokencoach.comprehension.generators.spoken import TEST_NAMES, is_like
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST_NAME: Final = 5
_MOST_FILES: Final = 12
_MOST_BYTES: Final = 400_000
_MOST_RIGHT: Final = 3
_LEAST_RIGHT: Final = 2
_LEAST_WRONG: Final = 2
_MOST_OPTIONS: Final = 6
_LEAST_OPTIONS: Final = 4


class _Read(NamedTuple):
    """Functions of a file that read a name of the module, and those that do not speak of it at all."""

    reading: tuple[str, ...]
    silent: tuple[str, ...]


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question."""
    defined = source.definition(function)
    name = function.qualname
    if defined is None or isinstance(defined.node, ast.ClassDef) or context.repository is None:
        return
    paths = [path for path in context.repository.mentions(name) if is_like(path, "python")]
    if len(name) < _LEAST_NAME or len(paths) > _MOST_FILES:
        return
    right: list[str] = []
    wrong: list[str] = []
    module = source.path.rpartition("/")[2].removesuffix(".py")
    context.repository.read_ahead([path for path in paths if path != source.path])
    for path in paths:
        content = source.file.new if path == source.path else context.repository.text(path)
        if content is None or len(content) > _MOST_BYTES:
            return
        read = _readers(content, name, "" if path == source.path else module)
        right += [f"{one} ({path})" for one in read.reading]
        wrong += [f"{one} ({path})" for one in read.silent]
    picked = shuffled(sorted(right), function, "readers")[:_MOST_RIGHT]
    others = shuffled(sorted(wrong), function, "silent")[: _MOST_OPTIONS - 1 - len(picked)]
    if len(picked) < _LEAST_RIGHT or len(others) < _LEAST_WRONG or len(picked) + len(others) < _LEAST_OPTIONS:
        return
    yield pick_all(
        function,
        Kind.FIELD_USES,
        Part.WHY,
        f"This commit changes the value of `{name}`. Which of these functions read it themselves?",
        [
            Option(one, one in picked, "it reads it" if one in picked else "it does not speak of it")
            for one in shuffled([*picked, *others], function, "G19")
        ],
        line=min(function.changed),
        what=f"readers:{name}",
        evidence="the functions in the repository's files",
        seconds=25,
    )


@lru_cache(maxsize=64)
def _readers(content: bytes, name: str, module: str) -> _Read:
    """What the functions of a file do with a name of it, or with one that it imports from a ``module``."""
    text = text_of(content)
    tree = parsed(text) if text is not None else None
    is_imported = not module or any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").rpartition(".")[2] == module
        and any(alias.name == name and alias.asname is None for alias in node.names)
        for node in (tree.body if tree is not None else ())
    )
    if tree is None:
        return _Read((), ())
    reading, silent = [], []
    for qualname, node in sorted(python_functions(tree).items()):
        if "<locals>" in qualname or TEST_NAMES.search(qualname):
            continue
        spoken = {
            part.id if isinstance(part, ast.Name) else part.attr
            for part in ast.walk(node)
            if isinstance(part, ast.Name | ast.Attribute)
        }
        bound = {
            part.id if isinstance(part, ast.Name) else part.arg
            for part in ast.walk(node)
            if isinstance(part, ast.arg)
            or (isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load))
        }
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        if is_imported and name in names and name not in bound:
            reading.append(qualname)
        elif name not in spoken | bound:
            silent.append(qualname)
    return _Read(tuple(reading), tuple(silent))
