"""Model calls of Claude Code: one response is written as many lines, each with its usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.claude_code.records import ITERATIONS, Line, Message, Usage
from tokencoach.sources.sightings import merged
from tokencoach.usage.facts import RequestSeen

if TYPE_CHECKING:
    from collections import Counter

SYNTHETIC_MODEL: Final = "<synthetic>"
_BYTES_PER_TOKEN: Final = 4.3
# Lines of one response stand close together; more would only make the kept state longer.
_MOST_OPEN: Final = 4
_LEAST_ADVICE: Final = len('{"type":"advisor_message"}')
_FIELDS: Final = RequestSeen.__struct_fields__


class OpenRequest(msgspec.Struct):
    """A request whose further lines may follow; lines of one response lie close together."""

    seen: RequestSeen
    is_final: bool = False
    content_bytes: int = 0


class KeptRequest(msgspec.Struct, array_like=True):
    """An open request between two chunks: its fields without their names, as it is kept per file."""

    fields: list[Any]
    is_final: bool
    content_bytes: int


class Caller(msgspec.Struct, frozen=True):
    """Who made a call: the session, and the sub-agent where it was one."""

    session_id: str
    agent: str | None
    is_sidechain: bool


def request_key(line: Line) -> str | None:
    """The billing key: the message's id, else the request's, else the record's own."""
    message = line.message
    if message is not None and message.id:
        return f"m:{message.id}"
    if line.request_id:
        return f"r:{line.request_id}"
    return f"u:{line.uuid}" if line.uuid else None


class RequestBook:
    """The requests of one chunk; those still open are carried from chunk to chunk."""

    def __init__(self, kept: list[KeptRequest], odd: Counter[str]) -> None:
        self._odd = odd
        self._open: dict[str, OpenRequest] = {}
        self._closed: dict[str, RequestSeen] = {}
        self._last: dict[str, tuple[object, ...]] = {}
        for entry in kept:
            seen = msgspec.convert(dict(zip(_FIELDS, entry.fields, strict=False)), RequestSeen)
            self._open[seen.key] = OpenRequest(seen, entry.is_final, entry.content_bytes)

    def kept(self) -> list[KeptRequest]:
        """The open requests, for the next chunk."""
        return [
            KeptRequest(list(msgspec.structs.astuple(entry.seen)), entry.is_final, entry.content_bytes)
            for entry in self._open.values()
        ]

    def add(self, key: str, line: Line, message: Message, at_ms: int, caller: Caller) -> None:
        """One line of a response."""
        usage = message.usage
        if usage is None:
            return
        # Most lines repeat the one before; comparing is cheaper than building a request of each.
        said = (usage, message.model, caller, line.request_session_id, line.cost_usd)
        entry = self._open.get(key)
        if entry is None:
            # First in, first out whatever the chunks: sums must not depend on where bytes are cut.
            if len(self._open) >= _MOST_OPEN:
                self._close(next(iter(self._open)))
            entry = OpenRequest(_request(key, line, message, at_ms, caller))
            self._open[key] = entry
        elif said != self._last.get(key):
            entry.seen = merged(entry.seen, _request(key, line, message, at_ms, caller))
        elif at_ms < entry.seen.at_ms:
            entry.seen = msgspec.structs.replace(entry.seen, at_ms=at_ms)
        self._last[key] = said
        if message.stop_reason is not None:
            entry.is_final = True
        elif not entry.is_final:
            entry.content_bytes += _content_bytes(message)
        if memoryview(usage.iterations).nbytes > _LEAST_ADVICE and b"advisor_message" in bytes(
            usage.iterations
        ):
            self._add_advisors(key, usage, at_ms, caller)

    def collect(self) -> list[RequestSeen]:
        """Every request that this chunk spoke of."""
        found = dict(self._closed)
        for key in (key for key in self._open if key in self._last):
            found[key] = _with_older(found.get(key), self._open[key])
        return list(found.values())

    def _close(self, key: str) -> None:
        entry = self._open.pop(key)
        if key in self._last:
            self._closed[key] = _with_older(self._closed.get(key), entry)

    def _add_advisors(self, key: str, usage: Usage, at_ms: int, caller: Caller) -> None:
        iterations = ITERATIONS.decode_or(usage.iterations, [], self._odd, "usage.iterations")
        advisors = [each for each in iterations if each.type == "advisor_message"]
        for number, advisor in enumerate(advisors):
            message = Message(model=advisor.model, usage=advisor)
            advised = f"{key}:advisor:{number}"
            request = _request(advised, Line(), message, at_ms, caller)
            old = self._closed.get(advised)
            self._closed[advised] = merged(old, request) if old else request


def _with_older(old: RequestSeen | None, entry: OpenRequest) -> RequestSeen:
    seen = entry.seen
    estimate = int(entry.content_bytes / _BYTES_PER_TOKEN)
    # Bytes per token vary by two at most, so less than that proves nothing.
    if not entry.is_final and estimate > 2 * seen.output + 16:
        seen = msgspec.structs.replace(seen, is_undercounted=True, estimated_output=estimate)
    return merged(old, seen) if old else seen


def _request(key: str, line: Line, message: Message, at_ms: int, caller: Caller) -> RequestSeen:
    usage = message.usage or Usage()
    split = usage.cache_creation
    written = usage.cache_creation_input_tokens or 0
    hour = (split.ephemeral_1h_input_tokens or 0) if split else 0
    five = (split.ephemeral_5m_input_tokens or 0) if split else 0
    # Proxies log the sum beside an empty split; what no one says lives five minutes.
    if hour + five < written:
        five = written - hour
    details = usage.output_tokens_details
    output = usage.output_tokens or 0
    tier = usage.speed if usage.speed not in (None, "", "standard") else usage.service_tier
    return RequestSeen(
        key=key,
        session_id=caller.session_id,
        at_ms=at_ms,
        model=message.model or "unknown",
        input=usage.input_tokens or 0,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write_5m=five,
        cache_write_1h=hour,
        output=output,
        reasoning=min(output, (details.thinking_tokens or 0) if details else 0),
        agent=caller.agent,
        owner_session_id=line.request_session_id,
        is_sidechain=caller.is_sidechain,
        tier=None if tier in ("", "standard") else tier,
        logged_cost_usd=line.cost_usd,
    )


def _content_bytes(message: Message) -> int:
    if isinstance(message.content, str):
        return len(message.content.encode())
    return sum(
        len((block.text or block.thinking or "").encode()) + memoryview(block.input).nbytes
        for block in message.content or ()
    )
