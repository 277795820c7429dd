"""A check as it goes on, without a screen: what is asked next, what is noted, how it ends."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.sitting import Answered, Ending, Item, Reason, Result, Sitting, summary
from tui.made_questions import EXHIBIT, Remembered, choice, grade, multiple, text, typed


def sitting(*, diary: Remembered | None = None) -> tuple[Sitting, Remembered]:
    kept = diary or Remembered()
    items = [Item(one, EXHIBIT) for one in (typed(), choice(), multiple(), text())]
    return Sitting(items, grade, kept, now=lambda: 0.0), kept


def test_a_check_that_is_answered_is_done_and_says_what_it_came_to() -> None:
    held, diary = sitting()
    held.answer("30.0")
    held.go_on()
    held.show()
    held.go_on()
    held.answer("src/api.py")
    held.go_on()
    held.mark_bad()
    assert diary.ending == (Ending.DONE, Reason.BAD)
    assert summary(held) == "1 of 4 right, 1 shown, 1 marked bad"


def test_what_is_left_for_later_is_not_called_skipped() -> None:
    held, _ = sitting()
    held.show()
    held.go_on()
    held.leave()
    assert summary(held) == "0 of 4 right, 1 shown, 3 left for later"


def test_a_second_try_is_another_input_and_the_last() -> None:
    held, _ = sitting()
    held.answer("1")
    assert held.may_retry
    assert held.retry().question.id == "typed-2"
    held.answer("1")
    assert not held.may_retry
    assert held.results["typed"].tries == 2


def test_what_was_answered_before_a_skip_of_all_stays() -> None:
    held, diary = sitting()
    held.answer("30.0")
    held.go_on()
    held.skip(Reason.HOTFIX)
    assert diary.ending == (Ending.DONE, Reason.HOTFIX)
    assert held.results["typed"].result is Result.RIGHT
    assert {answered.reason for answered in diary.notes[1:]} == {Reason.HOTFIX}


def test_after_its_end_a_check_notes_nothing() -> None:
    held, diary = sitting()
    held.leave()
    count = len(diary.notes)
    held.leave()
    held.abort()
    assert len(diary.notes) == count
    assert diary.ending == (Ending.SKIPPED, Reason.LATER)


ACTIONS = ("right", "wrong", "next", "retry", "show", "bad", "abort", "judge", *Reason)


def other(held: Sitting, step: str) -> None:
    if step == "next":
        held.go_on()
    elif step == "show":
        held.show()
    elif step == "bad":
        held.mark_bad()
    elif step == "abort":
        held.abort()
    else:
        held.judge_self("partly")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(ACTIONS), max_size=25))
def test_whatever_a_person_does_each_question_has_one_result_and_the_check_ends_once(
    steps: list[str],
) -> None:
    held, diary = sitting()
    for step in steps:
        if held.ending is not None:
            break
        if step in set(Reason):
            held.skip(Reason(step))
        elif step in {"right", "wrong"}:
            given_ = "\n".join(held.asked.key.expected) if step == "right" else "nothing like it"
            held.answer(given_)
        elif step == "retry":
            if held.may_retry:
                held.retry()
        else:
            other(held, step)
    held.leave()
    assert held.ending is not None
    assert diary.ending is not None
    assert set(held.results) <= {item.prepared.question.id for item in held.items}
    last = {answered.prepared.question.id: answered for answered in diary.notes}
    assert last == held.results


class Slow(Remembered):
    """A diary that takes its time, and one that fails."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.fails = fails
        self.threads: set[int] = set()

    def note(self, answered: Answered) -> None:
        """Write slowly."""
        self.threads.add(threading.get_ident())
        time.sleep(0.05)
        if self.fails:
            raise OSError("the disk is full")
        super().note(answered)


def test_answers_are_written_in_order_by_one_thread_that_nobody_waits_for() -> None:
    slow = Slow()
    quiet = QuietDiary(slow)
    held = Sitting([Item(one, EXHIBIT) for one in (typed(), choice())], grade, quiet)
    began = time.monotonic()
    held.begin()
    held.answer("30.0")
    held.go_on()
    held.answer("attempt < 0")
    held.go_on()
    assert time.monotonic() - began < 0.05
    assert quiet.finish()
    assert [answered.prepared.question.id for answered in slow.notes] == ["typed", "choice"]
    assert slow.ending == (Ending.DONE, None)
    assert slow.threads - {threading.get_ident()} == slow.threads
    assert len(slow.threads) == 1


def test_what_cannot_be_written_is_said_at_the_end_and_stops_nothing() -> None:
    quiet = QuietDiary(Slow(fails=True))
    held = Sitting([Item(typed(), EXHIBIT)], grade, quiet)
    held.answer("30.0")
    held.go_on()
    assert not quiet.finish()
    assert str(quiet.problem) == "the disk is full"


def test_a_diary_that_hangs_is_not_waited_for_forever() -> None:
    quiet = QuietDiary(Slow())
    held = Sitting([Item(typed(), EXHIBIT)], grade, quiet)
    held.answer("30.0")
    assert not quiet.finish(limit_s=0.001)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_reaches_as_far_as_it_speaks_of(reason: Reason) -> None:
    held, _ = sitting()
    held.skip(reason)
    reach = {Reason.TRIVIAL: 1, Reason.BAD: 1}.get(reason, 4)
    assert len(held.results) == reach
