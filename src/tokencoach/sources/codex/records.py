"""The records of Codex's rollouts, all generations; every field may be missing."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokencoach.sources.decoding import Count, TolerantDecoder

EMPTY: Final = msgspec.Raw()


class TokenUsage(msgspec.Struct, gc=False):
    """Tokens; input includes the cached, output the reasoning."""

    input_tokens: Count | None = None
    cached_input_tokens: Count | None = None
    cache_write_input_tokens: Count | None = None
    output_tokens: Count | None = None
    reasoning_output_tokens: Count | None = None
    total_tokens: Count | None = None


class TokenInfo(msgspec.Struct, gc=False):
    """Tokens of the whole thread so far, and of the last response."""

    total_token_usage: TokenUsage | None = None
    last_token_usage: TokenUsage | None = None


class GitInfo(msgspec.Struct, gc=False):
    """The repository at the thread's start."""

    commit_hash: str | None = None
    branch: str | None = None
    repository_url: str | None = None


class FileChange(msgspec.Struct, gc=False):
    """What a patch did to one file."""

    type: str = ""
    content: str | None = None
    unified_diff: str | None = None
    move_path: str | None = None


class Item(msgspec.Struct, gc=False):
    """A finished item of a turn (newer rollouts)."""

    type: str = ""
    id: str | None = None
    status: str | None = None
    changes: dict[str, FileChange] | None = None
    command: msgspec.Raw = EMPTY
    exit_code: int | None = None
    aggregated_output: msgspec.Raw = EMPTY
    content: msgspec.Raw = EMPTY
    text: str | None = None


class Payload(msgspec.Struct, gc=False):
    """What a line says; which fields are there depends on its kind."""

    type: str = ""
    id: str | None = None
    session_id: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    cwd: str | None = None
    cli_version: str | None = None
    source: msgspec.Raw = EMPTY
    git: GitInfo | None = None
    turn_id: str | None = None
    model: str | None = None
    thread_settings: ThreadSettings | None = None
    response_id: str | None = None
    usage: TokenUsage | None = None
    info: TokenInfo | None = None
    role: str | None = None
    name: str | None = None
    call_id: str | None = None
    arguments: msgspec.Raw = EMPTY
    input: msgspec.Raw = EMPTY
    action: msgspec.Raw = EMPTY
    output: msgspec.Raw = EMPTY
    content: msgspec.Raw = EMPTY
    message: msgspec.Raw = EMPTY
    kind: str | None = None
    item: Item | None = None
    changes: dict[str, FileChange] | None = None
    success: bool | None = None
    status: str | dict[str, msgspec.Raw] | None = None
    command: msgspec.Raw = EMPTY
    exit_code: int | None = None
    aggregated_output: msgspec.Raw = EMPTY
    reason: str | None = None
    num_turns: int | None = None
    error: msgspec.Raw = EMPTY
    codex_error_info: msgspec.Raw = EMPTY
    new_thread_id: str | None = None
    thread_name: str | None = None


class ThreadSettings(msgspec.Struct, gc=False):
    """Settings in force from here on."""

    model: str | None = None
    cwd: str | None = None


class Line(msgspec.Struct, gc=False):
    """One record; the oldest rollouts have no payload but its fields at the top."""

    timestamp: str | None = None
    type: str = ""
    payload: Payload | None = None
    record_type: str | None = None


LINES: Final[TolerantDecoder[Line]] = TolerantDecoder(Line)
PAYLOADS: Final[TolerantDecoder[Payload]] = TolerantDecoder(Payload)
ANYTHING: Final[TolerantDecoder[Any]] = TolerantDecoder(Any)
