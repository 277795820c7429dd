"""Commits of an assistant's code that no test was run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.untested_commits import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession


def module(number: int, parts: int = 8) -> str:
    """A module of sixteen lines that count."""
    return "".join(
        f"def work_{number}_{n}(value):\n    return value + {number * n + n}\n\n" for n in range(parts)
    )


def written(month: Month, number: int, parts: int = 8, path: str = "") -> ClaudeSession:
    """A session that has written a module."""
    session = month.session(context=15_000)
    session.prompt(f"Write module {number} of the service, with all its parts")
    session.write(path or f"module_{number}.py", module(number, parts))
    return session


def run_and_landed(month: Month, count: int, first: int = 100) -> None:
    """Commits whose tests were run last."""
    for number in range(first, first + count):
        written(month, number).bash("uv run pytest -q", "8 passed")
        month.repo.commit(f"Add module {number}")


def untested(month: Month, count: int, first: int = 200) -> list[str]:
    """Commits of which no test was run."""
    names = []
    for number in range(first, first + count):
        written(month, number).bash("ls", f"module_{number}.py")
        names.append(month.repo.commit(f"Add module {number}"))
    return names


def test_a_commit_without_a_test_run_after_its_last_edit_is_named(month: Month) -> None:
    run_and_landed(month, 3)
    names = untested(month, 2)
    late = written(month, 1)
    late.bash("pytest", "8 passed")
    late.edit("module_1.py", "return value + 2", "return value - 2")
    names.append(month.repo.commit("Add module 1"))
    said = month.found(DETECTOR)
    assert said.rate[:2] == (3, 6)
    assert {one.commit for one in said.evidence} == set(names)
    assert (said.cost_nano, said.tokens, said.low_nano) == (0, 0, 0)


def test_a_commit_after_tests_that_failed_is_not_tested(month: Month) -> None:
    run_and_landed(month, 5)
    names = []
    for number in range(3):
        written(month, number).bash("pytest", "2 failed, 6 passed", exit_code=1)
        names.append(month.repo.commit(f"Add module {number}"))
    said = month.found(DETECTOR)
    assert said.rate[:2] == (3, 8)
    assert {one.commit for one in said.evidence} == set(names)
    assert all(one.words.startswith("tests failed, 16 lines") for one in said.evidence)
    assert "3 of them after tests that failed" in said.why


def test_a_test_that_passes_after_one_that_failed_is_enough(month: Month) -> None:
    run_and_landed(month, 5)
    for number in range(3):
        session = written(month, number)
        session.bash("pytest", "1 failed", exit_code=1)
        session.bash("pytest", "8 passed")
        month.repo.commit(f"Add module {number}")
    assert month.quiet(DETECTOR).rate == (0, 8, "commits")


def test_what_tested_commits_lost_too_is_not_the_cost_of_having_no_test(month: Month) -> None:
    run_and_landed(month, 6)
    untested(month, 6)
    month.clock.advance(hours=30)
    for number in (100, 200, 201):
        month.repo.human_write(f"module_{number}.py", "VALUE = 'written anew by hand'\n")
    month.repo.commit("Write three modules anew")
    said = month.found(DETECTOR)
    assert "33 % of these were taken back, 17 % of tested ones" in said.why
    assert said.high_nano is not None
    assert said.cost_nano == pytest.approx(said.high_nano / 2, rel=0.001)
    assert said.low_nano == 0


def test_what_had_to_be_replaced_of_it_is_the_cost(month: Month) -> None:
    run_and_landed(month, 3)
    session = written(month, 7)
    spent = [one for one in month.stage.truth.requests if one.session_id == session.session_id]
    month.repo.commit("Add module 7")
    untested(month, 2)
    month.clock.advance(hours=30)
    month.repo.human_write("module_7.py", "VALUE = 'written anew by hand'\n")
    month.repo.commit("Write module 7 anew")
    said = month.found(DETECTOR)
    dearest = said.evidence[0]
    assert "16 of them taken back" in dearest.words
    assert said.tokens == dearest.tokens == sum(one.counts.total for one in spent)
    assert said.cost_nano == said.high_nano
    assert said.low_nano == 0


def test_a_test_run_of_another_session_of_the_repository_counts(month: Month) -> None:
    run_and_landed(month, 4)
    for number in range(3):
        written(month, number)
        other = month.session(context=15_000)
        other.prompt("Run the tests of all modules and tell me what fails")
        other.bash("cd tests && timeout 60 pytest 2>&1 | tail -3", "8 passed")
        month.repo.commit(f"Add module {number}")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate[:2] == (0, 7)


def test_a_few_lines_and_a_page_of_words_need_no_test(month: Month) -> None:
    run_and_landed(month, 5)
    written(month, 1, parts=3)
    month.repo.commit("Add a little")
    written(month, 2, path="docs/guide.md")
    month.repo.commit("Add a guide")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.of == 5


def test_below_the_share_it_is_no_habit(month: Month) -> None:
    run_and_landed(month, 5)
    untested(month, 2)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate[:2] == (2, 7)


def test_sessions_that_do_not_tell_what_was_run_are_left_out(month: Month) -> None:
    run_and_landed(month, 5)
    untested(month, 4)
    month.read().close()
    month.forget_searches()
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate[:2] == (0, 5)
    assert "4 more" in said.why


def test_fewer_than_five_commits_show_no_habit(month: Month) -> None:
    untested(month, 4)
    assert not month.quiet(DETECTOR).is_looked
