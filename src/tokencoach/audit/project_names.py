"""Short names of projects: the last part of a folder's path, and as much before it as tells it from the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_FOLDER = "(no folder)"
_LONG = 3


def project_names(folders: Iterable[str]) -> dict[str, str]:
    """A name for each folder, Windows paths included; no two folders have the same one.

    Three clones of ``api`` are ``work/api``, ``oss/api`` and ``tmp/…/api``.
    """
    parts = {folder: tuple(folder.replace("\\", "/").strip("/").split("/")) for folder in folders}
    alike: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for named in parts.values():
        alike[named[-1]].append(named)
    ends = {folder: _end(named, alike[named[-1]]) for folder, named in parts.items()}
    found = {folder: _written(end) for folder, end in ends.items()}
    for longer in (
        {folder: "/".join(end) for folder, end in ends.items()},
        {folder: folder for folder in ends},
    ):
        taken = Counter(found.values())
        found |= {folder: longer[folder] for folder, name in found.items() if taken[name] > 1}
    return found


def _end(named: tuple[str, ...], alike: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The fewest last parts that only this path has; a number says nothing without the folder it is in."""
    fewest = 1 if any(letter.isalpha() for letter in named[-1]) else 2
    for depth in range(fewest, len(named)):
        if sum(other[-depth:] == named[-depth:] for other in alike) == 1:
            return named[-depth:]
    return named


def _written(end: tuple[str, ...]) -> str:
    return ("/".join(end) if len(end) < _LONG else f"{end[0]}/…/{end[-1]}") or NO_FOLDER
