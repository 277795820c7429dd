"""Walking folders of logs that may be unreadable, linked in circles, or there twice."""

from __future__ import annotations

import contextlib
import os
import re
from operator import attrgetter
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach import regular_files
from tokencoach.clock import LATEST_MS
from tokencoach.sources.base import LogFile, Shape
from tokencoach.sources.decoding import STRICT_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tokencoach.sources.base import LogsHome

#: What a log's name ends in, the most preferred first, and how it is compressed.
_ENDINGS: Final = ((".jsonl", None), (".jsonl.zst", "zstd"), (".jsonl.gz", "gzip"))
_name: Final = attrgetter("name")
# What synchronised folders, backups and people put behind the name of a copy.
_COPY: Final = re.compile(
    r"(.*(?:[0-9a-f]{4}-[0-9a-f]{12}|\b\d{13}))"
    r"(?:[ (~].*|[-_. ](?:sync-conflict|conflict|backup|bak|copy|old|orig)\b.*)",
    re.IGNORECASE | re.DOTALL,
)


def scan_logs(roots: Iterable[Path]) -> Iterator[tuple[str, os.stat_result]]:
    """Every ``.jsonl`` below the roots with its state, compressed ones too, each file of the disk once.

    Of a plain file and its compressed sibling the plain one is given. Folders are told apart
    by device and inode, so a link that leads back ends the walk there.
    """
    files: set[tuple[int, int]] = set()
    for entries in _folders(roots):
        yield from _logs_among(entries, files)


def files_below(
    roots: Iterable[Path],
    is_wanted: Callable[[str], bool],
    *,
    depth: int = 8,
    follows_links: bool = True,
) -> Iterator[Path]:
    """Files below the roots whose names are wanted, each file of the disk once, at most ``depth`` folders deep.

    Unreadable folders and circles of links are passed over.
    Without ``follows_links`` no link to a folder below a root is followed: somebody else's may lead anywhere.
    """
    files: set[tuple[int, int]] = set()
    for entries in _folders(roots, depth, follows_links=follows_links):
        for entry in entries:
            if is_wanted(entry.name) and (status := _file_state(entry)) and status not in files:
                files.add(status)
                yield Path(entry.path)


def databases(roots: Iterable[Path], name: str) -> Iterator[LogFile]:
    """The database of that name in each of the folders that has one, each file of the disk once."""
    found: set[tuple[int, int]] = set()
    for path in (root / name for root in roots):
        with contextlib.suppress(OSError):
            status = path.stat()
            if S_ISREG(status.st_mode) and _identity(status) not in found:
                found.add(_identity(status))
                yield LogFile(path, shape=Shape.DATABASE)


def _folders(
    roots: Iterable[Path],
    depth: int | None = None,
    *,
    follows_links: bool = True,
) -> Iterator[list[os.DirEntry[str]]]:
    """What each folder below the roots holds, every folder of the disk once, by device and inode."""
    folders: set[tuple[int, int]] = set()
    waiting = [(str(root), 0) for root in roots][::-1]
    while waiting:
        folder, level = waiting.pop()
        try:
            identity = _identity(os.stat(folder))  # noqa: PTH116 - called for every folder at every sweep
            if identity in folders:
                continue
            folders.add(identity)
            with os.scandir(folder) as listing:
                # Sorted, so that of a file under two names every run gives the same one.
                entries = sorted(listing, key=_name)
        except OSError:
            continue
        if depth is None or level < depth:
            below = [entry for entry in entries if _is_folder(entry, follows_links)]
            waiting.extend((entry.path, level + 1) for entry in reversed(below))
        yield entries


def moved(home: LogsHome, variable: str, *default: str) -> Path:
    """The folder that an environment variable names, else one below the home folder."""
    told = home.environment.get(variable, "").strip()
    if not told:
        return home.folder.joinpath(*default)
    return home.folder / told[2:] if told.startswith(("~/", "~\\")) else Path(told)


def folder_told(home: LogsHome, settings: Path, *keys: str) -> Path | None:
    """The folder that a setting of an assistant's names; none where it depends on where the assistant ran."""
    told = told_in(settings)
    for key in keys:
        told = told.get(key) if isinstance(told, dict) else None
    if not isinstance(told, str):
        return None
    if told.startswith("~/"):
        return home.folder / told[2:]
    # In a copy of another machine's home no absolute path holds.
    folder = home.folder.__class__(told)
    return folder if home.environment and folder.is_absolute() else None


def told_in(path: Path) -> Any:
    """What a small JSON file of an assistant's says; ``None`` where there is none that can be read."""
    try:
        return msgspec.json.decode(regular_files.content(path))
    except (OSError, *STRICT_ERRORS):
        return None


def modified_ms(path: Path) -> int:
    """When a file was last written, in UTC milliseconds; 0 where that cannot be told."""
    try:
        return instant_of_file(path.stat().st_mtime_ns)
    except OSError:
        return 0


def instant_of_file(mtime_ns: int) -> int:
    """A file's time in UTC milliseconds; 0 of one that no file was written at."""
    at_ms = mtime_ns // 1_000_000
    return at_ms if 0 < at_ms < LATEST_MS else 0


def _file_state(entry: os.DirEntry[str]) -> tuple[int, int] | None:
    try:
        return _identity(os.stat(entry.path)) if entry.is_file() else None  # noqa: PTH116 - as above
    except OSError:
        return None


def original(name: str) -> str:
    """The name of a session as its assistant gave it, of a copy's name too.

    Formats whose records name no session are told apart by it; only behind an identifier that no other
    session has is anything taken for the mark of a copy.
    """
    copy = _COPY.fullmatch(name)
    return copy[1] if copy else name


def ending(name: str) -> tuple[str | None, str | None]:
    """A log's name without its ending, and how it is compressed; nothing of any other file's name."""
    for suffix, compressed in _ENDINGS:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], compressed
    return None, None


def _logs_among(
    entries: list[os.DirEntry[str]], seen: set[tuple[int, int]]
) -> Iterator[tuple[str, os.stat_result]]:
    names: set[str] = set()
    for entry in entries:
        stem, compressed = ending(entry.name)
        if stem is None:
            continue
        if compressed:
            names = names or {other.name for other in entries}
            if _has_better_sibling(stem, compressed, names):
                continue
        try:
            # An entry's own state lacks device and inode on some systems.
            status = os.stat(entry.path)  # noqa: PTH116 - called for every log file at every sweep
        except OSError:
            continue
        if not S_ISREG(status.st_mode):
            continue
        identity = (status.st_dev, status.st_ino)
        if identity not in seen:
            seen.add(identity)
            yield entry.path, status


def _has_better_sibling(stem: str, compressed: str, names: set[str]) -> bool:
    for suffix, kind in _ENDINGS:
        if kind == compressed:
            return False
        if stem + suffix in names:
            return True
    return False


def _is_folder(entry: os.DirEntry[str], follows_links: bool) -> bool:  # noqa: FBT001 - called for every entry
    try:
        return entry.is_dir(follow_symlinks=follows_links)
    except OSError:
        return False


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
