"""Figures for people are written in one way everywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tokencoach
from tokencoach.audit.numbers import counted, percent, signed_percent

ROOMS = ("coach", "checklist", "audit", "cli", "watch")


@pytest.mark.parametrize(
    ("difference", "written"), [(-0.154, "-15 %"), (0.08, "+8 %"), (-0.001, "0 %"), (0.0, "0 %")]
)
def test_a_difference_has_its_sign_and_nothing_has_none(difference: float, written: str) -> None:
    assert signed_percent(difference) == written


def test_one_thing_has_no_s() -> None:
    assert [counted(number, "session") for number in (0, 1, 1234)] == [
        "0 sessions",
        "1 session",
        "1,234 sessions",
    ]


def test_a_share_stands_apart_from_its_sign() -> None:
    assert [percent(share) for share in (0.0, 0.001, 0.6, 0.999)] == ["0 %", "<1 %", "60 %", ">99 %"]


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_writes_a_share_in_a_way_of_its_own(room: str) -> None:
    for path in (Path(tokencoach.__file__).parent / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
                ends = node.format_spec.values[-1:]
                is_share = any(isinstance(end, ast.Constant) and str(end.value).endswith("%") for end in ends)
                assert not is_share, f"{path.name}:{node.lineno}"
