"""Assistants that go in circles: what counts, what it costs, and what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from coach.steps import trace_of
from tokencoach.coach.detectors.loops import DETECTOR
from tokencoach.coach.finding import Basis
from tokencoach.coach.repeats import RepeatKind, repeats

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.coach.repeats import Repeat


def circles(month: Month) -> list[Repeat]:
    """Every circle of the month's sessions."""
    with month.read() as reader:
        return [one for trace in month.material(reader).traces for one in repeats(trace)]


def test_the_second_and_third_equal_call_are_the_price_of_a_loop(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Find out why the build is broken")
    acts = [session.bash("make build", "still broken") for _ in range(3)]
    said = month.found(DETECTOR)
    assert said.tokens == sum(act.request.counts.total for act in acts[1:])
    assert said.cost_nano > 0
    assert said.basis is Basis.MEASURED
    assert said.rate == (1, 5, "sessions")
    assert [one.session_id for one in said.evidence] == [session.session_id]


def test_two_equal_calls_are_a_check(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Find out why the build is broken")
    for _ in range(2):
        session.bash("make build", "still broken")
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate == (0, 5, "sessions")


def test_another_answer_is_news(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Find out why the build is broken")
    for number in range(4):
        session.bash("make build", f"{number} errors")
    assert month.quiet(DETECTOR).is_looked


def test_a_file_changed_between_makes_the_call_a_new_one(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Mend the parts")
    for number in range(3):
        session.edit("app.py", f"return {number} * 7", f"return {number} * 8")
        session.bash("make test", "ok")
    assert month.quiet(DETECTOR).is_looked


def test_a_command_of_its_own_between_makes_the_call_a_new_one(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Land the branch, and tell the ticket")
    for step in ("ticket close 12", "hub comment 12", "hub close 12", "deploy --dry"):
        session.bash("git status --short", "## main")
        session.bash(step, f"{step}: done")
    assert month.quiet(DETECTOR).is_looked


def test_two_commands_in_turn_with_the_same_answers_are_a_circle(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Find out why the server does not answer")
    for _ in range(4):
        session.bash("service restart", "restarted")
        session.bash("service ping", "no answer")
    month.found(DETECTOR)
    # What the ping said was news for the first restart alone.
    assert sorted(one.times for one in circles(month)) == [3, 4]


def test_a_new_prompt_makes_the_call_a_new_one(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    for number in range(3):
        session.prompt(f"Show me step {number} of the status")
        session.bash("git status", "clean")
    assert month.quiet(DETECTOR).is_looked


def test_who_asks_again_after_minutes_waits_for_something(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Tell me when the checks are through")
    for _ in range(4):
        session.bash("gh pr checks", "pending")
        month.clock.advance(minutes=4)
    assert month.quiet(DETECTOR).is_looked


def test_a_compaction_makes_the_call_a_new_one(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Look at the service")
    session.read("app.py")
    session.read("app.py")
    session.compact()
    session.read("app.py")
    assert month.quiet(DETECTOR).is_looked


def test_an_edit_made_undone_and_made_again_is_a_circle(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Make part 3 faster")
    first = ("return 3 * 7", "return 3 << 3")
    session.edit("app.py", *first)
    back = session.edit("app.py", *reversed(first))
    again = session.edit("app.py", *first)
    (circle,) = circles(month)
    assert circle.kind is RepeatKind.EDIT
    assert circle.times == 2
    said = month.found(DETECTOR)
    assert said.tokens == back.request.counts.total + again.request.counts.total


def test_an_edit_undone_once_is_no_circle(month: Month) -> None:
    session = month.session()
    session.prompt("Break part 3 to see the test fail, then part 4")
    for number in (3, 4):
        session.edit("app.py", f"return {number} * 7", f"return {number} * 0")
        session.edit("app.py", f"return {number} * 0", f"return {number} * 7")
    assert circles(month) == []


def test_an_edit_made_again_in_a_later_turn_is_the_persons_wish(month: Month) -> None:
    session = month.session()
    first = ("return 3 * 7", "return 3 << 3")
    for edit in (first, first[::-1], first):
        session.prompt(f"Now take {edit[1]}")
        session.edit("app.py", *edit)
    assert circles(month) == []


def test_fewer_than_five_sessions_show_no_habit(month: Month) -> None:
    session = month.session()
    session.prompt("Find out why the build is broken")
    for _ in range(5):
        session.bash("make build", "still broken")
    assert not month.quiet(DETECTOR).is_looked


ACTS = st.lists(
    st.sampled_from(["make", "make", "make", "git status", "edit", "prompt", "wait"]), min_size=3, max_size=14
)


@given(acts=ACTS)
def test_what_circles_is_looped_to_the_audit_as_well(acts: list[str]) -> None:
    trace, cuts = trace_of(acts)
    looped = {key for key, cut in cuts.items() if cut.looped}
    mine = {request for one in repeats(trace) for request in one.parts}
    assert mine <= looped
