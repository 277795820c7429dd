"""Bringing a database to today's format: an older one by its migrations, a new one by all of them at once."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from tokencoach.store.schema import add_migrations

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from sqlite_utils import Migrations

_NAME: Final = "tokencoach"
# As sqlite-utils makes and fills it: every later migration is its work.
_APPLIED: Final = (
    """CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
)""",
    """CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name")""",
)
_NOTE: Final = "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES(?,?,?)"


class Database(Protocol):
    """What a migration changes."""

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection to it."""


class Registry(Protocol):
    """Where migrations are told, each as a function under a decorator."""

    def __call__(self) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
        """The decorator of one."""


class _Made:
    """A new database: every migration that it is told is applied at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection
        self._at = str(datetime.now(UTC))

    def __call__(self) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
        return self._apply

    def _apply(self, step: Callable[[Database], None]) -> Callable[[Database], None]:
        step(self)
        self.conn.execute(_NOTE, (_NAME, step.__name__, self._at))
        return step


def migrations() -> Migrations:
    """Every migration, for sqlite-utils to apply those that a database lacks."""
    with _without("numpy", "pandas"):
        from sqlite_utils import Migrations  # noqa: PLC0415 - slow to import, only for an older database

    registry = Migrations(_NAME)
    add_migrations(registry)
    return registry


def make(connection: sqlite3.Connection) -> bool:
    """Fill an empty database, all or nothing; whether it was empty.

    The same migrations in one transaction and without sqlite-utils take a quarter of the time.
    """
    with _at_once(connection):
        is_empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if is_empty:
            for statement in _APPLIED:
                connection.execute(statement)
            add_migrations(_Made(connection))
    return is_empty


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the migrations that a database lacks, each once, and strike out what today's columns do not take."""
    registry = migrations()
    from sqlite_utils import Database  # noqa: PLC0415 - as above

    from tokencoach.store.impossible import strike_out  # noqa: PLC0415 - as above

    registry.apply(Database(connection, execute_plugins=False))
    with _at_once(connection):
        if strike_out(connection):
            # As after a change of the zone all days are summed up anew.
            connection.execute("DELETE FROM fact WHERE name = 'rollup_zone'")


@contextmanager
def _at_once(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has ended it already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _without(*packages: str) -> Iterator[None]:
    """Imports within do without packages that they would use where there are any, and that take long to load."""
    hidden = [name for name in packages if name not in sys.modules]
    blocked: dict[str, Any] = dict.fromkeys(hidden)
    sys.modules.update(blocked)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
