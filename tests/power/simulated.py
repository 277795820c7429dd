"""A simulated computer: a clock that a test turns, a GPU that draws as told, a server with slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from power.machine import at
from tokencoach.power.place import Place
from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Scope
from tokencoach.power.sampler import Sampler
from tokencoach.power.servers.seen import Look, ModelSeen, ServerKind, ServerSeen, Slot, State, Unanswered
from tokencoach.power.servers.use import Use

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.instant import Instant

INFO = MeterInfo(
    id="gpu:0",
    scope=Scope.GPU,
    quality=Quality.SENSOR,
    reads=Reads.COUNTER,
    name="simulated",
    source="simulated counter",
    most_mw=900_000,
)
MODEL = ModelSeen("tiny.gguf", 4096)


class Simulation:
    """Turn it with ``run``; change ``watts`` and ``look`` between."""

    def __init__(self, root: Path) -> None:
        self.seconds = 0.0
        self.energy_uj = 5_000_000_000.0
        self.watts = 20.0
        self.why_not: str | None = None
        self.looks: dict[int, Look] = {}
        self.sampler = Sampler(
            Place(root, "linux"),
            observer=self,  # type: ignore[arg-type]
            clock=lambda: at(self.seconds),
            search=lambda *_, **__: Found((self,)),
        )
        self.sampler.step()

    @property
    def info(self) -> MeterInfo:
        """The GPU's."""
        return INFO

    def read(self, now: Instant) -> Reading:
        """The GPU's counter."""
        if self.why_not:
            return Reading(now, why_not=self.why_not)
        return Reading(now, energy_uj=round(self.energy_uj))

    @property
    def unanswered(self) -> list[Unanswered]:
        """None."""
        return []

    def look(self, _: float) -> list[ServerSeen]:
        """The servers, each with a core of its own."""
        use = Use(self.seconds, 1 << 30)
        return [
            ServerSeen(
                ServerKind.LLAMA_SERVER, pid, 1.0, 9000 + pid, look, use.cpu_seconds, use.resident_bytes
            )
            for pid, look in self.looks.items()
        ]

    def idle(self, pid: int = 1) -> None:
        """The server waits with its model."""
        self.looks[pid] = Look(State.IDLE, (MODEL,), (Slot(0), Slot(1)))

    def work(self, *slots: Slot, pid: int = 1) -> None:
        """The server works on these slots."""
        self.looks[pid] = Look(State.PROCESSING, (MODEL,), slots)

    def run(self, seconds: int, tokens: int = 0) -> None:
        """Let time pass, a second a step; each working slot writes so many tokens a second."""
        for _ in range(seconds):
            self.seconds += 1
            self.energy_uj += self.watts * 1e6
            for pid, look in self.looks.items():
                if look.slots:
                    slots = tuple(
                        msgspec.structs.replace(it, decoded=it.decoded + tokens * it.is_processing)
                        for it in look.slots
                    )
                    self.looks[pid] = msgspec.structs.replace(look, slots=slots)
            self.sampler.step()


def slot(number: int, task: int, decoded: int = 0, prompt: int = 100) -> Slot:
    """A slot at work."""
    return Slot(number, task, prompt, 0, decoded, is_processing=True)
