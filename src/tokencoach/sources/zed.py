"""Zed's agent: a database of threads, each a compressed document."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

import zstandard

from tokencoach.sources.base import LogFile, LogsHome, Shape, Table
from tokencoach.sources.blocks import TOOLS, status_of
from tokencoach.sources.decoding import UnreadableLineError
from tokencoach.sources.discovery import moved
from tokencoach.sources.fields import ANYTHING, count, first_text, items, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, diffed, imaged, tell_call, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_LONGEST: Final = 64 << 20
_TABLES: Final = (
    Table("threads", ("id", "summary", "updated_at", "data_type", "data", "folder_paths"), "updated_at"),
)


class Zed:
    """The agent in Zed."""

    name = "zed"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of threads on every system."""
        return [
            moved(home, "XDG_DATA_HOME", ".local", "share") / "zed" / "threads",
            home.folder / "Library" / "Application Support" / "Zed" / "threads",
            moved(home, "LOCALAPPDATA", "AppData", "Local") / "Zed" / "threads",
        ]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The databases there are."""
        for root in self.roots(home):
            if (root / "threads.db").is_file():
                yield LogFile(root / "threads.db", shape=Shape.DATABASE)

    def tables(self, file: LogFile) -> Sequence[Table]:  # noqa: ARG002 - there is but one kind
        """Threads by their last change."""
        return _TABLES

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,  # noqa: ARG002 - a row names all that is needed
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of changed threads."""
        into = Gathering(with_edits=with_edits)
        for value, offset, length in objects(into, chunk, base_offset):
            row = record(value.get("row"))
            try:
                thread = _unpacked(row, into)
            except (UnreadableLineError, zstandard.ZstdError, binascii.Error, ValueError) as error:
                into.unread(offset, length, error)
                continue
            _thread(into, row, thread)
        return into.finish(), state


def _unpacked(row: dict[str, Any], into: Gathering) -> dict[str, Any]:
    data = row.get("data")
    packed = record(data).get("base64")
    raw = base64.b64decode(packed) if isinstance(packed, str) else str(data or "{}").encode()
    if row.get("data_type") == "zstd":
        raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        if len(raw) > _LONGEST:
            raise ValueError("the thread is too long")
    return record(ANYTHING.decode(raw, into.odd))


def _thread(into: Gathering, row: dict[str, Any], thread: dict[str, Any]) -> None:
    session = text(row.get("id"))
    at_ms = moment_ms(row.get("updated_at")) or moment_ms(thread.get("updated_at"))
    if session is None or at_ms is None:
        return
    folders = text(row.get("folder_paths")) or ""
    snapshot = record(thread.get("initial_project_snapshot"))
    trees = records(snapshot.get("worktree_snapshots"))
    cwd = next((found for tree in trees if (found := first_text(tree, "worktree_path", "abs_path"))), None)
    cwd = cwd or folders.split("\n")[0] or None
    title = first_text(thread, "title", "summary") or text(row.get("summary"))
    into.session(session, at_ms, cwd=cwd, title=title)
    at = CallAt("", session, at_ms, cwd=cwd)
    _usage(into, thread, at)
    for number, message in enumerate(records(thread.get("messages"))):
        # Messages have no instants; their order is kept.
        _message(into, message, number, at.but(at_ms=at_ms + number))


def _counts(used: object) -> TokenCounts:
    told = record(used)
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    fresh, read, written, output = (count(told.get(name)) for name in names)
    return TokenCounts(fresh, read, written, 0, output, 0)


def _usage(into: Gathering, thread: dict[str, Any], at: CallAt) -> None:
    """A request a prompt, and one for what the sum holds beyond them."""
    model = text(record(thread.get("model")).get("model")) or "unknown"
    rest = list(_counts(thread.get("cumulative_token_usage")))
    told = {**record(thread.get("request_token_usage")), "": None}
    if isinstance(thread.get("request_token_usage"), list):
        told = {str(place): used for place, used in enumerate(thread["request_token_usage"])} | {"": None}
    for own, used in told.items():
        counts = _counts(used)
        if not own:
            counts = TokenCounts(*(max(0, part) for part in rest))
        if counts.total:
            rest = [whole - part for whole, part in zip(rest, counts, strict=True)]
            key = f"{at.session_id}:{own or 'rest'}"
            into.request(RequestSeen(key, at.session_id, at.at_ms, model, *counts))


def _message(into: Gathering, message: dict[str, Any], number: int, at: CallAt) -> None:
    person, agent = record(message.get("User")), record(message.get("Agent"))
    if not person and not agent:
        # Older threads have a role and segments instead.
        person = message if message.get("role") == "user" else {}
        agent = message if message.get("role") == "assistant" else {}
    if person:
        blocks = items(person.get("content")) or items(person.get("segments"))
        words = [first_text(record(block), "Text", "text") for block in blocks]
        typed = "\n".join(word for word in words if word)
        if typed:
            key = f"{at.session_id}:{person.get('id', number)}"
            into.prompt(PromptSeen(key, at.session_id, at.at_ms, typed, 0, 0))
    uses = [record(record(block).get("ToolUse")) for block in items(agent.get("content"))]
    for use in [*uses, *records(agent.get("tool_uses"))]:
        name, own = text(use.get("name")), text(use.get("id"))
        if name and own:
            _call(into, name, use, at.but(key=f"{at.session_id}:{own}"))
    results = agent.get("tool_results")
    for result in records(results) or records(list(record(results).values())):
        own = text(result.get("tool_use_id"))
        if own:
            _result(into, result, at.but(key=f"{at.session_id}:{own}"))


def _call(into: Gathering, name: str, use: dict[str, Any], at: CallAt) -> None:
    tell_call(into, at, name, record(use.get("input")), TOOLS)


def _result(into: Gathering, result: dict[str, Any], at: CallAt) -> None:
    content = result.get("content")
    said = content if isinstance(content, str) else str(record(content).get("Text", ""))
    status = status_of(said, is_error=result.get("is_error") is True)
    tell_result(into, at, status, content)
    output = record(result.get("output"))
    path = first_text(output, "input_path", "path", "original_path")
    if status is not CallStatus.OK or path is None:
        return
    diff, before, after = output.get("diff"), output.get("old_text"), output.get("new_text")
    if isinstance(before, str) and isinstance(after, str):
        tell_change(into, at, [imaged(path, before, after)])
    elif isinstance(diff, str) and "@@ -" in diff:
        tell_change(into, at, [diffed(path, diff)])
