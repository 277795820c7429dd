"""Every detector, in the order in which they are told where nothing tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.coach.detectors import (
    abandoned,
    dear_session,
    full_context,
    idle_model,
    oversize_model,
    retyped_prompt,
)

if TYPE_CHECKING:
    from tokencoach.coach.finding import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    full_context.DETECTOR,
    oversize_model.DETECTOR,
    dear_session.DETECTOR,
    abandoned.DETECTOR,
    idle_model.DETECTOR,
    retyped_prompt.DETECTOR,
)
