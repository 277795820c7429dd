"""A database as an earlier release made it, with the rows of today's."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Database

from tokencoach.store.formats import migrations

if TYPE_CHECKING:
    from pathlib import Path


def to_format(database: Path, number: int, left_out: str) -> None:
    """The same rows in a database as an earlier release made it; ``left_out`` is the first later migration."""
    older = database.with_name("older.db")
    connection = sqlite3.connect(older, isolation_level=None)
    migrations().apply(Database(connection), stop_before=left_out)
    connection.execute("ATTACH ? AS now", (str(database),))
    for (table,) in connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_sqlite%' ESCAPE '\\'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall():
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(
            f"INSERT OR REPLACE INTO main.{table}({columns}) SELECT {columns} FROM now.{table}"
        )
    application = connection.execute("PRAGMA now.application_id").fetchone()[0]
    connection.execute("DETACH now")
    connection.execute(f"PRAGMA application_id={application}")
    connection.execute(f"PRAGMA user_version={number}")
    connection.close()
    for part in database.parent.glob("tokencoach.db*"):
        part.unlink()
    older.rename(database)
