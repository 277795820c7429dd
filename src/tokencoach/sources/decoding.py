"""From one line of JSON to a typed record, taking what is right of a record that is partly wrong."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar, get_args, get_origin

import msgspec
import xxhash

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

S = TypeVar("S")

#: More tokens than any session counts. Beyond it a field is damaged, and its price would fit into no column.
MOST_TOKENS: Final = 1 << 34
#: A number of tokens or attempts; anything outside is a damaged field.
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_TOKENS)]

STRICT_ERRORS: Final = (msgspec.MsgspecError, RecursionError, ValueError)

_JUNK: Final = b"\0 \t\r\n\xef\xbb\xbf"
_NOTHING: Final = object()
_TOP: Final = 1 << 63
_WHOLE: Final = 1 << 64
_digest: Final = xxhash.xxh3_64_intdigest


class UnreadableLineError(ValueError):
    """The line is no JSON object, or nests too deep to be read."""


def is_blank(line: bytes) -> bool:
    """Whether a line holds nothing but blanks and NUL bytes (a crash leaves such lines)."""
    return not line.strip(_JUNK)


def digest64(value: bytes | memoryview | msgspec.Raw) -> int:
    """64-bit hash of bytes as a signed number, which is what a database column holds."""
    number = _digest(value)
    # Shifting a large number makes another one, which takes three times as long as comparing it.
    return number - _WHOLE if number >= _TOP else number


class TolerantDecoder(Generic[S]):
    """Decodes into one type: strictly and fast, and field by field where that fails.

    A field of a wrong type keeps its default and is counted under ``odd-field:<path>``.
    ``strict`` is the fast half alone: it raises ``STRICT_ERRORS`` on anything odd.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self.strict: Callable[[bytes | msgspec.Raw], S] = msgspec.json.Decoder(kind).decode

    def decode(self, line: bytes | msgspec.Raw, odd: Counter[str]) -> S:
        """One record.

        Raises:
            UnreadableLineError: nothing of it can be used.
        """
        try:
            return self.strict(line)
        except STRICT_ERRORS:
            pass
        try:
            value = _conform(_untyped(bytes(line)), self._kind, "", odd)
        except (RecursionError, ValueError) as error:
            raise UnreadableLineError(str(error) or type(error).__name__) from error
        if value is _NOTHING:
            raise UnreadableLineError("the line is JSON, but not of the expected shape")
        return value  # type: ignore[no-any-return]

    def decode_or(self, line: bytes | msgspec.Raw, default: S, odd: Counter[str], path: str) -> S:
        """A part of a record that may be missing or damaged, decoded as far as it is right."""
        try:
            return self.strict(line)
        except STRICT_ERRORS:
            if not len(line):
                return default
        try:
            return self.decode(line, odd)
        except UnreadableLineError:
            odd[f"odd-field:{path}"] += 1
            return default


def _untyped(line: bytes) -> Any:
    # A crash leaves NUL bytes before the next record; the record itself is whole.
    text = line.strip(_JUNK).decode("utf-8", "replace")
    return _without_surrogates(json.loads(text, parse_constant=lambda _name: None))


def _without_surrogates(value: Any) -> Any:
    """Half a surrogate pair (a string cut in the middle of an emoji) fits into no database."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return value
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _conform(value: Any, kind: Any, path: str, odd: Counter[str]) -> Any:
    """The value as a kind, as far as it conforms; ``_NOTHING`` where it does not at all."""
    for option in _options(kind):
        found = _conform_one(value, option, path, odd)
        if found is not _NOTHING:
            return found
    odd[f"odd-field:{path[:60]}"] += 1
    return _NOTHING


def _conform_one(value: Any, option: Any, path: str, odd: Counter[str]) -> Any:
    if option is msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(value))
    if isinstance(option, type) and issubclass(option, msgspec.Struct):
        return _repaired(option, value, path, odd) if isinstance(value, dict) else _NOTHING
    if get_origin(option) is list and isinstance(value, list):
        found = [_conform(item, get_args(option)[0], f"{path}[]", odd) for item in value]
        return [item for item in found if item is not _NOTHING]
    if get_origin(option) is dict and isinstance(value, dict):
        pairs = ((key, _conform(item, get_args(option)[1], f"{path}.*", odd)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not _NOTHING}
    # Some proxies write counts as 3.0.
    if isinstance(value, float) and option is not float and value.is_integer():
        value = int(value)
    try:
        return msgspec.convert(value, option)
    except msgspec.ValidationError:
        return _NOTHING


def _repaired(struct: type[msgspec.Struct], value: dict[str, Any], path: str, odd: Counter[str]) -> Any:
    taken = {}
    for name, key, kind in _fields(struct):
        if key in value:
            found = _conform(value[key], kind, f"{path}.{key}" if path else key, odd)
            if found is not _NOTHING:
                taken[name] = found
    return struct(**taken)


@cache
def _fields(struct: type[msgspec.Struct]) -> list[tuple[str, str, Any]]:
    return [(field.name, field.encode_name, field.type) for field in msgspec.structs.fields(struct)]


def _options(kind: Any) -> tuple[Any, ...]:
    is_plain = kind is Any or isinstance(kind, type) or get_origin(kind) in (Annotated, list, dict)
    return (kind,) if is_plain else get_args(kind)
