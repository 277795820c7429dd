"""Whole screens as plain text: a change of a screen is read as a change of its golden.

``REDRAW=1 pytest tests/tui/test_goldens.py`` draws them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.driving import LARGE, SMALL, screen_text
from tui.made_values import MadeBackend

FOLDER = Path(__file__).parent / "goldens"
SCREENS = {
    "audit": ((), SMALL),
    "audit-large": ((), LARGE),
    "features": (("f",), SMALL),
    "features-large": (("f", "j", "j", "j"), LARGE),
    "feature": (("f", "enter"), SMALL),
    "score": (("shift+tab", "question_mark"), SMALL),
    "today": (("1",), SMALL),
    "sessions": (("6",), SMALL),
    "session": (("enter", "enter"), SMALL),
    "session-large": (("enter", "enter"), LARGE),
    "turn": (("enter", "enter", "enter"), SMALL),
    "lines": (("enter", "enter", "enter", "enter"), SMALL),
    "checklist": (("3",), SMALL),
    "checklist-large": (("3",), LARGE),
    "item": (("3", "j", "enter"), SMALL),
    "check": (("4",), SMALL),
    "check-large": (("4",), LARGE),
    "doctor": (("7",), SMALL),
    "power-demo": (("5",), SMALL),
    "why": (("question_mark",), SMALL),
}

WITH_HABITS = {
    "audit-habits": ((), SMALL),
    "audit-habits-large": ((), LARGE),
    "finding": (("tab", "tab", "enter"), SMALL),
    "plan": (("tab", "tab", "enter", "p"), SMALL),
    "ritual-spent": (("M",), SMALL),
    "ritual-ended": (("M", "n"), SMALL),
    "ritual-stop": (("M", "n", "n"), SMALL),
    "ritual-plan": (("M", "n", "n", "n"), SMALL),
    "ritual-done": (("M", "n", "n", "n", "enter", "enter", "enter"), LARGE),
}


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def check(name: str, text: str) -> None:
    path = FOLDER / f"{name}.txt"
    if os.environ.get("REDRAW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn(text), encoding="utf-8")
    assert drawn(text) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did(name: str) -> None:
    keys, size = SCREENS[name]
    check(name, screen_text(MadeBackend(is_demo=True), *keys, size=size))


@pytest.mark.parametrize("name", WITH_HABITS)
def test_a_screen_with_habits_looks_as_it_did(name: str) -> None:
    keys, size = WITH_HABITS[name]
    backend = MadeBackend(is_demo=True)
    backend.has_habits = True
    check(name, screen_text(backend, *keys, size=size))


def test_the_first_run_looks_as_it_did() -> None:
    check("welcome", screen_text(MadeBackend(is_empty=True)))


@pytest.mark.parametrize(
    ("name", "size", "is_ascii"),
    [("power", SMALL, False), ("power-large", LARGE, False), ("power-ascii", SMALL, True)],
)
def test_the_power_screen_looks_as_it_did(name: str, size: tuple[int, int], *, is_ascii: bool) -> None:
    check(name, screen_text(MadeBackend(), "5", size=size, is_ascii=is_ascii))


def test_without_a_sensor_the_power_screen_looks_as_it_did() -> None:
    backend = MadeBackend()
    backend.has_sensor = False
    check("power-none", screen_text(backend, "5"))


def test_a_plain_terminal_looks_as_it_did() -> None:
    check("audit-ascii", screen_text(MadeBackend(), is_ascii=True))
