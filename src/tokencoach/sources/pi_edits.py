"""What Pi and its descendant tell of an edit beside its answer: the files before and after, or a diff."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.decoding import TolerantDecoder
from tokencoach.sources.fields import text
from tokencoach.sources.file_tools import FileChange, imaged
from tokencoach.sources.logged_paths import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERED: Final = re.compile(r"^([+-]) *[0-9]+\|(.*)$", re.MULTILINE)


class FileDetails(msgspec.Struct, frozen=True):
    """One file of an edit; contents that are too long are left out."""

    path: Any = None
    diff: Any = None
    before: Any = msgspec.field(default=None, name="oldText")
    after: Any = msgspec.field(default=None, name="newText")
    moved_from: Any = msgspec.field(default=None, name="sourcePath")
    failed: Any = msgspec.field(default=None, name="isError")


class Details(FileDetails, frozen=True):
    """An edit of one file, or of several."""

    files: list[FileDetails] | None = msgspec.field(default=None, name="perFileResults")


DETAILS: Final[TolerantDecoder[Details | None]] = TolerantDecoder(Details | None)


def changes(details: Details, cwd: str | None) -> list[FileChange]:
    """What an edit did, file by file; nothing where the program tells no path."""
    found: dict[str, tuple[str, str, str | None]] = {}
    for one in details.files or [details]:
        path = text(one.path)
        sides = _sides(one)
        if path is None or sides is None or one.failed is True:
            continue
        # A file that is changed twice is told twice.
        before = found[path][0] if path in found else sides[0]
        found[path] = (before, sides[1], text(one.moved_from))
    return list(_told(found.items(), cwd))


def _told(found: Iterable[tuple[str, tuple[str, str, str | None]]], cwd: str | None) -> Iterable[FileChange]:
    for path, (before, after, moved_from) in found:
        change = imaged(resolve(path, cwd), before, after)
        yield change._replace(moved_from=resolve(moved_from, cwd)) if moved_from else change


def _sides(one: FileDetails) -> tuple[str, str] | None:
    """A file before and after an edit, or only the lines that it took and gave."""
    if isinstance(one.before, str) or isinstance(one.after, str):
        return text(one.before) or "", text(one.after) or ""
    if not isinstance(one.diff, str):
        return None
    lines = _NUMBERED.findall(one.diff)
    removed, added = ("".join(f"{line}\n" for sign, line in lines if sign == side) for side in "-+")
    return (removed, added) if lines else None
