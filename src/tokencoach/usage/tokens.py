"""Token counts per billing class, and the integer arithmetic that never loses one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class TokenCounts(NamedTuple):
    """Tokens of one or more requests, each class counted once.

    ``input`` is fresh input (cached tokens excluded) whatever the source logged;
    ``reasoning`` is a part of ``output`` and never added to it.
    """

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Input, cache read, both cache writes and output."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output

    def plus(self, other: TokenCounts) -> TokenCounts:
        """Class by class sum."""
        return TokenCounts(*(a + b for a, b in zip(self, other, strict=True)))


def split_exactly(amount: int, weights: Sequence[float]) -> list[int]:
    """Split an integer in proportion to weights; the parts add up to it exactly.

    Largest remainder method (Hamilton); ties go to the earlier part. Weights are not
    negative; where all are zero, the first part takes everything.
    """
    whole = sum(weights)
    if not weights:
        return []
    if whole <= 0:
        return [amount] + [0] * (len(weights) - 1)
    exact = [amount * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    missing = amount - sum(parts)
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    step = 1 if missing > 0 else -1
    for index in range(abs(missing)):
        parts[order[index % len(order)]] += step
    return parts
