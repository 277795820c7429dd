"""C3 and C13: a personal prompt toolkit, kept like code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.checklist.asked import answer_of
from tokencoach.checklist.item import Item, Judgement, too_little

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds


def judge(grounds: Grounds) -> Judgement:
    """What is typed again and again, and what of it is saved."""
    typed = answer_of(grounds, "retyped-prompt")
    return too_little(
        "prompt and skill folders are not read yet", typed.next or "nothing to do yet", typed.evidence
    )


def judge_kept(grounds: Grounds) -> Judgement:
    """Whether prompts for production are versioned, tested and reviewed."""
    del grounds
    return too_little("prompt and skill folders are not read yet", "nothing to do yet")


C3: Final = Item(
    "C3",
    "A personal prompt toolkit",
    "Prompts that are typed again and again are saved.",
    judge,
    unit="artifacts",
)
C13: Final = Item("C13", "Prompt is code", "Saved prompts are versioned, tested and reviewed.", judge_kept)
