"""Walking folders of logs that may be unreadable, linked in circles, or there twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What a log's name ends in, the most preferred first, and how it is compressed.
_ENDINGS: Final = ((".jsonl", None), (".jsonl.zst", "zstd"), (".jsonl.gz", "gzip"))


class FoundLog(NamedTuple):
    """A log file, how it is compressed, and its name without the endings."""

    path: Path
    compressed: str | None
    stem: str


def find_logs(roots: Iterable[Path]) -> Iterator[FoundLog]:
    """Every ``.jsonl`` below the roots, compressed ones too, each file of the disk once.

    Of a plain file and its compressed sibling the plain one is given. Folders are told apart
    by device and inode, so a link that leads back ends the walk there.
    """
    folders: set[tuple[int, int]] = set()
    files: set[tuple[int, int]] = set()
    waiting = list(roots)[::-1]
    while waiting:
        folder = waiting.pop()
        try:
            device, identity = _identity(folder.stat())
            if (device, identity) in folders:
                continue
            folders.add((device, identity))
            with os.scandir(folder) as listing:
                # Sorted, so that of a file under two names every run gives the same one.
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        waiting.extend(Path(entry.path) for entry in reversed(entries) if _is_folder(entry))
        yield from _logs_among(entries, device, files)


def _logs_among(
    entries: list[os.DirEntry[str]], device: int, seen: set[tuple[int, int]]
) -> Iterator[FoundLog]:
    names = {entry.name for entry in entries}
    for entry in entries:
        stem, compressed = _ending(entry.name)
        if stem is None or (compressed and _has_better_sibling(stem, compressed, names)):
            continue
        try:
            if not entry.is_file():
                continue
            # Only a link can lead to another device; the inode of the rest comes with the listing.
            identity = _identity(entry.stat()) if entry.is_symlink() else (device, entry.inode())
        except OSError:
            continue
        if identity not in seen:
            seen.add(identity)
            yield FoundLog(Path(entry.path), compressed, stem)


def _ending(name: str) -> tuple[str | None, str | None]:
    for ending, compressed in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)], compressed
    return None, None


def _has_better_sibling(stem: str, compressed: str, names: set[str]) -> bool:
    for ending, kind in _ENDINGS:
        if kind == compressed:
            return False
        if stem + ending in names:
            return True
    return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
