"""Zed's agent: a database of threads, each a compressed document."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

import zstandard

from tokencoach.sources.base import LogFile, LogsHome, Table
from tokencoach.sources.blocks import TOOLS, status_of
from tokencoach.sources.decoding import UnreadableLineError
from tokencoach.sources.discovery import databases, moved
from tokencoach.sources.fields import ANYTHING, count, first_text, items, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, diffed, imaged, tell_call, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import AgentSeen, PromptSeen, RequestSeen
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_LONGEST: Final = 64 << 20
_TABLES: Final = (
    Table(
        "threads",
        ("id", "summary", "updated_at", "data_type", "data", "folder_paths", "parent_id", "created_at"),
        "updated_at",
    ),
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
        return databases(self.roots(home), "threads.db")

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
    own = text(row.get("id"))
    at_ms = moment_ms(row.get("updated_at")) or moment_ms(thread.get("updated_at"))
    if own is None or at_ms is None:
        return
    snapshot = record(thread.get("initial_project_snapshot"))
    trees = [
        first_text(tree, "worktree_path", "abs_path") for tree in records(snapshot.get("worktree_snapshots"))
    ]
    folders = [folder for folder in (*trees, *(text(row.get("folder_paths")) or "").split("\n")) if folder]
    caller = text(record(thread.get("subagent_context")).get("parent_thread_id"))
    parent = text(row.get("parent_id")) or caller
    session, agent = (parent, own) if parent else (own, None)
    cwd = folders[0] if folders else None
    title = first_text(thread, "title", "summary") or text(row.get("summary"))
    began = moment_ms(row.get("created_at")) or at_ms
    into.session(session, min(began, at_ms), cwd=cwd)
    into.session(session, at_ms, cwd=cwd, title=None if agent else title)
    if agent:
        into.agent(AgentSeen(agent, session, min(began, at_ms)))
    at = CallAt(own, session, at_ms, None, agent, cwd)
    _usage(into, thread, at)
    for number, message in enumerate(_own_messages(thread)):
        # Messages have no instants; their order is kept.
        _message(into, message, at.but(at_ms=at_ms + number, key=f"{own}:{number}"), folders)


def _own_messages(thread: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a thread; of one that was shared by another person, those since it went on here."""
    messages = records(thread.get("messages"))
    if thread.get("imported") is not True:
        return messages
    asked = record(thread.get("request_token_usage"))
    here = (place for place, told in enumerate(messages) if record(told.get("User")).get("id") in asked)
    return messages[next(here, len(messages)) :]


def _placed(path: str, at: CallAt, folders: list[str]) -> str:
    """A path as the tools have it, which begins with the name of one of the project's folders."""
    root, _, rest = path.replace("\\", "/").partition("/")
    for folder in folders:
        if folder.replace("\\", "/").rstrip("/").rpartition("/")[2] == root:
            return resolve(rest, folder) if rest else folder
    return resolve(path, at.cwd)


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
            into.request(
                RequestSeen(
                    *(f"{at.key}:{own or 'rest'}", at.session_id, at.at_ms, model, *counts),
                    agent=at.agent,
                    is_sidechain=at.agent is not None,
                )
            )


def _message(into: Gathering, message: dict[str, Any], at: CallAt, folders: list[str]) -> None:
    person, agent = record(message.get("User")), record(message.get("Agent"))
    thread, _, number = at.key.rpartition(":")
    if not person and not agent:
        # Older threads have a role and segments instead.
        person = message if message.get("role") == "user" else {}
        agent = message if message.get("role") == "assistant" else {}
    if person and at.agent is None:
        blocks = items(person.get("content")) or items(person.get("segments"))
        words = [first_text(record(block), "Text", "text") for block in blocks]
        typed = "\n".join(word for word in words if word)
        if typed:
            key = f"{thread}:{person.get('id', number)}"
            into.prompt(PromptSeen(key, at.session_id, at.at_ms, typed, 0, 0))
    keys: dict[str, str] = {}
    uses = [record(record(block).get("ToolUse")) for block in items(agent.get("content"))]
    for use in [*uses, *records(agent.get("tool_uses"))]:
        name, own = text(use.get("name")), text(use.get("id"))
        if name and own:
            call = at.but(key=keys.setdefault(own, into.unused(f"{thread}:{own}")))
            tell_call(into, call, name, _arguments(record(use.get("input")), at, folders), TOOLS)
    results = agent.get("tool_results")
    for result in records(results) or records(list(record(results).values())):
        own = text(result.get("tool_use_id"))
        if own:
            _result(into, result, at.but(key=keys.get(own, f"{thread}:{own}")), folders)


def _arguments(told: dict[str, Any], at: CallAt, folders: list[str]) -> dict[str, Any]:
    """What a tool was given, with whole paths."""
    names = {
        "path": "path",
        "source_path": "source_path",
        "destination_path": "destination_path",
        "cd": "cwd",
    }
    whole = {new: _placed(path, at, folders) for old, new in names.items() if (path := text(told.get(old)))}
    return told | whole


def _result(into: Gathering, result: dict[str, Any], at: CallAt, folders: list[str]) -> None:
    content = result.get("content")
    parts = content if isinstance(content, list) else [content]
    said = [part if isinstance(part, str) else text(record(part).get("Text")) for part in parts]
    status = status_of("\n".join(word for word in said if word), is_error=result.get("is_error") is True)
    tell_result(into, at, status, content)
    output = record(result.get("output"))
    path = first_text(output, "input_path", "path", "original_path")
    if status is not CallStatus.OK or path is None:
        return
    path = _placed(path, at, folders)
    diff, before, after = output.get("diff"), output.get("old_text"), output.get("new_text")
    if isinstance(before, str) and isinstance(after, str):
        tell_change(into, at, [imaged(path, before, after)])
    elif isinstance(diff, str) and "@@ -" in diff:
        tell_change(into, at, [diffed(path, diff)])
