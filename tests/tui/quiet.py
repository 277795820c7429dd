"""When an app under test has nothing left to do: asked of its event loop, not of the clock."""

from __future__ import annotations

import asyncio
import math
from typing import Final

_SOON_S: Final = 0.15
"""A page waits for so long whether another letter of a word is typed."""
_LONGEST_S: Final = 3.0
_TICKING_S: Final = 0.5
"""A timer that always comes again, as that of an app which is about to end, is not waited for."""


def has_work() -> bool:
    """Whether something is ready to run in this loop."""
    return bool(asyncio.get_running_loop()._ready)  # type: ignore[attr-defined]


async def quiet(*_: float) -> None:
    """Wait until nothing is ready to run in this loop and no timer is due soon.

    Takes the place of textual's own waiting, which sleeps until the process used little of the processor for a
    while: on a computer that others load that is so before the work is done, and on one that rests it is a wait
    of 20 ms for each key that was dealt with long ago.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + _LONGEST_S
    slept_s = 0.0
    while loop.time() < until:
        # What threads hand over is taken in between two turns of the loop.
        await asyncio.sleep(0)
        if has_work():
            continue
        timers = loop._scheduled  # type: ignore[attr-defined]
        left_s = (
            min((timer.when() for timer in timers if not timer.cancelled()), default=math.inf) - loop.time()
        )
        if left_s > _SOON_S or slept_s > _TICKING_S:
            return
        slept_s += max(left_s, 0)
        await asyncio.sleep(max(left_s, 0))
