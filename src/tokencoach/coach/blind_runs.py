"""Runs of prompts that tell an assistant nothing but that it failed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.prompts.kind import prompt_kind

if TYPE_CHECKING:
    from tokencoach.coach.material import Trace
    from tokencoach.store.trace_rows import PromptStep

LENGTH: Final = 3


class BlindRun(NamedTuple):
    """Prompts in a row that only paste an error or say "fix it".

    ``parts`` holds all requests of the turns after the first: one pasted error is fair, answering a
    failure with nothing but the next one is not.
    """

    prompts: tuple[PromptStep, ...]
    parts: dict[int, float]


def has_prompts(trace: Trace) -> bool:
    """Whether the text of what was typed is kept."""
    return any(prompt.text is not None for prompt in trace.prompts)


def blind_runs(trace: Trace, least: int = LENGTH) -> list[BlindRun]:
    """Every run of at least so many in a session; any other prompt ends a run."""
    found = []
    for is_blind, group in groupby(trace.prompts, key=_is_blind):
        prompts = tuple(group)
        if is_blind and len(prompts) >= least:
            later = {prompt.turn for prompt in prompts[1:]}
            parts = {spent.step.request_id: 1.0 for spent in trace.requests if spent.step.turn in later}
            found.append(BlindRun(prompts, parts))
    return found


def _is_blind(prompt: PromptStep) -> bool:
    return prompt.text is not None and prompt_kind(prompt.text).is_blind
