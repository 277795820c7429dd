"""Fields of decoded JSON that may be missing or of any type: what is right is taken, the rest is nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tokencoach.clock import LATEST_MS
from tokencoach.sources.decoding import MOST_TOKENS, TolerantDecoder, UnreadableLineError
from tokencoach.sources.instants import FRACTIONS, MINUTES, SECONDS, instant_ms

if TYPE_CHECKING:
    from collections import Counter

ANYTHING: Final[TolerantDecoder[Any]] = TolerantDecoder(Any)

# Seconds until the year 2286, milliseconds from 1970-04 on, then micro- and nanoseconds.
_MOST_SECONDS, _MOST_MILLISECONDS, _MOST_MICROSECONDS = 10**10, 10**13, 10**16
_PROVIDERS: Final = frozenset(
    {
        "anthropic",
        "azure",
        "bedrock",
        "copilot",
        "deepseek",
        "gemini",
        "google",
        "groq",
        "mistral",
        "openai",
        "vertex_ai",
        "xai",
    }
)
_GLUE: Final = json.JSONDecoder()


def record(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def records(value: Any) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """The value where it is a text that is not empty."""
    return value if isinstance(value, str) and value else None


def word(value: Any) -> str:
    """The value where it is a text, else an empty one: what tells kinds of records apart."""
    return value if isinstance(value, str) else ""


def first_text(value: dict[str, Any], *keys: str) -> str | None:
    """The first of several fields that holds a text."""
    for key in keys:
        if key in value:
            found = value[key]
            if isinstance(found, str) and found:
                return found
    return None


def count(value: Any) -> int:
    """A number of tokens: 0 for anything that is none."""
    if type(value) is not int:
        if not isinstance(value, float) or not value.is_integer():
            return 0
        value = int(value)
    return value if 0 <= value <= MOST_TOKENS else 0


def amount(value: Any) -> float | None:
    """A sum of money, where the value is one."""
    is_number = type(value) is float or type(value) is int
    return float(value) if is_number and 0 <= value < 1e9 else None


def moment_ms(value: Any) -> int | None:
    """UTC milliseconds of an ISO-8601 text, or of a number of seconds, milli-, micro- or nanoseconds."""
    if type(value) is str:
        try:
            return MINUTES[value[:17]] + SECONDS[value[17:20]] + FRACTIONS[value[20:]]
        except KeyError:
            if not value.isdecimal():
                return instant_ms(value)
            value = int(value[:20])
    elif type(value) is int and _MOST_SECONDS <= value < LATEST_MS:
        return value
    if (type(value) is not int and type(value) is not float) or not 0 < value < 1e20:
        return None
    if value < _MOST_SECONDS:
        value *= 1000
    elif value >= _MOST_MILLISECONDS:
        value //= 1000 if value < _MOST_MICROSECONDS else 1_000_000
    return int(value) if value < LATEST_MS else None


def model_name(name: str) -> str:
    """A model's name without the provider that some tools put before it; of local servers it stays."""
    provider, slash, model = name.partition("/")
    if slash and provider == "openrouter":
        return model_name(model)
    return model if slash and provider in _PROVIDERS else name


def decoded(content: Any, odd: Counter[str]) -> Any:
    """A text that holds JSON, decoded; ``None`` where it holds none."""
    if not isinstance(content, str):
        return content
    try:
        return ANYTHING.decode(content.encode("utf-8", "surrogatepass"), odd)
    except UnreadableLineError:
        return None


def objects_of(line: bytes, odd: Counter[str]) -> list[dict[str, Any]]:
    """The objects of a line; a crash between two writes leaves several on one.

    Raises:
        UnreadableLineError: the line holds no object.
    """
    try:
        value = ANYTHING.decode(line, odd)
    except UnreadableLineError:
        found = [value for part in glued(line) if isinstance(value := ANYTHING.decode(part, odd), dict)]
        if not found:
            raise
        return found
    if not isinstance(value, dict):
        raise UnreadableLineError("the line is JSON, but no object")
    return [value]


def glued(line: bytes) -> list[bytes]:
    """The bytes of each object where a line holds several and nothing else; nothing where it holds one."""
    rest = line.decode("utf-8", "replace").strip("\0 \t\r\n")
    found: list[bytes] = []
    while rest.startswith("{"):
        try:
            _, end = _GLUE.raw_decode(rest)
        except (ValueError, RecursionError):
            return []
        found.append(rest[:end].encode())
        rest = rest[end:].lstrip("\0 \t\r")
    return found if not rest and len(found) > 1 else []
