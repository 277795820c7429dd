"""What prompts that say the same have in common, and where they differ."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.prompts.typed import is_mask

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_COMPARED: Final = 12
GAP: Final = "<…>"


class Template(NamedTuple):
    """``text`` is the commonest wording with what varies in angle brackets; ``variables`` are those, each once."""

    text: str
    variables: tuple[str, ...]


def template_of(wordings: Sequence[Sequence[str]]) -> Template:
    """The template of some wordings of one prompt, the commonest first."""
    first = list(wordings[0])
    is_fixed = [True] * len(first)
    for other in wordings[1:_MOST_COMPARED]:
        same = [False] * len(first)
        for at, _, size in SequenceMatcher(None, first, list(other), autojunk=False).get_matching_blocks():
            same[at : at + size] = [True] * size
        is_fixed = [fixed and kept for fixed, kept in zip(is_fixed, same, strict=True)]
    words: list[str] = []
    for word, fixed in zip(first, is_fixed, strict=True):
        told = word if fixed or is_mask(word) else GAP
        if told != GAP or words[-1:] != [GAP]:
            words.append(told)
    return Template(" ".join(words), tuple(dict.fromkeys(filter(is_mask, words))))
