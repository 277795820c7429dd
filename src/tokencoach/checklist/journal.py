"""The person's private efficiency log: one Markdown file a month in a folder of their own notes.

Above the marker line the file is ours and written anew; from the marker on it is theirs, kept to the byte.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from tokencoach import paths, regular_files
from tokencoach.errors import TokencoachError

MARKER: Final = "<!-- tokencoach writes above this line; what you write below it stays -->"


def entry_path(folder: str, month: str) -> Path:
    """The file of a month in the folder that the person named; ``~`` is their home."""
    return Path(folder).expanduser() / f"tokencoach-{month}.md"


def write_entry(folder: str, month: str, text: str) -> Path:
    """Write a month's entry, whole or not at all; the file.

    Raises:
        TokencoachError: a file is there that has no marker line, or the folder cannot be written.
    """
    shown = entry_path(folder, month)
    try:
        path = shown.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        # No name in a log may pass for the marker, behind which everything is kept.
        ours = text.replace("<!--", "&lt;!--").rstrip()
        _replace(path, f"{ours}\n\n".encode() + _below(path))
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or error
        raise TokencoachError(
            f"{paths.shown(shown)}: {why}", "name a folder you can write in [ritual] journal"
        ) from error
    return shown


def _below(path: Path) -> bytes:
    """The marker and all that stands below it; of a file that is not there, the marker alone.

    Raises:
        TokencoachError: the file has no marker: it is not ours.
    """
    marker = MARKER.encode()
    try:
        said = regular_files.content(path)
    except FileNotFoundError:
        return marker + b"\n"
    at = said.find(marker)
    if at < 0:
        raise TokencoachError(
            f"{paths.shown(path)} has no line {MARKER!r}: it was not written over",
            "put that line where your own words begin, or move the file away",
        )
    return said[at:]


def _replace(path: Path, body: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
