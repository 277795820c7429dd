"""What a file is for, told by its path; and which of its lines are only comments."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


class PathKind(StrEnum):
    """What a file is for."""

    CODE = "code"
    TEST = "test"
    DOCS = "docs"
    CONFIG = "config"


_TEST: Final = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|testsuites?|testdata|fixtures)/|(?:^|/)(?:test_[^/]*|conftest\.py)$"
    r"|[_.-](?:test|spec)s?\.\w+$|[a-z0-9](?-i:Tests?)\.(?:java|kt|scala|groovy|cs|swift|php)$",
    re.IGNORECASE,
)
_DOCS: Final = re.compile(
    r"(?:^|/)docs?/|\.(?:md|mdx|rst|txt|adoc|org)$|(?:^|/)(?:LICENSE|NOTICE|AUTHORS)$", re.IGNORECASE
)
_CONFIG: Final = re.compile(
    r"(?:^|/)\.[^/]+(?:/|$)|\.(?:ya?ml|toml|ini|cfg|lock|env|properties)$|(?:^|/)(?:Makefile|Dockerfile|package(?:-lock)?\.json)$",
    re.IGNORECASE,
)
_DIRECTIVE: Final = re.compile(
    rb"#(?:include|define|if|ifdef|ifndef|endif|else|elif|pragma|undef|error|region|\[|!\[|!)"
)
_MARKS: Final = (b"//", b"/*", b"*/", b"<!--", b'"""', b"'''")
_BY_SUFFIX: Final = {
    b"--": (".sql", ".lua", ".hs", ".elm", ".ada", ".vhd"),
    b";": (".lisp", ".clj", ".el", ".scm", ".asm", ".ini"),
    b"%": (".tex", ".erl", ".m"),
}


# Formatters write the keywords and colours of these in the case of their liking.
_CASELESS: Final = tuple(
    b".sql .psql .pgsql .ddl .plsql .pks .pkb .hql .css .scss .sass .less .vb .vbs .bas .pas .dpr .f .f90 .f95 .for "
    b".cob .cbl .ada .adb .ads .vhd .vhdl .abap .ps1 .psm1 .bat .cmd".split()
)


# In these the white space before a line says what it belongs to.
_INDENTED: Final = (
    *(".py", ".pyi", ".pyx", ".yml", ".yaml", ".haml", ".pug", ".slim", ".sass", ".styl", ".coffee", ".nim"),
    *(".fs", ".fsx", ".hs", ".elm", ".mk", ".feature", ".rst", "makefile"),
)
# And the marks of lists, of emphasis and of what is done in these.
_PROSE: Final = (b".md", b".mdx", b".markdown")
# What a notebook notes of its last run is no code.
_NOTEBOOK: Final = b".ipynb"
_RUN: Final = re.compile(rb'("execution_count": )(?:\d+|null)|("outputs": \[)\]')
_TICKED: Final = re.compile(rb"(?m)^([ \t]*(?:[-*+]|\d+[.)])[ \t]+\[)[xX](\])")
_PROSE_MARKS: Final = bytes.maketrans(b"*+_", b"---")


@lru_cache(maxsize=1024)
def folding(path: bytes) -> Callable[[bytes], bytes] | None:
    """What makes texts equal that mean the same in the file's language; None where only equal ones do."""
    name = path.lower()
    if name.endswith(_CASELESS):
        return bytes.lower
    if name.endswith(_PROSE):
        return _with_like_marks
    return _without_runs if name.endswith(_NOTEBOOK) else None


def means_by_indent(path: str) -> bool:
    """Whether indentation alone changes what a file says."""
    return path.lower().endswith(_INDENTED)


def _without_runs(text: bytes) -> bytes:
    return _RUN.sub(rb"\1\2", text)


def _with_like_marks(text: bytes) -> bytes:
    return _TICKED.sub(rb"\1 \2", text).translate(_PROSE_MARKS)


def path_kind(path: str) -> PathKind:
    """What the file at a path is for."""
    for kind, pattern in ((PathKind.TEST, _TEST), (PathKind.DOCS, _DOCS), (PathKind.CONFIG, _CONFIG)):
        if pattern.search(path):
            return kind
    return PathKind.CODE


def is_comment(line: bytes, path: str) -> bool:
    """Whether a line of the file holds a comment and nothing else."""
    text = line.strip()
    if text.startswith(b"#"):
        return not _DIRECTIVE.match(text)
    if text.startswith((*_MARKS, b"* ")) or text == b"*":
        return True
    return any(text.startswith(mark) and path.endswith(names) for mark, names in _BY_SUFFIX.items())
