"""Reading a log file from where it was left: whole lines, bounded memory, any fate of the file.

Truth is (inode, offset, fingerprints), never a notification. Only bytes up to the last newline
are consumed; a last line without one is "not yet", unless it is already a whole JSON object.
"""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, NamedTuple

import msgspec
import xxhash

from tokencoach import regular_files
from tokencoach.usage.facts import Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.store.keyed import FileCursor

CHUNK_BYTES = 2 << 20
LONGEST_LINE = 64 << 20
_NEAR_BYTES = 64 << 10
_HEAD_BYTES = 256
_TAIL_BYTES = 64
_IN_MEMORY = 16 << 20
_LEAST_UNPACKED, _TIMES_UNPACKED = 256 << 20, 256
_LATEST_NS = (1 << 63) - 1


class Chunk(NamedTuple):
    """Whole lines from ``base`` on, or the place of a line too long to read."""

    base: int
    lines: bytes
    end: int
    skipped: Quarantined | None = None


def fingerprints(file: IO[bytes], offset: int) -> tuple[bytes, bytes]:
    """Hashes of the first bytes and of those before ``offset``."""
    file.seek(0)
    head = file.read(min(_HEAD_BYTES, offset))
    start = max(0, offset - _TAIL_BYTES)
    file.seek(start)
    tail = file.read(offset - start)
    return xxhash.xxh3_64_digest(head), xxhash.xxh3_64_digest(tail)


def marks_after(file: IO[bytes], chunk: Chunk, head: bytes) -> tuple[bytes, bytes]:
    """The fingerprints once a chunk is consumed, out of its own bytes where it holds them.

    ``head`` is the first fingerprint as it was before the chunk.
    """
    size = chunk.end - chunk.base
    is_head_known = chunk.base >= _HEAD_BYTES and head
    if len(chunk.lines) < max(size, _TAIL_BYTES) or not (is_head_known or chunk.base == 0):
        return fingerprints(file, chunk.end)
    if not is_head_known:
        head = xxhash.xxh3_64_digest(chunk.lines[: min(_HEAD_BYTES, size)])
    return head, xxhash.xxh3_64_digest(chunk.lines[max(0, size - _TAIL_BYTES) : size])


def is_continued(file: IO[bytes], cursor: FileCursor, size: int) -> bool:
    """Whether what was read so far still stands in the file, so that reading may go on."""
    if cursor.offset == 0 or size < cursor.offset:
        return False
    return fingerprints(file, cursor.offset) == (cursor.head, cursor.tail)


def open_log(path: Path, compressed: str | None) -> IO[bytes]:
    """The file's bytes, decompressed where it is compressed.

    Raises:
        OSError: it cannot be opened.
    """
    if compressed is None:
        return regular_files.opened(path)
    with regular_files.opened(path) as raw:
        return _unpacked(raw, compressed)


def most_unpacked(packed: int) -> int:
    """How much of an archive of so many bytes is unpacked, in bytes: what exceeds it was made to fill the disk.

    Real logs become some five to fifty times as long.
    """
    return max(_LEAST_UNPACKED, packed * _TIMES_UNPACKED)


def _unpacked(raw: IO[bytes], compressed: str) -> IO[bytes]:
    """An archive's content, at most ``most_unpacked``; a large one lies on disk, not in memory."""
    import gzip  # noqa: PLC0415 - few logs are compressed
    import tempfile  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    import zstandard  # noqa: PLC0415

    whole = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    left = most_unpacked(os.fstat(raw.fileno()).st_size)
    try:
        with (
            zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
            if compressed == "zstd"
            else gzip.GzipFile(fileobj=raw)
        ) as stream:
            # One read at a time: a fuller one would lose what came before a cut.
            while left and (block := stream.read1(1 << 18)):
                whole.write(block[:left])
                left = max(0, left - len(block))
    except (zstandard.ZstdError, EOFError, gzip.BadGzipFile, zlib.error):
        # A cut archive still gives what lies before the cut.
        pass
    whole.seek(0)
    return whole


def chunks(file: IO[bytes], offset: int, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Whole lines from ``offset`` to the end; a line over 64 MiB is streamed past."""
    position = offset
    wanted = chunk_bytes
    end = 0
    while True:
        if position >= end and position >= (end := file.seek(0, io.SEEK_END)):
            return
        # Only what is there is asked for: an unbuffered read allocates all that it is asked.
        size = end - position
        if wanted < size:
            size = _up_to_a_newline(file, position, wanted)
        file.seek(position)
        data = _read(file, size)
        if not data:
            return
        cut = data.rfind(b"\n") + 1
        if cut:
            yield Chunk(position, data[:cut] if cut < len(data) else data, position + cut)
            position += cut
            wanted = chunk_bytes
        elif position + len(data) >= end:
            yield from _last_line(data, position)
            return
        elif wanted < LONGEST_LINE:
            wanted = min(wanted * 2, LONGEST_LINE)
        else:
            past = _past_line(file, position + len(data))
            if past is None:
                return
            problem = Quarantined(position, past - position, f"line longer than {LONGEST_LINE >> 20} MiB")
            yield Chunk(position, b"", past, problem)
            position = past
            wanted = chunk_bytes


def _up_to_a_newline(file: IO[bytes], position: int, wanted: int) -> int:
    """How many bytes to read so that they end with a line, if one ends near the end of those wanted.

    Cutting them afterwards would copy them all.
    """
    near = min(wanted, _NEAR_BYTES)
    file.seek(position + wanted - near)
    cut = _read(file, near).rfind(b"\n") + 1
    return wanted - near + cut if cut else wanted


def _read(file: IO[bytes], wanted: int) -> bytes:
    """Up to ``wanted`` bytes; fewer only where the file has become shorter."""
    first = file.read(wanted) or b""
    if len(first) in (0, wanted):
        return first
    parts = [first]
    have = len(first)
    while have < wanted and (more := file.read(wanted - have)):
        parts.append(more)
        have += len(more)
    return b"".join(parts)


def _last_line(data: bytes, position: int) -> Iterator[Chunk]:
    if not data.rstrip().endswith(b"}"):
        return
    try:
        msgspec.json.decode(data)
    except msgspec.MsgspecError:
        return
    yield Chunk(position, data + b"\n", position + len(data))


def _past_line(file: IO[bytes], position: int) -> int | None:
    """Offset after the newline that ends an overlong line, or None while it is still being written."""
    file.seek(position)
    while block := file.read(CHUNK_BYTES):
        cut = block.find(b"\n")
        if cut >= 0:
            return position + cut + 1
        position += len(block)
    return None


def stat_key(path: Path | str) -> tuple[int, int, int, int]:
    """Device, inode, size and modification time in nanoseconds.

    Raises:
        OSError: the file is gone or its folder cannot be read.
    """
    return key_of(os.stat(path))  # noqa: PTH116 - called for every log file at every sweep


def key_of(status: os.stat_result) -> tuple[int, int, int, int]:
    """As ``stat_key``, of a state at hand; a time after the year 2262 fits into no column, and is that year."""
    return status.st_dev, status.st_ino, status.st_size, min(status.st_mtime_ns, _LATEST_NS)
