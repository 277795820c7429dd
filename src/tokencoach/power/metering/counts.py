"""What the ends of an answer tell of it: model, tokens, times. Never what was asked or answered.

Formats: OpenAI's chat completions, completions and responses (``usage``), Anthropic's messages
(``message_start``, ``message_delta``), llama.cpp's ``timings``, Ollama's ``*_count`` and ``*_duration``
(nanoseconds). In text that a model wrote, quotes are escaped: it cannot pass for any of these.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from tokencoach.power.servers.asking import mapping, whole

HEAD_BYTES: Final = 8_192
TAIL_BYTES: Final = 32_768
_MODEL: Final = re.compile(rb'"model"\s*:\s*"([^"\\\x00-\x1f]{1,200})"')
_OBJECT: Final = re.compile(rb'"(usage|timings)"\s*:\s*\{')
_OLLAMA: Final = re.compile(
    rb'"(prompt_eval_count|eval_count|prompt_eval_duration|eval_duration)"\s*:\s*(\d{1,18})(?=\s*[,}])'
)
_LONGEST_OBJECT: Final = 4_096
_NS_PER_MS: Final = 1e6


class Ends(msgspec.Struct):
    """The first and the last bytes of a body; what lies between is let go."""

    head: bytearray = msgspec.field(default_factory=bytearray)
    tail: bytearray = msgspec.field(default_factory=bytearray)

    def add(self, piece: bytes) -> None:
        """Some more of the body."""
        room = HEAD_BYTES - len(self.head)
        if room > 0:
            self.head += piece[:room]
            piece = piece[room:]
        self.tail += piece[-TAIL_BYTES:]
        if len(self.tail) > 2 * TAIL_BYTES:
            del self.tail[:-TAIL_BYTES]


class Counts(msgspec.Struct, frozen=True):
    """One answer. Tokens are None where it tells none; times are milliseconds of work, 0 where not told.

    ``fresh`` are prompt tokens that were computed, ``cached`` those that were not.
    """

    model: str | None
    fresh: int | None
    cached: int
    output: int | None
    prompt_ms: float = 0.0
    output_ms: float = 0.0


def counts_of(ends: Ends) -> Counts:
    """What the ends of a body tell."""
    head, tail = bytes(ends.head), bytes(ends.tail)
    whole_text = head + tail
    model = _MODEL.search(head) or _MODEL.search(tail)
    name = model[1].decode("utf-8", "replace") if model else None
    found = _objects(whole_text)
    usages = [value for kind, value in found if kind == b"usage"]
    timings: dict[str, Any] = next((value for kind, value in reversed(found) if kind == b"timings"), {})
    prompt_ms, output_ms = _times(timings)
    # llama.cpp's own times tell what came from the cache; its usage does so in newer releases only.
    if "prompt_n" in timings and "predicted_n" in timings:
        fresh, cached = whole(timings["prompt_n"]), whole(timings.get("cache_n")) or 0
        return Counts(name, fresh, cached, whole(timings["predicted_n"]), prompt_ms, output_ms)
    if usages:
        return Counts(name, *_of_usage(usages), prompt_ms, output_ms)
    return _of_ollama(name, {key.decode(): int(value) for key, value in _OLLAMA.findall(whole_text)})


def _objects(text: bytes) -> list[tuple[bytes, dict[str, Any]]]:
    found = []
    for match in _OBJECT.finditer(text):
        value = _balanced(text, match.end() - 1)
        if value:
            found.append((match[1], value))
    return found


def _balanced(text: bytes, start: int) -> dict[str, Any]:
    """The object of plain numbers and names that begins at a brace; empty where it is cut off or none."""
    depth = 0
    for at in range(start, min(len(text), start + _LONGEST_OBJECT)):
        if text[at] == 0x7B:
            depth += 1
        elif text[at] == 0x7D:
            depth -= 1
            if not depth:
                try:
                    return mapping(msgspec.json.decode(text[start : at + 1]))
                except (msgspec.DecodeError, RecursionError):
                    return {}
    return {}


def _of_usage(usages: list[dict[str, Any]]) -> tuple[int | None, int, int | None]:
    """Fresh, cached and output tokens; an answer in pieces tells its prompt first and its output last."""
    said: dict[str, Any] = {}
    for usage in usages:
        said |= {key: value for key, value in usage.items() if value is not None}
    output = whole(said.get("completion_tokens", said.get("output_tokens")))
    details = mapping(said.get("prompt_tokens_details")) or mapping(said.get("input_tokens_details"))
    if "prompt_tokens" in said or details:
        prompt = whole(said.get("prompt_tokens", said.get("input_tokens")))
        cached = min(whole(details.get("cached_tokens")) or 0, prompt or 0)
        return (None if prompt is None else prompt - cached), cached, output
    # Anthropic counts what came from the cache apart from the input.
    written = whole(said.get("cache_creation_input_tokens")) or 0
    fresh = whole(said.get("input_tokens"))
    return (
        None if fresh is None else fresh + written,
        whole(said.get("cache_read_input_tokens")) or 0,
        output,
    )


def _times(timings: dict[str, Any]) -> tuple[float, float]:
    return float(whole(timings.get("prompt_ms")) or 0), float(whole(timings.get("predicted_ms")) or 0)


def _of_ollama(name: str | None, said: dict[str, int]) -> Counts:
    return Counts(
        name,
        said.get("prompt_eval_count"),
        0,
        said.get("eval_count"),
        said.get("prompt_eval_duration", 0) / _NS_PER_MS,
        said.get("eval_duration", 0) / _NS_PER_MS,
    )
