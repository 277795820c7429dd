"""Sessions that go on with the conversation of another one: forks, and resumes under a new name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.coach.material import Trace
    from tokencoach.demo.session import Session


def opened(month: Month, kind: str) -> Session:
    """A session of an assistant, by its name and generation."""
    month.clock.advance(hours=1)
    if kind == "claude":
        return month.stage.claude(month.repo)
    if kind == "early claude":
        return month.stage.claude(month.repo, generation="1.0")
    return month.stage.codex(month.repo, generation="0.34" if kind == "early codex" else "0.169")


def traces(month: Month) -> dict[str, Trace]:
    """The month's sessions by the names that their logs give them."""
    with month.read() as reader:
        return {trace.facts.session_id: trace for trace in month.material(reader).traces}


@pytest.mark.parametrize("kind", ["claude", "early claude", "codex", "early codex"])
def test_a_fork_goes_on_from_the_last_request_that_it_copied(month: Month, kind: str) -> None:
    session = opened(month, kind)
    session.prompt("Explain the service")
    session.say("It multiplies.")
    session.bash("ls", "app.py")
    fork = session.fork()
    fork.prompt("And by what?")
    fork.say("By seven.")
    fork.say("Always by seven.")
    told = traces(month)
    origin = told[fork.session_id].inherited
    first, last = told[session.session_id].main
    assert origin is not None
    assert origin.step == last.step
    assert told[session.session_id].inherited is None
    assert len(told[fork.session_id].main) == 2
    own = told[fork.session_id].main[0]
    assert dict(told[session.session_id].read_on) == {last.step.request_id: own.counts.cache_read}
    assert first.step.request_id not in told[session.session_id].read_on


def test_a_session_that_copied_nothing_goes_on_from_nothing(month: Month) -> None:
    month.quiet_sessions(2)
    assert [trace.inherited for trace in traces(month).values()] == [None, None]
