"""Energy per request: each span of a device is split over the requests that were worked on meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.power.reading import Quality, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.power.reading import MeterInfo, Span
    from tokencoach.power.servers.rate import RequestServed
    from tokencoach.power.share import Share

_SHORTEST_PERIODS: Final = 2
_PATIENCE_S: Final = 30.0
TOO_SHORT: Final = "too short to measure; counted in the device's total"
NOT_SEEN: Final = "no reading of the meter fell into it; counted in the device's total"


class Energy(msgspec.Struct):
    """Microjoules of one request; ``marginal_uj`` is above what the waiting model draws anyway.

    ``prefill_uj`` went into reading the prompt, the rest of ``total_uj`` into writing the answer. None
    is what nobody can tell. ``why_not`` says what is missing: with a total, the total is a part only
    (of the devices in ``scopes``) and is never to be shown as the whole. ``tokens`` are those written
    in the measured time; ``assumes`` is what the shares rest on.
    """

    total_uj: int | None = None
    marginal_uj: int | None = None
    prefill_uj: int = 0
    quality: Quality = Quality.NONE
    scopes: tuple[str, ...] = ()
    why_not: str | None = None
    tokens: int = 0
    assumes: str | None = None


class _Work(NamedTuple):
    """What a request did since a device's last span."""

    tokens: int = 0
    seconds: float = 0.0
    reading: float = 0.0

    def more(self, tokens: int, seconds: float, *, reads: bool) -> _Work:
        return _Work(self.tokens + tokens, self.seconds + seconds, self.reading + seconds * reads)


_Key = tuple[int, int]


class _Device:
    """One device's side of the account: what was worked since its last span."""

    def __init__(self, info: MeterInfo) -> None:
        self.info = info
        self.work: dict[_Key, _Work] = {}


class Account:
    """The energy of one server's requests over all devices that can be told.

    Looks at the slots and readings of the meters need not fall together: work is collected by
    ``worked`` until ``spent`` splits a span over it. A request is closed once every device was read
    after its end, so that the tail of its work is not lost.
    """

    def __init__(self, infos: Sequence[MeterInfo]) -> None:
        self._devices = {info.id: _Device(info) for info in infos}
        self._open: dict[_Key, Energy] = {}
        self._refused: dict[_Key, dict[str, str]] = {}
        self._ended: dict[_Key, RequestServed] = {}
        self._tokens: dict[_Key, int] = {}

    def worked(self, request: RequestServed, tokens: int, seconds: float) -> None:
        """A request was worked on for some seconds and wrote so many tokens."""
        key = (request.slot, request.task)
        self._tokens[key] = self._tokens.get(key, 0) + tokens
        for device in self._devices.values():
            work = device.work.get(key, _Work())
            device.work[key] = work.more(tokens, seconds, reads=request.first_token is None)

    def ended(self, request: RequestServed) -> None:
        """A request was finished; its energy is told by ``closed`` as soon as it is known."""
        self._ended[request.slot, request.task] = request

    def spent(self, info: MeterInfo, span: Span, share: Share, waiting_watts: float | None) -> None:
        """Split a device's span over the work since its last one.

        ``share`` is the server's part of the device. ``waiting_watts`` is what the device draws with the
        model in memory and nothing to do; None while that is being learned.
        """
        device = self._devices.setdefault(info.id, _Device(info))
        work, device.work = device.work, {}
        if span.energy_uj is None or share.part is None:
            why = share.why_not or (span.gap.value if span.gap else "not measured")
            for key in work:
                self._refused.setdefault(key, {})[info.scope.value] = why
            return
        uj = round(span.energy_uj * share.part)
        busy = sum(item.seconds for item in work.values())
        for (key, item), part in zip(work.items(), _split(list(work.values()), uj), strict=True):
            energy = self._open.setdefault(key, Energy())
            self._charge(info, energy, item, part)
            energy.assumes = share.assumes or energy.assumes
            if waiting_watts is not None and busy:
                waiting = waiting_watts * 1e6 * span.seconds * share.part * item.seconds / busy
                energy.marginal_uj = (energy.marginal_uj or 0) + max(part - round(waiting), 0)

    @staticmethod
    def _charge(info: MeterInfo, energy: Energy, work: _Work, uj: int) -> None:
        energy.quality = worst([energy.quality, info.quality]) if energy.scopes else info.quality
        if info.scope.value not in energy.scopes:
            energy.scopes = (*energy.scopes, info.scope.value)
        energy.total_uj = (energy.total_uj or 0) + uj
        energy.prefill_uj += round(uj * work.reading / work.seconds) if work.seconds else 0

    def closed(self, now: float) -> list[tuple[RequestServed, Energy]]:
        """Requests that ended and whose energy will not change any more; ``now`` in monotonic seconds."""
        for key, request in self._ended.items():
            if now > request.end + _PATIENCE_S:
                for device in self._devices.values():
                    device.work.pop(key, None)
        waiting = {key for device in self._devices.values() for key in device.work}
        done = [key for key in self._ended if key not in waiting]
        return [(self._ended[key], self._close(key, self._ended.pop(key))) for key in done]

    def _close(self, key: _Key, request: RequestServed) -> Energy:
        energy = self._open.pop(key, Energy())
        energy.tokens = self._tokens.pop(key, 0)
        refused = self._refused.pop(key, {})
        missing = "; ".join(f"without {scope}: {why}" for scope, why in refused.items()) or None
        period = max((device.info.period_ms for device in self._devices.values()), default=0)
        if not self._devices:
            return Energy(why_not="no meter")
        if energy.total_uj is None:
            return Energy(why_not=missing or NOT_SEEN)
        if request.end - request.start < _SHORTEST_PERIODS * period / 1000:
            return Energy(why_not=TOO_SHORT)
        energy.why_not = missing
        return energy


def _split(work: Sequence[_Work], uj: int) -> list[int]:
    """Microjoules over requests: by tokens written, by time while any of them still reads its prompt."""
    reading = any(item.reading for item in work)
    weights = [item.seconds if reading else float(item.tokens) for item in work]
    if not sum(weights):
        weights = [item.seconds for item in work]
    whole = sum(weights)
    if not whole:
        weights, whole = [1.0] * len(work), float(len(work))
    parts: list[int] = []
    run, told = 0.0, 0
    for weight in weights:
        run += weight
        upto = round(uj * (run / whole))
        parts.append(upto - told)
        told = upto
    return parts
