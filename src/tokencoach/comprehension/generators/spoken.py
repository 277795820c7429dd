"""Which names the functions of a file call, and which they so much as speak of."""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.excluded import is_excluded
from tokencoach.attribution.path_kinds import PathKind, path_kind
from tokencoach.comprehension.generators.base import python_functions
from tokencoach.comprehension.languages.parsing import language_of, parsed, text_of
from tokencoach.comprehension.languages.python_names import own_nodes

if TYPE_CHECKING:
    from tokencoach.comprehension.generators.base import Repository, Source
    from tokencoach.comprehension.languages.python_names import PythonFunction


class Spoken(NamedTuple):
    """A function, the last names of what it calls, and every name and word of a text in it.

    ``reads`` are fields that it only reads, ``sets`` those that it gives a value.
    """

    qualname: str
    calls: frozenset[str]
    words: frozenset[str]
    reads: frozenset[str]
    sets: frozenset[str]


_EVERYWHERE: Final = """
get set add run call open close read write send update pop copy keys values items append extend insert remove clear
index count sort join split strip format find replace load loads dump dumps start stop next iter apply execute commit
main init setup process handle render build create delete save check test name path type group match search sub parse
encode decode emit connect wait poll exists submit result
"""
COMMON: Final = frozenset(_EVERYWHERE.split())
TEST_NAMES: Final = re.compile(r"(?:^|\.)(?:tests?\.|[Tt]est_?\w*$)")
_TESTS: Final = re.compile(r"(?:^|/)(?:\w*tests?|testsuite|examples?|benchmarks?)/")
_KINDRED: Final = frozenset({"javascript", "typescript", "tsx"})
_HEADED: Final = frozenset({"c", "cpp"})
_MOST_BYTES: Final = 400_000
_HANDY: Final = """
append extend insert keys values items copy join split strip format lower upper replace push slice concat unwrap clone
collect iter into_iter to_string to_owned into as_str as_ref expect filter Some Println Printf Sprintf Errorf Fprintf
Fprintln String string Error Close Name Output Background is_empty is_some is_none is_ok is_err length size
"""
# What is called may be a whole function that stands there without a name.
_NAME: Final = re.compile(r"[\w$]{4,}[?!]?")
_SAYS_LITTLE: Final = frozenset(vars(builtins)) | frozenset(_HANDY.split())


def telling(names: frozenset[str]) -> frozenset[str]:
    """Those of the names that say what the code is about."""
    return frozenset(name for name in names if _NAME.fullmatch(name) and name not in _SAYS_LITTLE)


def is_like(path: str, language: str | None) -> bool:
    """Whether a path holds the project's own code, no test, in a language or one that shares its names."""
    other = language_of(path)
    is_kin = other == language or {other, language} <= _KINDRED or {other, language} <= _HEADED
    is_own = path_kind(path) is PathKind.CODE and not is_excluded(path) and not _TESTS.search(path)
    return is_kin and is_own


def spoken_at(path: str, source: Source, repository: Repository) -> tuple[Spoken, ...]:
    """Each function of a file of the repository; none of a file that is absent or too large."""
    content = source.file.new if path == source.path else repository.text(path)
    if content is None or len(content) > _MOST_BYTES:
        return ()
    return spoken_in(content, language_of(path) or "")


@lru_cache(maxsize=64)
def spoken_in(content: bytes, language: str) -> tuple[Spoken, ...]:
    """Each function of a file, in the order of their names; none where the file is not understood."""
    text = text_of(content)
    if text is not None and language != "python":
        from tokencoach.comprehension.languages.syntax import spoken  # noqa: PLC0415 - a grammar is loaded late

        return tuple(Spoken(*one) for one in sorted(spoken(text, language)))
    tree = parsed(text) if text is not None else None
    if tree is None:
        return ()
    return tuple(
        Spoken(qualname, *_spoken(node)) for qualname, node in sorted(python_functions(tree).items())
    )


def _spoken(node: PythonFunction) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    called: set[str] = set()
    methods: set[ast.AST] = set()
    for part in own_nodes(node):
        if isinstance(part, ast.Call):
            methods.add(part.func)
            if isinstance(part.func, ast.Name):
                called.add(part.func.id)
            elif isinstance(part.func, ast.Attribute):
                called.add(part.func.attr)
                if isinstance(part.func.value, ast.Name) and part.func.value.id == "self":
                    called.add(f"self.{part.func.attr}")
    fields: set[str] = set()
    stored: set[str] = set()
    told: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            is_read = isinstance(part.ctx, ast.Load) and part not in methods
            (fields if is_read else stored if part not in methods else told).add(part.attr)
        elif isinstance(part, ast.Name | ast.arg | ast.keyword):
            told.add((part.id if isinstance(part, ast.Name) else part.arg) or "")
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            told.update(part.value.replace(".", " ").split())
    words = frozenset(told | fields | stored | called)
    return frozenset(called), words, frozenset(fields - stored - told), frozenset(stored)
