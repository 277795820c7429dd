"""Writing a closed month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.close import Closed, close_month
from tokencoach.coach.habits import frozen_with, habits_of
from tokencoach.coach.material import Material
from tokencoach.settings import Settings
from tokencoach.store.close_rows import put_closed
from tokencoach.store.reader import Reader
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.audit.period import Period


def close_and_keep(database: Path, period: Period, now_ms: int, settings: Settings | None = None) -> Closed:
    """Close a month with the habits that it shows; nothing is written where it is closed and nothing has changed.

    Raises:
        TokencoachError: it is not over, has no request, or the database cannot be written.
    """
    with Writer(database, period.tz) as writer:
        reader = Reader(writer.connection)
        closed = close_month(reader, period, now_ms)
        if closed.row is not None:
            habits = habits_of(Material.of_period(reader, period, now_ms, settings or Settings()))
            with writer.transaction() as connection:
                put_closed(connection, frozen_with(closed.row, habits))
    return closed
