"""Energy of local inference in an audit: of the sessions it judges, and what of it ended in shipped code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.power.reading import Quality, worst
from tokencoach.store.power_rows import session_energy
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.audit.allocate import Ledger
    from tokencoach.store.connect import Connection

_UJ_A_WH = 3.6e9


class EnergySpent(NamedTuple):
    """Watt-hours of requests whose energy was measured, with the worst badge; None where none was.

    ``shipped_share`` is the part that ended in shipped code: each session's energy goes where its
    tokens went. It is None where no measured request belongs to a known session.
    """

    wh: float | None
    quality: Quality
    shipped_share: float | None


NO_ENERGY = EnergySpent(None, Quality.NONE, None)


def energy_spent(
    connection: Connection,
    span_ms: tuple[int, int],
    ledgers: Mapping[int, Ledger],
    *,
    with_unknown: bool,
) -> EnergySpent:
    """Energy of some sessions in a span; ``with_unknown`` adds requests that no session asked for."""
    found = [
        row
        for row in session_energy(connection, *span_ms)
        if row.measured and (row.session in ledgers or (row.session is None and with_unknown))
    ]
    if not found:
        return NO_ENERGY
    quality = worst(Quality(name) for row in found for name in row.qualities)
    known = [(row.total_uj, _shipped(ledgers[row.session])) for row in found if row.session is not None]
    whole = sum(uj for uj, _ in known)
    share = sum(uj * part for uj, part in known) / whole if whole else None
    return EnergySpent(sum(row.total_uj for row in found) / _UJ_A_WH, quality, share)


def _shipped(ledger: Ledger) -> float:
    """The part of a session's tokens that ended in shipped code."""
    whole = ledger.total.tokens
    shipped = sum(
        amount.tokens for outcome, amount in ledger.by_outcome.items() if outcome.bucket is Bucket.SHIPPED
    )
    return shipped / whole if whole else 0.0
