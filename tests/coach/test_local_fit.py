"""Which turns a model on this computer could have taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.right_sizing.local_fit import LocalFit, local_fit
from tokencoach.power.models import SIZES, Fit

if TYPE_CHECKING:
    from coach.made import Month

SMALL = Fit(SIZES[0], "main memory", 40_000, 5.0, 9.0)
HELD_BY_NOTHING = Fit(SIZES[-1], "main memory", 0, None, None)


def said(month: Month) -> LocalFit:
    with month.read() as reader:
        return local_fit(month.material(reader), (SMALL, HELD_BY_NOTHING))


def test_a_question_within_the_context_is_surely_small(month: Month) -> None:
    month.quiet_sessions(3)
    found = said(month)
    (taken,) = found.taken
    assert found.elsewhere.turns == taken.small.turns == taken.most.turns == 3
    assert taken.small.cost_nano == found.elsewhere.cost_nano > 0


def test_a_prompt_longer_than_the_context_is_never_taken(month: Month) -> None:
    session = month.session(context=60_000)
    session.prompt("What does the service do?")
    session.say("It multiplies.")
    (taken,) = said(month).taken
    assert taken.most.turns == 0


def test_a_loop_of_tools_is_at_most_possible_and_a_long_one_is_not(month: Month) -> None:
    for calls in (8, 20):
        session = month.session(context=5_000)
        session.prompt("Look through it all")
        for _ in range(calls):
            session.read("app.py")
    (taken,) = said(month).taken
    assert taken.small.turns == 0
    assert taken.most.turns == 1


def test_a_change_of_many_lines_is_not_small(month: Month) -> None:
    session = month.session(context=5_000)
    session.prompt("Write the table of codes")
    session.write("codes.py", "".join(f"CODE_{n} = 'value number {n}'\n" for n in range(40)))
    (taken,) = said(month).taken
    assert (taken.small.turns, taken.most.turns) == (0, 1)


def test_the_person_s_own_limits_are_honoured(month: Month) -> None:
    session = month.session(context=5_000)
    session.prompt("Look through it all")
    for _ in range(8):
        session.read("app.py")
    month.read().close()
    month.set_threshold("local.few-calls", 10)
    (taken,) = said(month).taken
    assert taken.small.turns == 1
