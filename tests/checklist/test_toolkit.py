"""C3 and C13 over made sessions and saved prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.made import END
from tokencoach.checklist.item import State

if TYPE_CHECKING:
    from checklist.made import ListedMonth

ORDER = (
    "Write one failing regression test for the bug that I describe now, and stop before you fix it: case {}"
)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", END.isoformat())


def typed(month: ListedMonth, times: int, text: str = ORDER) -> None:
    for number in range(times):
        month.clock.advance(days=1)
        session = month.session(context=15_000)
        session.prompt(text.format(number))
        session.say("Done.")


def save(month: ListedMonth, name: str, body: str = "Do it.") -> None:
    folder = month.stage.home / ".claude" / "commands"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(body)


def test_a_prompt_typed_five_times_and_saved_nowhere_is_not_met(month: ListedMonth) -> None:
    typed(month, 5)
    said = month.judge("C3", is_here=True)
    assert (said.state, said.value) == (State.NOT_MET, 0.0)
    assert "typed 5 times on 5 days, not saved" in said.evidence[0].words
    assert said.next.startswith('save "write one failing')


def test_three_saved_and_used_prompts_that_cover_what_is_typed_are_met(month: ListedMonth) -> None:
    typed(month, 5)
    save(month, "test-first", ORDER.format("$ARGUMENTS"))
    save(month, "review")
    save(month, "explain")
    for name in ("test-first", "review", "explain"):
        typed(month, 3, f"Now follow /{name} for part number {{}}")
    said = month.judge("C3", is_here=True)
    assert (said.state, said.value, said.evidence) == (State.MET, 3.0, ())


def test_saved_prompts_that_nobody_used_are_partly(month: ListedMonth) -> None:
    month.quiet_sessions(3)
    for name in ("one", "two", "three"):
        save(month, name)
    said = month.judge("C3", is_here=True)
    assert said.state is State.PARTLY
    assert said.why.startswith("0 of them used 3 times")


def test_three_prompts_without_a_saved_one_are_too_few_to_judge(month: ListedMonth) -> None:
    month.quiet_sessions(3)
    assert month.judge("C3", is_here=True).state is State.NOT_ENOUGH_DATA


def test_what_was_saved_in_the_past_is_not_known(month: ListedMonth) -> None:
    typed(month, 5)
    assert month.judge("C3").state is State.NOT_ENOUGH_DATA
    assert month.judge("C13").state is State.NOT_ENOUGH_DATA


def test_a_prompt_for_production_without_version_tests_and_reviewer_is_told(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("C13", is_here=True).state is State.NOT_ENOUGH_DATA
    save(month, "review")
    said = month.judge("C13", is_here=True)
    assert (said.state, said.value) == (State.NOT_MET, 0.0)
    assert said.evidence[0].words == "review: no version, no tests, no reviewer"


def test_a_prompt_with_all_three_is_met_with_what_is_not_seen_said(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    save(month, "review", "---\nversion: 1.0.0\nreviewers: self\n---\nReview.")
    (month.stage.home / ".claude" / "commands" / "tests.yaml").write_text("- contains: x\n")
    said = month.judge("C13", is_here=True)
    assert (said.state, said.value, said.next) == (State.MET, 1.0, "nothing to do")
    assert "whether the version moved with each change is not seen" in said.why


def test_a_prompt_for_exploration_is_asked_nothing(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    save(month, "try", "---\nphase: exploration\n---\nTry.")
    assert month.judge("C13", is_here=True).state is State.NOT_ENOUGH_DATA
