"""Every detector, in the order in which they are told where nothing tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.coach.detectors import (
    abandoned,
    compactions,
    dear_session,
    full_context,
    idle_model,
    loops,
    oversize_model,
    retry_storms,
    retyped_prompt,
    slot_machine,
)

if TYPE_CHECKING:
    from tokencoach.coach.finding import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    full_context.DETECTOR,
    loops.DETECTOR,
    retry_storms.DETECTOR,
    slot_machine.DETECTOR,
    compactions.DETECTOR,
    oversize_model.DETECTOR,
    dear_session.DETECTOR,
    abandoned.DETECTOR,
    idle_model.DETECTOR,
    retyped_prompt.DETECTOR,
)
