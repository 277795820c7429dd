"""Model calls of Claude Code: one response is written as many lines, each with its usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.claude_code.records import (
    EMPTY,
    ITERATIONS,
    Block,
    CallBlock,
    Envelope,
    Line,
    Message,
    TerseMessage,
    UnreadMessage,
    Usage,
)
from tokencoach.sources.sightings import merged
from tokencoach.usage.facts import RequestSeen

if TYPE_CHECKING:
    from collections import Counter

SYNTHETIC_MODEL: Final = "<synthetic>"
#: What records of a conversation that was imported from claude.ai name as their version.
IMPORTED: Final = "claude-export-import"
_BYTES_PER_TOKEN: Final = 4.3
# Lines of one response stand close together; more would only make the kept state longer.
_MOST_OPEN: Final = 4
_FIELDS: Final = RequestSeen.__struct_fields__


class Caller(msgspec.Struct, frozen=True):
    """Who made a call: the session, and the sub-agent where it was one."""

    session_id: str
    agent: str | None
    is_sidechain: bool


AnyMessage = Message | TerseMessage | UnreadMessage
Content = str | list[Block] | list[CallBlock] | None
Told = tuple[Line | Envelope, AnyMessage, Caller]
"""A line of a response, its message, and who called."""


class OpenRequest(msgspec.Struct, gc=False):
    """A request whose further lines may follow; lines of one response lie close together.

    ``told`` is the line that counts so far, ``first_ms`` the instant of the earliest; of an open
    request of an earlier chunk there is only the fact itself, in ``seen``.
    """

    first_ms: int
    output: int
    is_sidechain: bool
    told: Told | None = None
    seen: RequestSeen | None = None
    is_final: bool = False
    content_bytes: int = 0
    is_touched: bool = True

    def fact(self, key: str) -> RequestSeen:
        """The request as all its lines together tell it."""
        if self.told is not None:
            self.seen = _request(key, self.told, self.first_ms)
        elif self.seen is not None and self.first_ms != self.seen.at_ms:
            self.seen = msgspec.structs.replace(self.seen, at_ms=self.first_ms)
        if self.seen is None:
            raise ValueError("a request that no line told")
        return self.seen


class KeptRequest(msgspec.Struct, array_like=True):
    """An open request between two chunks: its fields without their names, as it is kept per file."""

    fields: list[Any]
    is_final: bool
    content_bytes: int


def request_key(line: Line | Envelope, message: AnyMessage) -> str | None:
    """The billing key: the message's id, else the request's, else the record's own."""
    if message.id:
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
        for entry in kept:
            seen = msgspec.convert(dict(zip(_FIELDS, entry.fields, strict=False)), RequestSeen)
            self._open[seen.key] = OpenRequest(
                seen.at_ms,
                seen.output,
                seen.is_sidechain,
                seen=seen,
                is_final=entry.is_final,
                content_bytes=entry.content_bytes,
                is_touched=False,
            )

    def kept(self) -> list[KeptRequest]:
        """The open requests, for the next chunk."""
        return [
            KeptRequest(list(msgspec.structs.astuple(entry.fact(key))), entry.is_final, entry.content_bytes)
            for key, entry in self._open.items()
        ]

    def add(self, key: str, told: Told, at_ms: int, content: Content) -> None:
        """One line of a response: main beats sidechain, then more output, then the later one counts.

        ``content`` is what it says; nothing is asked of that once the response has ended.
        """
        _, message, caller = told
        usage = message.usage
        if usage is None:
            return
        output = usage.output_tokens or 0
        entry = self._open.get(key)
        if entry is None:
            # First in, first out whatever the chunks: sums must not depend on where bytes are cut.
            if len(self._open) >= _MOST_OPEN:
                self._close(next(iter(self._open)))
            entry = self._open[key] = OpenRequest(at_ms, output, caller.is_sidechain, told)
        else:
            entry.is_touched = True
            # Asking which of two is less by a call takes seven times as long.
            entry.first_ms = min(entry.first_ms, at_ms)
            is_side, was_side = caller.is_sidechain, entry.is_sidechain
            if output >= entry.output if is_side == was_side else was_side:
                entry.output, entry.is_sidechain = output, is_side
                entry.told = told
        if message.stop_reason is not None:
            entry.is_final = True
        elif not entry.is_final:
            entry.content_bytes += _content_bytes(content)
        if usage.iterations is not EMPTY and b"advisor_message" in bytes(usage.iterations):
            self._add_advisors(key, usage, at_ms, caller)

    def collect(self) -> list[RequestSeen]:
        """Every request that this chunk spoke of."""
        found = dict(self._closed)
        for key, entry in self._open.items():
            if entry.is_touched:
                found[key] = _with_older(found.get(key), key, entry)
        return list(found.values())

    def _close(self, key: str) -> None:
        entry = self._open.pop(key)
        if entry.is_touched:
            self._closed[key] = _with_older(self._closed.get(key), key, entry)

    def _add_advisors(self, key: str, usage: Usage, at_ms: int, caller: Caller) -> None:
        iterations = ITERATIONS.decode_or(usage.iterations, [], self._odd, "usage.iterations")
        advisors = [each for each in iterations if each.type == "advisor_message"]
        for number, advisor in enumerate(advisors):
            message = Message(model=advisor.model, usage=advisor)
            advised = f"{key}:advisor:{number}"
            request = _request(advised, (Line(), message, caller), at_ms)
            old = self._closed.get(advised)
            self._closed[advised] = merged(old, request) if old else request


def _with_older(old: RequestSeen | None, key: str, entry: OpenRequest) -> RequestSeen:
    seen = entry.fact(key)
    if not entry.is_final:
        estimate = int(entry.content_bytes / _BYTES_PER_TOKEN)
        # Bytes per token vary by two at most, so less than that proves nothing.
        if estimate > 2 * seen.output + 16:
            seen = msgspec.structs.replace(seen, is_undercounted=True, estimated_output=estimate)
    return merged(old, seen) if old else seen


def _request(key: str, told: Told, at_ms: int) -> RequestSeen:
    line, message, caller = told
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
        key, caller.session_id, at_ms, message.model or "unknown", usage.input_tokens or 0,
        usage.cache_read_input_tokens or 0, five, hour, output,
        reasoning=min(output, details.thinking_tokens or 0) if details else 0,
        agent=caller.agent,
        owner_session_id=line.request_session_id,
        is_sidechain=caller.is_sidechain,
        tier=None if tier in ("", "standard") else tier,
        logged_cost_usd=line.cost_usd,
    )  # fmt: skip


def _content_bytes(content: Content) -> int:
    """How long in UTF-8 what a line says is."""
    if isinstance(content, str):
        return len(content.encode())
    size = 0
    for block in content or ():
        if isinstance(block, Block):
            said = block.text or block.thinking or ""
            size += len(block.input) + (len(said) if said.isascii() else len(said.encode()))
    return size
