"""What an assistant said last in a session, read from the end of its log when someone asks; nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach import regular_files
from tokencoach.sources.fields import record, records, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Sources whose logs are lines that hold an assistant's texts as texts, one message a line.
SPOKEN: Final = frozenset({"claude-code", "codex", "copilot-cli", "droid", "pi", "qwen-code"})
_MOST_BYTES: Final = 1 << 20
_MOST_CHARACTERS: Final = 20_000
_SPEAKERS: Final = frozenset({"assistant", "model"})
_TEXTS: Final = frozenset({"", "text", "output_text"})


def last_said(source: str, path: Path) -> str | None:
    """The last messages of a session, the oldest of them first, out of the last MiB of its log.

    None where this source's log does not tell them.

    Raises:
        OSError: the log is gone or cannot be read.
    """
    if source not in SPOKEN or path.suffix != ".jsonl":
        return None
    with regular_files.opened(path) as file:
        size = file.seek(0, 2)
        start = max(0, size - _MOST_BYTES)
        file.seek(start)
        lines = (file.read(_MOST_BYTES) or b"").split(b"\n")
    found: list[str] = []
    left = _MOST_CHARACTERS
    # Where reading began within a line, its rest is none.
    for line in reversed(lines[1:] if start else lines):
        said = "\n".join(_texts_of(line))[:left] if line else ""
        if said:
            found.append(said)
            left -= len(said)
        if left <= 0:
            break
    return "\n".join(reversed(found))


def _texts_of(line: bytes) -> Iterator[str]:
    """The texts of a line that an assistant said; damaged lines say nothing."""
    try:
        whole = record(msgspec.json.decode(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if word(whole.get("type")) == "assistant.message":
        yield from _content_of(record(whole.get("data")))
        return
    for part in (whole, record(whole.get("message")), record(whole.get("payload"))):
        if word(part.get("role")) in _SPEAKERS:
            yield from _content_of(part)
            return


def _content_of(message: dict[str, Any]) -> Iterator[str]:
    content = message.get("content") or message.get("parts")
    if isinstance(content, str):
        yield content
    for block in records(content):
        if word(block.get("type")) in _TEXTS and not block.get("thought") and word(block.get("text")):
            yield word(block["text"])
