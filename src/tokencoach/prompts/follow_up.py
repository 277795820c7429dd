"""Which prompts go on with what was asked before, and which ask for something new."""

from __future__ import annotations

import re
from typing import Final

from tokencoach.prompts.kind import PromptKind, prompt_kind

_MOST_WORDS: Final = 12
_OPENING_WORDS: Final = (
    "again also and commit continue cool correct exactly fine go good great hm hmm instead keep looks next nice no "
    "nope not ok okay perfect please proceed push redo resume retry right same still sure stop thanks then thx try undo "
    "wait wrong yeah yep yes you aber bitte danke doch genau ja jetzt mach nein nochmal stimmt weiter continua "
    "encore merci non oui recommence vas-y bien gracias otra si sigue vale ainda obrigado sim да дальше нет "
    "продолжай 继续 好 不 はい 続けて"
)
"""What a person says to go on, to agree, to refuse or to have it done again."""
_OPENERS: Final = frozenset(_OPENING_WORDS.split())
_REPAIR: Final = re.compile(
    r"\b(?:fix|do|use|try|redo|undo|revert|change) (?:it|this|that|them|those|the same)\b"
)
_STILL: Final = re.compile(
    r"\b(?:still|it|this|that|they)\b.{0,40}\b(?:fails?|failing|failed|broken|wrong|same|errors?|not|doesn'?t|isn'?t|again)\b"
)
_WORD: Final = re.compile(r"[^\W_][\w'-]*")


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return _WORD.findall(text.lower())


def is_follow_up(text: str) -> bool:
    """Whether a prompt only makes sense after the one before it.

    At most a dozen words, of which the first agrees, refuses or says to go on, or which only say that
    something is wrong; or the error of a program with no word beside it. Another long prompt is taken
    for something new, so tasks are rather split than run together.
    """
    words = words_of(text)
    if not words:
        return True
    if len(words) > _MOST_WORDS:
        return prompt_kind(text) is PromptKind.ERROR
    small = text.lower()
    if words[0] in _OPENERS or _STILL.search(small) or _REPAIR.search(small):
        return True
    return prompt_kind(text) is not PromptKind.TASK
