"""Code of an assistant that landed and that nobody seems to have read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coach.test_untested_commits import written
from tokencoach.coach.detectors.unread_code import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month


def landed(month: Month, number: int, words: str = "", parts: int = 20) -> str:
    """A module that was committed a moment after it was written."""
    written(month, number, parts)
    return month.repo.commit(f"Add module {number}{words}")


def test_lines_without_a_sign_of_a_reader_are_counted_with_what_they_took(month: Month) -> None:
    names = [landed(month, 1), landed(month, 2)]
    landed(month, 3, "\n\nReviewed-by: Kim Example <kim@example.invalid>")
    said = month.found(DETECTOR)
    assert said.rate[:2] == (80, 120)
    assert {one.commit for one in said.evidence} == set(names)
    assert (said.cost_nano, said.low_nano, said.high_nano) == (0, 0, 0)
    assert [one.cost_nano for one in said.evidence] == [0, 0]
    assert {one.words.split(":")[0] for one in said.evidence} == {"40 of 40 lines unread, 40 still there"}


def test_the_commit_of_which_most_still_stands_is_named_to_be_read_first(month: Month) -> None:
    landed(month, 1)
    name = landed(month, 2, parts=30)
    gone = landed(month, 3, parts=40)
    month.clock.advance(hours=30)
    month.repo.human_write("module_3.py", "VALUE = 'written anew by hand'\n")
    month.repo.commit("Write module 3 anew")
    said = month.found(DETECTOR)
    assert f"60 lines of commit {name[:12]}: tokencoach check --commit {name[:12]}" in said.next
    assert "80 lines unread, 0 still there, 80 taken back" in said.evidence[0].words
    assert said.evidence[0].commit == gone


def test_what_read_lines_lost_too_is_not_the_cost_of_not_reading(month: Month) -> None:
    read = "\n\nReviewed-by: Kim Example <kim@example.invalid>"
    for number in range(2):
        landed(month, number, read)
        landed(month, number + 10, parts=60)
    month.clock.advance(hours=30)
    for number in (0, 10):
        month.repo.human_write(f"module_{number}.py", "VALUE = 'written anew by hand'\n")
    month.repo.commit("Write two modules anew")
    said = month.found(DETECTOR)
    assert "50 % of these were taken back, 50 % of those that were read" in said.why
    assert said.cost_nano == 0
    assert said.high_nano == sum(one.cost_nano for one in said.evidence)
    assert said.high_nano


def test_reviews_that_nobody_was_asked_about_are_named_where_pull_requests_landed(month: Month) -> None:
    for number in range(3):
        landed(month, number)
    assert "review_from_gh" not in month.found(DETECTOR).why
    landed(month, 4, " (#12)")
    assert "review_from_gh = true" in month.found(DETECTOR).why


def test_what_was_replaced_of_unread_code_is_the_cost(month: Month) -> None:
    landed(month, 1)
    landed(month, 2)
    month.clock.advance(hours=30)
    month.repo.human_write("module_2.py", "VALUE = 'written anew by hand'\n")
    month.repo.commit("Write module 2 anew")
    said = month.found(DETECTOR)
    anew = next(one for one in said.evidence if "40 taken back" in one.words)
    assert said.cost_nano == anew.cost_nano > 0
    assert said.tokens == anew.tokens


def test_lines_beside_one_that_the_person_changed_are_read(month: Month) -> None:
    landed(month, 1)
    written(month, 2, 20)
    month.repo.human_edit("module_2.py", "def work_2_9(value):", "def work_2_9(value: int):")
    month.repo.commit("Add module 2, with a type")
    said = month.found(DETECTOR)
    whole = {one.words.split(" of ")[1] for one in said.evidence}
    assert {one.split(",")[0] for one in whole} == {"40 lines unread"}
    part = min(int(one.words.split(" ", 1)[0]) for one in said.evidence)
    assert 30 <= part < 40


def test_code_that_had_its_reader_is_no_finding(month: Month) -> None:
    for number in range(3):
        landed(month, number, "\n\nReviewed-by: Kim Example <kim@example.invalid>")
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate[:2] == (0, 120)


def test_fewer_than_fifty_lines_show_no_habit(month: Month) -> None:
    landed(month, 1)
    assert not month.quiet(DETECTOR).is_looked


def test_pages_of_words_are_no_code(month: Month) -> None:
    for number in range(3):
        written(month, number, 20, path=f"docs/page_{number}.md")
        month.repo.commit(f"Add page {number}")
    assert not month.quiet(DETECTOR).is_looked
