"""What only the person could say, once more in a small file beside the database.

Logs and git can be read again; a word, a mark, a closed month or a link cannot. So they outlive a
database that is damaged and moved away: a new one begins with them.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Final

from tokencoach.store.leftovers import clear_leftovers
from tokencoach.store.rollup import get_fact, put_fact
from tokencoach.store.schema import SAID

if TYPE_CHECKING:
    from pathlib import Path

# Counted by triggers of the schema: whatever changes one of the tables, in whichever process.
VERSION_FACT: Final = "person_version"
_TABLES: Final = (*SAID, "repo")
_OF_REPO: Final = ("common_dir", "path", "phase", "ship")
_VERSION_AT: Final = slice(60, 64)


def keepsake_of(database: Path) -> Path:
    """The file beside a database."""
    return database.with_name(f"{database.stem}-words.db")


def keep(connection: sqlite3.Connection, database: Path) -> None:
    """Write the file anew where anything in it changed; a file that cannot be written waits for the next time."""
    with contextlib.suppress(OSError, sqlite3.Error):
        version = int(get_fact(connection, VERSION_FACT) or 0)
        target = keepsake_of(database)
        if version != _version(target):
            _write(connection, target, version)


def restore(connection: sqlite3.Connection, database: Path) -> None:
    """Give a new database what the file beside it holds; a damaged file is left as it is."""
    source = keepsake_of(database)
    if not _version(source):
        return
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(source)) as kept:
        for table in _TABLES:
            known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            names = [row[1] for row in kept.execute(f"PRAGMA table_info({table})") if row[1] in known]
            if names:
                rows = kept.execute(f"SELECT {', '.join(names)} FROM {table}")
                marks = ", ".join("?" * len(names))
                connection.executemany(
                    f"INSERT OR IGNORE INTO {table}({', '.join(names)}) VALUES({marks})", rows
                )
        put_fact(connection, VERSION_FACT, str(_version(source)))


def _version(path: Path) -> int:
    """The version in the header of an SQLite file (its format's user version); 0 where there is none."""
    try:
        with path.open("rb") as file:
            return int.from_bytes(file.read(100)[_VERSION_AT], "big")
    except OSError:
        return 0


def _write(connection: sqlite3.Connection, target: Path, version: int) -> None:
    new = target.with_name(f"{target.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    clear_leftovers(target)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(new)) as kept, kept:
            for table in _TABLES:
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                names = list(_OF_REPO) if table == "repo" else columns
                where = " WHERE phase IS NOT NULL OR ship IS NOT NULL" if table == "repo" else ""
                listed = ", ".join(names)
                kept.execute(f"CREATE TABLE {table}({listed})")
                kept.executemany(
                    f"INSERT INTO {table} VALUES({', '.join('?' * len(names))})",
                    connection.execute(f"SELECT {listed} FROM {table}{where}"),
                )
            kept.execute(f"PRAGMA user_version={version & 0x7FFFFFFF}")
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
