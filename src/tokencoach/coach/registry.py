"""Every detector, in the order in which they are told where nothing tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.coach.detectors import (
    abandoned,
    agent_reading,
    cache_writes,
    compactions,
    dear_session,
    full_context,
    idle_model,
    loops,
    oversize_model,
    parallel_sessions,
    reasoning,
    retry_storms,
    retyped_prompt,
    slot_machine,
    standing,
    worktree_cache,
)

if TYPE_CHECKING:
    from tokencoach.coach.finding import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    full_context.DETECTOR,
    loops.DETECTOR,
    retry_storms.DETECTOR,
    slot_machine.DETECTOR,
    compactions.DETECTOR,
    standing.DETECTOR,
    cache_writes.DETECTOR,
    worktree_cache.DETECTOR,
    parallel_sessions.DETECTOR,
    reasoning.DETECTOR,
    agent_reading.DETECTOR,
    oversize_model.DETECTOR,
    dear_session.DETECTOR,
    abandoned.DETECTOR,
    idle_model.DETECTOR,
    retyped_prompt.DETECTOR,
)
