"""Files that count nowhere: vendored, generated and lock files, by their names and by ``.gitattributes``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.paths import unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDERS = frozenset(
    {"node_modules", "vendor", "third_party", "thirdparty", "bower_components", ".venv", "venv", "site-packages",
     "__pycache__", "dist", ".next", ".nuxt", "__snapshots__"}
)  # fmt: skip
_FILES = frozenset(
    {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "cargo.lock",
     "go.sum", "poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "gemfile.lock", "composer.lock", "mix.lock",
     "flake.lock", "pubspec.lock", "podfile.lock", "deno.lock", "packages.lock.json", "gradle.lockfile"}
)  # fmt: skip
_GENERATED = re.compile(
    r"(?:\.min\.(?:js|css)|\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?|\.g\.dart|\.freezed\.dart|\.generated\.\w+|\.map|\.snap)$"
)


def is_excluded(path: str) -> bool:
    """Whether a repository path is vendored, generated or a lock file by its name."""
    *above, name = path.split("/")
    lowered = name.lower()
    return not _FOLDERS.isdisjoint(above) or lowered in _FILES or _GENERATED.search(lowered) is not None


_MARKS: Final = ("linguist-generated", "linguist-vendored")
# What git shows no difference of, nobody reviews.
_UNSHOWN: Final = "diff"
# Of a file that such a filter takes, git holds a pointer or what nobody can read: its lines cannot be followed.
_FILTER: Final = "filter"
_APART: Final = frozenset({"lfs", "annex", "git-crypt", "crypt", "transcrypt"})
_MACRO: Final = "[attr]"
_BUILT_IN: Final = {"binary": (("diff", False), ("merge", False), ("text", False))}
_MOST_DEEP: Final = 4
_MOST_WORDS: Final = 40

# An attribute's name with what a line says of it: set, unset, to be forgotten, or a value.
Word = tuple[str, bool | str | None]


class MarkLine(NamedTuple):
    """A line of ``.gitattributes`` for some files."""

    pattern: re.Pattern[str]
    is_whole_path: bool
    words: tuple[Word, ...]


class Attributes(NamedTuple):
    """What a file of git attributes says; ``macros`` are names that stand for several words."""

    lines: tuple[MarkLine, ...] = ()
    macros: tuple[tuple[str, tuple[Word, ...]], ...] = ()


NO_ATTRIBUTES: Final = Attributes()


@lru_cache(maxsize=64)
def marked_files(attributes: str) -> Attributes:
    """What a file of git attributes says of its files."""
    found, macros = [], []
    for line in attributes.splitlines():
        pattern, rest = _pattern(line.strip())
        words = tuple(_word(word) for word in rest.split()[:_MOST_WORDS])
        if pattern.startswith(_MACRO):
            macros.append((pattern.removeprefix(_MACRO), words))
        # A pattern for folders says nothing of the files in them.
        elif pattern and not pattern.startswith(("#", "!")) and not pattern.endswith("/"):
            found.append(MarkLine(path_pattern(pattern.lstrip("/")), "/" in pattern, words))
    return Attributes(tuple(found), tuple(macros))


def is_marked_under(path: str, told_of: Mapping[str, Attributes], own: Attributes = NO_ATTRIBUTES) -> bool:
    """Whether a repository path is marked as generated, vendored, not to be shown or kept elsewhere.

    The attributes of every folder above the file count, a nearer one before one further up. ``told_of``
    goes by folder, the root's name being empty; ``own`` are those that are in no commit but in the git
    directory, which outrank all. Macros are the root's and the own ones.
    """
    macros = {**_BUILT_IN, **dict(told_of.get("", NO_ATTRIBUTES).macros), **dict(own.macros)}
    words: list[Word] = []
    for folder in folders_above(path):
        inside = path[len(folder) + 1 :] if folder else path
        words += _words_for(inside, told_of.get(folder, NO_ATTRIBUTES))
    words += _words_for(path, own)
    values: dict[str, bool | str | None] = {}
    # As git does it, from the last word to the first: a macro counts where its own name does.
    waiting = words
    while waiting:
        name, value = waiting.pop()
        if name not in values:
            values[name] = value
            waiting += macros.get(name, ()) if value is True else ()
    is_told = any(values.get(mark) in (True, "true", "1") for mark in _MARKS)
    return is_told or values.get(_UNSHOWN) is False or values.get(_FILTER) in _APART


def folders_above(path: str) -> list[str]:
    """The folders that a repository path lies in, the root's empty name first."""
    parts = path.split("/")[:-1]
    return ["", *("/".join(parts[:end]) for end in range(1, len(parts) + 1))]


def _words_for(path: str, told: Attributes) -> list[Word]:
    name = path.rpartition("/")[2]
    return [
        word
        for line in told.lines
        if line.pattern.fullmatch(path if line.is_whole_path else name)
        for word in line.words
    ]


def _pattern(line: str) -> tuple[str, str]:
    """Pattern and attributes of a line; a pattern with spaces stands in quotes."""
    if not line.startswith('"'):
        pattern, _, rest = line.partition(" ") if " " in line else line.partition("\t")
        return pattern, rest
    end = re.match(r'"(?:[^"\\]|\\.)*"', line)
    if end is None:
        return "", ""
    return unquoted(end[0].encode()).decode("utf-8", "replace"), line[end.end() :]


def _word(word: str) -> Word:
    name, is_given, value = word.lstrip("-!").partition("=")
    if word.startswith("!"):
        return name, None
    return name, value if is_given else not word.startswith("-")


@lru_cache(maxsize=1024)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of git's as a regular expression; what it cannot say matches only itself."""
    parts = pattern.split("/")
    if parts.count("**") > _MOST_DEEP:
        return re.compile(re.escape(pattern))
    text = "".join(
        (".+" if number == len(parts) - 1 else "(?:.*/)?")
        if part == "**"
        else _segment(part) + ("/" if number < len(parts) - 1 else "")
        for number, part in enumerate(parts)
    )
    try:
        return re.compile(text, re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))


def _segment(part: str) -> str:
    """A name's pattern: each star takes as little as it can, so that no name is slow to match."""
    first, *others = [_fixed(piece) for piece in re.split(r"\*+", part)]
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others[:-1]) + "[^/]*" + others[-1]


def _fixed(piece: str) -> str:
    """What stands between two stars."""
    found = []
    for part in re.findall(r"\[[!^]?\]?[^\]/]*\]|\\.|.", piece, re.DOTALL):
        if part == "?":
            found.append("[^/]")
        elif len(part) > 1 and part.startswith("["):
            inside = part[1:-1].replace("\\", r"\\").replace("[", r"\[")
            found.append("(?!/)[" + ("^" + inside[1:] if inside[:1] in ("!", "^") else inside) + "]")
        else:
            found.append(re.escape(part[-1]))
    return "".join(found)
