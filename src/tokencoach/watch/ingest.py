"""Logs into the database: find the files, read what is new, write it, newest first."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tokencoach import __version__
from tokencoach.errors import TokencoachError
from tokencoach.sources.base import LogFile, Scanning, Shape
from tokencoach.sources.discovery import instant_of_file
from tokencoach.store.files import forget_file_notes, known_files, mark_gone, read_again_after_update
from tokencoach.store.writer import Portion
from tokencoach.watch.collector import without_collector
from tokencoach.watch.journal import follow_journal
from tokencoach.watch.progress import silent
from tokencoach.watch.reading import ReadTask, read_log, sources_by_name
from tokencoach.watch.second_reader import SecondReader
from tokencoach.watch.tail import CHUNK_BYTES, key_of, stat_key
from tokencoach.watch.whole import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome
    from tokencoach.store.connect import Connection
    from tokencoach.store.keyed import FileCursor
    from tokencoach.store.writer import Writer
    from tokencoach.watch.progress import Progress
    from tokencoach.watch.reading import ReadPart

POOL_BYTES = 200 << 20
_GROUP_BYTES = 8 << 20
_PUT_BYTES = 64 << 20
_COMMIT_BYTES = 512 << 20
_LONGEST_HOLD_S = 1.5
_MOST_ASKED = 2
_HELD_BYTES = 31 << 20


@dataclass(slots=True)
class IngestResult:
    """What one sweep did."""

    files: Counter[str] = field(default_factory=Counter)
    bytes_read: int = 0
    new_by_source: Counter[str] = field(default_factory=Counter)
    problem: TokencoachError | None = None
    """Why git could not be followed, where it could not."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A log file on disk and its state there: device, inode, size, modification time."""

    source: str
    path: str
    stat: tuple[int, int, int, int]
    given: LogFile | None = None

    @property
    def file(self) -> LogFile:
        """The file as its source describes it."""
        if self.given is not None:
            return self.given
        # Asking the protocol costs ten times the answer.
        describe: Callable[[str], LogFile] | None = getattr(sources_by_name()[self.source], "log_file", None)
        return LogFile(Path(self.path)) if describe is None else describe(self.path)

    def now(self) -> Found:
        """This file with its state on disk as it is now.

        Raises:
            OSError: it is gone or cannot be looked at.
        """
        stat = stat_key(self.path) if self.given is None else state_of(self.given)
        given = self.given
        if given is not None and given.modified_ms and given.shape is Shape.LINES:
            # Lines without a clock have the time at which they were written.
            given = given._replace(modified_ms=instant_of_file(stat[3]))
        return Found(self.source, self.path, stat, given)


@cache
def _hold_memory() -> None:
    """Let pieces of logs be read into the same memory again and again, for as long as this process lives.

    glibc gives back memory above the largest piece that was ever freed, and each page of it costs a fault.
    Once is enough; a second time would fill as much memory with nothing, which takes milliseconds.
    """
    bytes(_HELD_BYTES)


class Batch(NamedTuple):
    """What was read of logs of a source, again and again, and how many bytes that was in all."""

    parts: list[tuple[str, list[ReadPart]]]
    size: int


