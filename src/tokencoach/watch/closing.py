"""Writing a closed month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.close import Closed, close_month
from tokencoach.store.close_rows import put_closed
from tokencoach.store.reader import Reader
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.audit.period import Period


def close_and_keep(database: Path, period: Period, now_ms: int) -> Closed:
    """Close a month; nothing is written where it is closed already and nothing has changed.

    Raises:
        TokencoachError: it is not over, has no request, or the database cannot be written.
    """
    with Writer(database, period.tz) as writer:
        closed = close_month(Reader(writer.connection), period, now_ms)
        if closed.row is not None:
            with writer.transaction() as connection:
                put_closed(connection, closed.row)
    return closed
