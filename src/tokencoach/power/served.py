"""What sampling leaves to be stored: requests that ended, hours of servers, buckets of meters."""

from __future__ import annotations

import msgspec

from tokencoach.power.account import Energy
from tokencoach.power.buckets import Bucket
from tokencoach.power.reading import MeterInfo
from tokencoach.power.servers.seen import ServerKind


class ServerId(msgspec.Struct, frozen=True):
    """A server process: its id and the milliseconds since 1970 at which it started."""

    kind: ServerKind
    pid: int
    started_ms: int


class Served(msgspec.Struct, frozen=True):
    """A request that a server worked on, as its slots showed it; times are UTC milliseconds.

    Tokens are a lower bound: what was written between the last look and the end was not seen.
    """

    server: ServerId
    slot: int
    task: int
    model: str
    start_ms: int
    end_ms: int
    first_token_ms: int | None
    prompt: int
    cached: int
    generated: int
    energy: Energy


class Hour(msgspec.Struct):
    """What one server did with one model in one hour of UTC; hours of the same key are added up.

    ``resident_uj`` is what the waiting model cost above an empty device, ``resident_known_ms`` the part
    of ``idle_ms`` for which that is known. Tokens are the server's own totals where it shows them.
    """

    server: ServerId
    model: str
    start_ms: int
    processing_ms: int = 0
    idle_ms: int = 0
    sleeping_ms: int = 0
    unknown_ms: int = 0
    resident_uj: int = 0
    resident_known_ms: int = 0
    cpu_ms: int = 0
    prompt: int = 0
    cached: int = 0
    generated: int = 0


class Taken(msgspec.Struct, frozen=True):
    """Everything that is ready to be stored."""

    meters: tuple[tuple[MeterInfo, tuple[Bucket, ...]], ...] = ()
    served: tuple[Served, ...] = ()
    hours: tuple[Hour, ...] = ()
