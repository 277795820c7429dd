"""Which records of Codex are prompts that a person typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.codex.records import ANYTHING
from tokencoach.sources.decoding import digest64

if TYPE_CHECKING:
    from collections import Counter

    import msgspec

    from tokencoach.sources.codex.state import State

#: What the program itself puts in a person's place.
_INJECTED: Final = (
    "<environment_context>",
    "<user_instructions>",
    "<user_action>",
    "<user_shell_command>",
    "<subagent_notification>",
    "<turn_aborted>",
    "<skill>",
    "<permissions instructions>",
    "# AGENTS.md instructions",
)


def typed_text(raw: msgspec.Raw, odd: Counter[str]) -> str | None:
    """The person's words in a message, which is a text or a list of parts."""
    value = ANYTHING.decode_or(raw, None, odd, "payload.message")
    parts = value if isinstance(value, list) else [value]
    texts = [text for part in parts if (text := _part(part)) is not None]
    typed = [text for text in texts if text.strip() and not text.lstrip().startswith(_INJECTED)]
    return "\n".join(typed) or None


def prompt_key(text: str, way: str, state: State) -> str | None:
    """The prompt's key, or ``None`` where another record told of the same prompt already.

    Two generations of records may stand side by side, an event and an item (``way``). The key
    counts the thread's prompts, so that a fork which repeats them repeats their keys.
    """
    # The same words twice in a row are two prompts, unless two ways of telling tell them.
    digest = digest64(text.encode())
    if state.last_prompt is not None and state.last_prompt[0] == digest and state.last_prompt[1] != way:
        state.last_prompt = None
        return None
    state.last_prompt = (digest, way)
    state.prompts += 1
    return f"{state.root_id or state.thread_id}:{state.prompts}:{digest}"


def _part(part: Any) -> str | None:
    if isinstance(part, dict):
        part = part.get("text")
    return part if isinstance(part, str) else None
