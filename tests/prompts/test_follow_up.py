"""Which prompts go on with the one before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.prompts.follow_up import is_follow_up


@pytest.mark.parametrize(
    "text",
    [
        "continue",
        "yes, please add it",
        "No, the other one",
        "still too hard.",
        "it still doesn't work",
        "fix it",
        "go ahead, including the rename",
        "weiter",
        "да",
        "",
        "👍",
        "--- FAIL: TestParse (0.00s)\n    parse_test.go:21: got three records of the ledger, want four of them in all\nFAIL",
    ],
)
def test_short_words_of_agreement_and_repair_go_on(text: str) -> None:
    assert is_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "Add a flag that prints the version",
        "Why are the tests slow?",
        "Fix the parser of dates",
        "Yes, and now that this is done, please write a page that explains how the whole thing works",
        "Rename the module",
    ],
)
def test_a_new_intent_does_not(text: str) -> None:
    assert not is_follow_up(text)


@given(st.text(max_size=400))
def test_any_text_is_one_or_the_other(text: str) -> None:
    assert is_follow_up(text) in (True, False)
