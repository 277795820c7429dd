"""What every generator is given, and how a question gets an id and an order that never change."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeVar

import msgspec
import xxhash

from tokencoach.comprehension.change import ChangedFile, ChangedFunction, Skip
from tokencoach.comprehension.languages.grammars import is_installed
from tokencoach.comprehension.languages.old_python import modernised
from tokencoach.comprehension.languages.parsing import language_of, parsed, text_of
from tokencoach.comprehension.languages.python_definitions import Definition, definitions
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

PythonFunction = ast.FunctionDef | ast.AsyncFunctionDef
_T = TypeVar("_T")
_WORD: Final = re.compile(r"[A-Za-z_]\w{3,}")
MOST_ANSWER: Final = 60
"""Longest value, in characters, that a person is asked to type or to read as an option."""


class Source:
    """A changed file as text: without byte order mark, lines ending with a newline only.

    Trees are parsed at first use and kept. ``lines[n - 1]`` is line ``n``.
    """

    def __init__(self, file: ChangedFile) -> None:
        self.file = file
        self.path = file.path
        self.language = language_of(file.path)
        self.new = text_of(file.new) or ""
        self.old = text_of(file.old) if file.old is not None else None

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The new lines without newlines."""
        return tuple(self.new.split("\n"))

    def line(self, number: int) -> str:
        """A new line by its number from 1; empty outside the file."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @property
    def skip(self) -> Skip | None:
        """Why nothing can be asked: the syntax is not understood, or the language's grammar is absent."""
        if self.language == "python":
            return Skip.UNREADABLE if self.tree is None else None
        return None if self.language is not None and is_installed(self.language) else Skip.LANGUAGE

    @cached_property
    def tree(self) -> ast.Module | None:
        """The new file's Python tree; None where it is no Python, or not understood."""
        return _tree(self.new) if self.language == "python" else None

    @cached_property
    def old_tree(self) -> ast.Module | None:
        """The old file's Python tree; None where there was none, or it is not understood."""
        return _tree(self.old) if self.language == "python" and self.old is not None else None

    @cached_property
    def is_old_python(self) -> bool:
        """Whether the new file is Python 2, whose operations may give other values than ours."""
        return self.tree is not None and parsed(self.new) is None

    def node(self, function: ChangedFunction) -> PythonFunction | None:
        """The Python function in the new tree."""
        return self.node_named(function.qualname)

    def node_named(self, qualname: str) -> PythonFunction | None:
        """The Python function of a qualified name in the new tree."""
        return self._functions.get(qualname)

    def old_node(self, function: ChangedFunction) -> PythonFunction | None:
        """The Python function of the same qualified name before the change."""
        return self._old_functions.get(function.qualname)

    def definition(self, function: ChangedFunction) -> Definition | None:
        """The class, or the name of the module, where it is no function that changed."""
        return None if function.qualname in self._functions else self._definitions.get(function.qualname)

    @cached_property
    def _definitions(self) -> dict[str, Definition]:
        return definitions(self.tree) if self.tree is not None else {}

    @cached_property
    def _functions(self) -> dict[str, PythonFunction]:
        return python_functions(self.tree) if self.tree is not None else {}

    @cached_property
    def _old_functions(self) -> dict[str, PythonFunction]:
        return python_functions(self.old_tree) if self.old_tree is not None else {}


def _tree(text: str) -> ast.Module | None:
    tree = parsed(text)
    if tree is None:
        again = modernised(text)
        tree = parsed(again) if again is not None else None
    return tree


def python_functions(tree: ast.Module) -> dict[str, PythonFunction]:
    """Every function of a Python tree by its qualified name; of equal names the last, as Python sees it."""
    found: dict[str, PythonFunction] = {}
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        scope, prefix = waiting.pop()
        for node in ast.iter_child_nodes(scope):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = prefix + node.name
                if name not in found or found[name].lineno < node.lineno:
                    found[name] = node
                waiting.append((node, f"{name}.<locals>."))
            elif isinstance(node, ast.ClassDef):
                waiting.append((node, f"{prefix}{node.name}."))
            elif not isinstance(node, ast.expr):
                waiting.append((node, prefix))
    return found


