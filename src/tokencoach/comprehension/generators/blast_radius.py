"""G9: who is touched by the change? Which functions call it; which calls its new signature refuses."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.signature import calls, signature_of
from tokencoach.comprehension.generators.spoken import COMMON, TEST_NAMES, is_like, spoken_at
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Repository, Source

_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 6
_LEAST_RIGHT: Final = 2
_LEAST_WRONG: Final = 2
_MOST_RIGHT: Final = 3
_MOST_BEHIND: Final = 2
_MOST_FILES: Final = 16
_LEAST_NAME: Final = 4
_INSTEAD: Final = re.compile(r"@Override|\boverride\b|\bvirtual\b|\babstract\b")


class _Use(NamedTuple):
    """A function of the repository, and how it speaks of a name."""

    path: str
    qualname: str
    calls: bool
    calls_itself: bool
    mentions: bool


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question about the signature, and one about the callers."""
    refused = _refused(function, source)
    if refused is not None:
        yield refused
    if context.repository is not None:
        yield from _callers(function, source, context.repository)


def _refused(function: ChangedFunction, source: Source) -> Prepared | None:
    """Which calls fail since the signature changed."""
    new, old = source.node(function), source.old_node(function)
    if (
        source.language != "python"
        or new is None
        or old is None
        or ast.unparse(new.args) == ast.unparse(old.args)
    ):
        return None
    is_method = _is_method(function.qualname)
    after, before = signature_of(new, is_method=is_method), signature_of(old, is_method=is_method)
    name = function.qualname.rpartition(".")[2]
    if (
        after is None
        or before is None
        or str(after) == str(before)
        or (name.startswith("__") and name != "__init__")
    ):
        return None
    spoken = function.qualname.split(".")[-2] if name == "__init__" else name
    every = {call.text: call for call in (*calls(spoken, after), *calls(spoken, before))}.values()
    fates = [(call.text, call.is_taken(before), call.is_taken(after)) for call in every]
    broken = shuffled([text for text, was, now in fates if was and not now], function, "broken")
    others = shuffled([text for text, was, now in fates if now], function, "kept")
    refused = shuffled([text for text, was, now in fates if not was and not now], function, "never")
    gained = [text for text, was, now in fates if now and not was]
    if not others or not broken + gained:
        return None
    others = [*gained[:1], *(text for text in others if text not in gained[:1])]
    wrong = (broken[:2] + refused)[:_MOST_RIGHT]
    options = shuffled([*wrong, *others[: _MOST_OPTIONS - 1 - len(wrong)]], function, "signature")
    if len(options) < _LEAST_OPTIONS:
        return None
    prompt = f"This commit changed the signature of {short(function)}. Which of these calls fail with a TypeError now?"
    return _prepared(
        function,
        "signature",
        prompt,
        options,
        frozenset(wrong),
        "the signature was bound to each call",
        ("it takes the call", "it refuses the call"),
    )


def _is_method(qualname: str) -> bool:
    above = qualname.rpartition(".")[0]
    return bool(above) and not above.endswith("<locals>")


def _callers(function: ChangedFunction, source: Source, repository: Repository) -> Iterator[Prepared]:
    name = _bare(function.qualname)
    if "<locals>" in function.qualname or name.startswith("__") or len(name) < _LEAST_NAME or name in COMMON:
        return
    paths = [path for path in repository.mentions(name) if is_like(path, source.language)]
    # Another function of the name may stand in what is not looked into.
    if len(paths) > _MOST_FILES or _is_replacement(function, source):
        return
    paths = [path for path in paths if not _is_from_elsewhere(path, source, repository, name)]
    uses = [use for path in paths for use in _uses_in(path, source, repository, name)]
    definitions = sum(_bare(use.qualname) == name for use in uses)
    if definitions != 1:
        # Of a name that several classes have, only the own class's calls to itself are sure.
        above = function.qualname.rpartition(".")[0] if source.language == "python" else ""
        uses = [
            use._replace(calls=use.calls_itself)
            for use in uses
            if above and use.path == function.path and use.qualname.rpartition(".")[0] == above
        ]
    twins = {(use.path, use.qualname.partition("/")[0]) for use in uses if "/" in use.qualname}
    uses = [
        use
        for use in uses
        if not TEST_NAMES.search(use.qualname) and (use.path, use.qualname.partition("/")[0]) not in twins
    ]
    callers = [_said(use) for use in uses if use.calls and use.qualname != function.qualname]
    # A function that so much as speaks of the name may hand it on to be called.
    others = [_said(use) for use in uses if not use.mentions and use.qualname != function.qualname]
    right = shuffled(sorted(set(callers)), function, "callers")[:_MOST_RIGHT]
    wrong = shuffled(sorted(set(others) - set(callers)), function, "others")[: _MOST_OPTIONS - 1 - len(right)]
    if (
        len(right) >= _LEAST_RIGHT
        and len(wrong) >= _LEAST_WRONG
        and len(right) + len(wrong) >= _LEAST_OPTIONS
    ):
        yield _prepared(
            function,
            "callers",
            f"{short(function)} changes. Which of these functions call it themselves?",
            shuffled([*right, *wrong], function, "blast"),
            frozenset(right),
            "the calls in the repository's files",
            ("it does not speak of it", "it calls it"),
        )
    elif len(right) == 1 and definitions == 1:
        only = next(use for use in uses if _said(use) == right[0])
        yield from _behind(function, source, repository, only, others)


