"""Every detector, in the order in which they are told where nothing tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.coach.detectors import (
    abandoned,
    agent_reading,
    big_outputs,
    cache_writes,
    carried_work,
    compactions,
    dear_session,
    duplicate_reads,
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
    trial_calls,
    unread_code,
    untested_commits,
    waiting,
    worktree_cache,
)

if TYPE_CHECKING:
    from tokencoach.coach.finding import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    full_context.DETECTOR,
    carried_work.DETECTOR,
    loops.DETECTOR,
    retry_storms.DETECTOR,
    waiting.DETECTOR,
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
    trial_calls.DETECTOR,
    retyped_prompt.DETECTOR,
    duplicate_reads.DETECTOR,
    big_outputs.DETECTOR,
    untested_commits.DETECTOR,
    unread_code.DETECTOR,
)
