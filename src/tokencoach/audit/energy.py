"""Energy of local inference in an audit: of the sessions it judges, and what of it ended in shipped code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.power.reading import Quality, worst
from tokencoach.store.power.rows import unasked_energy
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from tokencoach.audit.allocate import Ledger
    from tokencoach.store.connect import Connection

UJ_A_WH = 3.6e9


class EnergySpent(NamedTuple):
    """Watt-hours of requests whose energy was measured, with the worst badge; None where none was.

    ``shipped_share`` is the part that ended in shipped code: a request's energy goes where its
    tokens went. It is None where no measured request belongs to a known session.
    """

    wh: float | None
    quality: Quality
    shipped_share: float | None


NO_ENERGY = EnergySpent(None, Quality.NONE, None)


def energy_of(ledger: Ledger) -> EnergySpent:
    """Energy of a ledger's requests."""
    if not ledger.qualities:
        return NO_ENERGY
    whole = ledger.total.energy_uj
    shipped = sum(
        amount.energy_uj for outcome, amount in ledger.by_outcome.items() if outcome.bucket is Bucket.SHIPPED
    )
    return EnergySpent(whole / UJ_A_WH, _worst(ledger.qualities), shipped / whole if whole else None)


def energy_spent(
    connection: Connection, span_ms: tuple[int, int], ledger: Ledger, *, with_unknown: bool
) -> EnergySpent:
    """Energy of a period; ``with_unknown`` adds requests that no session asked for."""
    known = energy_of(ledger)
    unasked = unasked_energy(connection, *span_ms) if with_unknown else None
    if unasked is None:
        return known
    energy_uj, badges = unasked
    return EnergySpent(
        (known.wh or 0.0) + energy_uj / UJ_A_WH, _worst(badges | ledger.qualities), known.shipped_share
    )


def _worst(badges: set[str] | frozenset[str]) -> Quality:
    return worst(Quality(name) for name in badges)
