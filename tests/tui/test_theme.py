"""Colours can be told apart and read; words and glyphs never depend on them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tokencoach.tui
from tokencoach.tui.theme import ASCII, DARK, LIGHT, UNICODE, Glyphs, choose_glyphs
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from textual.theme import Theme

LITERAL_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
ROOM = Path(tokencoach.tui.__file__).parent


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_all_text_has_a_contrast_of_at_least_four_and_a_half(theme: Theme) -> None:
    inks = {name: value for name, value in theme.variables.items() if name.startswith("tone-")}
    papers = {name: value for name, value in theme.variables.items() if name.startswith("cursor-")}
    assert theme.foreground
    inks["foreground"] = theme.foreground
    for name in ("background", "surface", "panel"):
        papers[name] = getattr(theme, name)
    weak = [
        (ink, paper, round(contrast(inks[ink], papers[paper]), 2))
        for ink in inks
        for paper in papers
        if contrast(inks[ink], papers[paper]) < 4.5
    ]
    assert weak == []


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_shipped_is_blue_and_wasted_is_orange(theme: Theme) -> None:
    def channels(name: str) -> tuple[int, int, int]:
        colour = theme.variables[name]
        return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

    red, _, blue = channels("tone-shipped")
    assert blue > red
    red, green, blue = channels("tone-not-landed")
    assert red > green > blue


def test_both_themes_name_the_same_colours() -> None:
    assert DARK.variables.keys() == LIGHT.variables.keys()


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_each_bucket_has_its_own_word_glyph_and_bar(glyphs: Glyphs) -> None:
    assert set(glyphs.looks) == set(Bucket)
    for field in ("word", "glyph", "bar"):
        assert len({getattr(look, field) for look in glyphs.looks.values()}) == len(Bucket)


def test_the_ascii_set_is_ascii() -> None:
    assert str(ASCII).isascii()


def test_a_plain_terminal_gets_ascii() -> None:
    assert choose_glyphs({"TERM": "linux"}, "utf-8") is ASCII
    assert choose_glyphs({"TERM": "xterm-256color"}, "ascii") is ASCII
    assert choose_glyphs({"TERM": "xterm-256color"}, "UTF-8") is UNICODE
    assert choose_glyphs({"TOKENCOACH_ASCII": "1"}, "utf-8") is ASCII


def test_no_colour_is_named_outside_the_theme() -> None:
    files = [path for path in ROOM.rglob("*") if path.suffix in {".py", ".tcss"} and path.name != "theme.py"]
    assert files
    named = [path.name for path in files if LITERAL_COLOUR.search(path.read_text(encoding="utf-8"))]
    assert named == []
