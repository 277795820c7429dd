"""Live tokens per second from what the slots have written, and the requests that the slots worked on."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from tokencoach.power.servers.seen import Look, Slot

_WINDOW_S: Final = 3.0


class RequestServed(msgspec.Struct):
    """One request as the slots showed it; times are monotonic seconds of our looks.

    ``prompt`` leaves out ``cached``. Counts are what was seen last: the end of a request between two
    looks is missed by at most one look's worth, which ``end`` minus the last look bounds.
    """

    slot: int
    task: int
    start: float
    end: float
    prompt: int = 0
    cached: int = 0
    decoded: int = 0
    first_token: float | None = None


class Rate:
    """Follows one server over its looks."""

    def __init__(self) -> None:
        self._open: dict[int, RequestServed] = {}
        self._written: deque[tuple[float, int]] = deque()
        self._last_total: int | None = None
        self._last_at: float | None = None

    def feed(self, look: Look, at: float) -> list[RequestServed]:
        """Take in a look; the requests that ended since the last one."""
        fresh, ended = 0, list[RequestServed]()
        if look.slots is not None:
            fresh, ended = self._slots(look.slots, at)
        elif look.generated_total is not None:
            if self._last_total is not None and look.generated_total >= self._last_total:
                fresh = look.generated_total - self._last_total
            self._last_total = look.generated_total
        if self._last_at is None:
            fresh = 0
        self._last_at = at
        self._written.append((at, fresh))
        while len(self._written) > 1 and self._written[1][0] <= at - _WINDOW_S:
            self._written.popleft()
        return ended

    @property
    def tokens_per_second(self) -> float | None:
        """Tokens written per second in the last three seconds; None until two looks were taken."""
        if len(self._written) < 2:
            return None
        seconds = self._written[-1][0] - self._written[0][0]
        return sum(fresh for _, fresh in list(self._written)[1:]) / seconds if seconds > 0 else None

    @property
    def working(self) -> list[RequestServed]:
        """Requests that are worked on now."""
        return list(self._open.values())

    def _slots(self, slots: tuple[Slot, ...], at: float) -> tuple[int, list[RequestServed]]:
        fresh, ended = 0, list[RequestServed]()
        there = {slot.id: slot for slot in slots if slot.is_processing}
        for number, request in list(self._open.items()):
            slot = there.get(number)
            if slot is None or slot.task != request.task:
                ended.append(self._open.pop(number))
        for number, slot in there.items():
            request = self._open.setdefault(
                number, RequestServed(number, -1 if slot.task is None else slot.task, at, at)
            )
            fresh += max(slot.decoded - request.decoded, 0)
            if slot.decoded and request.first_token is None:
                request.first_token = at
            request.end = at
            request.prompt = max(request.prompt, slot.prompt)
            request.cached = max(request.cached, slot.cached)
            request.decoded = max(request.decoded, slot.decoded)
        return fresh, ended
