"""What a source is: a place to look, and a pure reading of bytes into facts."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts


class LogsHome(NamedTuple):
    """Whose logs are read: a home folder, and the environment that may move an assistant's.

    ``environment`` is empty when another folder than the user's own home is read, so that this
    computer's variables never leak into a copy of another machine.
    """

    folder: Path
    environment: Mapping[str, str]
    named: Mapping[str, tuple[Path, ...]] = MappingProxyType({})
    """Logs that the person named in the settings, by source: some may lie anywhere."""


def logs_home(
    own: Path, environment: Mapping[str, str], other: Path | None, named: Mapping[str, Sequence[str]]
) -> LogsHome:
    """Whose logs are read: the person's own home, or another folder, where no variable and no absolute path holds."""
    folder = own if other is None else other
    paths = {
        source: tuple(
            folder / log.removeprefix("~/")
            for log in logs
            if other is None or not (log.startswith("/") or log[1:2] == ":")
        )
        for source, logs in named.items()
    }
    return LogsHome(folder, environment if other is None else {}, paths)


class Shape(StrEnum):
    """How a log is written, which decides how it is followed.

    ``LINES`` only grow, so reading goes on where it was left. A ``DOCUMENT`` is rewritten as a
    whole: it is read again whenever its content is another. A ``DATABASE`` (SQLite) is asked for
    the rows changed since the last time.
    """

    LINES = "lines"
    DOCUMENT = "document"
    DATABASE = "database"


class LogFile(NamedTuple):
    """One file of a source. ``compressed`` is ``None`` or ``"zstd"`` or ``"gzip"``.

    ``name_hint`` is what the file's own name says of its session (empty where nothing);
    ``is_agent`` marks the file of a sub-agent. ``cwd`` is the working folder that the file's
    surroundings name, and ``modified_ms`` when it was last written, for formats whose records name
    neither. ``beside`` are files that belong to a document and are read with it (see ``Source.read``).
    ``began_ms`` is when the process that writes it began, for formats that count time from there.
    ``lineage`` are the sessions that it was forked from, the first of them first, for formats whose
    forks copy what was said before and whose records name no session. ``folders`` are working folders
    by the names that records have for them. What was logged before ``since_ms`` was not logged here.
    """

    path: Path
    compressed: str | None = None
    name_hint: str = ""
    is_agent: bool = False
    shape: Shape = Shape.LINES
    cwd: str | None = None
    beside: tuple[Path, ...] = ()
    modified_ms: int = 0
    began_ms: int = 0
    lineage: tuple[str, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()
    since_ms: int = 0


class Lookup(NamedTuple):
    """Columns of another table that each row of a table is given: those where ``theirs`` equals ``own``.

    They come as ``<table>.<column>``, or under ``named`` instead of the table's name. ``only``
    (column, value) picks one of several rows of the other table, ``is_any`` whichever comes first.
    """

    table: str
    own: str
    theirs: str
    columns: tuple[str, ...]
    only: tuple[str, str] | None = None
    named: str = ""
    is_any: bool = False


class Table(NamedTuple):
    """A table of a database, and how its changed rows are told.

    Rows come in the order of ``mark``, a column that grows with every change of a row
    (``rowid`` where rows are only added or replaced); of equal marks none is missed. ``prefix``
    (column, text) narrows to rows whose column begins with the text. A column that the database
    lacks is ``None`` in every row; a table that it lacks has no rows.
    """

    name: str
    columns: tuple[str, ...]
    mark: str = "rowid"
    lookups: tuple[Lookup, ...] = ()
    prefix: tuple[str, str] | None = None


class Source(Protocol):
    """A coding assistant whose logs lie on this computer.

    ``read`` gets whole lines only (each ends in a newline) and the state that the previous
    ``read`` of the same file returned (``b""`` at the file's start). It returns the facts and
    the next state, which is kept in the database between runs. Any cutting of a file into
    chunks of whole lines yields the same facts once merged by their keys.
    ``base_offset`` is where the chunk begins in the (decompressed) file, in bytes.
    ``with_edits=False`` reads usage only: sessions, prompts, requests.

    Of a ``DOCUMENT`` the chunk is the whole content; with ``beside`` files it is one JSON object
    that holds each file's content under the file's name. Of a ``DATABASE`` the chunk is lines,
    one a row: ``{"table": "message", "row": {"id": "...", ...}}``; the source is ``Tabular``.
    """

    name: str

    def roots(self, home: LogsHome) -> list[Path]:
        """Folders that are looked into, whether they exist or not."""
        ...

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every log file there is now. Unreadable folders and symlink loops are passed over."""
        ...

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        ...


@runtime_checkable
class Scanning(Protocol):
    """What a source may offer besides, so that a sweep over many unchanged files costs little."""

    def scan(self, home: LogsHome) -> Iterator[tuple[str, os.stat_result]]:
        """Path and state of each file that ``files`` gives, in its order."""
        ...

    def log_file(self, path: str) -> LogFile:
        """The file that ``files`` gives for a path of ``scan``."""
        ...


@runtime_checkable
class Tabular(Protocol):
    """A source some of whose logs are databases."""

    def tables(self, file: LogFile) -> Sequence[Table]:
        """What is read of a database, in the order in which it is read."""
        ...


@runtime_checkable
class Scattered(Protocol):
    """A source whose logs lie in folders too large to be watched whole."""

    def watched(self, home: LogsHome) -> list[Path]:
        """The folders of ``roots`` that may be watched; logs elsewhere are looked at by and by."""
        ...
