"""Which records are prompts that a person typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.sources.claude_code.records import Block, Line

INTERRUPTION: Final = "[Request interrupted by user"

#: What the program itself writes in a person's place.
_INJECTED: Final = (
    "<command-name>",
    "<command-message>",
    "<local-command-",
    "<task-notification>",
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<system-reminder>",
    "<ide_opened_file>",
    "<ide_selection>",
    "<ide_diagnostics>",
    "<user-memory-input>",
    "<user-prompt-submit-hook>",
    "This session is being continued",
    "Stop hook feedback",
    "Caveat: The messages below were generated",
    INTERRUPTION,
)


#: A prompt that the person kept and called; the program's own commands come the other way round.
_COMMAND: Final = re.compile(
    r"\s*<command-message>[^<]{1,200}</command-message>\s*<command-name>/?([^<\s]{1,120})</command-name>"
)


def command_called(content: str | Sequence[Block]) -> str | None:
    """The name of the kept prompt that a record calls, without its slash; ``None`` where it calls none."""
    text = content if isinstance(content, str) else next((block.text for block in content if block.text), "")
    found = _COMMAND.match(text) if text and "<command-name>" in text[:400] else None
    return None if found is None else found[1]


def human_text(line: Line, content: str | Sequence[Block]) -> str | None:
    """The text that a person typed, or ``None`` where nobody did.

    Blocks that the program injected beside the person's own are left out; a pasted image
    without words reads ``[image]``.
    """
    if line.is_meta or line.is_compact_summary or line.is_visible_in_transcript_only:
        return None
    if line.prompt_source == "system" or (
        line.origin is not None and line.origin.kind not in (None, "human")
    ):
        return None
    if isinstance(content, str):
        return None if _is_injected(content) else content
    texts = [block.text for block in content if block.type == "text" and block.text is not None]
    typed = [text for text in texts if not _is_injected(text)]
    if typed:
        return "\n".join(typed)
    has_image = any(block.type == "image" for block in content)
    return "[image]" if has_image and not texts else None


def _is_injected(text: str) -> bool:
    # An empty text block stands beside images and attachments.
    start = text[:200].lstrip()
    return not start or start.startswith(_INJECTED)
