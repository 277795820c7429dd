"""Sessions that were left with nothing landed, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.abandoned import DETECTOR
from tokencoach.coach.plans import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from coach.made import Month
    from tokencoach.coach.finding import Finding
    from tokencoach.demo.claude import ClaudeSession

NEXT_DAY = datetime(2026, 2, 2, 23, tzinfo=UTC)


def left(month: Month, ending: Callable[[ClaudeSession], object] = lambda _: None, context: int = 0) -> str:
    """Five answered questions, then a session that writes what nobody keeps; its id."""
    month.quiet_sessions(5)
    month.clock.advance(hours=30)
    session = month.session(context=context)
    session.prompt("Write an exporter that turns every part of the service into a line")
    session.write("export.py", "".join(f"def export_{n}():\n    return {n} + 1000\n" for n in range(5)))
    ending(session)
    (month.repo.folder / "export.py").unlink(missing_ok=True)
    return session.session_id


def cause(said: Finding) -> str:
    return said.evidence[0].words.partition(":")[0]


def waits(session: ClaudeSession, command: str) -> None:
    """The session's last call is a command whose end no log tells."""
    session.think(5, 9)
    call = {"type": "tool_use", "id": "toolu_waiting", "name": "Bash", "input": {"command": command}}
    session.log_blocks(session.bill(60, 200), [call])


def test_a_session_left_with_nothing_costs_all_its_requests(month: Month) -> None:
    session = left(month)
    said = month.found(DETECTOR)
    truth = [one for one in month.stage.truth.requests if one.session_id == session]
    assert said.tokens == sum(one.counts.total for one in truth)
    assert [one.session_id for one in said.evidence] == [session]
    assert said.rate.times == pytest.approx(said.cost_nano / 1e9)
    assert said.rate.unit == "dollars"


def test_a_session_that_was_gone_on_with_the_next_morning_is_not_abandoned(month: Month) -> None:
    left(month)
    month.clock.advance(hours=15)
    month.quiet_sessions(1)
    assert month.quiet(DETECTOR).is_looked


def test_a_session_in_another_project_is_no_going_on(month: Month) -> None:
    left(month)
    other = month.stage.repository("other")
    other.human_write("main.py", "print('another project')\n")
    other.commit("Start")
    session = month.session(where=other)
    session.prompt("What does this project print when it is run?")
    session.say("A line.")
    assert month.found(DETECTOR).rate.times > 0


def test_a_session_whose_lines_landed_is_not_abandoned(month: Month) -> None:
    left(month, lambda _: month.repo.commit("Add the exporter"))
    month.repo.commit("Drop the exporter")
    assert month.quiet(DETECTOR).is_looked


def test_a_young_session_is_not_judged_yet(month: Month) -> None:
    month.quiet_sessions(6)
    said = month.ask(DETECTOR, NEXT_DAY)
    assert "0 sessions whose end is known" in getattr(said, "why", "")


def test_a_session_that_goes_on_after_the_period_is_not_judged_in_it(month: Month) -> None:
    month.quiet_sessions(4)
    month.clock.go_to(datetime(2026, 2, 28, 23, 30, tzinfo=UTC))
    session = month.stage.claude(month.repo)
    session.prompt("Which of the parts is the slowest one, and what makes it slow?")
    session.read("app.py")
    session.prompt("And which is the fastest of them?")
    month.clock.advance(hours=1)
    session.say("The third.")
    said = month.quiet_at(DETECTOR, datetime(2026, 3, 20, tzinfo=UTC))
    assert said.why.startswith("4 sessions")


def test_an_experiment_is_never_abandoned(month: Month) -> None:
    month.repo.branch("spike/export")
    left(month)
    assert not month.quiet(DETECTOR).is_looked


def test_an_answered_question_is_not_abandoned(month: Month) -> None:
    month.quiet_sessions(6)
    assert month.quiet(DETECTOR).is_looked


