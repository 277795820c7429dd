"""Where the energy of local inference ended: by bucket, and session by session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.energy import UJ_A_WH, energy_of
from tokencoach.audit.month import Allocated
from tokencoach.power.reading import Quality, worst
from tokencoach.store.audit_rows import requests_between
from tokencoach.store.power.rows import session_energy
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from tokencoach.audit.period import Period
    from tokencoach.store.reader import Reader


class SessionEnds(NamedTuple):
    """A session whose requests were measured; ``shipped_share`` is None where their energy was zero."""

    session: int
    session_id: str
    project: str
    wh: float
    quality: Quality
    shipped_share: float | None


class EnergyEnded(NamedTuple):
    """Watt-hours of measured requests by where their code ended; ``unasked_wh`` is of no known session.

    ``shipped_share`` is of the energy of known sessions, and None where there is none.
    """

    quality: Quality
    buckets: tuple[tuple[Bucket, float], ...]
    sessions: tuple[SessionEnds, ...]
    unasked_wh: float = 0.0

    @property
    def wh(self) -> float:
        """Energy in watt-hours of the sessions that are known."""
        return sum(wh for _, wh in self.buckets)

    @property
    def shipped_share(self) -> float | None:
        """The part that ended in shipped code."""
        return dict(self.buckets).get(Bucket.SHIPPED, 0.0) / self.wh if self.wh else None


def energy_ended(reader: Reader, period: Period, as_of_ms: int) -> EnergyEnded | None:
    """The measured requests of a period; only their sessions are judged. None where none was measured."""
    until = min(period.until_ms, as_of_ms + 1)
    measured = [it for it in session_energy(reader.connection, period.since_ms, until) if it.measured]
    if not measured:
        return None
    asked = {it.session for it in measured if it.session is not None}
    rows = (
        row for row in requests_between(reader.connection, period.since_ms, until) if row.session in asked
    )
    found = Allocated(reader, period, as_of_ms, rows)
    return EnergyEnded(
        quality=worst(Quality(name) for it in measured for name in it.qualities),
        buckets=_buckets(found),
        sessions=tuple(sorted(_sessions(found), key=lambda one: (-one.wh, one.session))),
        unasked_wh=sum(it.total_uj for it in measured if it.session is None) / UJ_A_WH,
    )


def _buckets(found: Allocated) -> tuple[tuple[Bucket, float], ...]:
    wh = dict.fromkeys(Bucket, 0.0)
    for outcome, amount in found.whole.by_outcome.items():
        wh[outcome.bucket] += amount.energy_uj / UJ_A_WH
    return tuple(wh.items())


def _sessions(found: Allocated) -> list[SessionEnds]:
    ends = []
    for session, judged in found.judged.items():
        spent = energy_of(found.ledger(session))
        if spent.wh is not None:
            ends.append(
                SessionEnds(
                    session,
                    judged.facts.session_id,
                    found.project(judged),
                    spent.wh,
                    spent.quality,
                    spent.shipped_share,
                )
            )
    return ends
