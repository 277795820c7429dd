"""G19: a changed line sets a field of its object, or reads one; which other functions read it, and which set it?"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.spoken import COMMON, TEST_NAMES, is_like, spoken_at
from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Repository, Source

_LEAST_NAME: Final = 5
_MOST_FILES: Final = 8
_MOST_FIELDS: Final = 3
_MOST_RIGHT: Final = 3
_LEAST_WRONG: Final = 2
_MOST_OPTIONS: Final = 6
_LEAST_OPTIONS: Final = 4
_LEAST_RARE: Final = 8
_RARE: Final = re.compile(r"[a-z0-9](?:_[a-z]|[A-Z])")
_PLAIN: Final = COMMON | frozenset(
    {"value", "values", "title", "label", "length", "options", "config", "message", "errors", "error", "state", "status",
     "children", "parent", "source", "target", "result", "context", "content", "kwargs", "logger", "version"}
)  # fmt: skip


class _Field(NamedTuple):
    """A field that a changed line sets, or only reads; ``is_own`` where it is the object's own."""

    line: int
    name: str
    is_set: bool
    is_own: bool


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question about who reads what is set here, and one about who sets what is read here."""
    if context.repository is None:
        return
    fields = sorted(set(_fields(function, source)), key=lambda one: (not one.is_set, one.line, one.name))
    asked: set[bool] = set()
    for field in [one for one in fields if _is_telling(one, function)][:_MOST_FIELDS]:
        options = _options(function, source, context.repository, field) if field.is_set not in asked else []
        if options:
            asked.add(field.is_set)
            yield _asked(function, field, options)


def _is_telling(field: _Field, function: ChangedFunction) -> bool:
    """Whether the name means one field only: the class's own, or one that nobody gives by chance."""
    if field.is_own and _class_of(function.qualname):
        return len(field.name) >= _LEAST_NAME and field.name not in _PLAIN
    return bool(_RARE.search(field.name)) and len(field.name) >= _LEAST_RARE


def _fields(function: ChangedFunction, source: Source) -> Iterator[_Field]:
    node = source.node(function)
    defined = source.definition(function)
    if defined is not None:
        yield from _defined(function, defined.node)
        return
    if node is None:
        if source.language not in {None, "python"}:
            from tokencoach.comprehension.languages.syntax import fields_of  # noqa: PLC0415 - a grammar is loaded late

            for found in fields_of(source.new, source.language or "", function.qualname):
                if found[0] in function.changed:
                    yield _Field(*found)
        return
    called = {part.func for part in ast.walk(node) if isinstance(part, ast.Call)}
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part not in called and part.lineno in function.changed:
            yield _Field(
                part.lineno, part.attr, not isinstance(part.ctx, ast.Load), dotted(part.value) == "self"
            )


def _defined(function: ChangedFunction, node: ast.stmt) -> Iterator[_Field]:
    """The fields that a class's own body declares."""
    for one in node.body if isinstance(node, ast.ClassDef) else ():
        targets = (
            one.targets
            if isinstance(one, ast.Assign)
            else [one.target]
            if isinstance(one, ast.AnnAssign)
            else []
        )
        lines = frozenset(range(one.lineno, (one.end_lineno or one.lineno) + 1))
        for target in targets:
            if isinstance(target, ast.Name) and lines & function.changed:
                yield _Field(min(lines & function.changed), target.id, is_set=True, is_own=False)


def _options(
    function: ChangedFunction, source: Source, repository: Repository, field: _Field
) -> list[Option]:
    paths = [path for path in repository.mentions(field.name) if is_like(path, source.language)]
    if not 0 < len(paths) <= _MOST_FILES:
        return []
    right, near, far = _told_apart(function, source, repository, field, paths)
    # Of one function that sets it nobody is in doubt where nothing else so much as speaks of it.
    least = 2 if field.is_set else 1
    picked = shuffled(sorted(right), function, f"{field.name}r")[:_MOST_RIGHT]
    wrong = [
        *shuffled(sorted(near), function, f"{field.name}n")[:3],
        *shuffled(sorted(far), function, field.name),
    ]
    wrong = wrong[: _MOST_OPTIONS - 1 - len(picked)]
    if len(picked) < least or len(wrong) < _LEAST_WRONG or len(picked) + len(wrong) < _LEAST_OPTIONS:
        return []
    if not field.is_set and len(near) < _LEAST_WRONG:
        return []
    return [
        Option(
            said,
            said in picked,
            right.get(said, "it does not set it" if said in near else "it does not speak of it"),
        )
        for said in shuffled([*picked, *wrong], function, f"{field.name}G19")
    ]


def _told_apart(
    function: ChangedFunction, source: Source, repository: Repository, field: _Field, paths: list[str]
) -> tuple[dict[str, str], list[str], list[str]]:
    """Functions that do what is asked for, with the reason; those that only read; those that are silent."""
    own = _class_of(function.qualname)
    right: dict[str, str] = {}
    near: list[str] = []
    far: list[str] = []
    spoken = [(path, one) for path in paths for one in spoken_at(path, source, repository)]
    owners = {_class_of(one.qualname) for _, one in spoken if field.name in one.sets}
    # A name that several classes give a field of theirs means several fields.
    if not field.is_own and len(owners) > 1:
        return right, near, far
    for path, one in spoken:
        # A field of that name that another class has is another field.
        is_other = field.is_own and own and _class_of(one.qualname) != own
        if (
            one.qualname == function.qualname
            or "/" in one.qualname
            or is_other
            or TEST_NAMES.search(one.qualname)
        ):
            continue
        said = f"{one.qualname} ({path})"
        if field.name in one.sets and not field.is_set:
            right[said] = "it sets it"
        elif field.name in one.reads and field.is_set:
            right[said] = "it reads it"
        elif field.name in one.reads:
            near.append(said)
        elif field.name not in one.words:
            far.append(said)
    return right, near, far


def _class_of(qualname: str) -> str:
    return qualname.partition(".<locals>")[0].replace("::", ".").rpartition(".")[0]


def _asked(function: ChangedFunction, field: _Field, options: list[Option]) -> Prepared:
    if field.is_set:
        what = f"sets the field `{field.name}`. Which of these read a field of that name?"
    else:
        what = f"reads the field `{field.name}`. Which of these set a field of that name themselves?"
    return pick_all(
        function,
        Kind.FIELD_USES,
        Part.WHY,
        f"Line {field.line} of {short(function)} {what}",
        options,
        line=field.line,
        what=f"{field.name}:{field.is_set}",
        evidence="the functions in the repository's files",
        seconds=25,
    )
