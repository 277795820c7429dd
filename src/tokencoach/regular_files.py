"""The only way to open a file that somebody else put there: a pipe, a device, a socket is never waited for."""

from __future__ import annotations

import errno
import os
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO

MOST_BYTES = 64 << 20


def opened(path: os.PathLike[str] | str | bytes, flags: int = 0) -> FileIO:
    """A regular file's bytes, unbuffered; ``flags`` are further ones of ``os.open``.

    Raises:
        OSError: it cannot be opened, or is a pipe, a device, a socket or a folder.
    """
    # Without O_NONBLOCK a named pipe would hold us up until somebody writes into it.
    more = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, os.O_RDONLY | more | flags)
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is no regular file", os.fsdecode(path))
    return open(descriptor, "rb", buffering=0)  # noqa: PTH123 - a descriptor is no path


def content(path: os.PathLike[str] | str | bytes, most: int = MOST_BYTES, flags: int = 0) -> bytes:
    """All of a regular file, which has at most so many bytes.

    Raises:
        OSError: it cannot be read, is none, or is longer.
    """
    with opened(path, flags) as file:
        size = os.fstat(file.fileno()).st_size
        parts: list[bytes] = []
        while size <= most and (block := file.read(max(size, 4096))):
            parts.append(block)
            size = sum(map(len, parts))
        if size > most:
            raise OSError(errno.EFBIG, f"longer than {most >> 20} MiB", os.fsdecode(path))
    return b"".join(parts)


def head(path: os.PathLike[str] | str | bytes, most: int) -> bytes:
    """The first so many bytes of a regular file.

    Raises:
        OSError: it cannot be read, or is none.
    """
    with opened(path) as file:
        parts: list[bytes] = []
        while most > 0 and (block := file.read(most)):
            parts.append(block)
            most -= len(block)
    return b"".join(parts)
