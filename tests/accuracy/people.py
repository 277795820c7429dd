"""What people do to files that assistants wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accuracy.marks import Line, is_significant, kept_share, new_line, retouched

if TYPE_CHECKING:
    from random import Random

    from accuracy.author import Author, Draft
    from accuracy.model import ModelRepository


def another(dice: Random, text: str) -> str:
    """The same line with another number or name in it."""
    words = list(re.finditer(r"\w+", text))
    if not words:
        return text
    word = dice.choice(words)
    other = str(int(word[0]) + dice.randrange(1, 9)) if word[0].isdigit() else word[0] + "_too"
    return text[: word.start()] + other + text[word.end() :]


def retouch(dice: Random, line: Line) -> Line | None:
    """Another number or name in a long line; None where too little of it would stay."""
    text = another(dice, line.text)
    return retouched(line, text) if kept_share(line.text, text) >= 0.85 else None


def edit_share(repo: ModelRepository, author: Author, draft: Draft, share: float) -> None:
    """A person retouches, replaces or drops a share of a file's significant lines."""
    lines: list[Line] = []
    dice = author.dice
    for line in repo.work[draft.path]:
        if not is_significant(line.text) or dice.random() >= share:
            lines.append(line)
            continue
        touched = retouch(dice, line) if dice.random() < 0.5 else None
        if touched is not None:
            lines.append(touched)
        elif dice.random() < 0.8:
            lines.append(new_line(author.remark(draft.language)))
    repo.put(draft.path, lines)


def type_in(repo: ModelRepository, path: str, at: int, lines: list[str]) -> None:
    """A person types lines into a file."""
    before = repo.work.get(path, ())
    repo.put(path, [*before[:at], *map(new_line, lines), *before[at:]])
