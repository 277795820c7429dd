"""The moment of a reading by three clocks: the wall's, one that never jumps, one that counts sleep."""

from __future__ import annotations

import sys
import time

import msgspec

from tokencoach.clock import now_ms

# Where Linux has a clock of its own for it, the monotonic clock of macOS goes on in sleep, unlike time.monotonic.
_NAME = "CLOCK_MONOTONIC" if sys.platform == "darwin" else "CLOCK_BOOTTIME"
_COUNTS_SLEEP: int | None = getattr(time, _NAME, None)


class Instant(msgspec.Struct, frozen=True, gc=False):
    """``wall_ms`` is UTC since 1970; ``monotonic_ns`` stands still in sleep, ``boot_ns`` does not.

    Where the system has no clock that counts sleep, both are equal.
    """

    wall_ms: int
    monotonic_ns: int
    boot_ns: int


def now() -> Instant:
    """This moment."""
    monotonic = time.monotonic_ns()
    boot = monotonic if _COUNTS_SLEEP is None else time.clock_gettime_ns(_COUNTS_SLEEP)
    return Instant(now_ms(), monotonic, boot)
