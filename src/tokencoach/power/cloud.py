"""The energy of tokens that a datacentre made: an order of magnitude with its sources, never added to watts.

No published method is valid for a coding assistant, most of whose tokens are cached input; so cached tokens
are taken as nothing to a tenth of fresh ones, and the band is wide. Joules a token: output 0.3 to 15,
fresh input 0.1 to 1.5.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tokencoach.usage.tokens import TokenCounts

_OUTPUT_J: Final = (0.3, 15.0)
_INPUT_J: Final = (0.1, 1.5)
_CACHED_J: Final = (0.0, 0.15)
_J_A_WH: Final = 3600.0
SOURCES: Final = (
    "ML.ENERGY leaderboard, 2026: 0.04 to 14 J an output token, open models of 8 to 405 billion parameters on H100",
    "Epoch AI, 2025: about 2.2 J an output token, 0.9 to 1.4 J an uncached input token (GPT-4o, pessimistic)",
    "Google, 2025: 0.24 Wh a median text prompt, boundary to the datacentre",
    "EcoLogits 0.11, 2026: 0.3 to 171 J an output token by guessed sizes; input is left out",
)


class Band(NamedTuple):
    """From and to, in watt-hours, each with one digit."""

    low_wh: float
    high_wh: float


def cloud_band(counts: TokenCounts) -> Band | None:
    """The band of some tokens; None without any."""
    if not counts.total:
        return None
    fresh = counts.input + counts.cache_write_5m + counts.cache_write_1h
    classes = ((counts.output, _OUTPUT_J), (fresh, _INPUT_J), (counts.cache_read, _CACHED_J))
    low, high = (sum(tokens * joules[side] for tokens, joules in classes) / _J_A_WH for side in (0, 1))
    return Band(one_digit(low, up=False), one_digit(high, up=True))


def one_digit(value: float, *, up: bool) -> float:
    """A value with one significant digit, rounded outwards."""
    if value <= 0:
        return 0.0
    power = math.floor(math.log10(value))
    digits = value / 10.0**power
    whole = math.ceil(digits - 1e-9) if up else math.floor(digits + 1e-9)
    return float(f"{whole}e{power}")
