"""Files that count nowhere: vendored, generated and lock files, by their names and by ``.gitattributes``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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


_MARKS = ("linguist-generated", "linguist-vendored")
# What git shows no difference of, nobody reviews.
_UNSHOWN = "diff"
_MOST_DEEP = 4


class MarkLine(NamedTuple):
    """A line of ``.gitattributes`` that sets or takes away one of the marks."""

    pattern: re.Pattern[str]
    is_whole_path: bool
    mark: str
    is_set: bool


@lru_cache(maxsize=64)
def marked_files(attributes: str) -> tuple[MarkLine, ...]:
    """What a file of git attributes says of generated and vendored files, and of those without a difference."""
    found = []
    for line in attributes.splitlines():
        pattern, rest = _pattern(line.strip())
        # A pattern for folders says nothing of the files in them.
        if not pattern or pattern.startswith(("#", "!", "[attr]")) or pattern.endswith("/"):
            continue
        for word in rest.split()[:40]:
            mark = _mark(word)
            if mark is not None:
                found.append(MarkLine(_regex(pattern.lstrip("/")), "/" in pattern, *mark))
    return tuple(found)


def is_marked(path: str, lines: tuple[MarkLine, ...]) -> bool:
    """Whether a repository path is marked by the attributes of its root; of each mark the last line counts."""
    return is_marked_under(path, {"": lines})


def is_marked_under(
    path: str, lines_of: Mapping[str, tuple[MarkLine, ...]], own: tuple[MarkLine, ...] = ()
) -> bool:
    """The same by the attributes of every folder above the file: a nearer one outranks one further up.

    ``lines_of`` goes by folder, the root's name being empty; ``own`` are those that are in no commit
    but in the git directory, which outrank all.
    """
    marks: dict[str, bool] = {}
    for folder in folders_above(path):
        inside = path[len(folder) + 1 :] if folder else path
        _apply(marks, inside, lines_of.get(folder, ()))
    _apply(marks, path, own)
    return any(marks.values())


def folders_above(path: str) -> list[str]:
    """The folders that a repository path lies in, the root's empty name first."""
    parts = path.split("/")[:-1]
    return ["", *("/".join(parts[:end]) for end in range(1, len(parts) + 1))]


def _apply(marks: dict[str, bool], path: str, lines: tuple[MarkLine, ...]) -> None:
    name = path.rpartition("/")[2]
    for line in lines:
        if line.pattern.fullmatch(path if line.is_whole_path else name):
            marks[line.mark] = line.is_set


def _pattern(line: str) -> tuple[str, str]:
    """Pattern and attributes of a line; a pattern with spaces stands in quotes."""
    if not line.startswith('"'):
        pattern, _, rest = line.partition(" ") if " " in line else line.partition("\t")
        return pattern, rest
    end = re.match(r'"(?:[^"\\]|\\.)*"', line)
    if end is None:
        return "", ""
    return unquoted(end[0].encode()).decode("utf-8", "replace"), line[end.end() :]


def _mark(word: str) -> tuple[str, bool] | None:
    """A mark and whether the word sets it; None for any other attribute."""
    name, _, value = word.lstrip("-!").partition("=")
    if name in _MARKS:
        return name, not word.startswith(("-", "!")) and value in ("", "true", "1")
    if name == _UNSHOWN:
        return name, word.startswith("-")
    return (_UNSHOWN, True) if word == "binary" else None


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
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
