"""Log files as the database knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.keyed import FileCursor
from tokencoach.store.rollup import get_fact, put_fact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_READER_VERSION = "reader_version"
_UNSIGNED = 0xFFFFFFFFFFFFFFFF


def known_files(connection: sqlite3.Connection) -> dict[str, FileCursor]:
    """How far each log file has been read, by its path."""
    rows = connection.execute(
        "SELECT path, dev, inode, size, mtime_ns, offset, head, tail, state, usage_only, id, problem FROM log_file"
    )
    known = {row[0]: FileCursor(*row) for row in rows}
    for cursor in known.values():
        if cursor.inode < 0:
            cursor.inode &= _UNSIGNED
    return known


def mark_gone(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Note that log files have vanished; their rows stay."""
    connection.executemany(
        "UPDATE log_file SET is_gone=1 WHERE path=? AND is_gone=0", [(path,) for path in paths]
    )


def read_again_after_update(connection: sqlite3.Connection, version: str) -> None:
    """Forget how far files that were not wholly understood were read, where another version read them."""
    if get_fact(connection, _READER_VERSION) == version:
        return
    connection.execute(
        "UPDATE log_file SET offset=0, size=-1, mtime_ns=0, head=x'', tail=x'', state=x'' "
        "WHERE problem IS NOT NULL OR id IN (SELECT file_id FROM quarantine UNION SELECT file_id FROM silence)"
    )
    put_fact(connection, _READER_VERSION, version)


def forget_file_notes(connection: sqlite3.Connection, path: str) -> None:
    """Drop what was said about a file's own records, before it is read from its beginning again."""
    for table in ("quarantine", "unseen", "drift", "silence"):
        connection.execute(
            f"DELETE FROM {table} WHERE file_id IN (SELECT id FROM log_file WHERE path=?)",
            (path,),
        )
