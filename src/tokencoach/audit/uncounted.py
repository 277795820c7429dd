"""What is said of answers whose logs tell no tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.numbers import count

if TYPE_CHECKING:
    from tokencoach.store.uncounted_rows import Uncounted


def estimate(one: Uncounted) -> str:
    """How many tokens such answers may have had, as a range that names itself an estimate."""
    low, high = one.tokens
    return (
        f"{count(one.answers)} answers without counts of tokens; by the length of their text about "
        f"{count(low)} to {count(high)} tokens of output (an estimate, in no total)"
    )
