"""The prompt behind a line or turn, read from the tool's own log, for the verbs that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.cli.output import one_line
from tokencoach.watch.prompt import read_prompt

if TYPE_CHECKING:
    from tokencoach.audit.report import LoggedPrompt
    from tokencoach.store.reader import Reader

_EXCERPT = 200


class Prompts:
    """Prompts by the row of their turn; each log is asked once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._found: dict[int, LoggedPrompt] = {}

    def of(self, turn: int | None) -> LoggedPrompt | None:
        """The prompt that began a turn; None where no turn is known."""
        if not turn:
            return None
        if turn not in self._found:
            self._found[turn] = read_prompt(self._reader, turn)
        return self._found[turn]


def prompt_json(prompt: LoggedPrompt | None) -> dict[str, Any] | None:
    """A prompt in full, where it stands, and why it cannot be read there any more."""
    if prompt is None:
        return None
    return {"text": prompt.text, "where": prompt.where, "problem": prompt.problem}


def excerpt(prompt: LoggedPrompt | None, length: int = _EXCERPT) -> str | None:
    """The beginning of a prompt on one line; None where there is no text."""
    if prompt is None or prompt.text is None:
        return None
    text = one_line(" ".join(prompt.text.split()))
    return text if len(text) <= length else text[: length - 1] + "…"


def prompt_lines(prompt: LoggedPrompt | None) -> list[str]:
    """A prompt as text for a terminal, with where it was read or why it was not."""
    if prompt is None:
        return ["     no prompt began this turn"]
    found = [f"     | {one_line(line)}" for line in (prompt.text or "").splitlines()]
    if prompt.problem is None:
        return [*found, f"     from {one_line(prompt.where)}"]
    kept = "what was kept of the prompt stands above" if found else "nothing of the prompt was kept"
    return [*found, f"     {one_line(prompt.problem)}: {one_line(prompt.where) or 'no file'}; {kept}"]
