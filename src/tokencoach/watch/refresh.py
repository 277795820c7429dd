"""Bringing the database up to date, all of it, in order: logs, turns, sums, git, verdicts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tokencoach import paths
from tokencoach.clock import now_ms
from tokencoach.comprehension.hook.places import hook_home
from tokencoach.errors import TokencoachError
from tokencoach.git.errors import GitMissingError
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.derive import derive_sessions, dirty_sessions, has_any_call, settle_owners
from tokencoach.store.phase_rows import set_patterns
from tokencoach.store.power.served_rows import join_served
from tokencoach.store.repo_rows import place_told
from tokencoach.store.rollup import price_models, roll_up
from tokencoach.store.status import last_sweep_ms
from tokencoach.store.verdict_rows import mark_stale
from tokencoach.store.writer import Writer
from tokencoach.usage.installed import installed_version
from tokencoach.watch.checked import key_questions
from tokencoach.watch.collector import without_collector
from tokencoach.watch.earlier_release import refuse_earlier
from tokencoach.watch.ingest import Ingester, IngestResult
from tokencoach.watch.lock import WriterLock
from tokencoach.watch.progress import silent
from tokencoach.watch.requests import answered_ns, request_sweep, requested_ns, signs_of_life

if TYPE_CHECKING:
    from collections.abc import Collection

    from tokencoach.watch.progress import Progress

_DERIVE_BATCH = 200
_SILENT_S = 60.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Which database is kept current from which logs, and how."""

    database: Path
    home: LogsHome
    settings: Settings
    tz: ZoneInfo
    with_edits: bool = True


def refresh(
    upkeep: Upkeep,
    *,
    only: Collection[str] = (),
    with_git: bool = True,
    with_verdicts: bool = True,
    progress: Progress = silent,
) -> IngestResult:
    """One full round by this process, or by the watcher where one is running.

    ``with_verdicts=False`` leaves judging what changed to the next round with them.

    Raises:
        TokencoachError: the database cannot be used, or another writer does not finish.
    """
    lock = WriterLock(paths.watcher_lock(upkeep.database.parent))
    if not _acquired(lock) and _was_swept(upkeep, lock):
        return IngestResult()
    try:
        with Writer(upkeep.database, upkeep.tz) as writer:
            ingester = Ingester(writer, upkeep.home, upkeep.settings, with_edits=upkeep.with_edits)
            result = ingester.sweep(only, progress)
            settle(writer, upkeep, progress)
            if with_git:
                result.problem = follow_git(writer, upkeep, progress, with_verdicts=with_verdicts)
            return result
    finally:
        lock.release()


def follow_git(
    writer: Writer, upkeep: Upkeep, progress: Progress = silent, *, with_verdicts: bool = True
) -> TokencoachError | None:
    """What moved in repositories, then the verdicts that changed; git's absence is returned, not raised."""
    from tokencoach.watch.land import land  # noqa: PLC0415 - git is not always wanted

    problem = None
    try:
        land(writer, upkeep, progress)
    except GitMissingError as error:
        problem = error
    else:
        key_questions(writer)
        if hook_home(upkeep.database.parent).is_dir():
            # Where no hook is installed, nothing of checks is loaded.
            from tokencoach.watch.hooked import follow_hooks  # noqa: PLC0415

            follow_hooks(writer, upkeep)
    if with_verdicts:
        # Verdicts need the audit, which verbs about usage alone never load.
        from tokencoach.watch.judge import judge, keep_audits  # noqa: PLC0415
        from tokencoach.watch.nudging import tell_day  # noqa: PLC0415

        if judge(writer, (), (), progress):
            keep_audits(writer)
        tell_day(writer, upkeep)
    return problem


def _was_swept(upkeep: Upkeep, lock: WriterLock) -> bool:
    """Ask the watcher for a sweep and wait for its end; False where it ended, and the lock is ours.

    Raises:
        TokencoachError: whoever holds the lock shows no sign of life.
    """
    refuse_earlier(upkeep.database)
    began = now_ms()
    asked = request_sweep(upkeep.database)
    seen, seen_at = "", time.monotonic()
    while not _acquired(lock):
        if _is_answered(upkeep.database, asked, began):
            return True
        sign = signs_of_life(upkeep.database)
        if sign != seen:
            seen, seen_at = sign, time.monotonic()
        if time.monotonic() - seen_at > _SILENT_S:
            raise TokencoachError(
                "another tokencoach holds the database and does not finish",
                "tokencoach doctor  names its process; end it, then run again",
            )
        time.sleep(_POLL_S)
    return False


def _is_answered(database: Path, asked: int, began: int) -> bool:
    """Whether this request, or one that was made after it, has been answered."""
    answered = answered_ns(database)
    if answered is None:
        # A watcher of an earlier release tells only when it swept.
        return last_sweep_ms(database) >= began
    return answered in (asked, requested_ns(database))


def _acquired(lock: WriterLock) -> bool:
    try:
        return lock.acquire()
    except (FileExistsError, NotADirectoryError) as error:
        raise TokencoachError(
            f"{paths.shown(lock.path.parent)}: a file stands where the folder of the database belongs",
            "move it away, or set TOKENCOACH_HOME to another folder",
        ) from error
    except OSError as error:
        raise TokencoachError(
            f"{paths.shown(lock.path)}: {error.strerror}",
            "make it and its folder writable, or set TOKENCOACH_HOME",
        ) from error


def settle(writer: Writer, upkeep: Upkeep, progress: Progress = silent) -> int:
    """Everything that follows from facts without git; the number of sessions rebuilt."""
    with without_collector():
        return _settle(writer, upkeep, progress)


def _settle(writer: Writer, upkeep: Upkeep, progress: Progress) -> int:
    rebuilt = 0
    has_calls = has_any_call(writer.connection)
    with writer.transaction() as connection:
        join_served(connection, dirty_sessions(connection), writer.days)
    while dirty := dirty_sessions(writer.connection):
        total = rebuilt + len(dirty)
        for start in range(0, len(dirty), _DERIVE_BATCH):
            part = dirty[start : start + _DERIVE_BATCH]
            with writer.transaction() as connection:
                mark_stale(connection, part)
                settle_owners(connection, part, writer.days)
                derive_sessions(connection, part, has_calls=has_calls)
                place_told(connection, part)
            rebuilt += len(part)
            progress("sessions", rebuilt, total)
    with writer.transaction() as connection:
        price_models(connection, upkeep.settings.prices, _price_table_version())
        set_patterns(connection, upkeep.settings.phases, now_ms())
        roll_up(connection, writer.days.take_touched(), writer.days.tz)
    return rebuilt


def _price_table_version() -> str:
    told = installed_version("genai-prices")
    if told is not None:
        return told
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    try:
        return version("genai-prices")
    except PackageNotFoundError:
        return "none"
