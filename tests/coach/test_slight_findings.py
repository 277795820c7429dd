"""Findings that cost next to nothing: they are named in a line, and opened where that is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tokencoach.coach.as_text import slight_lines
from tokencoach.coach.finding import Basis, Finding, Rate, is_slight

CENT = 10_000_000
FINDING = Finding(
    id="loops",
    title="Two sessions went in circles",
    cost_nano=CENT,
    tokens=9,
    basis=Basis.ESTIMATED,
    evidence=(),
    why="because",
    next="stop",
    condition="it goes in circles",
    action="stop it",
    rate=Rate(2, 9, "sessions"),
    low_nano=0,
    high_nano=CENT,
)


@pytest.mark.parametrize(
    ("cost", "high", "whole", "slight"),
    [
        (CENT, CENT, 1000 * CENT, True),
        (CENT, CENT, 200 * CENT, True),
        (CENT, CENT, 199 * CENT, False),
        (CENT, 100 * CENT, 1000 * CENT, False),
        (0, 0, 1000 * CENT, False),
        (0, CENT, 1000 * CENT, True),
        (CENT, CENT, 0, False),
    ],
)
def test_what_costs_a_two_hundredth_at_most_is_slight(cost: int, high: int, whole: int, slight: bool) -> None:  # noqa: FBT001 - a case of the table
    assert is_slight(replace(FINDING, cost_nano=cost, high_nano=high), whole) is slight


def test_slight_findings_are_named_with_their_price() -> None:
    said = "\n".join(slight_lines([FINDING]))
    assert "Two sessions went in circles: ~$0.01 estimated" in " ".join(said.split())
    assert "--all" in said
    assert not list(slight_lines([]))
