"""What the doctor says of the assistants' logs: where looked, what was read, what will be deleted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.audit.numbers import counted
from tokencoach.doctor.drift import drift_items, served_items, uncounted_items
from tokencoach.doctor.report import DoctorItem, DoctorSection
from tokencoach.doctor.retention import retention_items
from tokencoach.sources.base import Scattered
from tokencoach.sources.registry import load_sources
from tokencoach.store.source_rows import file_problems, quarantined, source_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.sources.base import LogsHome, Source
    from tokencoach.store.reader import Reader

_MOST_NAMED = 20
_MOST_PLACES = 5


def examine_logs(
    home: LogsHome, sources: Iterable[Source], reader: Reader | None, tz: ZoneInfo
) -> DoctorSection:
    """Sources with their folders, counts, unread records and retention."""
    rows = {row.source: row for row in source_rows(reader.connection)} if reader is not None else {}
    items = []
    for source in sources:
        roots = source.roots(home)
        # Of a home folder that is searched, being there says nothing.
        found = source.watched(home) if isinstance(source, Scattered) else roots
        here = [root for root in found if root.is_dir()]
        row = rows.get(source.name)
        if not here and row is None:
            items.append(DoctorItem(source.name, f"not found; looked in {places(roots)}"))
            continue
        said = (
            f"{row.files} files, {row.sessions} sessions, {row.requests:,} requests"
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


def places(roots: Sequence[Path]) -> str:
    """Where was looked, in one line: editors alone have dozens of places on the systems there are."""
    named = ", ".join(paths.shown(root) for root in roots[:_MOST_PLACES])
    more = len(roots) - _MOST_PLACES
    return f"{named} and {counted(more, 'place')} more" if more > 0 else named


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
