"""The doctor's examination: versions, logs, database, watcher, repositories, clock."""

from __future__ import annotations

import platform
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from tokencoach import __version__, paths
from tokencoach.audit.freshness import read_freshness
from tokencoach.audit.numbers import counted, size
from tokencoach.clock import DAY_MS, day_of, iso_utc, now_ms
from tokencoach.doctor.evidence import examine_evidence
from tokencoach.doctor.hooks import examine_hooks
from tokencoach.doctor.logs import examine_logs
from tokencoach.doctor.report import DoctorItem, DoctorReport, DoctorSection, pasteable
from tokencoach.doctor.sandbox import examine_sandbox
from tokencoach.errors import NothingToReadError, TokencoachError
from tokencoach.git.run import trusted_program
from tokencoach.store.backup import last_backup
from tokencoach.store.connect import explained
from tokencoach.store.health import database_health
from tokencoach.store.reader import open_reader
from tokencoach.store.repo_rows import gone_folders, repository_states
from tokencoach.store.status import read_heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome, Source
    from tokencoach.store.reader import Reader

_LARGE_WAL = 64 << 20
_WATCHES = (
    "on Linux, raise the limit: sudo sysctl fs.inotify.max_user_watches=524288; polling works meanwhile"
)
_STATES = {
    "ok": None,
    "missing": "tokencoach repos link OLD NEW, if it moved",
    "partial": "git fetch --refetch (or --unshallow) in it",
    "shallow": "git fetch --unshallow in it, if older history matters",
    "unreadable": "git config --global --add safe.directory PATH, or make it readable",
    "empty": "it has no commit yet",
    "new": "tokencoach ingest",
}


def examine(
    database: Path,
    home: LogsHome,
    tz: ZoneInfo,
    settings: Settings,
    sources: Iterable[Source],
    *,
    more: Iterable[DoctorSection] = (),
    attacks: bool = False,
) -> DoctorReport:
    """Look at everything; never raises for what is broken, but says so with the mend.

    ``more`` is what rooms above this one looked at. ``attacks`` tries the ways out of the sandbox too, which takes seconds.
    """
    sections = [_program(), _settings(database, settings)]
    try:
        with open_reader(database) as reader:
            sections += [
                examine_logs(home, sources, reader, tz),
                _database(database, reader, tz),
                _watcher(reader),
                _repositories(reader),
                examine_evidence(reader, settings),
            ]
    except NothingToReadError as error:
        sections.append(examine_logs(home, sources, None, tz))
        said = str(error.args[0]) if database.exists() else f"none yet: {error.args[0]}"
        sections.append(DoctorSection("database", (DoctorItem("file", said, error.mend),)))
    except Exception as error:
        # A damaged page shows only when it is read, anywhere among the sections above.
        said_of = error if isinstance(error, TokencoachError) else explained(error, database)
        if said_of is None:
            raise
        broken = DoctorItem("file", str(said_of.args[0]), said_of.mend, ok=False)
        sections += [
            examine_logs(home, sources, None, tz),
            DoctorSection("database", (broken,)),
        ]
    sections.append(examine_hooks(database.parent))
    sections.append(examine_sandbox(attacks=attacks))
    sections += more
    sections.append(_clock(tz))
    return DoctorReport(tuple(pasteable(section) for section in sections))


def _program() -> DoctorSection:
    git = shutil.which("git")
    return DoctorSection(
        "program",
        (
            DoctorItem("tokencoach", __version__),
            DoctorItem("python", f"{platform.python_version()} {sys.platform} {platform.machine()}"),
            DoctorItem(
                "git",
                paths.shown(git) if git else "not found",
                None if git else "install git (apt install git, dnf install git, brew install git)",
                ok=git is not None,
            ),
        ),
    )


def _settings(database: Path, settings: Settings) -> DoctorSection:
    file = paths.settings_file(database.parent)
    return DoctorSection(
        "settings",
        (
            DoctorItem("file", paths.shown(file) + ("" if file.exists() else " (not there: defaults hold)")),
            DoctorItem("prompts", "kept, secrets redacted" if settings.keep_prompts else "not kept"),
            DoctorItem(
                "text of edits", f"kept {settings.text_days} days" if settings.text_days else "not kept"
            ),
            _reviews(settings),
        ),
    )


def _reviews(settings: Settings) -> DoctorItem:
    if not settings.review_from_gh:
        return DoctorItem("reviews on GitHub", "not asked for (review_from_gh = true asks your own gh)")
    program = trusted_program("gh")
    mend = None if program else "install gh and log in: gh auth login"
    return DoctorItem(
        "reviews on GitHub", f"asked for by {program or 'gh, not found'}", mend, ok=program is not None
    )


