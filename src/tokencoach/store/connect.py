"""Opening the database: one writer that migrates, any number of readers."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from tokencoach.errors import DamagedInputError, NothingToReadError, TokencoachError, UsageError
from tokencoach.paths import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Connection = sqlite3.Connection
"""A connection as the rooms above pass it on: they never run SQL on it themselves."""

_BUSY_MS = 5000
_CACHE_KIB = 32_768
_SMALL_CACHE_KIB = 4_096
# Most of a database are keys and texts of edits, 2 KB each: smaller pages hold one and are written more often.
_PAGE_BYTES = 8192
_CHECKPOINT_PAGES = 8192
# The migrations take a while to load; the numbers alone are needed to open a current file.
_SCHEMA_VERSION = 14
_APPLICATION_ID = 0x746F6B63


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection that may write; makes and migrates the database where that is due.

    Raises:
        DamagedInputError: corrupt, newer than this program, or no database of ours.
        TokencoachError: read-only, locked, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.close(fd)
    except IsADirectoryError as error:
        raise TokencoachError(
            f"{shown(path)} is a folder", "move it away: the database belongs there"
        ) from error
    except OSError as error:
        raise TokencoachError(
            f"{shown(path)}: cannot be opened for writing: {error.strerror}",
            f"make {shown(path.parent)} writable, or set TOKENCOACH_HOME to another folder",
        ) from error
    _bind_as_they_are()
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000)
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise explain(error, path) from error
    except TokencoachError:
        connection.close()
        raise
    return connection


def _bind_as_they_are() -> None:
    """Let bytes and nothing be bound without asking them first whether they adapt themselves.

    Python 3.11 raises and drops an error for each that has no adapter: a sixth of the time that writing takes.
    """
    sqlite3.register_adapter(bytes, bytes)
    sqlite3.register_adapter(type(None), cast("Callable[[None], None]", {}.get))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _checked_version(connection, path)
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    # Of a database that is there already this changes nothing.
    connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    # Keys are spread over the whole file: copying its pages back once per many commits saves most of that.
    connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    if version < _SCHEMA_VERSION:
        _migrate(connection, path, version)


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application not in (0, _APPLICATION_ID) or (application == 0 and tables and version == 0):
        raise DamagedInputError(f"{shown(path)} is a database of another program", "move it away")
    if version > _SCHEMA_VERSION:
        raise DamagedInputError(
            f"{shown(path)} was written by a newer tokencoach (format {version}, this one knows {_SCHEMA_VERSION})",
            "update tokencoach",
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    from tokencoach.store.formats import make, migrate  # noqa: PLC0415 - only where a migration is due
    from tokencoach.store.keepsake import restore  # noqa: PLC0415 - only for a new database

    if version:
        backup = path.with_name(f"{path.name}.format{version}.bak")
        with contextlib.closing(sqlite3.connect(backup)) as target:
            connection.backup(target)
        backup.chmod(0o600)
    # Marked as ours first: a process killed before the tables are whole leaves nothing strange behind.
    connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
    if version or not make(connection):
        migrate(connection)
    if not version:
        restore(connection, path)
    connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")


@contextlib.contextmanager
def small_cache(connection: sqlite3.Connection) -> Iterator[None]:
    """For work that holds much in memory itself and writes in the order of the tables' trees."""
    connection.execute(f"PRAGMA cache_size=-{_SMALL_CACHE_KIB}")
    connection.execute("PRAGMA shrink_memory")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read.

    Raises:
        NothingToReadError: there is no database yet.
        DamagedInputError: corrupt, or newer than this program.
    """
    if not path.exists():
        raise NothingToReadError(f"no database at {shown(path)} yet", "run: tokencoach ingest")
    try:
        connection = _read_only(path)
        version = _checked_version(connection, path)
    except sqlite3.Error as error:
        raise explain(error, path) from error
    if version < _SCHEMA_VERSION:
        connection.close()
        raise NothingToReadError(f"{shown(path)} has an older format", "run: tokencoach ingest")
    return connection


def is_earlier_format(connection: sqlite3.Connection) -> bool:
    """Whether an earlier release made the database, so that it waits to be brought to today's format."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) < _SCHEMA_VERSION


def connect_backup(path: Path) -> sqlite3.Connection:
    """A connection that can only read a database or a copy of one, which an earlier release may have made.

    Raises:
        UsageError: there is no such file.
        DamagedInputError: corrupt, newer than this program, or no database of ours.
    """
    if not path.is_file():
        raise UsageError(f"there is no backup at {shown(path)}", "name the file that tokencoach backup wrote")
    try:
        connection = _read_only(path)
        version = _checked_version(connection, path)
    except sqlite3.Error as error:
        raise DamagedInputError(f"{shown(path)} is damaged ({error})", "use another backup") from error
    if not version:
        connection.close()
        raise DamagedInputError(f"{shown(path)} is no backup of tokencoach", "use another file")
    return connection


def _read_only(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?mode=ro", uri=True, isolation_level=None, timeout=_BUSY_MS / 1000
    )
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA query_only=1")
    return connection


def explain(error: sqlite3.Error, path: Path) -> TokencoachError:
    """What an SQLite error means for a person, with the file and the mend."""
    text, where = str(error), shown(path)
    # The low byte is the primary code; what stands above it says which operation failed.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedInputError(
            f"{where} is damaged ({text})",
            f"move it away (mv {where} {where}.damaged) and run: tokencoach ingest  "
            "(the logs are read again; what you said is kept beside it)",
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return TokencoachError(
            f"{where} cannot be written further ({text}): the disk is full, or fails; nothing was lost",
            f"free space on the disk that holds {shown(path.parent)}, then run again",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return TokencoachError(
            f"{where} cannot be written ({text})",
            f"make it and its folder writable: chmod u+w {where} {shown(path.parent)}",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return TokencoachError(f"{where} is locked by another program", "close that program, then run again")
    return TokencoachError(f"{where}: {text}", "run: tokencoach doctor")


def explained(error: BaseException, path: Path) -> TokencoachError | None:
    """What an error met anywhere while reading the database means; None where it is not SQLite's."""
    return explain(error, path) if isinstance(error, sqlite3.Error) else None
