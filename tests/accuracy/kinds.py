"""The register of the kinds of events that a history is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.play import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from accuracy.play import Event

KINDS: dict[str, Kind] = {}


def kind(days: float = 1.0, *, is_plain: bool = False, is_alone: bool = False) -> Callable[[Event], Event]:
    """Register a kind of event under its function's name; it needs so many days."""

    def register(act: Event) -> Event:
        name = act.__name__
        KINDS[name] = Kind(name, act, days, is_plain, is_alone)
        return act

    return register
