"""What the git hook has to know, kept current: fresh paths, logs read, how a person is to be asked."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.audit.phase import phase_of
from tokencoach.clock import DAY_MS, now_ms
from tokencoach.comprehension.hook import state
from tokencoach.comprehension.hook.decision import Known, read
from tokencoach.comprehension.hook.manifest import has_global, hooked, own_folder, read_manifest
from tokencoach.comprehension.hook.places import beat_file, hook_home, state_of
from tokencoach.comprehension.hook.spool import is_anything_noted
from tokencoach.comprehension.memory import ask_again
from tokencoach.git.locate import find, head_of, linked_git_dirs
from tokencoach.sources.base import Scattered
from tokencoach.store.audit_rows import phase_tags, repo_rows
from tokencoach.store.checks.inbox_rows import asked_blobs, due_cards
from tokencoach.store.recent_rows import has_unplaced, recent_logs, recent_paths
from tokencoach.store.repo_rows import known_repos, set_fingerprint
from tokencoach.watch.ingest import Ingester, IngestResult
from tokencoach.watch.lock import WriterLock
from tokencoach.watch.places import Places
from tokencoach.watch.preparing import prepare_edited, prepare_staged
from tokencoach.watch.reading import sources_by_name
from tokencoach.watch.refresh import settle
from tokencoach.watch.requests import request_sweep
from tokencoach.watch.unasked import take_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from tokencoach.store.connect import Connection
    from tokencoach.store.writer import Writer
    from tokencoach.watch.refresh import Upkeep

FRESH_MS: Final = 14 * DAY_MS
"""How long an assistant's edit may wait for its commit."""
_MOST_LOGS: Final = 400
_MOST_BYTES: Final = 24 << 20
_POLL_S: Final = 0.02
_STILL_NS: Final = 2_000_000_000


def hooked_repositories(home: Path, connection: Connection) -> list[Path]:
    """Common git directories of the repositories whose commits may be asked about."""
    listed = hooked(home)
    if has_global(home):
        listed += [Path(repo.common_dir) for repo in known_repos(connection)]
    return [path for path in dict.fromkeys(listed) if path.is_dir()]


def tell_hooks(connection: Connection, upkeep: Upkeep, only: Iterable[Path] | None = None) -> bool:
    """Write for each hooked repository what its hook has to know; whether anything was new.

    Raises:
        OSError: tokencoach's home cannot be written.
    """
    home = upkeep.database.parent
    since = now_ms() - FRESH_MS
    places = hooked_repositories(home, connection) if only is None else list(only)
    if not places:
        return False
    logs = [*recent_logs(connection, since * 1_000_000, _MOST_LOGS), *_roots(upkeep)]
    around = {str(parent) for log in logs for parent in Path(log).parents[:3]}
    changed = False
    for place in places:
        blobs = {blob for _, blob in asked_blobs(connection, str(place))}
        told = state.Told(recent_paths(connection, str(place), since), blobs, {*logs, *around})
        changed |= state.tell(home, place, told)
        changed |= state.tell_mode(home, place, mode_of(connection, home, place))
    return changed


def _roots(upkeep: Upkeep) -> list[str]:
    return [
        str(root)
        for source in sources_by_name().values()
        for root in (
            source.watched(upkeep.home) if isinstance(source, Scattered) else source.roots(upkeep.home)
        )
    ]


def mode_of(connection: Connection, home: Path, common_dir: Path) -> str:
    """How a person is asked about commits of a repository: as they said, else by the phase of its branch."""
    own = read_manifest(own_folder(home, None)) if common_dir not in hooked(home) else None
    said = read_manifest(common_dir / "tokencoach") or own
    if said is not None and said.mode is not None:
        return said.mode
    found = find(common_dir)
    branch = (head_of(common_dir) or "").removeprefix("refs/heads/")
    folder = str(found.main_worktree) if found is not None and found.main_worktree is not None else None
    rows = repo_rows(connection)
    known = [repo.repo_id for repo in known_repos(connection) if repo.common_dir == str(common_dir)]
    repo = rows.get(known[0]) if known else None
    return state.mode_by(None, phase_of("", branch or None, folder, None, repo, phase_tags(connection)))


def read_tails(writer: Writer, upkeep: Upkeep, limit_s: float) -> bool:
    """Read what assistants logged meanwhile, newest first, for a moment; whether all of it was read.

    Nothing is matched with git: the next round of the watcher, or of a verb, does that.

    Raises:
        TokencoachError: the database cannot be used.
    """
    deadline = time.monotonic() + limit_s
    ingester = Ingester(writer, upkeep.home, upkeep.settings)
    is_all = True
    for item, waiting in ingester.growth():
        if time.monotonic() > deadline or waiting > _MOST_BYTES:
            is_all = False
        else:
            ingester.read([item], IngestResult())
    settle(writer, upkeep)
    with writer.transaction() as connection:
        places = Places(connection)
        places.resolve()
        for repo_id in places.changed_repos:
            set_fingerprint(connection, repo_id, "")
    return is_all