def test_a_question_that_broke_off_is_abandoned(month: Month) -> None:
    month.quiet_sessions(5)
    month.clock.advance(hours=30)
    session = month.session()
    session.prompt("Which of the parts is the slowest one, and what makes it slow?")
    session.read("app.py")
    session.interrupt()
    said = month.found(DETECTOR)
    assert said.evidence[0].words.startswith("stopped by hand: broke off before an answer")


def test_a_full_window_is_named_as_the_cause(month: Month) -> None:
    left(month, context=188_000)
    assert cause(month.found(DETECTOR)) == "context overflow"


def test_errors_at_the_end_are_named_as_the_cause(month: Month) -> None:
    left(month, lambda session: session.api_errors(4))
    assert cause(month.found(DETECTOR)) == "errors"


def test_calls_that_keep_failing_are_named_as_the_cause(month: Month) -> None:
    def fail(session: ClaudeSession) -> None:
        for number in range(4):
            session.failing_edit("export.py", f"no such text {number}", "another text")

    left(month, fail)
    assert cause(month.found(DETECTOR)) == "errors"


def test_a_loop_is_named_as_the_cause(month: Month) -> None:
    def loop(session: ClaudeSession) -> None:
        for _ in range(8):
            session.bash("make export", "nothing to be done")

    left(month, loop)
    assert cause(month.found(DETECTOR)) == "loop"


def test_a_refused_edit_is_named_as_the_cause(month: Month) -> None:
    left(month, lambda session: session.reject_edit("export.py", "return 0 + 1000", "return 1000"))
    assert cause(month.found(DETECTOR)) == "rejected edits"


def test_a_call_that_never_ended_is_a_wait_for_permission(month: Month) -> None:
    left(month, lambda session: waits(session, "rm x"))
    assert cause(month.found(DETECTOR)) == "permission wait"


def test_a_log_that_ends_at_a_commit_tells_no_end(month: Month) -> None:
    left(month, lambda session: waits(session, "git add -A && git commit -m 'Add the exporter'"))
    rate = month.quiet(DETECTOR).rate
    assert rate is not None
    assert rate.times == 0


def land_elsewhere(month: Month) -> None:
    """Two days later the service itself is changed, and lands."""
    month.clock.advance(hours=40)
    session = month.session()
    session.prompt("Write the exporter into the service itself, where it belongs")
    session.edit("app.py", "return 3 * 7", "return 3 * 7 + 1000000")
    month.repo.commit("Export from the service")


def test_a_file_that_was_named_not_changed_and_then_landed_tells_of_a_wrong_file(month: Month) -> None:
    left(month, lambda session: session.prompt("I had meant src/app.py, where the parts are"))
    land_elsewhere(month)
    said = month.found(DETECTOR)
    assert cause(said) == "wrong file"
    assert said.next == "Name the files in the first prompt."
    assert (
        plan_of(said, 0).sentence == "If I know which files a task is about, I name them in the first prompt."
    )


def test_other_work_that_landed_tells_nothing_of_the_files(month: Month) -> None:
    left(month, lambda session: session.read("app.py"))
    land_elsewhere(month)
    assert cause(month.found(DETECTOR)) == "cause unknown"


def test_a_session_of_which_only_a_sub_agents_log_is_left_is_not_judged(month: Month) -> None:
    month.quiet_sessions(4)
    month.clock.advance(hours=30)
    session = month.session()
    session.prompt("Look through the whole service")
    with session.subagent("Look through all of it") as agent:
        agent.read("app.py")
    session.log.path.unlink()
    said = month.quiet(DETECTOR)
    assert said.why.startswith("4 sessions")


def test_what_the_log_does_not_tell_is_an_unknown_cause(month: Month) -> None:
    left(month)
    assert cause(month.found(DETECTOR)) == "cause unknown"


def test_fewer_than_five_sessions_show_no_habit(month: Month) -> None:
    session = month.session()
    session.prompt("Write something")
    session.interrupt()
    assert not month.quiet(DETECTOR).is_looked
