"""What a commit says of itself: trailers, an assistant's signature, Aider's ways of marking its own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from tokencoach.attribution.evidence.facts import Hint, HintKind, clean, session_name
from tokencoach.attribution.evidence.tools import assistant_of, source_of

_MOST_BYTES: Final = 64 << 10
_TRAILER: Final = re.compile(r"^([A-Za-z][A-Za-z-]{2,40}):[ \t]*(\S.*)$", re.MULTILINE)
_PERSON: Final = re.compile(r"^(.*?)\s*<([^<>]*)>")
_SIGNED: Final = re.compile(
    r"(?:Generated|Co-?authored|Assisted) (?:with|by) \[?([A-Za-z][\w .-]{1,30})", re.IGNORECASE
)
_SESSION_KEYS: Final = {
    "claude-session": "claude-code",
    "codex-session": "codex",
    "gemini-session": "gemini-cli",
    "entire-session": "",
    "agent-session": "",
    "ai-session": "",
    "session-id": "",
    "amp-thread-id": "amp",
}
_PERSON_KEYS: Final = frozenset({"co-authored-by", "assisted-by", "generated-by", "ai-assisted-by"})
# Twelve hex digits until July 2026, since then a ULID.
_CHECKPOINT: Final = re.compile(r"^(?:[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26})$")
_AIDER: Final = "aider"
_AIDERS: Final = "aider: "


class Signature(NamedTuple):
    """Who a commit names, as git prints it."""

    author: str
    author_mail: str
    committer: str
    message: str


def hints_of(said: Signature) -> frozenset[Hint]:
    """Everything a commit says about assistants; nothing of people."""
    found = set()
    message = said.message[:_MOST_BYTES]
    for key, value in _TRAILER.findall(message):
        hint = _trailer(key.lower(), value.strip())
        if hint is not None:
            found.add(hint)
    for name in _SIGNED.findall(message):
        if (tool := assistant_of(name.strip(" .-"), "")) is not None:
            found.add(Hint(HintKind.CO_AUTHOR, tool, ""))
    if _is_aiders(said):
        found.add(Hint(HintKind.AIDER, _AIDER, ""))
    elif (tool := assistant_of(said.author, said.author_mail)) is not None:
        found.add(Hint(HintKind.CO_AUTHOR, tool, ""))
    return frozenset(found)


def _trailer(key: str, value: str) -> Hint | None:
    if key in _SESSION_KEYS:
        name = session_name(value)
        return Hint(HintKind.SESSION, _SESSION_KEYS[key], name) if name else None
    if key == "entire-checkpoint":
        name = clean(value)
        return Hint(HintKind.CHECKPOINT, "", name) if _CHECKPOINT.match(name) else None
    if key not in _PERSON_KEYS:
        return None
    person = _PERSON.match(value)
    name, mail = person.groups() if person else (value.partition(":")[0], "")
    tool = assistant_of(name, mail)
    if tool == _AIDER:
        return Hint(HintKind.AIDER, _AIDER, "")
    return Hint(HintKind.CO_AUTHOR, source_of(tool), "") if tool is not None else None


def _is_aiders(said: Signature) -> bool:
    """Aider marks author or committer with its name in brackets, or the subject with its name first."""
    if _is_marked(said.author) or _is_marked(said.committer):
        return True
    return said.message.lstrip()[: len(_AIDERS)].lower() == _AIDERS


# Of many commits, few people are the authors.
@lru_cache(maxsize=1_000)
def _is_marked(name: str) -> bool:
    return name.rstrip().lower().endswith("(aider)")