def _behind(
    function: ChangedFunction, source: Source, repository: Repository, only: _Use, others: Sequence[str]
) -> Iterator[Prepared]:
    """Who calls the function by way of the one function that calls it itself."""
    name = _bare(only.qualname)
    paths = [path for path in repository.mentions(name) if is_like(path, source.language)]
    if "<locals>" in only.qualname or name.startswith("__") or len(name) < _LEAST_NAME or name in COMMON:
        return
    if len(paths) > _MOST_FILES or any(_is_from_elsewhere(path, source, repository, name) for path in paths):
        return
    uses = [use for path in paths for use in _uses_in(path, source, repository, name)]
    if sum(_bare(use.qualname) == name for use in uses) != 1 or any("/" in use.qualname for use in uses):
        return
    uses = [use for use in uses if not TEST_NAMES.search(use.qualname)]
    own = {function.qualname, only.qualname}
    further = [_said(use) for use in uses if use.calls and use.qualname not in own]
    silent = {_said(use) for use in uses if not use.mentions}
    near = [said for said in others if said in silent and "<locals>" not in said]
    picked = shuffled(sorted(set(further)), function, "further")[:_MOST_BEHIND]
    wrong = shuffled(sorted(set(near) - set(further)), function, "silent")[:_MOST_RIGHT]
    if not picked or len(wrong) < _LEAST_WRONG or 1 + len(picked) + len(wrong) < _LEAST_OPTIONS:
        return
    reasons = dict.fromkeys(picked, f"it calls {only.qualname}, which calls it") | {
        _said(only): "it calls it"
    }
    yield pick_all(
        function,
        Kind.BLAST_RADIUS,
        Part.WHY,
        f"{short(function)} changes. Which of these functions call it, themselves or through one other function?",
        [
            Option(one, one in reasons, reasons.get(one, "neither it nor what calls it is spoken of there"))
            for one in shuffled([*reasons, *wrong], function, "behind")
        ],
        line=function.first,
        what="behind",
        evidence="the calls in the repository's files",
        seconds=30,
    )


def _bare(qualname: str) -> str:
    """A function's last name, without what tells it from others of the name."""
    return qualname.partition("/")[0].replace("::", ".").rpartition(".")[2]


def _is_replacement(function: ChangedFunction, source: Source) -> bool:
    """Whether a call by the name may reach another class's function: it stands in for an inherited one."""
    head = "\n".join(source.line(number) for number in range(function.first - 1, function.first + 2))
    return source.language != "python" and bool(_INSTEAD.search(head))


def _is_from_elsewhere(path: str, source: Source, repository: Repository, name: str) -> bool:
    """Whether a Python file takes the name from a package that is not the project's."""
    content = repository.text(path) if path != source.path and source.language == "python" else None
    text = text_of(content) if content is not None else None
    tree = parsed(text) if text is not None and f"import {name}" in text else None
    tops = {
        (node.module or "").partition(".")[0]
        for node in (tree.body if tree is not None else ())
        if isinstance(node, ast.ImportFrom) and not node.level and any(one.name == name for one in node.names)
    }
    own = (
        {part for known in repository.paths() for part in known.removesuffix(".py").split("/")}
        if tops
        else set()
    )
    return bool(tops - own)


def _uses_in(path: str, source: Source, repository: Repository, name: str) -> Sequence[_Use]:
    return [
        _Use(path, one.qualname, name in one.calls, f"self.{name}" in one.calls, name in one.words)
        for one in spoken_at(path, source, repository)
    ]


def _said(use: _Use) -> str:
    return f"{use.qualname} ({use.path})"


def _prepared(
    function: ChangedFunction,
    what: str,
    prompt: str,
    options: Sequence[str],
    right: frozenset[str],
    evidence: str,
    reasons: tuple[str, str],
) -> Prepared:
    return pick_all(
        function,
        Kind.BLAST_RADIUS,
        Part.WHY if what == "callers" else Part.EDGES,
        prompt,
        [Option(option, option in right, reasons[option in right]) for option in options],
        line=function.first,
        what=what,
        evidence=evidence,
        seconds=25,
    )
