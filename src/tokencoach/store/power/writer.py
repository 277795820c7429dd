"""Writing what sampling leaves: energies add up where a bucket comes twice, requests come once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from tokencoach.power.buckets import Bucket
    from tokencoach.power.reading import MeterInfo
    from tokencoach.power.served import Hour, Served, ServerId, Taken

_METER = """
INSERT INTO meter(name, scope, quality, reads, label, source, part_of) VALUES(?,?,?,?,?,?,?)
ON CONFLICT(name) DO UPDATE SET scope = excluded.scope, quality = excluded.quality, reads = excluded.reads,
  label = excluded.label, source = excluded.source, part_of = excluded.part_of RETURNING id"""
_ENERGY = """
INSERT INTO energy VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET energy_uj = energy_uj + excluded.energy_uj,
  covered_ms = covered_ms + excluded.covered_ms, gap_ms = gap_ms + excluded.gap_ms"""
_SERVER = """
INSERT INTO inference_server(kind, pid, started_ms) VALUES(?,?,?)
ON CONFLICT(pid, started_ms) DO UPDATE SET kind = excluded.kind RETURNING id"""
_SERVED = """
INSERT INTO served_request(server_id, slot, task, model, start_ms, end_ms, first_token_ms, prompt, cached, generated,
  measured, total_uj, marginal_uj, prefill_uj, quality, scopes, why_not, assumes)
VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"""
_COUNTS = (
    "processing_ms", "idle_ms", "sleeping_ms", "unknown_ms", "resident_uj", "resident_known_ms", "cpu_ms", "prompt",
    "cached", "generated",
)  # fmt: skip
_HOUR = (
    f"INSERT INTO served_hour(server_id, model, start_ms, {', '.join(_COUNTS)}) VALUES(?,?,?{',?' * len(_COUNTS)}) "
    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in _COUNTS)}"
)


def put_power(connection: sqlite3.Connection, taken: Taken) -> None:
    """Store all of it; called inside a transaction, and once for each ``taken``."""
    for info, buckets in taken.meters:
        _put_meter(connection, info, buckets)
    servers: dict[ServerId, int] = {}
    for server in (*(it.server for it in taken.served), *(it.server for it in taken.hours)):
        if server not in servers:
            row = connection.execute(_SERVER, (server.kind.value, server.pid, server.started_ms)).fetchone()
            servers[server] = int(row[0])
    connection.executemany(_SERVED, [_served_row(servers[item.server], item) for item in taken.served])
    connection.executemany(_HOUR, [_hour_row(servers[item.server], item) for item in taken.hours])


def _put_meter(connection: sqlite3.Connection, info: MeterInfo, buckets: tuple[Bucket, ...]) -> None:
    values = (
        info.id,
        info.scope.value,
        info.quality.value,
        info.reads.value,
        info.name,
        info.source,
        info.part_of,
    )
    meter = int(connection.execute(_METER, values).fetchone()[0])
    rows = [(meter, it.start_ms, it.energy_uj, it.covered_ms, it.gap_ms) for it in buckets]
    connection.executemany(_ENERGY, rows)


def _served_row(server: int, item: Served) -> tuple[object, ...]:
    energy = item.energy
    return (
        server, item.slot, item.task, item.model, item.start_ms, item.end_ms, item.first_token_ms, item.prompt,
        item.cached, item.generated, energy.tokens, energy.total_uj, energy.marginal_uj, energy.prefill_uj,
        energy.quality.value, " ".join(energy.scopes), energy.why_not, energy.assumes,
    )  # fmt: skip


def _hour_row(server: int, item: Hour) -> tuple[object, ...]:
    return (server, item.model, item.start_ms, *(getattr(item, name) for name in _COUNTS))
