"""One server over its looks: what it worked on, how it spent its hours, and its energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.power.account import Account
from tokencoach.power.live import ServerLive
from tokencoach.power.served import Hour, Served, ServerId
from tokencoach.power.servers.rate import Rate
from tokencoach.power.servers.seen import ServerSeen, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.power.account import Energy
    from tokencoach.power.instant import Instant
    from tokencoach.power.reading import MeterInfo
    from tokencoach.power.servers.rate import RequestServed

HOUR_MS: Final = 3_600_000
_TIMES: Final = {State.PROCESSING: "processing_ms", State.IDLE: "idle_ms", State.SLEEPING: "sleeping_ms"}
_COUNTED: Final = (("prompt", "prompt_total"), ("cached", "cached_total"), ("generated", "generated_total"))


class Followed:
    """A server process from the first look at it to the last."""

    def __init__(self, seen: ServerSeen, at: Instant, infos: Sequence[MeterInfo]) -> None:
        self.seen = seen
        self.id = ServerId(seen.kind, seen.pid, round(seen.started * 1000))
        self.account = Account(infos)
        self.cpu_percent: float | None = None
        self._rate = Rate()
        self._looked = at
        self._hours: dict[tuple[str, int], Hour] = {}
        self._decoded: dict[tuple[int, int], int] = {}
        self._idle_ms = self._cpu_ms = self._generated = self._resident_uj = 0
        self._is_residency_known = False
        self._last_energy: tuple[RequestServed, Energy] | None = None
        self._unmeasured: str | None = None
        self._resident_watts: float | None = None
        self._take_in(seen, at)

    @property
    def model(self) -> str:
        """The model in memory, several by comma; empty where none is."""
        return ", ".join(model.name for model in self.seen.look.models)

    @property
    def is_off_gpu(self) -> bool:
        """Whether the server says that no part of its models is on a graphics card."""
        parts = [model.gpu_bytes for model in self.seen.look.models]
        return bool(parts) and all(part == 0 for part in parts)

    @property
    def is_busy(self) -> bool:
        """Whether it works on a request."""
        return self.seen.look.state is State.PROCESSING

    def look(self, seen: ServerSeen, at: Instant, ms: int) -> None:
        """A step of sampling: ``seen`` may be the one of an earlier step where it was not asked again."""
        self._pass(ms, at)
        if seen is not self.seen:
            self._count(self.seen, seen, at)
            self.seen = seen
            self._take_in(seen, at)

    def _hour(self, at: Instant) -> Hour:
        key = self.model, at.wall_ms - at.wall_ms % HOUR_MS
        return self._hours.setdefault(key, Hour(self.id, *key))

    def _pass(self, ms: int, at: Instant) -> None:
        look, hour = self.seen.look, self._hour(at)
        name = _TIMES.get(look.state, "unknown_ms")
        setattr(hour, name, getattr(hour, name) + ms)
        if look.state is State.IDLE and look.models:
            self._idle_ms += ms

    def _count(self, before: ServerSeen, after: ServerSeen, at: Instant) -> None:
        """What the server's own counters and its CPU time moved by."""
        hour = self._hour(at)
        for name, total in _COUNTED:
            old, new = getattr(before.look, total), getattr(after.look, total)
            if old is not None and new is not None and new > old:
                setattr(hour, name, getattr(hour, name) + new - old)
                self._generated += (new - old) * (name == "generated")
        if before.cpu_seconds is not None and after.cpu_seconds is not None:
            spent = max(after.cpu_seconds - before.cpu_seconds, 0.0)
            seconds = (at.monotonic_ns - self._looked.monotonic_ns) / 1e9
            self.cpu_percent = 100 * spent / seconds if seconds > 0 else None
            hour.cpu_ms += round(spent * 1000)
            self._cpu_ms += round(spent * 1000)

    def _take_in(self, seen: ServerSeen, at: Instant) -> None:
        seconds = (at.monotonic_ns - self._looked.monotonic_ns) / 1e9
        self._looked = at
        for request in self._rate.feed(seen.look, at.monotonic_ns / 1e9):
            self._decoded.pop((request.slot, request.task), None)
            self.account.ended(request)
            if seen.look.generated_total is None:
                hour = self._hour(at)
                hour.prompt += request.prompt
                hour.cached += request.cached
                hour.generated += request.decoded
                self._generated += request.decoded
        for request in self._rate.working:
            key = request.slot, request.task
            before = self._decoded.get(key)
            self._decoded[key] = request.decoded
            if before is not None:
                self.account.worked(request, request.decoded - before, seconds)

    def rest(self, at: Instant, ms: int, watts: float | None) -> None:
        """Idle time with a model in memory, and what that costs above an empty device."""
        hour = self._hour(at)
        self._resident_watts = watts
        if watts is not None:
            hour.resident_known_ms += ms
            hour.resident_uj += round(watts * ms * 1000)
            self._resident_uj += round(watts * ms * 1000)
            self._is_residency_known = True

    def end(self) -> None:
        """The process is gone: what it worked on has ended."""
        for request in self._rate.working:
            self.account.ended(request)

    def served(self, at: Instant) -> list[Served]:
        """Requests that ended and whose energy is known as far as it ever will be."""
        found = []
        for request, energy in self.account.closed(at.monotonic_ns / 1e9):
            if energy.total_uj is not None:
                self._last_energy = request, energy
            self._unmeasured = energy.why_not
            found.append(self._served(request, energy, at))
        return found

    def _served(self, request: RequestServed, energy: Energy, at: Instant) -> Served:
        def wall(seconds: float) -> int:
            return at.wall_ms - round(at.monotonic_ns / 1e6 - seconds * 1000)

        first = request.first_token
        return Served(
            server=self.id,
            slot=request.slot,
            task=request.task,
            model=self.model,
            start_ms=wall(request.start),
            end_ms=wall(request.end),
            first_token_ms=None if first is None else wall(first),
            prompt=request.prompt,
            cached=request.cached,
            generated=request.decoded,
            energy=energy,
        )

    def hours(self) -> list[Hour]:
        """What was counted since the last call."""
        hours, self._hours = list(self._hours.values()), {}
        return hours

    def live(self) -> ServerLive:
        """The figures to show."""
        look = self.seen.look
        working = self._rate.working
        # A llama.cpp server counts a request's tokens at its end: those on the way are in its slots.
        on_the_way = sum(request.decoded for request in working)
        generated = self._generated if look.generated_total is None else look.generated_total
        written = self._generated + on_the_way
        decode, prefill = self._joules()
        return ServerLive(
            kind=self.seen.kind,
            pid=self.seen.pid,
            port=self.seen.port,
            model=self.model or None,
            state=look.state,
            context=look.models[0].context if look.models else None,
            slots=None if look.slots is None else len(look.slots),
            busy_slots=look.running,
            tokens_per_second=self._rate.tokens_per_second,
            prompt_tokens=look.prompt_total,
            generated_tokens=None
            if look.generated_total is None and look.slots is None
            else generated + on_the_way,
            cpu_percent=self.cpu_percent,
            cpu_seconds_per_token=self._cpu_ms / 1000 / written if written else None,
            resident_bytes=self.seen.resident_bytes,
            idle_seconds=self._idle_ms / 1000,
            joules_per_token=decode,
            prefill_joules_per_token=prefill,
            **self._told_of_joules(),
            resident_watts=self._resident_watts,
            resident_wh=self._resident_uj / 3.6e9 if self._is_residency_known else None,
            why_not=look.why_not,
        )

    def _told_of_joules(self) -> dict[str, Any]:
        """Behind the joules of the last request: in what they were measured, how well, and what is missing."""
        if self._last_energy is None:
            return {"joules_why": self._unmeasured}
        energy = self._last_energy[1]
        why = "; ".join(text for text in (energy.why_not, energy.assumes) if text) or None
        return {"joules_of": energy.scopes, "joules_quality": energy.quality, "joules_why": why}

    def _joules(self) -> tuple[float | None, float | None]:
        """Of the last request that could be told: joules a token written, joules a token read."""
        if self._last_energy is None:
            return None, None
        request, energy = self._last_energy
        total, tokens = energy.total_uj or 0, energy.tokens
        decode = (total - energy.prefill_uj) / 1e6 / tokens if tokens else None
        return (
            decode,
            energy.prefill_uj / 1e6 / request.prompt if request.prompt and energy.prefill_uj else None,
        )
