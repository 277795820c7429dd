"""The newest figures of power and inference, and ten minutes of history: what the Power screen shows.

The process that samples writes them to one small file, replaced as a whole, so that whoever shows them
touches neither a sensor nor a server. Format: MessagePack of ``Live``.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.power.estimate import Estimate
from tokencoach.power.reading import Quality, Scope
from tokencoach.power.servers.seen import ServerKind, State, Unanswered

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = 2
HISTORY: Final = 600
_FRESH_MS: Final = 15_000


class MeterLive(msgspec.Struct, frozen=True):
    """A meter now: its watts, or why there are none; ``idle_watts`` is its learned quiet power with these models."""

    id: str
    scope: Scope
    quality: Quality
    name: str
    source: str
    watts: float | None = None
    idle_watts: float | None = None
    why_not: str | None = None
    is_added: bool = True


class ServerLive(msgspec.Struct, frozen=True):
    """A server now. ``joules_per_token`` is of the last request whose energy is known, writing only.

    ``joules_of`` names what it was measured in, ``joules_why`` what is missing or assumed. ``resident_watts``
    is what keeping its model costs above an empty device, where that was learned.
    ``cpu_seconds_per_token`` is over the tokens written since it was first seen, None before the first.
    """

    kind: ServerKind
    pid: int
    port: int
    model: str | None
    state: State
    context: int | None = None
    slots: int | None = None
    busy_slots: int | None = None
    tokens_per_second: float | None = None
    prompt_tokens: int | None = None
    generated_tokens: int | None = None
    cpu_percent: float | None = None
    cpu_seconds_per_token: float | None = None
    resident_bytes: int | None = None
    idle_seconds: float = 0.0
    joules_per_token: float | None = None
    prefill_joules_per_token: float | None = None
    joules_of: tuple[str, ...] = ()
    joules_quality: Quality = Quality.NONE
    joules_why: str | None = None
    resident_watts: float | None = None
    resident_wh: float | None = None
    why_not: str | None = None


class Point(msgspec.Struct, frozen=True, array_like=True):
    """A moment of the history: UTC milliseconds, watts, tokens per second, whether any server worked."""

    at_ms: int
    watts: float | None
    tokens_per_second: float | None
    is_busy: bool


class Live(msgspec.Struct, frozen=True):
    """Everything that is known now. ``watts`` adds the meters that may be added, or is the computer's.

    ``idle_watts`` are theirs with these models and nothing to do, ``empty_watts`` without a model; None
    while that is being learned. ``estimate`` is there where nothing measures and the person asked for it.
    """

    at_ms: int
    watts: float | None
    idle_watts: float | None
    quality: Quality
    scopes: tuple[str, ...]
    meters: tuple[MeterLive, ...]
    servers: tuple[ServerLive, ...]
    refusals: tuple[tuple[str, str, str | None], ...]
    unanswered: tuple[Unanswered, ...]
    guest: str | None
    own_cpu_percent: float | None
    history: tuple[Point, ...] = ()
    empty_watts: float | None = None
    estimate: Estimate | None = None
    is_simulated: bool = False
    version: int = VERSION

    @property
    def marginal_watts(self) -> float | None:
        """What is drawn above the waiting model; None where either side is not known."""
        if self.watts is None or self.idle_watts is None:
            return None
        return max(self.watts - self.idle_watts, 0.0)


def publish(live: Live, path: Path) -> None:
    """Replace the file as a whole; a reader sees the old figures or the new ones.

    Raises:
        OSError: the folder cannot be written.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(live))
        os.replace(name, path)  # noqa: PTH105 - one call on every system
    except OSError:
        os.unlink(name)  # noqa: PTH108 - as above
        raise


def published(path: Path) -> Live | None:
    """The figures that were last written; None where there are none or another version wrote them."""
    try:
        live = msgspec.msgpack.decode(path.read_bytes(), type=Live)
    except (OSError, msgspec.DecodeError):
        return None
    return live if live.version == VERSION else None


def current(path: Path, now_ms: int) -> Live | None:
    """The published figures, None where whoever keeps them has stopped."""
    live = published(path)
    return live if live is not None and abs(now_ms - live.at_ms) < _FRESH_MS else None
