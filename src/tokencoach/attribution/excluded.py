"""Files that count nowhere: vendored, generated and lock files, by their names and by ``.gitattributes``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

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


class MarkLine(NamedTuple):
    """A line of ``.gitattributes`` that sets or takes away one of the two marks."""

    pattern: re.Pattern[str]
    is_whole_path: bool
    mark: str
    is_set: bool


@lru_cache(maxsize=64)
def marked_files(attributes: str) -> tuple[MarkLine, ...]:
    """What a repository's ``.gitattributes`` says of generated and vendored files."""
    found = []
    for line in attributes.splitlines():
        pattern, *words = line.split()[:40] or [""]
        if not pattern or pattern.startswith(("#", "!", "[", '"')):
            continue
        for word in words:
            name, _, value = word.lstrip("-!").partition("=")
            if name in _MARKS:
                is_set = not word.startswith(("-", "!")) and value in ("", "true", "1")
                found.append(MarkLine(_regex(pattern.strip("/")), "/" in pattern.rstrip("/"), name, is_set))
    return tuple(found)


def is_marked(path: str, lines: tuple[MarkLine, ...]) -> bool:
    """Whether a repository path is marked as generated or vendored; of each mark the last line counts."""
    marks = {
        line.mark: line.is_set
        for line in lines
        if line.pattern.fullmatch(path if line.is_whole_path else path.rpartition("/")[2])
    }
    return any(marks.values())


def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern of git's as a regular expression; what it cannot say matches only itself."""
    parts = re.split(r"(\*\*/|/\*\*|\*+|\?)", pattern)
    words = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(words.get(part) or ("[^/]*" if part.startswith("*") else re.escape(part)) for part in parts)
    )
