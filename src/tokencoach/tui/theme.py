"""Our two themes, and the words and glyphs of a verdict. Colours are named here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.theme import Theme

from tokencoach.audit.as_text import WORDS
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping


_DARK_TONES = {
    "tone-shipped": "#72b7ff",
    "tone-reworked": "#e9c46a",
    "tone-not-landed": "#ff9d52",
    "tone-pending": "#bdb0fa",
    "tone-neutral": "#a3adba",
    "tone-unknown": "#d8a7c0",
    "tone-muted": "#9aa5b3",
    "tone-strong": "#ffffff",
    "tone-alert": "#ffc24d",
    "cursor-line": "#2a3949",
    "cursor-dim": "#222b36",
}
_LIGHT_TONES = {
    "tone-shipped": "#0a539f",
    "tone-reworked": "#705000",
    "tone-not-landed": "#9a3a00",
    "tone-pending": "#5546a8",
    "tone-neutral": "#525c69",
    "tone-unknown": "#7c3f60",
    "tone-muted": "#566070",
    "tone-strong": "#000000",
    "tone-alert": "#7d4a00",
    "cursor-line": "#d3e3f5",
    "cursor-dim": "#e6ebf0",
}

DARK = Theme(
    name="tokencoach-dark",
    primary="#72b7ff",
    secondary="#4d8fd6",
    accent="#ff9d52",
    warning="#ffc24d",
    error="#ff9d52",
    success="#72b7ff",
    foreground="#e4e8ed",
    background="#12161b",
    surface="#181d24",
    panel="#1f2630",
    dark=True,
    variables=_DARK_TONES,
)
LIGHT = Theme(
    name="tokencoach-light",
    primary="#0a539f",
    secondary="#2f72b8",
    accent="#9a3a00",
    warning="#7d4a00",
    error="#9a3a00",
    success="#0a539f",
    foreground="#1b2027",
    background="#fbfaf7",
    surface="#f3f2ee",
    panel="#e9e9e4",
    dark=False,
    variables=_LIGHT_TONES,
)
DEFAULT_VARIABLES: Mapping[str, str] = _DARK_TONES
"""Stand in where a theme of Textual's own is chosen, which has none of our names."""


class Look(NamedTuple):
    """One bucket's word, glyph and bar character."""

    word: str
    glyph: str
    bar: str
    tone: str


class Glyphs(NamedTuple):
    """The characters that carry meaning, in one of two sets."""

    looks: Mapping[Bucket, Look]
    cursor: str
    on: str
    off: str
    crumb: str
    full: str
    part: str
    back: str
    ellipsis: str
    dash: str
    enter: str
    separator: str
    beside: str
    falling: str
    rising: str


_BARS = {
    Bucket.SHIPPED: ("█", "+", "#"),
    Bucket.REWORKED: ("▓", "r", "%"),
    Bucket.NOT_LANDED: ("▒", "x", "="),
    Bucket.PENDING: ("░", "o", "-"),
    Bucket.NEUTRAL: ("·", ".", "."),
    Bucket.UNKNOWN: ("?", "?", "?"),
}


def _looks(*, is_ascii: bool) -> Mapping[Bucket, Look]:
    looks = {}
    for bucket, (glyph, word) in WORDS.items():
        bar, plain, plain_bar = _BARS[bucket]
        tone = bucket.value.replace("_", "-")
        looks[bucket] = Look(word, plain if is_ascii else glyph, plain_bar if is_ascii else bar, tone)
    return looks


# The angle quotes are the usual marks of a breadcrumb.
UNICODE = Glyphs(_looks(is_ascii=False), "▸", "●", "○", "›", "█", "░", "‹", "…", "—", "↵", "·", "←", "▾", "▴")  # noqa: RUF001
ASCII = Glyphs(
    _looks(is_ascii=True), ">", "*", "o", ">", "#", ".", "<", "...", "-", "enter", "-", "<-", "v", "^"
)


def choose_glyphs(environment: Mapping[str, str], encoding: str | None) -> Glyphs:
    """ASCII on a plain terminal (Linux console, dumb, no UTF-8, or asked for), else Unicode."""
    if environment.get("TOKENCOACH_ASCII"):
        return ASCII
    if environment.get("TERM", "") in {"linux", "dumb", "vt100", "vt102", "vt220", "ansi"}:
        return ASCII
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    return UNICODE if name in {"utf8", "utf16", "cp65001"} else ASCII
