"""Reading energy and inference of a span: sums by meter, servers' hours, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.power.local_models import served_models
from tokencoach.store.usage_rows import usage_rows
from tokencoach.usage.tokens import TokenCounts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo


_AROUND_MS = 86_400_000


class MeterEnergy(NamedTuple):
    """A meter's energy in a span, in microjoules, and for how much of it that is known, in ms."""

    name: str
    scope: str
    quality: str
    part_of: str | None
    energy_uj: int
    covered_ms: int
    gap_ms: int


class ServerTime(NamedTuple):
    """What one kind of server did with one model in a span; times in ms, energies in microjoules."""

    kind: str
    model: str
    processing_ms: int
    idle_ms: int
    sleeping_ms: int
    unknown_ms: int
    resident_uj: int
    resident_known_ms: int
    cpu_ms: int
    prompt: int
    cached: int
    generated: int


class RequestEnergy(NamedTuple):
    """Requests of a span, those whose energy is known apart: counts, tokens written, microjoules."""

    requests: int
    measured: int
    tokens: int
    total_uj: int
    marginal_uj: int
    qualities: frozenset[str]


def energies(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[MeterEnergy]:
    """Each meter's energy from an instant up to another, by buckets of ten seconds."""
    rows = connection.execute(
        "SELECT m.name, m.scope, m.quality, m.part_of, sum(e.energy_uj), sum(e.covered_ms), sum(e.gap_ms) "
        "FROM meter m JOIN energy e ON e.meter_id = m.id WHERE e.start_ms >= ? AND e.start_ms < ? "
        "GROUP BY m.id ORDER BY m.name",
        (start_ms, end_ms),
    )
    return [MeterEnergy._make(row) for row in rows]


def server_times(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[ServerTime]:
    """What servers did, by kind and model, the busiest first; hours are counted whole."""
    rows = connection.execute(
        "SELECT s.kind, h.model, sum(processing_ms), sum(idle_ms), sum(sleeping_ms), sum(unknown_ms), "
        "sum(resident_uj), sum(resident_known_ms), sum(cpu_ms), sum(prompt), sum(cached), sum(generated) "
        "FROM served_hour h JOIN inference_server s ON s.id = h.server_id "
        "WHERE h.start_ms >= ? AND h.start_ms < ? GROUP BY s.kind, h.model ORDER BY sum(processing_ms) DESC, h.model",
        (start_ms, end_ms),
    )
    return [ServerTime._make(row) for row in rows]


class LoadedDay(NamedTuple):
    """A server's model on one day of UTC: times in ms, the waiting model's energy in microjoules."""

    start_ms: int
    kind: str
    model: str
    processing_ms: int
    idle_ms: int
    resident_uj: int
    resident_known_ms: int


def loaded_days(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[LoadedDay]:
    """Time in which models were loaded, by day, server and model; hours are counted whole."""
    rows = connection.execute(
        "SELECT min(h.start_ms), s.kind, h.model, sum(processing_ms), sum(idle_ms), sum(resident_uj), "
        "sum(resident_known_ms) FROM served_hour h JOIN inference_server s ON s.id = h.server_id "
        "WHERE h.start_ms >= ? AND h.start_ms < ? GROUP BY h.start_ms / 86400000, s.kind, h.model ORDER BY 1, 2, 3",
        (start_ms, end_ms),
    )
    return [LoadedDay._make(row) for row in rows]


def request_energy(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> RequestEnergy:
    """The requests that began in a span."""
    row = connection.execute(
        "SELECT count(*), count(total_uj), coalesce(sum(measured) FILTER (WHERE total_uj IS NOT NULL), 0), "
        "coalesce(sum(total_uj), 0), coalesce(sum(marginal_uj), 0), "
        "coalesce(group_concat(DISTINCT quality) FILTER (WHERE total_uj IS NOT NULL), '') "
        "FROM served_request WHERE start_ms >= ? AND start_ms < ?",
        (start_ms, end_ms),
    ).fetchone()
    *counts, qualities = row
    return RequestEnergy._make([*counts, frozenset(filter(None, qualities.split(",")))])


class SessionEnergy(NamedTuple):
    """Energy of local inference for one session (None: for no session that is known), in microjoules.

    ``requests`` were served, ``measured`` of them have an energy; ``qualities`` are the badges behind it.
    """

    session: int | None
    requests: int
    measured: int
    total_uj: int
    qualities: frozenset[str]


def session_energy(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[SessionEnergy]:
    """Energy of the requests that began in a span, by the session that asked for them."""
    rows = connection.execute(
        "SELECT r.session_id, count(*), count(p.total_uj), coalesce(sum(p.total_uj), 0), "
        "coalesce(group_concat(DISTINCT p.quality) FILTER (WHERE p.total_uj IS NOT NULL), '') "
        "FROM served_request p LEFT JOIN request r ON r.key = p.request_key "
        "WHERE p.start_ms >= ? AND p.start_ms < ? GROUP BY r.session_id",
        (start_ms, end_ms),
    )
    return [
        SessionEnergy._make([*row[:4], frozenset(filter(None, row[4].split(",")))]) for row in rows.fetchall()
    ]


def session_badges(connection: sqlite3.Connection, sessions: Sequence[int]) -> set[str]:
    """Badges of the meters behind the energy of some sessions."""
    marks = ",".join("?" * len(sessions))
    rows = connection.execute(
        "SELECT DISTINCT p.quality FROM request r JOIN served_request p ON p.request_key = r.key "
        f"WHERE r.session_id IN ({marks}) AND p.total_uj IS NOT NULL",
        list(sessions),
    )
    return {str(quality) for (quality,) in rows}


def unasked_energy(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> RequestJoules | None:
    """Energy of the requests that began in a span and that no session is known to have asked for."""
    energy_uj, badges = connection.execute(
        "SELECT sum(p.total_uj), group_concat(DISTINCT p.quality) FROM served_request p "
        "LEFT JOIN request r ON r.key = p.request_key "
        "WHERE p.start_ms >= ? AND p.start_ms < ? AND p.total_uj IS NOT NULL AND r.id IS NULL",
        (start_ms, end_ms),
    ).fetchone()
    return None if energy_uj is None else (energy_uj, frozenset(badges.split(",")))


RequestJoules = tuple[int, frozenset[str]]
"""Microjoules of one request, and the badges of the meters behind them."""


def request_joules(connection: sqlite3.Connection, first_ms: int, last_ms: int) -> dict[int, RequestJoules]:
    """Energy of assistants' requests made between two instants, by the request's row, where it is known."""
    rows = connection.execute(
        "SELECT r.id, sum(p.total_uj), group_concat(DISTINCT p.quality) FROM served_request p "
        "JOIN request r ON r.key = p.request_key "
        "WHERE p.total_uj IS NOT NULL AND p.start_ms BETWEEN ? AND ? GROUP BY r.id",
        (first_ms - _AROUND_MS, last_ms + _AROUND_MS),
    )
    return {request: (energy_uj, frozenset(badges.split(","))) for request, energy_uj, badges in rows}


def cloud_counts(connection: sqlite3.Connection, first: date, last: date, tz: ZoneInfo) -> TokenCounts:
    """Tokens of some days by models that did not run on this computer."""
    local = _local_models(connection)
    counts = TokenCounts()
    for model, _, *classes in usage_rows(connection, ("model",), first, last, tz):
        if model not in local:
            counts = counts.plus(TokenCounts._make(int(str(number)) for number in classes[:6]))
    return counts


def _local_models(connection: sqlite3.Connection) -> set[object]:
    ids = served_models(connection)
    names = {row[0] for row in connection.execute("SELECT DISTINCT model FROM served_request")}
    return names | {
        name for number, name in connection.execute("SELECT id, name FROM model") if number in ids
    }
