"""Logs that do not grow by lines: documents rewritten as a whole, and databases of others."""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, Any

import msgspec
import xxhash

from tokencoach.sources.base import Shape, Tabular
from tokencoach.store.foreign import ForeignError, Mark, changed_rows, missing_tables, opened
from tokencoach.watch.tail import LONGEST_LINE, open_log, stat_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogFile

_CHUNK_BYTES = 1 << 20
# A file written again within one tick of the file system's clock looks unchanged.
_RACY_NS = 2_000_000_000

Stat = tuple[int, int, int, int]


class Marks(msgspec.Struct, array_like=True):
    """How far each table of a database is read, and the source's own state."""

    tables: dict[str, Mark] = msgspec.field(default_factory=dict)
    inner: bytes = b""


_MARKS = msgspec.msgpack.Decoder(Marks)


def state_of(file: LogFile) -> Stat:
    """Device, inode, size and modification time of a log with all that belongs to it.

    Raises:
        OSError: the log itself is gone or cannot be looked at.
    """
    dev, inode, size, mtime_ns = stat_key(file.path)
    for other in _companions(file):
        try:
            _, _, more, later_ns = stat_key(other)
        except OSError:
            continue
        size, mtime_ns = size + more, max(mtime_ns, later_ns)
    return dev, inode, size, mtime_ns


def main_path(path: str) -> str:
    """The database that a notice of its write-ahead log is about; any other path as it is."""
    return path.removesuffix("-wal").removesuffix("-journal")


def _companions(file: LogFile) -> tuple[Path, ...]:
    if file.shape is Shape.DATABASE:
        return (file.path.with_name(file.path.name + "-wal"),)
    return file.beside


def settled(stat: Stat) -> Stat:
    """A state that tells the next change; of a file written just now it is one that never holds."""
    is_racy = abs(time.time_ns() - stat[3]) < _RACY_NS
    return (*stat[:3], 0) if is_racy else stat


def content_of(file: LogFile) -> bytes:
    """A document's content; with files beside it, one object that holds each under its name.

    Raises:
        OSError: the document cannot be read, or is longer than a line may be.
    """
    content = _bytes_of(file.path, file.compressed)
    if not file.beside:
        return content
    parts: dict[str, msgspec.Raw] = {}
    for path in (file.path, *file.beside):
        try:
            raw = content if path == file.path else _bytes_of(path, None)
            msgspec.json.decode(raw)
        except (OSError, msgspec.MsgspecError, RecursionError):
            if path == file.path:
                return content
            continue
        parts[path.name] = msgspec.Raw(raw)
    return msgspec.json.encode(parts)


def _bytes_of(path: Path, compressed: str | None) -> bytes:
    with open_log(path, compressed) as handle:
        parts = []
        size = 0
        while block := handle.read(1 << 20):
            parts.append(block)
            size += len(block)
            if size > LONGEST_LINE:
                raise OSError(errno.EFBIG, f"longer than {LONGEST_LINE >> 20} MiB")
    return b"".join(parts)


def digest_of(content: bytes) -> bytes:
    """What tells one content of a document from another."""
    return xxhash.xxh3_64_digest(content)


def load_marks(state: bytes) -> Marks:
    """How far a database was read; from its beginning where that is not known."""
    try:
        return _MARKS.decode(state) if state else Marks()
    except (msgspec.MsgspecError, ValueError):
        return Marks()


def row_chunks(source: Any, file: LogFile, marks: Marks) -> Iterator[bytes]:
    """Changed rows of a database as chunks of lines; ``marks`` moves on with each chunk.

    Raises:
        ForeignError: it cannot be read now, or is none of the source's.
    """
    if not isinstance(source, Tabular):
        raise ForeignError("the source reads no databases")
    tables = source.tables(file)
    with opened(file.path) as connection:
        if tables and len(missing_tables(connection, tables)) == len(tables):
            raise ForeignError(f"none of the tables {', '.join(table.name for table in tables)} is there")
        lines: list[bytes] = []
        size = 0
        for row in changed_rows(connection, tables, marks.tables):
            if size and size + len(row.line) > _CHUNK_BYTES:
                yield b"".join(lines)
                lines, size = [], 0
            lines.append(row.line)
            size += len(row.line)
            marks.tables[row.table] = row.mark
        if lines:
            yield b"".join(lines)
