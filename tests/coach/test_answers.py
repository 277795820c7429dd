"""What answers of tools weigh, and who carries them: properties of any thread."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.steps import trace_of
from tokencoach.coach.answers import answers, carrying
from tokencoach.coach.material import Spent, Trace
from tokencoach.store.trace_rows import CallStep, RequestStep
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import ToolKind

STEPS = st.lists(
    st.tuples(st.integers(0, 90_000), st.integers(0, 3_000), st.lists(st.integers(1, 90_000), max_size=3)),
    min_size=1,
    max_size=12,
)
"""Tokens that each request read from the cache, its output, and the bytes of each answer to its calls."""


def thread(steps: list[tuple[int, int, list[int]]]) -> Trace:
    """A session of one thread; a request's row is its place from 1."""
    requests, calls = [], []
    for row, (read, output, sizes) in enumerate(steps, 1):
        counts = TokenCounts(10, read, 50, 0, output, 0)
        step = RequestStep(row, 1, 1, None, row * 1000, 1, "m", None, *counts)
        requests.append(Spent(step, counts, None))
        calls += [
            CallStep(
                row * 10 + place, 1, row, 1, None, row * 1000, "Read", ToolKind.READ, "a.py", 1, "ok", None, None, 7, size
            )
            for place, size in enumerate(sizes)
        ]  # fmt: skip
    return replace(trace_of([])[0], requests=tuple(requests), calls=tuple(calls))


@given(STEPS)
def test_answers_weigh_no_more_than_the_prompt_grew_and_no_more_than_their_bytes(
    steps: list[tuple[int, int, list[int]]],
) -> None:
    trace = thread(steps)
    weights: defaultdict[int, float] = defaultdict(float)
    for answer in answers(trace):
        assert 0 <= answer.tokens <= answer.most
        weights[answer.call.request_id or 0] += answer.tokens
    for row, weight in weights.items():
        before, after = trace.requests[row - 1], trace.requests[row]
        assert weight <= max(0, after.context - before.context - before.counts.output) + 1e-6


@given(STEPS)
def test_carriers_follow_one_another_until_the_context_is_made_anew(
    steps: list[tuple[int, int, list[int]]],
) -> None:
    for answer in answers(thread(steps)):
        rows = [spent.step.request_id for spent in answer.carriers]
        assert rows == list(range((answer.call.request_id or 0) + 1, rows[-1] + 1))
        contexts = [spent.context for spent in answer.carriers]
        assert all(after >= 0.7 * before for before, after in pairwise(contexts))


@given(STEPS)
def test_no_request_is_spent_more_than_once(steps: list[tuple[int, int, list[int]]]) -> None:
    every = answers(thread(steps))
    parts = carrying((answer, answer.tokens) for answer in every)
    once = carrying(((answer, answer.tokens) for answer in every), is_once=True)
    assert all(0 <= part <= 1 for part in parts.values())
    assert all(part <= parts[row] + 1e-9 for row, part in once.items())


def test_an_answer_is_written_once_and_then_read() -> None:
    (first,) = answers(thread([(1_000, 0, [8_000]), (1_040, 0, []), (1_050, 0, [])]))
    assert first.tokens == pytest.approx(40)
    parts = carrying([(first, first.tokens)])
    # Without a price, written to the cache counts 25 and read from it 2, of a plain token's 20.
    assert parts[2] == pytest.approx(40 * 25 / (10 * 20 + 1_040 * 2 + 50 * 25))
    assert parts[3] == pytest.approx(40 * 2 / (10 * 20 + 1_050 * 2 + 50 * 25))
