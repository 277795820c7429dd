"""A side project for local inference only: every call to another computer is told."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.trial_calls import DETECTOR
from tokencoach.store.connect import connect_writer
from tokencoach.store.mark_rows import TRIAL, drop_mark, put_mark

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.repository import Repository

LOCAL = "ollama/qwen3-coder:30b"
CLOUD = "claude-sonnet-4-5-20250929"


def worked(month: Month, models: list[str]) -> Repository:
    """A side project with a session for each model."""
    side = month.stage.repository("dotfiles")
    for number, model in enumerate(models):
        month.clock.advance(hours=1)
        session = month.stage.claude(side, model=model)
        session.prompt("Write the next part")
        session.write(f"part{number}.py", f"def part_number_{number}():\n    return {number}\n")
        side.commit(f"Part {number}")
    month.quiet_sessions(1)
    month.read().close()
    return side


def mark(month: Month, side: Repository, *, is_on: bool = True) -> None:
    roots = (side.git("rev-list", "--max-parents=0", "HEAD").strip(),)
    with contextlib.closing(connect_writer(month.database)) as connection, connection:
        if is_on:
            put_mark(connection, roots, TRIAL, month.clock.now_ms)
        else:
            drop_mark(connection, roots, TRIAL)


def test_each_cloud_call_of_the_trial_is_told_with_its_cost_and_its_turn(month: Month) -> None:
    mark(month, worked(month, [LOCAL, CLOUD, LOCAL]))
    said = month.found(DETECTOR)
    assert said.title == "1 cloud call of 3 in dotfiles, which is to be made locally"
    (one,) = said.evidence
    assert one.words == f"claude-code asked {CLOUD}"
    assert one.cost_nano == said.cost_nano > 0
    assert one.session_id is not None
    assert one.turn is not None
    assert len(said.parts) == 1


def test_a_trial_that_stayed_here_is_quiet_and_one_taken_back_is_not_looked_at(month: Month) -> None:
    side = worked(month, [LOCAL, LOCAL])
    assert not month.quiet(DETECTOR).is_looked
    mark(month, side)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate[:2] == (0, 2)
    mark(month, side, is_on=False)
    assert "repos trial" in month.quiet(DETECTOR).why


@pytest.mark.parametrize("models", [[CLOUD] * 3])
def test_another_projects_calls_are_none_of_the_trial(month: Month, models: list[str]) -> None:
    mark(month, worked(month, models))
    assert month.found(DETECTOR).rate[:2] == (3, 3)
