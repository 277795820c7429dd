"""Every detector, in the order in which they are told where nothing tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.coach.detectors import compactions, full_context, loops, retry_storms, slot_machine

if TYPE_CHECKING:
    from tokencoach.coach.finding import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    full_context.DETECTOR,
    loops.DETECTOR,
    retry_storms.DETECTOR,
    slot_machine.DETECTOR,
    compactions.DETECTOR,
)
