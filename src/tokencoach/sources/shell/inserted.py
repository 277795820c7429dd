"""Whole lines that a script of ``sed`` puts into its files: what follows its commands ``a``, ``i`` and ``c``."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.sources.shell.words import Word

_PLACE: Final = r"(?:\d+|\$|/(?:\\.|[^/\\])*/I?)"
_INSERTS: Final = re.compile(
    rf"\s*(?:{_PLACE}(?:,[+~]?{_PLACE})?)?\s*!?\s*[aic](?:\\\n|\\|\s)\s*(.*)", re.DOTALL
)
_SEDS: Final = frozenset({"sed", "gsed"})


def inserted_lines(name: str, words: Sequence[Word]) -> str:
    """The lines that every script of an in-place ``sed`` puts in; nothing where one of them does anything else."""
    if name not in _SEDS:
        return ""
    told = [word for flag, word in pairwise(words) if flag.text in ("-e", "-ie", "--expression")]
    told = told or [word for word in words[1:] if word.text and not word.text.startswith("-")][:1]
    found = [_INSERTS.fullmatch(word.text) if word.is_fixed else None for word in told]
    if not found or None in found:
        return ""
    return "\n".join(_unescaped(match[1]) for match in found if match is not None)


def _unescaped(text: str) -> str:
    """The text as sed writes it: a backslash before a line's end joins nothing, others are taken away."""
    return re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text, flags=re.DOTALL
    )
