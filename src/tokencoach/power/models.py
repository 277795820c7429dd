"""Sizes of open models, which of them a computer holds, and how fast it could answer at most.

Weights take about 4.85 bits a parameter in the common four-bit form (Q4_K_M; 4.25 in MXFP4), and each
token of context takes two sixteen-bit values a layer, key-value head and head dimension. Shapes are
those of the published configurations that a class is named after. An answer reaches between 0.45 and
0.8 of the ceiling that bandwidth sets: a range, not a promise; what was measured here stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from tokencoach.power.machine import Machine

_BITS: Final = 4.85
_REACHED: Final = (0.45, 0.8)
# The system and its programs keep a part of main memory; a graphics card keeps less.
_LEFT_OF_MAIN: Final = 0.70
_LEFT_OF_CARD: Final = 0.92
_WORK_BYTES: Final = 1 << 30
LEAST_CONTEXT: Final = 8_192


class ModelSize(msgspec.Struct, frozen=True):
    """A class of models: parameters in all and used for one token, in billions; bytes of context a token."""

    name: str
    billions: float
    active_billions: float
    context_bytes: int
    longest_context: int
    bits: float = _BITS

    @property
    def weight_bytes(self) -> int:
        """What its weights take in memory."""
        return round(self.billions * 1e9 * self.bits / 8)

    @property
    def read_bytes(self) -> int:
        """What is read of them for one token."""
        return round(self.active_billions * 1e9 * self.bits / 8)


def _cache(layers: int, heads: int, width: int) -> int:
    """Bytes a token of a sixteen-bit key-value cache."""
    return 2 * 2 * layers * heads * width


SIZES: Final = (
    ModelSize("4B dense (as Qwen3-4B)", 4.0, 4.0, _cache(36, 8, 128), 131_072),
    ModelSize("8B dense (as Qwen3-8B)", 8.2, 8.2, _cache(36, 8, 128), 131_072),
    ModelSize("14B dense (as Qwen3-14B)", 14.8, 14.8, _cache(40, 8, 128), 131_072),
    ModelSize("20B, 3.6B active (as gpt-oss-20b)", 20.9, 3.6, _cache(24, 8, 64), 131_072, 4.25),
    ModelSize("30B, 3.3B active (as Qwen3-Coder-30B-A3B)", 30.5, 3.3, _cache(48, 4, 128), 262_144),
    ModelSize("32B dense (as Qwen3-32B)", 32.8, 32.8, _cache(64, 8, 128), 131_072),
    ModelSize("70B dense (as Llama-3.3-70B)", 70.6, 70.6, _cache(80, 8, 128), 131_072),
    ModelSize("117B, 5.1B active (as gpt-oss-120b)", 116.8, 5.1, _cache(36, 8, 64), 131_072, 4.25),
)


class Fit(msgspec.Struct, frozen=True):
    """How a class of models runs on a computer.

    ``context`` is the tokens that fit beside its weights (0 where it does not fit), ``low`` and ``high``
    are tokens per second of an answer, None where no bandwidth is known. ``where`` is ``graphics`` or
    ``main memory``.
    """

    size: ModelSize
    where: str
    context: int
    low: float | None
    high: float | None

    @property
    def is_held(self) -> bool:
        """Whether it fits with a context that work can be done in."""
        return self.context >= LEAST_CONTEXT


def fits(machine: Machine, sizes: tuple[ModelSize, ...] = SIZES) -> tuple[Fit, ...]:
    """Each class, in graphics memory where it fits there, else in main memory."""
    return tuple(_best(machine, size) for size in sizes)


def _best(machine: Machine, size: ModelSize) -> Fit:
    own = [card for card in machine.accelerators if not card.is_unified]
    if own:
        # A model may lie over several cards of one kind; each token then reads them one after the other.
        room = sum(card.memory_bytes for card in own)
        slowest = min((card.bandwidth for card in own if card.bandwidth), default=None)
        on_card = _fit(size, "graphics", room * _LEFT_OF_CARD, slowest)
        if on_card.is_held:
            return on_card
    unified = next((card for card in machine.accelerators if card.is_unified), None)
    if unified is not None:
        return _fit(size, "unified memory", unified.memory_bytes, machine.bandwidth)
    return _fit(size, "main memory", (machine.memory_bytes or 0) * _LEFT_OF_MAIN, machine.bandwidth)


def _fit(size: ModelSize, where: str, room: float, bandwidth: float | None) -> Fit:
    left = room - size.weight_bytes - _WORK_BYTES
    context = max(0, min(size.longest_context, int(left // size.context_bytes)))
    low, high = (
        (None, None) if bandwidth is None else (bandwidth / size.read_bytes * part for part in _REACHED)
    )
    return Fit(size, where, context, low, high)