def catch_up(upkeep: Upkeep, opened: AbstractContextManager[Writer], limit_s: float) -> bool:
    """Let the hook know the newest lines: by this process, or by the watcher where one is running."""
    home = upkeep.database.parent
    lock = WriterLock(paths.watcher_lock(home))
    if not lock.acquire():
        request_sweep(upkeep.database)
        return _has_beaten(home, limit_s)
    try:
        with opened as writer:
            is_all = read_tails(writer, upkeep, limit_s)
            tell_hooks(writer.connection, upkeep)
            return is_all
    finally:
        lock.release()


def _has_beaten(home: Path, limit_s: float) -> bool:
    """Whether the watcher says within a moment that the hook knows everything."""
    deadline = time.monotonic() + limit_s
    before = _beat_ns(home)
    while time.monotonic() < deadline:
        if _beat_ns(home) > before:
            return True
        time.sleep(_POLL_S)
    return False


def _beat_ns(home: Path) -> int:
    try:
        return beat_file(home).stat().st_mtime_ns
    except OSError:
        return 0


def follow_hooks(writer: Writer, upkeep: Upkeep) -> None:
    """Tell the hooks what is known, and take in what they noted; what cannot be written waits for the next time."""
    with contextlib.suppress(OSError):
        tell_hooks(writer.connection, upkeep)
    if is_anything_noted(upkeep.database.parent):
        take_in(writer, upkeep)
    ask_due(writer)


def ask_due(writer: Writer) -> None:
    """What is to be asked again waits in the inbox from its day on."""
    if due_cards(writer.connection, now_ms()):
        with writer.transaction() as connection:
            ask_again(connection, now_ms())


class HookKeeper:
    """The watcher's part: what the hook knows is spoilt by new log bytes and mended in the next step."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._upkeep = upkeep
        self._home = upkeep.database.parent
        self._is_behind = True
        self._seen: dict[Path, tuple[str | None, int]] = {}
        self._prepared_ns: dict[Path, int] = {}

    @property
    def is_wanted(self) -> bool:
        """Whether any hook is installed."""
        return os.path.isdir(hook_home(self._home))  # noqa: PTH112 - asked for at every beat

    def spoil(self) -> None:
        """Logs have grown: until the new edits are placed the hook must not trust what it knows."""
        self._is_behind = True
        if self.is_wanted:
            state.spoil(self._home)

    def step(self, writer: Writer) -> None:
        """Tell the hooks what is new, take in what they noted, and make questions of what was staged since."""
        if not self.is_wanted:
            return
        places = hooked_repositories(self._home, writer.connection)
        moved = self._moved(places)
        if (self._is_behind or moved) and not has_unplaced(writer.connection):
            tell_hooks(writer.connection, self._upkeep, places)
            self._is_behind = False
            self._prepared_ns.clear()
            state.beat(self._home, now_ms())
        if is_anything_noted(self._home):
            take_in(writer, self._upkeep)
        ask_due(writer)
        for place in moved:
            prepare_staged(writer, self._home, place)
        for place in self._edited(places):
            prepare_edited(writer, self._home, place)

    def _moved(self, places: list[Path]) -> list[Path]:
        """Repositories whose branch, or what is staged in them, changed since the last step."""
        now = {place: (head_of(place), _newest_index(place)) for place in places}
        moved = [place for place, sign in now.items() if self._seen.get(place) != sign]
        self._seen = now
        return moved

    def _edited(self, places: list[Path]) -> list[Path]:
        """Repositories in which a file that an assistant wrote to has changed, and been still for a moment."""
        found = []
        for place in places:
            newest = _newest_edit(self._home, place)
            if newest > self._prepared_ns.get(place, 0) and time.time_ns() - newest > _STILL_NS:
                self._prepared_ns[place] = newest
                found.append(place)
        return found

    def beat(self) -> None:
        """All that was logged is known to the hook."""
        if not self._is_behind:
            state.beat(self._home, now_ms())


def _newest_edit(home: Path, common_dir: Path) -> int:
    """When a file with an assistant's lines was last written, in whichever worktree; 0 where there is none."""
    known = Known(read(str(state_of(home, common_dir) / "known")))
    repository = find(common_dir) if known.pending else None
    newest = 0
    for folder in repository.worktrees if repository is not None else ():
        for path in known.pending:
            with contextlib.suppress(OSError, ValueError):
                newest = max(newest, (folder / path).lstat().st_mtime_ns)
    return newest


def _newest_index(common_dir: Path) -> int:
    newest = 0
    for git_dir in (common_dir, *linked_git_dirs(common_dir)):
        with contextlib.suppress(OSError):
            newest = max(newest, (git_dir / "index").stat().st_mtime_ns)
    return newest
