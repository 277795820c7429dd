"""Sessions whose requests have the counts that a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.usage.tokens import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from tokencoach.demo.session import Session

SONNET = {"input": 3_000, "read": 300, "5m": 3_750, "1h": 6_000, "output": 15_000}
"""Nano-dollars a token of the model that made sessions use, for prompts up to 200,000 tokens."""


def counted(patch: pytest.MonkeyPatch, session: Session, counts: Iterable[TokenCounts]) -> None:
    """The session's next requests are billed so, one after the other."""
    told = iter(counts)
    patch.setattr(session, "draw_counts", lambda _output, _new: next(told))


def cached(
    read: int, written: int, *, hour: bool = False, output: int = 10, reasoning: int = 0
) -> TokenCounts:
    """A request that reads so much from the cache and writes so much to it, for an hour or five minutes."""
    short, long = (0, written) if hour else (written, 0)
    return TokenCounts(2, read, short, long, output, reasoning)
