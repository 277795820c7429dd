"""How far a long work is, told to whoever shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Gets called as work goes on; must return quickly."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` units (bytes of logs, commits, sessions) of a named stage."""
        ...


def silent(stage: str, done: int, total: int) -> None:
    """No one is told."""
