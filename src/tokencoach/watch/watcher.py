"""The watcher: one process that keeps the database equal to the logs and to git while it lives."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from tokencoach import __version__, paths
from tokencoach.clock import now_ms
from tokencoach.errors import TokencoachError
from tokencoach.store.derive import dirty_sessions
from tokencoach.store.status import Heartbeat, beat
from tokencoach.store.writer import Writer
from tokencoach.watch.ingest import Found, Ingester, IngestResult
from tokencoach.watch.judge import judge, keep_audits
from tokencoach.watch.land import land, moved_repositories
from tokencoach.watch.lock import WriterLock
from tokencoach.watch.notices import Notices
from tokencoach.watch.progress import silent
from tokencoach.watch.reading import sources_by_name
from tokencoach.watch.refresh import settle
from tokencoach.watch.tail import stat_key

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.watch.refresh import Upkeep

SWEEP_S = 60.0
BEAT_S = 5.0
GIT_S = 3.0
HOT_POLL_S = 1.0
JUDGE_S = 5.0
HOT_FILES = 64


class Watcher:
    """Everything the watcher process does; ``run`` returns when it is asked to stop."""

    def __init__(self, upkeep: Upkeep) -> None:
        self.upkeep = upkeep
        self.stopping = threading.Event()
        self.notices = Notices()
        self.writer = Writer(upkeep.database, upkeep.tz)
        self.ingester = Ingester(self.writer, upkeep.home, upkeep.settings)
        self.found: dict[str, Found] = {}
        self.swept_ms = 0
        self._changed: set[int] = set()
        self._repos: set[int] = set()
        self._due = dict.fromkeys(("sweep", "beat", "git", "judge", "poll"), 0.0)

    def run(self) -> None:
        """Keep current until stopped."""
        try:
            while not self.stopping.is_set():
                self._round()
        finally:
            self.notices.stop()
            with contextlib.suppress(TokencoachError):
                self._beat(pid=0)
            self.writer.close()

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self.stopping.set()
        self.notices.arrived.set()

    def _round(self) -> None:
        try:
            if self._is_due("beat", BEAT_S):
                self._beat()
            if self._is_due("sweep", SWEEP_S):
                self._sweep()
            if not self.notices.is_live and self._is_due("poll", HOT_POLL_S):
                self._poll_hot()
            if self._is_due("git", GIT_S):
                self._read_git()
            if (self._changed or self._repos) and self._is_due("judge", JUDGE_S):
                self._judge()
            self._read(self.notices.take(self._wait_s()))
        except TokencoachError as error:
            # A full disk or a locked database passes; what was not written is read again.
            log(str(error))
            self.stopping.wait(BEAT_S)

    def _is_due(self, name: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._due[name]:
            return False
        self._due[name] = now + every_s
        return True

    def _wait_s(self) -> float:
        now = time.monotonic()
        names = ["beat", "sweep", "git"]
        if self._changed or self._repos:
            names.append("judge")
        if not self.notices.is_live:
            names.append("poll")
        return max(0.0, min(self._due[name] for name in names) - now)

    def _sweep(self) -> None:
        began = now_ms()
        self.found = {item.path: item for item in self.ingester.find()}
        self.ingester.sweep(progress=self._progress)
        self._settle()
        self.swept_ms = began
        self.notices.watch(self._roots())
        self._beat()

    def _roots(self) -> list[Path]:
        return [root for source in sources_by_name().values() for root in source.roots(self.upkeep.home)]

    def _progress(self, stage: str, done: int, total: int) -> None:
        if stage == "logs" and self._is_due("beat", 1.0):
            self._beat(backlog=total - done, total=total)

    def _read(self, changed: set[str]) -> None:
        if not changed:
            return
        items = []
        for path in changed:
            item = self.found.get(path)
            if item is None:
                item = self._new_file(path)
            if item is not None:
                with contextlib.suppress(OSError):
                    items.append(item._replace(stat=stat_key(item.path)))
        self.ingester.read(items, IngestResult())
        self._settle()

    def _new_file(self, path: str) -> Found | None:
        """A file not seen before: find all files again, at most once a second."""
        if not self._is_due("poll", HOT_POLL_S):
            self._due["sweep"] = min(self._due["sweep"], time.monotonic() + HOT_POLL_S)
            return None
        self.found = {item.path: item for item in self.ingester.find()}
        return self.found.get(path)

    def _poll_hot(self) -> None:
        hot = sorted(self.found.values(), key=lambda item: -item.stat[3])[:HOT_FILES]
        for item in hot:
            with contextlib.suppress(OSError):
                if stat_key(item.path) != self._known_stat(item):
                    self.notices.add(item.path)

    def _known_stat(self, item: Found) -> tuple[int, int, int, int]:
        old = self.ingester.known.get(item.path)
        return (old.dev, old.inode, old.size, old.mtime_ns) if old is not None else item.stat

    def _settle(self) -> None:
        self._changed |= set(dirty_sessions(self.writer.connection))
        settle(self.writer, self.upkeep)

    def _read_git(self) -> None:
        if moved_repositories(self.writer, self.upkeep):
            self._repos |= land(self.writer, self.upkeep)

    def _judge(self) -> None:
        changed, self._changed = self._changed, set()
        repos, self._repos = self._repos, set()
        judge(self.writer, changed, repos, silent)
        keep_audits(self.writer)

    def _beat(self, *, pid: int | None = None, backlog: int = 0, total: int = 0) -> None:
        said = Heartbeat(
            os.getpid() if pid is None else pid,
            __version__,
            now_ms(),
            backlog,
            total,
            self.swept_ms,
            self.notices.problem or "",
        )
        with self.writer.transaction() as connection:
            beat(connection, said)


def run_watcher(upkeep: Upkeep, *, until_eof: bool) -> bool:
    """Watch until a signal (or, with ``until_eof``, until stdin ends); False where another one does.

    Raises:
        TokencoachError: the database cannot be used.
    """
    lock = WriterLock(paths.watcher_lock(upkeep.database.parent))
    try:
        if not lock.acquire():
            return False
    except OSError as error:
        raise TokencoachError(
            f"{paths.shown(lock.path)}: {error.strerror}", "make that folder writable"
        ) from error
    try:
        watcher = Watcher(upkeep)
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: watcher.stop())
        if until_eof:
            threading.Thread(target=_stop_at_eof, args=(watcher,), daemon=True).start()
        watcher.run()
    finally:
        lock.release()
    return True


def _stop_at_eof(watcher: Watcher) -> None:
    """End with the process that holds the other end of stdin, however that one ends."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    watcher.stop()


def log(text: str) -> None:
    """A line for the watcher's log."""
    sys.stderr.write(f"{now_ms()} {text}\n")
    sys.stderr.flush()
