"""Joining what servers did to what assistants asked: one to one, whatever the order, within its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.joining import AskedRequest, ServedRequest, is_alike, join, window

if TYPE_CHECKING:
    from random import Random

COUNTS = st.integers(0, 3)
MODELS = st.sampled_from(["qwen2.5-coder-7b-q4_k_m", "qwen2.5-coder:7b", "unknown", "llama3"])
SERVED = st.builds(
    ServedRequest,
    key=st.integers(0, 99),
    at_ms=st.integers(0, 4_000_000),
    busy_ms=st.floats(0, 60_000),
    input=COUNTS,
    cache_read=COUNTS,
    output=COUNTS,
    model=MODELS,
    is_timed=st.booleans(),
    has_counts=st.booleans(),
)
ASKED = st.builds(
    AskedRequest,
    key=st.integers(100, 199),
    at_ms=st.integers(0, 4_000_000),
    prompt=COUNTS,
    output=COUNTS,
    model=MODELS,
)
SOME_SERVED = st.lists(SERVED, max_size=12, unique_by=lambda one: one.key)
SOME_ASKED = st.lists(ASKED, max_size=12, unique_by=lambda one: one.key)


@given(SOME_SERVED, SOME_ASKED, st.randoms())
def test_the_order_of_records_changes_nothing(
    served: list[ServedRequest], asked: list[AskedRequest], chance: Random
) -> None:
    found = join(served, asked)
    chance.shuffle(served)
    chance.shuffle(asked)
    assert join(served, asked) == found


@given(SOME_SERVED, SOME_ASKED)
def test_pairs_are_one_to_one_and_of_one_time(served: list[ServedRequest], asked: list[AskedRequest]) -> None:
    found = join(served, asked)
    assert len(set(found.values())) == len(found)
    theirs = {one.key: one for one in asked}
    for one in served:
        if one.key in found:
            first, last = window(one)
            assert first <= theirs[found[one.key]].at_ms <= last


@given(SOME_SERVED, SOME_ASKED)
def test_counts_that_are_told_on_both_sides_are_alike(
    served: list[ServedRequest], asked: list[AskedRequest]
) -> None:
    found, theirs = join(served, asked), {one.key: one for one in asked}
    for one in served:
        other = theirs.get(found.get(one.key, -1))
        if other is not None and one.has_counts and (other.prompt or other.output):
            assert abs(other.output - one.output) <= 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("qwen2.5-coder-7b-instruct-q4_k_m", "ollama/qwen2.5-coder:7b", True),
        ("Qwen2.5 Coder 7B Instruct", "qwen2.5-coder:7b", True),
        ("gemma-4-E4B-it-Q8_0", "gemma-4-e4b", True),
        ("qwen2.5-coder-7b", "qwen2.5-coder:14b", False),
        ("llama-3.1-8b", "gpt-5.5", False),
        ("unknown-local", "anything", True),
        ("sha256-2af3b81862c6", "anything", True),
    ],
)
def test_names_of_one_model_are_told_from_those_of_others(one: str, other: str, *, expected: bool) -> None:
    assert is_alike(one, other) is expected
    assert is_alike(other, one) is expected
