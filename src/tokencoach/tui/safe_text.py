"""Text from logs and repositories made safe for a terminal: no escape, no markup, no reordering."""

from __future__ import annotations

import unicodedata

LIMIT = 2_000
"""Characters of one text that are ever shown; what is longer is cut before anything else looks at it."""

_MARKS_IN_A_ROW = 2
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_HIDDEN = "\ufffd"


def clean(text: str, limit: int = LIMIT) -> str:
    """One printable line of any text.

    Control characters become their pictures (ESC is U+241B), line breaks and tabs a space,
    direction overrides, surrogates and unassigned characters U+FFFD; zero-width characters are
    dropped and piled-up combining marks cut. Markup brackets stay: nothing downstream reads markup.
    """
    if len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_safe_characters(text))


def _safe_characters(text: str) -> list[str]:
    out: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in {"Mn", "Me"}:
            marks += 1
            if marks <= _MARKS_IN_A_ROW and not "\ufe00" <= character <= "\ufe0f":
                out.append(character)
            continue
        marks = 0
        out.append(_safe(character, category))
    return out


def _safe(character: str, category: str) -> str:
    if character in _BIDI or category in {"Cs", "Co", "Cn"} or character in _INVISIBLE_LETTERS:
        return _HIDDEN
    if category == "Cf":
        return ""
    if category in {"Zs", "Zl", "Zp"} or character in "\t\n\r\v\f\x85":
        return " "
    if category == "Cc":
        code = ord(character)
        return chr(0x2400 + code) if code < 0x20 else ("\u2421" if code == 0x7F else _HIDDEN)
    return character


def lines_of(text: str, most: int) -> list[str]:
    """The first lines of a text, each made safe; blank ones at its edges are dropped."""
    lines = text[: LIMIT * 4].strip().splitlines()
    shown = [clean(line.expandtabs(4)) for line in lines[:most]]
    if len(lines) > most and shown:
        shown[-1] = f"{shown[-1]} …"
    return shown
