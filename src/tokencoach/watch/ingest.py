"""Logs into the database: find the files, read what is new, write it, newest first."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach import __version__
from tokencoach.errors import TokencoachError
from tokencoach.sources.base import LogFile
from tokencoach.store.files import forget_file_notes, known_files, mark_gone, read_again_after_update
from tokencoach.watch.progress import silent
from tokencoach.watch.reading import ReadTask, leave_signals, read_group, read_log, sources_by_name
from tokencoach.watch.tail import stat_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome
    from tokencoach.store.keyed import FileCursor
    from tokencoach.store.writer import Writer
    from tokencoach.watch.progress import Progress
    from tokencoach.watch.reading import ReadPart

POOL_BYTES = 200 << 20
_GROUP_BYTES = 16 << 20
_COMMIT_BYTES = 32 << 20
_PROCESSES = 2


@dataclass(slots=True)
class IngestResult:
    """What one sweep did."""

    files: Counter[str] = field(default_factory=Counter)
    bytes_read: int = 0
    new_by_source: Counter[str] = field(default_factory=Counter)
    problem: TokencoachError | None = None
    """Why git could not be followed, where it could not."""


@dataclass(frozen=True, slots=True)
class Found:
    """A log file on disk and its state there."""

    source: str
    file: LogFile
    stat: tuple[int, int, int, int]


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
            for file in source.files(self.home):
                try:
                    yield Found(name, file, stat_key(file.path))
                except OSError:
                    continue

    def sweep(self, only: Collection[str] = (), progress: Progress = silent) -> IngestResult:
        """Read everything that is new in every file, newest files first."""
        found = list(self.find(only))
        result = IngestResult(Counter(item.source for item in found))
        self._mark_gone(found, only)
        changed = [item for item in found if self._is_changed(item)]
        changed.sort(key=lambda item: -item.stat[3])
        self.read(changed, result, progress)
        return result

    def read(self, changed: list[Found], result: IngestResult, progress: Progress = silent) -> None:
        """Read the given files and commit rows together with how far each was read."""
        if not changed:
            return
        total = sum(self._pending(item) for item in changed)
        parts = self._pooled(changed) if total > POOL_BYTES else self._single(changed)
        batch: list[tuple[str, list[ReadPart]]] = []
        waiting = 0
        for source, read in parts:
            batch.append((source, read))
            size = sum(part.bytes_read for part in read)
            result.bytes_read += size
            waiting += size
            if waiting >= _COMMIT_BYTES:
                self._commit(batch, result)
                batch, waiting = [], 0
                progress("logs", min(result.bytes_read, total), total)
        self._commit(batch, result)
        progress("logs", total, total)

    def _is_changed(self, item: Found) -> bool:
        old = self.known.get(str(item.file.path))
        if old is None:
            return True
        if old.usage_only and self.with_edits:
            return True
        return (old.dev, old.inode, old.size, old.mtime_ns) != item.stat or old.problem is not None

    def _pending(self, item: Found) -> int:
        old = self.known.get(str(item.file.path))
        already = old.offset if old is not None and not (old.usage_only and self.with_edits) else 0
        return max(0, item.stat[2] - already)

    def _mark_gone(self, found: Iterable[Found], only: Collection[str]) -> None:
        """A vanished log keeps its rows; a moved one keeps its offset under its new path."""
        here = {str(item.file.path) for item in found}
        moved = {
            (old.dev, old.inode): path for path, old in self.known.items() if path not in here and old.inode
        }
        for item in found:
            path = str(item.file.path)
            if path in self.known:
                continue
            former = moved.get(item.stat[:2])
            if former is not None:
                cursor = self.known.pop(former)
                cursor.path = path
                self.known[path] = cursor
        if not only:
            gone = [path for path in self.known if path not in here and not Path(path).exists()]
            if gone:
                with self.writer.transaction() as connection:
                    mark_gone(connection, gone)

    def _task(self, item: Found) -> ReadTask:
        return ReadTask(
            item.source,
            item.file,
            self.known.get(str(item.file.path)),
            self.with_edits,
            self.settings.keep_prompts,
            self.settings.text_days > 0,
        )

    def _single(self, changed: list[Found]) -> Iterator[tuple[str, list[ReadPart]]]:
        for item in changed:
            for part in read_log(self._task(item)):
                yield item.source, [part]

    def _pooled(self, changed: list[Found]) -> Iterator[tuple[str, list[ReadPart]]]:
        """Two processes read groups of about 16 MiB; this one writes what they return."""
        groups = list(self._groups(changed))
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(_PROCESSES, mp_context=context, initializer=leave_signals) as pool:
            waiting: list[tuple[list[Found], Future[list[list[ReadPart]]]]] = []
            at = 0
            try:
                while at < len(groups) or waiting:
                    while at < len(groups) and len(waiting) < 2 * _PROCESSES:
                        group = groups[at]
                        waiting.append((group, pool.submit(read_group, [self._task(item) for item in group])))
                        at += 1
                    group, future = waiting.pop(0)
                    for item, parts in zip(group, future.result(), strict=True):
                        yield item.source, parts
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

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

    def _commit(self, batch: list[tuple[str, list[ReadPart]]], result: IngestResult) -> None:
        if not batch:
            return
        with self.writer.transaction() as connection:
            for source, parts in batch:
                for part in parts:
                    old = self.known.get(part.cursor.path)
                    if part.is_restart and old is not None:
                        forget_file_notes(connection, part.cursor.path)
                    result.new_by_source[source] += self.writer.put_or_quarantine(
                        source, part.cursor, part.facts, part.bytes_read
                    )
        for _, parts in batch:
            for part in parts:
                self.known[part.cursor.path] = part.cursor
