"""One log file, from where it was left, into rows: the part that may run in another process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from tokencoach.sources.base import LogFile
from tokencoach.sources.registry import all_sources
from tokencoach.store.keyed import FileCursor, KeyedFacts
from tokencoach.watch.keying import Keying
from tokencoach.watch.tail import Chunk, chunks, is_continued, marks_after, open_log, stat_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from tokencoach.sources.base import Source


class ReadTask(msgspec.Struct, frozen=True):
    """What to read: a file of a source, how far it was read, and what may be kept of it."""

    source: str
    file: LogFile
    cursor: FileCursor | None
    with_edits: bool
    keep_prompts: bool
    keep_text: bool


class ReadPart(msgspec.Struct):
    """One chunk read. ``is_restart`` says that the file is read from its beginning (again)."""

    cursor: FileCursor
    facts: KeyedFacts
    bytes_read: int
    is_restart: bool = False


@lru_cache(maxsize=1)
def sources_by_name() -> dict[str, Source]:
    """Every source, built in or plugged in, by its name."""
    return {source.name: source for source in all_sources()}


@lru_cache
def _keying(source: str, *, keep_prompts: bool, keep_text: bool) -> Keying:
    return Keying(source, keep_prompts=keep_prompts, keep_text=keep_text)


def read_log(task: ReadTask) -> Iterator[ReadPart]:
    """Everything new in one file, chunk by chunk. An unreadable file yields its problem, no exception."""
    path = str(task.file.path)
    try:
        dev, inode, size, mtime_ns = stat_key(task.file.path)
        handle = open_log(task.file.path, task.file.compressed)
    except OSError as error:
        last = task.cursor or FileCursor(path, 0, 0, 0, 0)
        problem = f"cannot be read: {error.strerror or error}"
        yield ReadPart(msgspec.structs.replace(last, path=path, problem=problem), KeyedFacts(), 0)
        return
    now = FileCursor(path, dev, inode, size, mtime_ns, usage_only=not task.with_edits)
    with handle:
        old = task.cursor
        goes_on = (
            old is not None
            and not (old.usage_only and task.with_edits)
            and is_continued(handle, old, size if task.file.compressed is None else old.offset)
        )
        if old is not None and goes_on:
            now.offset, now.head, now.tail, now.state = old.offset, old.head, old.tail, old.state
        yield from _read_from(task, handle, now, is_restart=not goes_on)


def _read_from(task: ReadTask, handle: IO[bytes], now: FileCursor, *, is_restart: bool) -> Iterator[ReadPart]:
    source = sources_by_name()[task.source]
    keying = _keying(task.source, keep_prompts=task.keep_prompts, keep_text=task.keep_text)
    last = KeyedFacts()
    bytes_read = 0
    for chunk in chunks(handle, now.offset):
        facts = _facts_of(source, task, chunk, now, keying)
        bytes_read = chunk.end - now.offset
        now.offset = chunk.end
        now.head, now.tail = marks_after(handle, chunk, now.head)
        yield ReadPart(msgspec.structs.replace(now), facts, bytes_read, is_restart)
        is_restart = False
    if not bytes_read:
        yield ReadPart(now, last, 0, is_restart)


def _facts_of(source: Source, task: ReadTask, chunk: Chunk, now: FileCursor, keying: Keying) -> KeyedFacts:
    if chunk.skipped is not None:
        skipped = chunk.skipped
        return KeyedFacts(quarantined=[(skipped.offset, skipped.length, skipped.error)])
    try:
        facts, now.state = source.read(
            chunk.lines, now.state, task.file, chunk.base, with_edits=task.with_edits
        )
        return keying.keyed(facts)
    except Exception as error:  # noqa: BLE001 - a source's fault must not stop the other files
        problem = f"{type(error).__name__}: {error}"
        return KeyedFacts(quarantined=[(chunk.base, len(chunk.lines), problem)])


def read_group(tasks: list[ReadTask]) -> list[list[ReadPart]]:
    """Several files at once, for a pool of processes."""
    return [list(read_log(task)) for task in tasks]
