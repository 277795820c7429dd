"""What the doctor says of the assistants' logs: where looked, what was read, what will be deleted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.audit.numbers import counted
from tokencoach.doctor.drift import drift_items, served_items, uncounted_items
from tokencoach.doctor.report import NONE_FOUND, DoctorItem, DoctorSection
from tokencoach.doctor.retention import retention_items
from tokencoach.sources.base import Scattered
from tokencoach.sources.registry import load_sources
from tokencoach.store.source_rows import file_problems, quarantined, source_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.sources.base import LogsHome, Source
    from tokencoach.store.reader import Reader

_MOST_NAMED = 20
_LONGEST_PLACES = 60
_ELSEWHERE = "tokencoach --logs-home DIR, where DIR is a copy of a home folder with logs; or tokencoach demo"


def examine_logs(
    home: LogsHome, sources: Iterable[Source], reader: Reader | None, tz: ZoneInfo
) -> DoctorSection:
    """Sources with their folders, counts, unread records and retention."""
    rows = {row.source: row for row in source_rows(reader.connection)} if reader is not None else {}
    items, absent, is_found = [], [], False
    if home.folder != Path.home():
        items.append(DoctorItem("looked under", f"{paths.shown(home.folder)}, not your own home folder"))
    for source in sources:
        roots = source.roots(home)
        # Of a home folder that is searched, being there says nothing.
        found = source.watched(home) if isinstance(source, Scattered) else roots
        here = [root for root in found if root.is_dir()]
        row = rows.get(source.name)
        if not here and row is None:
            looked = f"not found; looked in {places(roots, home.folder)}"
            absent.append(DoctorItem(source.name, looked, is_absent=True))
            continue
        is_found = True
        said = (
            f"{counted(row.files, 'file')}, {counted(row.sessions, 'session')}, {counted(row.requests, 'request')}"
            if row
            else "found, not read yet"
        )
        if here:
            said += f" in {paths.shown(here[0])}"
        package = type(source).__module__.split(".")[0]
        if package != "tokencoach":
            said += f", plugged in by {package}"
        items.append(DoctorItem(source.name, said, None if row else "tokencoach ingest"))
        items += _unreadable_folders(here)
    if not is_found:
        items.append(
            DoctorItem(
                NONE_FOUND,
                f"none of {len(absent)} has logs here",
                _ELSEWHERE,
                lack="no assistant's logs were found",
            )
        )
    items += absent
    items += [
        DoctorItem(
            f"{failure.name} (plugged in)", failure.reason, "update or uninstall its package", ok=False
        )
        for failure in load_sources()[1]
    ]
    items += retention_items(home, tz, reader)
    if reader is not None:
        items += drift_items(reader)
        items += served_items(reader)
        items += uncounted_items(reader)
        items += _unread(reader)
    return DoctorSection("logs", tuple(items))


def places(roots: Sequence[Path], home: Path) -> str:
    """Where was looked, in one line: editors alone have dozens of places on the systems there are.

    A place in a home folder that is not one's own is told from there on.
    """
    named: list[str] = []
    length = 0
    for root in roots:
        name = paths.shown(root)
        if name == str(root) and root.is_relative_to(home):
            name = str(root.relative_to(home)) if root != home else "the home folder"
        length += len(name)
        if named and length > _LONGEST_PLACES:
            break
        named.append(name)
    more = len(roots) - len(named)
    return f"{', '.join(named)} and {counted(more, 'place')} more" if more else ", ".join(named)


def _unreadable_folders(roots: Iterable[Path]) -> list[DoctorItem]:
    """Folders of logs that may not be listed: what lies in them is unknown to every other figure."""
    refused: list[OSError] = []
    for root in roots:
        for _ in os.walk(root, onerror=refused.append):
            pass
    return [
        DoctorItem(
            paths.shown(str(error.filename)),
            f"cannot be read: {error.strerror}",
            f"chmod u+rx {paths.shown(str(error.filename))}",
            ok=False,
        )
        for error in refused[:_MOST_NAMED]
        if not isinstance(error, FileNotFoundError)
    ]


def _unread(reader: Reader) -> list[DoctorItem]:
    items = [
        DoctorItem(
            f"{paths.shown(row.path)} at byte {row.offset}",
            f"{row.length} bytes not read: {row.error}",
            "look at that line; a newer tokencoach may know it",
            ok=False,
        )
        for row in quarantined(reader.connection)
    ]
    items += [
        DoctorItem(paths.shown(path), problem, f"make it readable: {paths.shown(path)}", ok=False)
        for path, problem in file_problems(reader.connection)
    ]
    return items