class Ingester:
    """Keeps the database equal to the logs of one home."""

    def __init__(
        self, writer: Writer, home: LogsHome, settings: Settings, *, with_edits: bool = True
    ) -> None:
        self.writer = writer
        self.home = home
        self.settings = settings
        self.with_edits = with_edits
        with writer.transaction() as connection:
            read_again_after_update(connection, __version__)
        self.known: dict[str, FileCursor] = known_files(writer.connection)

    def find(self, only: Collection[str] = ()) -> Iterator[Found]:
        """Every log file there is now; a file or folder that cannot be read is passed over."""
        for name, source in sources_by_name().items():
            if only and name not in only:
                continue
            if isinstance(source, Scanning):
                for path, status in source.scan(self.home):
                    yield Found(name, path, key_of(status))
                continue
            for file in source.files(self.home):
                try:
                    yield Found(name, str(file.path), state_of(file), file)
                except OSError:
                    continue
            if name == "ollama":
                yield from self._journal()

    def _journal(self) -> Iterator[Found]:
        """What Ollama wrote into the journal of this system; of another home's copy there is none."""
        copy = follow_journal(self.writer.path.parent) if self.home.environment else None
        if copy is not None:
            file = LogFile(copy, modified_ms=1)
            yield Found("ollama", str(copy), state_of(file), file)

    def sweep(self, only: Collection[str] = (), progress: Progress = silent) -> IngestResult:
        """Read everything that is new in every file, newest files first."""
        found = list(self.find(only))
        result = IngestResult(Counter(item.source for item in found))
        self._mark_gone(found, only)
        changed = [item for item in found if self._is_changed(item)]
        changed.sort(key=lambda item: -item.stat[3])
        self.read(changed, result, progress)
        return result

    def growth(self) -> list[tuple[Found, int]]:
        """Files that are another than when they were read, newest first, and how many bytes wait in each."""
        changed = [item for item in self.find() if self._is_changed(item)]
        changed.sort(key=lambda item: -item.stat[3])
        return [(item, self._pending(item)) for item in changed]

    def read(self, changed: list[Found], result: IngestResult, progress: Progress = silent) -> None:
        """Read the given files and commit rows together with how far each was read."""
        if not changed:
            return
        total = sum(self._pending(item) for item in changed)
        if total > CHUNK_BYTES:
            _hold_memory()
        with without_collector():
            self._read(changed, total, result, progress)
        progress("logs", total, total)

    def _read(self, changed: list[Found], total: int, result: IngestResult, progress: Progress) -> None:
        parts = self._shared(changed) if total > POOL_BYTES else self._single(changed)
        batches = self._batches(parts)
        # The newest logs are to be seen at once.
        most = 0
        for batch in batches:
            self._commit(batch, batches, result, most)
            most = _COMMIT_BYTES
            progress("logs", min(result.bytes_read, total), total)

    def _batches(self, parts: Iterable[tuple[str, list[ReadPart]]]) -> Iterator[Batch]:
        """What is read, in portions that memory holds easily."""
        batch = Batch([], 0)
        for source, read in parts:
            batch.parts.append((source, read))
            size = batch.size + sum(part.bytes_read for part in read)
            batch = batch._replace(size=size)
            if size >= min(_PUT_BYTES, _COMMIT_BYTES):
                yield batch
                batch = Batch([], 0)
        if batch.parts:
            yield batch

    def _is_changed(self, item: Found) -> bool:
        old = self.known.get(item.path)
        if old is None or (old.usage_only and self.with_edits) or old.problem is not None:
            return True
        return (old.dev, old.inode, old.size, old.mtime_ns) != item.stat

    def _pending(self, item: Found) -> int:
        old = self.known.get(item.path)
        already = old.offset if old is not None and not (old.usage_only and self.with_edits) else 0
        return max(0, item.stat[2] - already)

    def _mark_gone(self, found: Iterable[Found], only: Collection[str]) -> None:
        """A vanished log keeps its rows; a moved one keeps its offset under its new path."""
        here = {item.path for item in found}
        moved = {
            (old.dev, old.inode): path for path, old in self.known.items() if path not in here and old.inode
        }
        for item in found:
            path = item.path
            if path in self.known:
                continue
            former = moved.get(item.stat[:2])
            if former is not None:
                cursor = self.known.pop(former)
                cursor.path = path
                self.known[path] = cursor
        if not only:
            gone = [path for path in self.known if path not in here and not os.path.exists(path)]  # noqa: PTH110 - as many as were ever read
            if gone:
                with self.writer.transaction() as connection:
                    mark_gone(connection, gone)

    def _task(self, item: Found) -> ReadTask:
        return ReadTask(
            item.source,
            item.file,
            self.known.get(item.path),
            self.with_edits,
            self.settings.keep_prompts,
            self.settings.text_days > 0,
        )

    def _single(self, changed: list[Found]) -> Iterator[tuple[str, list[ReadPart]]]:
        for item in changed:
            for part in read_log(self._task(item)):
                yield item.source, [part]

    def _shared(self, changed: list[Found]) -> Iterator[tuple[str, list[ReadPart]]]:
        """A second process reads groups of files; this one reads others, and writes what both have read."""
        groups = self._groups(changed)
        asked: deque[list[Found]] = deque()
        with SecondReader() as second:
            while True:
                while len(asked) < _MOST_ASKED and (group := next(groups, None)):
                    second.send([self._task(item) for item in group])
                    asked.append(group)
                own = [] if second.has_answer() else next(groups, [])
                for read in self._single(own):
                    yield read
                    if second.has_answer():
                        yield from self._answered(second, asked.popleft())
                        if group := next(groups, None):
                            second.send([self._task(item) for item in group])
                            asked.append(group)
                if not own and not asked:
                    return
                if not own:
                    yield from self._answered(second, asked.popleft())

    def _answered(self, second: SecondReader, group: list[Found]) -> Iterator[tuple[str, list[ReadPart]]]:
        answer = second.answer()
        if answer is None:
            # Whatever ended the other process, nothing of its group is in the database yet.
            yield from self._single(group)
            return
        for item, parts in zip(group, answer, strict=True):
            yield item.source, parts

    def _groups(self, changed: list[Found]) -> Iterator[list[Found]]:
        group: list[Found] = []
        size = 0
        for item in changed:
            group.append(item)
            size += self._pending(item)
            if size > _GROUP_BYTES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _commit(self, batch: Batch, more: Iterator[Batch], result: IngestResult, most: int) -> None:
        """Write a batch, and those that follow it up to so many bytes, all or nothing.

        Keys are spread over all pages, so each commit writes most pages of a table once more.
        """
        until = time.monotonic() + _LONGEST_HOLD_S
        written: list[FileCursor] = []
        with self.writer.transaction() as connection:
            following: Batch | None = batch
            while following is not None:
                written += self._put(connection, following, result)
                most -= following.size
                # Whoever waits to write something small does not wait for long.
                following = next(more, None) if most > 0 and time.monotonic() < until else None
        for cursor in written:
            self.known[cursor.path] = cursor

    def _put(self, connection: Connection, batch: Batch, result: IngestResult) -> list[FileCursor]:
        portions = [(source, part) for source, parts in batch.parts for part in parts]
        for _, part in portions:
            if part.is_restart and part.cursor.path in self.known:
                forget_file_notes(connection, part.cursor.path)
        result.bytes_read += batch.size
        result.new_by_source += self.writer.put_all(
            [Portion(source, part.cursor, part.facts, part.bytes_read) for source, part in portions]
        )
        return [part.cursor for _, part in portions]
