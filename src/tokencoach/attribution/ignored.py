"""Files that a repository ignores: by the ``.gitignore`` of each folder, as git reads it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.excluded import folders_above, path_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRAILING: Final = re.compile(r"(?<!\\) +$")


class IgnoreLine(NamedTuple):
    """A line of ``.gitignore``; one that ``is_kept`` takes files out again."""

    pattern: re.Pattern[str]
    is_whole_path: bool
    is_for_folders: bool
    is_kept: bool


@lru_cache(maxsize=64)
def ignore_lines(text: str) -> tuple[IgnoreLine, ...]:
    """The patterns of a ``.gitignore``."""
    found = []
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern = _TRAILING.sub("", line.removesuffix("\r"))
        if not pattern or pattern.startswith("#"):
            continue
        is_kept = pattern.startswith("!")
        pattern = pattern[is_kept:]
        is_for_folders = pattern.endswith("/")
        pattern = pattern.removesuffix("/")
        if pattern:
            whole = "/" in pattern
            found.append(IgnoreLine(path_pattern(pattern.removeprefix("/")), whole, is_for_folders, is_kept))
    return tuple(found)


def is_ignored(
    path: str, told_of: Mapping[str, tuple[IgnoreLine, ...]], own: tuple[IgnoreLine, ...] = ()
) -> bool:
    """Whether git would not take a file in: it is ignored itself, or lies in a folder that is.

    ``told_of`` goes by folder, the root's name being empty: a nearer one outranks one further up.
    ``own`` are those in the git directory, which all others outrank.
    """
    # What lies in an ignored folder cannot be taken out again.
    above = any(_is_told(folder, told_of, own, is_folder=True) for folder in folders_above(path)[1:])
    return above or _is_told(path, told_of, own, is_folder=False)


def _is_told(
    path: str,
    told_of: Mapping[str, tuple[IgnoreLine, ...]],
    own: tuple[IgnoreLine, ...],
    *,
    is_folder: bool,
) -> bool:
    name = path.rpartition("/")[2]
    for folder in (*reversed(folders_above(path)), None):
        lines = own if folder is None else told_of.get(folder, ())
        inside = path[len(folder) + 1 :] if folder else path
        for line in reversed(lines):
            if line.is_for_folders and not is_folder:
                continue
            if line.pattern.fullmatch(inside if line.is_whole_path else name):
                return not line.is_kept
    return False
