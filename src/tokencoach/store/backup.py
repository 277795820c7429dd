"""The whole database in one file elsewhere, and back: copied by SQLite itself while others read and write."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.errors import DamagedInputError, TokencoachError, UsageError
from tokencoach.paths import shown
from tokencoach.store.connect import connect_backup, connect_reader, connect_writer, explain
from tokencoach.store.keepsake import restore as give_words_back
from tokencoach.store.rollup import get_fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.store.connect import Connection

FACT: Final = "last_backup"


class Backup(NamedTuple):
    """A backup that was made: where, when, how large, and the requests in it."""

    path: str
    at_ms: int
    size: int
    requests: int

    @property
    def is_in_place(self) -> bool:
        """Whether the file lies where it was written; a disk may not be connected."""
        return Path(self.path).is_file()


def back_up(database: Path, target: Path, at_ms: int) -> Backup:
    """Copy a database to a file, whole and checked or not at all; a file that is there is replaced.

    Raises:
        UsageError: the folder of the target cannot be written.
        TokencoachError: the disk is full.
        DamagedInputError: the database is damaged: no good backup is replaced by it.
    """
    with contextlib.closing(connect_reader(database)) as source, _beside(target) as made:
        with _explained(target), contextlib.closing(sqlite3.connect(made)) as copy:
            source.backup(copy)
            # One file without companions: a backup is carried about.
            copy.execute("PRAGMA journal_mode=DELETE")
        requests = checked(made)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        size = made.stat().st_size
        made.replace(target)
    return Backup(str(target), at_ms, size, requests)


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A new file of the target's folder, gone again unless it was moved into its place."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(
            f"{shown(target.parent)}: {error.strerror}", "name a file in a folder you can write"
        ) from error
    os.close(handle)
    made = Path(name)
    try:
        yield made
    except OSError as error:
        raise TokencoachError(f"{shown(target)}: {error.strerror}", "name another place") from error
    finally:
        made.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error


def checked(path: Path) -> int:
    """Read a backup through; how many requests are in it.

    Raises:
        UsageError: there is no such file.
        DamagedInputError: it is damaged, of another program, or of a newer one.
    """
    with contextlib.closing(connect_backup(path)) as connection:
        try:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            number = int(connection.execute("SELECT count(*) FROM request").fetchone()[0])
        except sqlite3.Error as error:
            raise DamagedInputError(f"{shown(path)} is damaged ({error})", "use another backup") from error
    if said != "ok":
        raise DamagedInputError(f"{shown(path)} is damaged: {said}", "use another backup")
    return number


def put_back(source: Path, database: Path) -> int:
    """Make the database what a backup holds, with the words that were said since; its requests.

    What stood there is copied over page by page by SQLite, in one transaction: a reader sees the one or
    the other. A database that is damaged is moved aside first, under a name of its own. A backup that an
    earlier release made is brought to today's format in its new place.

    Raises:
        TokencoachError: the backup is none, or the database cannot be written.
    """
    requests = checked(source)
    try:
        target = connect_writer(database)
    except DamagedInputError:
        _set_aside(database)
        target = connect_writer(database)
    with (
        contextlib.closing(target),
        contextlib.closing(connect_backup(source)) as backup,
        _explained(database),
    ):
        backup.backup(target)
    with contextlib.closing(connect_writer(database)) as restored, _explained(database):
        give_words_back(restored, database)
    database.chmod(0o600)
    return requests


def _set_aside(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.replace(database.with_name(f"{database.name}.damaged{suffix}"))


def note_backup(connection: Connection, made: Backup) -> None:
    """Remember the newest backup. Called inside a transaction."""
    connection.execute("INSERT OR REPLACE INTO fact VALUES(?,?)", (FACT, json.dumps(made._asdict())))


def last_backup(connection: Connection) -> Backup | None:
    """The newest backup that was made by the program; None where there is none."""
    said = get_fact(connection, FACT)
    with contextlib.suppress(ValueError, TypeError):
        return None if said is None else Backup(**json.loads(said))
    return None
