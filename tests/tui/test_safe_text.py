"""Text of logs reaches the terminal without its tricks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tokencoach.tui.safe_text import LIMIT, clean, lines_of
from tokencoach.tui.widgets.columns import fit


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\nb\tc\rd", "a b c d"),
        ("\x9b31mred", "\ufffd31mred"),
        ("user\u202etxt.exe", "user\ufffdtxt.exe"),
        ("\u2066isolated\u2069", "\ufffdisolated\ufffd"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("e" + "\u0301" * 50, "e\u0301\u0301"),
        ("\x00\x7f", "␀␡"),
        ("שלום", "שלום"),
        ("日本語", "日本語"),
    ],
)
def test_what_could_trick_a_terminal_is_shown_as_something_harmless(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_a_very_long_text_is_cut_with_an_ellipsis() -> None:
    cut = clean("x" * 10_000_000)
    assert len(cut) == LIMIT
    assert cut.endswith("…")


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_one_line_without_controls(text: str) -> None:
    safe = clean(text)
    kinds = {unicodedata.category(character) for character in safe}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert clean(safe) == safe
    safe.encode("utf-8")


@given(st.text(st.characters(exclude_categories=())), st.integers(0, 60), st.booleans())
def test_any_text_fits_into_exactly_the_cells_it_is_given(text: str, width: int, is_right: bool) -> None:  # noqa: FBT001
    assert cell_len(fit(text, width, is_right=is_right)) == width


def test_the_first_lines_of_a_text_say_that_there_are_more() -> None:
    assert lines_of("\n one\n\ttwo\nthree\n", 2) == ["one", "    two …"]
    assert lines_of("", 3) == []
