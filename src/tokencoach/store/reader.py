"""Reading the database: what every screen and verb asks for, without ever holding a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tokencoach.store.connect import connect_reader
from tokencoach.store.rollup import load_rates

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from tokencoach.store.rollup import RatesById


class Reader:
    """A read-only connection; one per thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._rates: RatesById | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def data_version(self) -> int:
        """Changes whenever another connection has committed; costs microseconds."""
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def rates(self) -> RatesById:
        """Prices of every model, read once per reader."""
        if self._rates is None:
            self._rates = load_rates(self.connection)
        return self._rates

    def models(self) -> dict[int, str]:
        """Model names by row."""
        return dict(self.connection.execute("SELECT id, name FROM model"))

    def has_requests(self) -> bool:
        """Whether any request was ever read."""
        return self.connection.execute("SELECT 1 FROM request LIMIT 1").fetchone() is not None


def open_reader(path: Path) -> Reader:
    """A reader of the database at ``path``.

    Raises:
        NothingToReadError: there is no database yet.
        DamagedInputError: it is corrupt, or newer than this program.
    """
    return Reader(connect_reader(path))
