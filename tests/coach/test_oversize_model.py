"""Small tasks on a model with a cheaper one of its family below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tokencoach.coach.detectors.oversize_model import DETECTOR
from tokencoach.usage.prices import cost_nano, look_up

if TYPE_CHECKING:
    from coach.made import MODELS, Month
    from tokencoach.demo.truth import RequestTruth

OPUS: Final = "claude-opus-4-5-20251101"
SONNET: Final = "claude-sonnet-4-5-20250929"
HAIKU: Final = "claude-haiku-4-5-20251001"


def price(request: RequestTruth, model: str) -> int:
    (rate,) = look_up(model, "claude-code", {}).rates
    return cost_nano(rate, request.counts)


def ask_small(month: Month, count: int, model: MODELS = OPUS) -> list[RequestTruth]:
    """Questions with one file read for each."""
    spent = []
    for number in range(count):
        session = month.session(model)
        session.prompt(f"Which callers does part {number} of the service have at present?")
        spent += [session.read("app.py").request, session.say("None.").request]
    return spent


def test_a_small_task_costs_what_one_size_smaller_would_have_saved(month: Month) -> None:
    spent = ask_small(month, 10)
    said = month.found(DETECTOR)
    saved = sum(price(one, OPUS) - price(one, "claude-sonnet-4-5") for one in spent)
    assert said.cost_nano == pytest.approx(saved, abs=len(spent))
    assert (said.low_nano, said.high_nano, said.basis) == (0, said.cost_nano, "estimated")
    assert said.rate.share == pytest.approx(1)
    assert len(said.evidence) == 10
    assert said.evidence[0].cost_nano == max(one.cost_nano for one in said.evidence)


def test_the_persons_own_smaller_model_is_named_before_any_other(month: Month) -> None:
    ask_small(month, 10)
    ask_small(month, 1, HAIKU)
    assert "Try claude-haiku-4-5 on" in month.found(DETECTOR).next


def test_small_tasks_on_the_smallest_model_are_no_finding(month: Month) -> None:
    ask_small(month, 12, HAIKU)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate.times == 0


def test_a_task_of_many_calls_is_not_small(month: Month) -> None:
    ask_small(month, 10, HAIKU)
    session = month.session(OPUS)
    session.prompt("How does the whole service hang together, from the first part to the last?")
    for _ in range(6):
        session.read("app.py")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.times == 0


def test_a_task_that_changes_two_files_is_not_small(month: Month) -> None:
    ask_small(month, 10, HAIKU)
    session = month.session(OPUS)
    session.prompt("Move the first part of the service into a file of its own, please do that")
    session.write("first.py", "def part_first():\n    return 0 * 7\n")
    session.edit("app.py", "return 0 * 7", "return part_first()")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.times == 0


def test_without_ten_small_edits_of_a_smaller_model_it_is_not_known_how_well_they_do(month: Month) -> None:
    ask_small(month, 10)
    said = month.found(DETECTOR)
    assert "not known" in said.why
    assert said.next.startswith("Try")


def test_own_small_edits_that_survived_are_told_with_their_interval(month: Month) -> None:
    ask_small(month, 10)
    models: tuple[MODELS, ...] = (SONNET, OPUS)
    for model in models:
        for number in range(10):
            session = month.session(model)
            session.prompt(f"Add a helper number {number} that multiplies whatever it is given by that")
            name = f"helper_{model.split('-')[1]}_{number}.py"
            session.write(name, f"def helper_{number}(value):\n    return value * {number} + 1000\n")
            month.repo.commit(f"Add {name}")
    said = month.found(DETECTOR)
    assert "Of your own small edits on smaller models" in said.why
    assert "100 % (79 % to 100 %, 10 tasks)" in said.why
    assert said.next.startswith("Give")


def test_between_larger_work_the_smaller_model_begins_with_an_empty_cache(month: Month) -> None:
    ask_small(month, 10)
    session = month.session(OPUS, context=60_000)
    session.prompt("Write a scheduler for the service, in a file of its own, with all that it needs")
    session.write("scheduler.py", "".join(f"def at_{n}():\n    return {n} + 1000\n\n" for n in range(40)))
    session.prompt("Who calls the scheduler as of now?")
    session.say("Nobody does.")
    assert session.session_id not in {one.session_id for one in month.found(DETECTOR).evidence}


def test_a_long_question_or_a_long_answer_is_not_small(month: Month) -> None:
    ask_small(month, 10)
    session = month.session(OPUS)
    session.prompt("Is it right that " + "one part calls the other and " * 12 + "all are slow?")
    session.say("It is.")
    other = month.session(OPUS)
    other.prompt("How would you cut the service in two?")
    other.say("First this. " * 900)
    told = {one.session_id for one in month.found(DETECTOR).evidence}
    assert not told & {session.session_id, other.session_id}


def test_fewer_than_ten_small_tasks_are_not_judged(month: Month) -> None:
    ask_small(month, 9)
    assert not month.quiet(DETECTOR).is_looked


def test_tasks_without_a_price_are_not_judged(month: Month) -> None:
    ask_small(month, 12, "made-model-7")
    assert not month.quiet(DETECTOR).is_looked