def _database(database: Path, reader: Reader, tz: ZoneInfo) -> DoctorSection:
    health = database_health(reader.connection)
    stored = database.stat().st_size
    wal = database.with_name(database.name + "-wal")
    wal_size = wal.stat().st_size if wal.exists() else 0
    mode = database.stat().st_mode & 0o077
    return DoctorSection(
        "database",
        (
            DoctorItem("file", paths.shown(database)),
            DoctorItem(
                "size", f"{size(stored)}, {health.requests:,} requests, {health.lines:,} landed lines"
            ),
            DoctorItem(
                "write-ahead log",
                size(wal_size),
                "close other programs that hold the database open" if wal_size > _LARGE_WAL else None,
                ok=wal_size <= _LARGE_WAL,
            ),
            DoctorItem(
                "integrity",
                health.integrity,
                None if health.integrity == "ok" else "move the file away and run: tokencoach ingest",
                ok=health.integrity == "ok",
            ),
            DoctorItem("last backup", _backup_words(reader, tz)),
            DoctorItem(
                "private",
                "only you can read it" if not mode else "others can read it",
                f"chmod 600 {paths.shown(database)}" if mode else None,
                ok=not mode,
            ),
        ),
    )


def _backup_words(reader: Reader, tz: ZoneInfo) -> str:
    made = last_backup(reader.connection)
    if made is None:
        return "none: tokencoach backup FILE"
    where = "" if made.is_in_place else ", not in place now"
    return f"{day_of(made.at_ms, tz)}, {paths.shown(Path(made.path))}{where}"


def _watcher(reader: Reader) -> DoctorSection:
    fresh = read_freshness(reader, now_ms())
    if fresh.beat_at_ms is None:
        state = DoctorItem("state", "has never run; the app starts one for its lifetime", "tokencoach watch")
    elif fresh.is_watching:
        state = DoctorItem("state", f"running, process {fresh.watcher_pid}")
    else:
        state = DoctorItem("state", f"not running since {iso_utc(fresh.beat_at_ms)}", "tokencoach watch")
    items = [state]
    if fresh.is_watching and fresh.beat_at_ms is not None:
        items.append(DoctorItem("last beat", iso_utc(fresh.beat_at_ms)))
    said = read_heartbeat(reader.connection)
    if said is not None and said.note and fresh.is_watching:
        mend = _WATCHES if "no change notices" in said.note else None
        items.append(DoctorItem("note", said.note, mend))
    if fresh.backlog_bytes:
        items.append(DoctorItem("to read", size(fresh.backlog_bytes)))
    return DoctorSection("watcher", tuple(items))


def _repositories(reader: Reader) -> DoctorSection:
    items = []
    for path, state, problem in repository_states(reader.connection):
        told, _, own = (problem or "").partition("mend:")
        mend = own.strip().replace("FOLDER", quote(path)) or _STATES.get(state, "tokencoach ingest")
        value = f"{state}: {told.strip()}" if told.strip() else state
        items.append(
            DoctorItem(paths.shown(path), value, mend, ok=state in ("ok", "new", "empty", "shallow"))
        )
    gone = gone_folders(reader.connection)
    if gone:
        items.append(_gone(gone))
    if not items:
        items.append(DoctorItem("known", "none yet", "tokencoach ingest"))
    return DoctorSection("repositories", tuple(items))


def _gone(folders: Sequence[str]) -> DoctorItem:
    first, more = folders[0], f" and {len(folders) - 1:,} more" if len(folders) > 1 else ""
    are = "is" if len(folders) == 1 else "are"
    return DoctorItem(
        "not here",
        f"{first}{more}, named in logs",
        f"tokencoach repos link {quote(first)} NEW, if it lies elsewhere now",
        lack=f"{counted(len(folders), 'folder')} of the logs {are} not on this computer",
    )


def _clock(tz: ZoneInfo) -> DoctorSection:
    now = now_ms()
    local = datetime.fromtimestamp(now / 1000, tz)
    is_sane = now > datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000 and now < 2**42 + 365 * DAY_MS
    return DoctorSection(
        "clock",
        (
            DoctorItem("zone", tz.key),
            DoctorItem(
                "now",
                local.isoformat(timespec="seconds"),
                None if is_sane else "set the system clock",
                ok=is_sane,
            ),
        ),
    )
