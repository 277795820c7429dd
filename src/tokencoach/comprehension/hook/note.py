"""What a check leaves at its commit: one line of JSON in a git note, never pushed unless asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokencoach.store.checked import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.store.checked import Answer, AskedQuestion, Check

_FORMAT = 1


def note_text(check: Check, questions: Sequence[tuple[AskedQuestion, Answer | None]]) -> str:
    """The line: how much was asked and right, or why it was skipped, and what of the lines is understood."""
    answers = [answer for _, answer in questions if answer is not None]
    understood = {
        (question.path, question.qualname): question.ai_lines
        for question, answer in questions
        if answer is not None and answer.is_understood
    }
    said = {
        "v": _FORMAT,
        "asked": len(answers),
        "right": sum(bool(answer.is_right) for answer in answers),
        "skipped": (check.why or None) if check.outcome is Outcome.SKIPPED else None,
        "ai_lines": check.ai_lines,
        "covered": min(check.ai_lines, sum(understood.values())),
    }
    return json.dumps(said, separators=(",", ":")) + "\n"
