"""Sub-agents that read what had been read before in their session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.detectors.agent_reading import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession


def files(month: Month, count: int) -> list[str]:
    """Files of the repository."""
    names = [f"part_{number}.py" for number in range(count)]
    for name in names:
        month.repo.human_write(name, f"def {name[:-3]}():\n    return {len(name)}\n")
    return names


def delegating(month: Month) -> ClaudeSession:
    """A session that is about to send sub-agents off."""
    session = month.session()
    session.prompt("Review the parts")
    return session


def test_what_the_caller_had_read_is_read_again(month: Month) -> None:
    names = files(month, 20)
    session = delegating(month)
    for name in names[:6]:
        session.read(name)
    with session.subagent("Review all of it") as agent:
        acts = [agent.read(name) for name in names]
    said = month.found(DETECTOR)
    assert said.rate == (6, 20, "reads of sub-agents")
    assert said.tokens == sum(act.request.counts.total for act in acts[:6])
    assert said.low_nano == 0 < said.cost_nano


def test_two_sub_agents_on_the_same_files_read_them_twice(month: Month) -> None:
    names = files(month, 10)
    session = delegating(month)
    for task in ("Review them for errors", "Review them for style"):
        with session.subagent(task) as agent:
            for name in names:
                agent.read(name)
    assert month.found(DETECTOR).rate == (10, 20, "reads of sub-agents")


def test_a_file_changed_between_is_read_for_good_reason(month: Month) -> None:
    names = files(month, 10)
    session = delegating(month)
    for task in ("Mend them", "Review them"):
        with session.subagent(task) as agent:
            for name in names:
                agent.read(name)
                agent.edit(name, "    return", "    # seen\n    return")
    assert month.quiet(DETECTOR).rate == (0, 20, "reads of sub-agents")


def test_a_sub_agent_that_reads_twice_itself_is_another_habit(month: Month) -> None:
    names = files(month, 10)
    session = delegating(month)
    with session.subagent("Review all of it") as agent:
        for name in (*names, *names):
            agent.read(name)
    assert month.quiet(DETECTOR).is_looked


def test_files_of_its_own_are_no_finding(month: Month) -> None:
    names = files(month, 24)
    session = delegating(month)
    for name in names[:3]:
        session.read(name)
    with session.subagent("Review the rest") as agent:
        for name in names[2:]:
            agent.read(name)
    assert month.quiet(DETECTOR).rate == (1, 22, "reads of sub-agents")


def test_a_few_reads_show_no_habit(month: Month) -> None:
    (name,) = files(month, 1)
    session = delegating(month)
    session.read(name)
    with session.subagent("Review it") as agent:
        agent.read(name)
    assert not month.quiet(DETECTOR).is_looked
