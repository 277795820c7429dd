"""The watcher: one process that keeps the database equal to the logs and to git while it lives."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from traceback import format_exception
from typing import TYPE_CHECKING

from tokencoach import __version__, paths
from tokencoach.clock import now_ms
from tokencoach.errors import TokencoachError
from tokencoach.git.errors import GitMissingError
from tokencoach.sources.base import Scattered
from tokencoach.store.connect import explained
from tokencoach.store.derive import dirty_sessions
from tokencoach.store.status import Heartbeat, beat
from tokencoach.store.writer import Writer
from tokencoach.watch.checked import key_questions
from tokencoach.watch.habits import HabitKeeper
from tokencoach.watch.hooked import HookKeeper
from tokencoach.watch.ingest import Found, Ingester, IngestResult
from tokencoach.watch.items import ItemKeeper
from tokencoach.watch.judge import judge, keep_audits
from tokencoach.watch.land import land, moved_repositories
from tokencoach.watch.lock import WriterLock
from tokencoach.watch.notices import Notices
from tokencoach.watch.nudging import Nudger
from tokencoach.watch.reading import sources_by_name
from tokencoach.watch.refresh import settle
from tokencoach.watch.reminder import remind
from tokencoach.watch.requests import answer_sweep, requested_ns
from tokencoach.watch.tail import stat_key
from tokencoach.watch.whole import main_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.watch.power import PowerThread
    from tokencoach.watch.refresh import Upkeep

SWEEP_S = 60.0
BEAT_S = 5.0
GIT_S = 3.0
HOT_POLL_S = 1.0
JUDGE_S = 5.0
AGE_S = 1800.0
ASKED_S = 0.25
POWER_S = 30.0
ITEMS_S = 60.0
REMIND_S = 600.0
HOT_FILES = 64


class StoppedError(Exception):
    """The watcher was asked to end in the middle of long work; what is committed stays."""


class Watcher:
    """Everything the watcher process does; ``run`` returns when it is asked to stop."""

    def __init__(self, upkeep: Upkeep, power: PowerThread | None = None) -> None:
        self.upkeep = upkeep
        self.power = power
        self.stopping = threading.Event()
        self.notices = Notices()
        self.found: dict[str, Found] = {}
        self.swept_ms = 0
        self._known_roots: list[Path] = []
        self.hooks = HookKeeper(upkeep)
        self.nudger = Nudger(upkeep)
        self._open()
        # Another process may have read logs without judging them: the first round judges what is due.
        self._has_to_judge = True
        self._has_new_places = True
        self._git_problem = ""
        self._heard_ns = self._answered_ns = 0
        names = (
            "sweep",
            "beat",
            "git",
            "hooks",
            "judge",
            "poll",
            "roots",
            "age",
            "power",
            "nudge",
            "look",
            "day",
            "habits",
            "items",
            "remind",
        )
        self._due = dict.fromkeys(names, 0.0)
        self._has_new_verdicts = False
        self.habits, self.items = HabitKeeper(upkeep.database), ItemKeeper(upkeep)
        self._failures: dict[str, tuple[str, int]] = {}

    def _open(self) -> None:
        self.writer = Writer(self.upkeep.database, self.upkeep.tz)
        self.ingester = Ingester(self.writer, self.upkeep.home, self.upkeep.settings)
        self._identity = self._identity_now()

    def _identity_now(self) -> tuple[int, int] | None:
        try:
            return stat_key(self.upkeep.database)[:2]
        except OSError:
            return None

    def run(self) -> None:
        """Keep current until stopped."""
        if self.power is not None:
            self.power.start()
        try:
            while not self.stopping.is_set():
                self._round()
        except StoppedError:
            pass
        finally:
            self.notices.stop()
            self.habits.stop()
            self.items.stop()
            with contextlib.suppress(TokencoachError):
                if self.power is not None:
                    self.power.stop()
                self._store_power()
                self._beat(pid=0)
            self.writer.close()

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self.stopping.set()
        self.notices.arrived.set()

    def _round(self) -> None:
        self._when_due("beat", BEAT_S, self._beat_same)
        asked_ns = requested_ns(self.upkeep.database)
        if asked_ns != self._heard_ns:
            self._heard_ns, self._due["sweep"] = asked_ns, 0.0
        self._when_due("sweep", SWEEP_S, self._sweep)
        self._when_due("poll", HOT_POLL_S, self._poll_hot)
        self._when_due("roots", HOT_POLL_S, self._look_for_roots)
        self._when_due("git", GIT_S, self._read_git)
        self._when_due("power", POWER_S, self._store_power)
        self._when_due("hooks", GIT_S, self._tell_hooks)
        self._when_due("nudge", BEAT_S, lambda: self.nudger.again(self.writer))
        if self._is_due("age", AGE_S):
            self._has_to_judge = True
        if self._has_to_judge:
            self._when_due("judge", JUDGE_S, self._judge)
        if self._has_new_verdicts:
            self._when_due("habits", GIT_S, self._keep_habits)
        self._when_due("remind", REMIND_S, self._remind)
        changed = self.notices.take(self._wait_s())
        if changed and not self._guarded("read", lambda: self._read(changed)):
            # What the notices told is known to the sweep as well.
            self._due["sweep"] = time.monotonic() + BEAT_S

    def _when_due(self, name: str, every_s: float, step: Callable[[], None]) -> None:
        if self._is_due(name, every_s):
            self._guarded(name, step)

    def _guarded(self, name: str, step: Callable[[], None]) -> bool:
        """Do one step; a full disk or a locked database passes, and no fault of one step stops the others."""
        try:
            step()
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - the watcher outlives whatever goes wrong once
            said = explained(error, self.upkeep.database) or error
            text = str(said) if isinstance(said, TokencoachError) else "".join(format_exception(error))
            last, times = self._failures.get(name, ("", 0))
            if text != last:
                log(f"{name}: {text.rstrip()}")
            self._failures[name] = text, times + 1
            self._due[name] = time.monotonic() + min(SWEEP_S, BEAT_S * 2 ** min(times, 8))
            return False
        if self._failures.pop(name, None):
            log(f"{name}: works again")
        return True

    def _is_due(self, name: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._due[name]:
            return False
        self._due[name] = now + every_s
        return True

    def _wait_s(self) -> float:
        now = time.monotonic()
        names = ["beat", "sweep", "git"]
        if self._has_to_judge:
            names.append("judge")
        if not self.notices.is_live:
            names.append("poll")
        return max(0.0, min(ASKED_S, min(self._due[name] for name in names) - now))

    def _sweep(self) -> None:
        asked_ns = requested_ns(self.upkeep.database)
        began = now_ms()
        self.found = {item.path: item for item in self.ingester.find()}
        self.ingester.sweep(progress=self._progress)
        self._settle()
        if asked_ns != self._answered_ns:
            # A verb waits: what it asks of git and of verdicts is part of the answer.
            self._guarded("git", self._read_git)
            self._guarded("judge", self._judge)
        self.swept_ms = began
        self.notices.watch(self._roots())
        self._beat()
        if asked_ns != self._answered_ns:
            self._answered_ns = asked_ns
            answer_sweep(self.upkeep.database, asked_ns)

    def _roots(self) -> list[Path]:
        # Asked for every second; where assistants keep their logs does not change meanwhile.
        if not self._known_roots:
            home = self.upkeep.home
            self._known_roots = [
                root
                for source in sources_by_name().values()
                for root in (source.watched(home) if isinstance(source, Scattered) else source.roots(home))
            ]
        return self._known_roots

    def _look_for_roots(self) -> None:
        if self.notices.misses(self._roots()):
            self._due["sweep"] = 0.0

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self.stopping.is_set():
            raise StoppedError
        if self._is_due("beat", 1.0):
            is_logs = stage == "logs"
            self._beat(backlog=total - done if is_logs else 0, total=total if is_logs else 0)

    def _read(self, changed: set[str]) -> None:
        items = []
        for path in changed:
            path = main_path(path)  # noqa: PLW2901 - a write-ahead log speaks for its database
            item = self.found.get(path)
            if item is None:
                item = self._new_file(path)
            if item is not None:
                with contextlib.suppress(OSError):
                    items.append(item.now())
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
        found = list(self.found.values())
        if self.notices.is_live:
            # What lies in folders too large to be watched sends no notices.
            scattered = {name for name, source in sources_by_name().items() if isinstance(source, Scattered)}
            found = [item for item in found if item.source in scattered]
        hot = sorted(found, key=lambda item: -item.stat[3])[:HOT_FILES]
        for item in hot:
            with contextlib.suppress(OSError):
                if item.now().stat != self._known_stat(item):
                    self.notices.add(item.path)

    def _known_stat(self, item: Found) -> tuple[int, int, int, int]:
        old = self.ingester.known.get(item.path)
        return (old.dev, old.inode, old.size, old.mtime_ns) if old is not None else item.stat

    def _settle(self) -> None:
        self.hooks.spoil()
        touched = dirty_sessions(self.writer.connection)
        if settle(self.writer, self.upkeep, self._progress):
            self._has_to_judge = self._has_new_places = True
        # Facts are committed by now: no fault of a rule takes them back, nor holds up the next reading.
        self._guarded("look", lambda: self.nudger.look(self.writer, touched))

    def _read_git(self) -> None:
        if not (self._has_new_places or moved_repositories(self.writer, self.upkeep)):
            return
        try:
            if land(self.writer, self.upkeep, self._progress):
                self._has_to_judge = True
        except GitMissingError as error:
            self._git_problem = str(error.args[0])
            self._due["git"] = time.monotonic() + SWEEP_S
            return
        self._has_new_places, self._git_problem = False, ""

    def _store_power(self) -> None:
        if self.power is not None:
            self.power.store(self.writer)

    def _tell_hooks(self) -> None:
        if not self._git_problem:
            key_questions(self.writer)
        self.hooks.step(self.writer)

    def _judge(self) -> None:
        # The first screen shows the audit; the list of sessions may fill behind it.
        keep_audits(self.writer)
        judge(self.writer, (), (), self._progress)
        self._has_to_judge, self._has_new_verdicts = False, True
        self._guarded("day", lambda: self.nudger.judged(self.writer))

    def _keep_habits(self) -> None:
        is_done = self.habits.step(self.writer)
        if is_done and (self.items.is_running or self._is_due("items", ITEMS_S)):
            is_done = self.items.step(self.writer)
        self._has_new_verdicts = not is_done

    def _remind(self) -> None:
        problem = remind(self.writer, self.upkeep.settings)
        if problem:
            log(problem)

    def _beat_same(self) -> None:
        """A beat, in the database that stands at its place now: it may have been moved away as damaged."""
        if self._identity_now() != self._identity:
            log(f"{self.upkeep.database.name} was replaced: everything is read into the new one")
            self.writer.close()
            self._open()
            self._due["sweep"] = 0.0
            self._has_to_judge = self._has_new_places = True
        self._beat()

    def _beat(self, *, pid: int | None = None, backlog: int = 0, total: int = 0) -> None:
        notes = [note for note in (self.notices.problem, self._git_problem) if note]
        said = Heartbeat(
            os.getpid() if pid is None else pid,
            __version__,
            now_ms(),
            backlog,
            total,
            self.swept_ms,
            "; ".join(notes),
        )
        with self.writer.transaction() as connection:
            beat(connection, said)
        if pid is None and not backlog:
            self.hooks.beat()


def run_watcher(upkeep: Upkeep, *, until_eof: bool, power: PowerThread | None = None) -> bool:
    """Watch until a signal (or, with ``until_eof``, until stdin ends); False where another one does.

    ``power`` samples meters and inference servers meanwhile.

    Raises:
        TokencoachError: the database cannot be used.
    """
    lock = WriterLock(paths.watcher_lock(upkeep.database.parent))
    try:
        if not lock.acquire():
            return False
    except OSError as error:
        raise TokencoachError(
            f"{paths.shown(lock.path)}: {error.strerror}",
            "make it and its folder writable, or set TOKENCOACH_HOME",
        ) from error
    try:
        watcher = Watcher(upkeep, power)
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