class Repository(Protocol):
    """Look-ups in the tree that the change belongs to."""

    def text(self, path: str) -> bytes | None:
        """Content of a file; None where there is none."""

    def paths(self) -> frozenset[str]:
        """Paths of all files."""

    def mentions(self, word: str) -> Sequence[str]:
        """Paths of the files that hold a word, in order."""

    def lines_like(self, pattern: str, ending: str) -> Sequence[tuple[str, str]]:
        """Lines that a POSIX extended pattern fits, with their paths, of the files with some ending."""

    def read_ahead(self, paths: Sequence[str]) -> None:
        """Say which texts will be asked for."""


@dataclass(frozen=True)
class Context:
    """What a generator may know besides the function: recordings, the repository, the whole change.

    ``recordings`` is what ``comprehension.recordings`` reads, None where nothing was recorded.
    ``known`` holds facts by name, such as a commit's message, that answers are compared with.
    ``folder`` is the worktree, for what is installed there beside the files that git knows.
    ``able`` are the functions that are asked about, the one most worth it first.
    """

    files: tuple[ChangedFile, ...] = ()
    recordings: object | None = None
    repository: Repository | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    able: tuple[ChangedFunction, ...] = ()

    @cached_property
    def _words(self) -> dict[tuple[str, str], frozenset[str]]:
        lines = {file.path: (text_of(file.new) or "").split("\n") for file in self.files if file.skip is None}
        return {
            (one.path, one.qualname): frozenset(
                word for number in one.changed for word in _WORD.findall(lines.get(one.path, [])[number - 1])
            )
            for one in self.able
        }

    def words_of(self, function: ChangedFunction) -> frozenset[str]:
        """Words of four letters or more in the changed lines of a function that is asked about."""
        return self._words[function.path, function.qualname]


Generator = Callable[[ChangedFunction, Source, Context], Iterator[Prepared]]


def question_id(function: ChangedFunction, kind: Kind, what: str) -> str:
    """The id of a question: the same for the same blob, function, kind and ``what`` is asked of them."""
    return xxhash.xxh3_64_hexdigest(f"{function.blob}\0{function.qualname}\0{kind.value}\0{what}".encode())


def shuffled(items: Sequence[_T], function: ChangedFunction, salt: str = "") -> list[_T]:
    """The items in an order that only the blob, the function and what they hold decide."""
    seed = f"{function.blob}\0{function.qualname}\0{salt}\0"
    told = [(_told(item), item) for item in items]
    told.sort(key=lambda pair: (xxhash.xxh3_64_intdigest(f"{seed}{pair[0]}".encode()), pair[0]))
    return [item for _, item in told]


def _told(item: object) -> str:
    """An item as text; the elements of a set in it in one order, whatever this process makes of their hashes."""
    if isinstance(item, str | int):
        return str(item)
    try:
        return msgspec.json.encode(item, order="deterministic").decode()
    except (TypeError, ValueError):
        return str(item)


class Option(NamedTuple):
    """One of several that a person may pick, and why it is right or wrong."""

    text: str
    is_right: bool
    reason: str


def pick_all(
    function: ChangedFunction,
    kind: Kind,
    part: Part,
    prompt: str,
    options: Sequence[Option],
    *,
    line: int,
    what: str,
    evidence: str,
    seconds: int = 30,
    trace: tuple[str, ...] = (),
) -> Prepared:
    """A question with several right options, in the order given, whose key follows from the code alone."""
    return Prepared(
        Question(
            id=question_id(function, kind, what),
            kind=kind,
            part=part,
            path=function.path,
            qualname=function.qualname,
            line=line,
            prompt=prompt,
            form=Form.MULTIPLE,
            options=tuple(option.text for option in options),
            lines=(line,),
            seconds=seconds,
        ),
        AnswerKey(
            expected=tuple(option.text for option in options if option.is_right),
            checked_by=CheckedBy.SYNTAX,
            evidence=evidence,
            matcher="options",
            reasons=tuple(option.reason for option in options),
            trace=trace,
        ),
    )
