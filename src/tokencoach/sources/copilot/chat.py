"""GitHub Copilot in VS Code: journals of chats, transcripts, and a database of traces with the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.sources.base import LogFile, LogsHome, Lookup, Shape, Table
from tokencoach.sources.copilot.events import EventReading, dump, load
from tokencoach.sources.copilot.journal import ChatReading, replayed
from tokencoach.sources.copilot.traces import SpanReading
from tokencoach.sources.decoding import UnreadableLineError
from tokencoach.sources.discovery import files_below
from tokencoach.sources.editors import folder_of, user_folders, workspaces
from tokencoach.sources.fields import record
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_EDITORS: Final = ("Code", "Code - Insiders", "VSCodium")
_TRACES: Final = "agent-traces.db"
_TRACED: Final = "traced"
_SPAN: Final = (
    *("span_id", "parent_span_id", "operation_name", "agent_name", "conversation_id", "chat_session_id"),
    *(
        "request_model",
        "response_model",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "reasoning_tokens",
    ),
    *("tool_name", "tool_call_id", "start_time_ms", "end_time_ms", "status_code", "status_message"),
)


def _attribute(key: str, name: str) -> Lookup:
    return Lookup("span_attributes", "span_id", "span_id", ("value",), ("key", key), name)


_TABLES: Final = (
    Table(
        "spans",
        _SPAN,
        "rowid",
        (
            Lookup("spans", "parent_span_id", "span_id", ("chat_session_id",), None, "parent"),
            _attribute("copilot_chat.parent_chat_session_id", "parent_session"),
            _attribute("gen_ai.tool.call.arguments", "arguments"),
            _attribute("gen_ai.usage.cache_creation.input_tokens", "written"),
        ),
    ),
    Table("span_events", ("id", "name", "timestamp_ms", "attributes"), "id"),
)


class CopilotChat:
    """Copilot's chat in VS Code and the editors that take its extensions."""

    name = "copilot-chat"

    def roots(self, home: LogsHome) -> list[Path]:
        """Chats of workspaces and of empty windows, and traces."""
        found = []
        for folder in user_folders(home, _EDITORS):
            found += [folder / "workspaceStorage", folder / "globalStorage" / "emptyWindowChatSessions"]
            found.append(folder / "globalStorage" / "github.copilot-chat")
        return found

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every chat; its tokens count only where no database of traces holds them."""
        for folder in user_folders(home, _EDITORS):
            traces = folder / "globalStorage" / "github.copilot-chat" / _TRACES
            hint = _TRACED if traces.is_file() else ""
            if hint:
                yield LogFile(traces, shape=Shape.DATABASE)
            empty = folder / "globalStorage" / "emptyWindowChatSessions"
            for path in files_below([empty], _is_chat, depth=0):
                yield LogFile(path, None, hint, shape=Shape.DOCUMENT)
            for workspace in workspaces(folder):
                yield from _of_workspace(workspace, hint)

    def tables(self, file: LogFile) -> Sequence[Table]:  # noqa: ARG002 - there is but one kind
        """Spans in the order in which they were written, and what was typed."""
        return _TABLES

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of a whole chat, of lines of a transcript, or of rows of traces."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            try:
                chat = ChatReading(into, file.cwd, has_tokens=file.name_hint != _TRACED)
                chat.session(replayed(chunk, into), file.path.name.rsplit(".", 1)[0], len(chunk))
            except UnreadableLineError as error:
                into.unread(0, len(chunk), error)
            return into.finish(), state
        if file.shape is Shape.DATABASE:
            spans = SpanReading(into)
            for value, _, _ in objects(into, chunk, base_offset):
                spans.row(value.get("table"), record(value.get("row")))
            return into.finish(), state
        carried = load(state)
        carried.cwd = carried.cwd or file.cwd
        EventReading(into, carried, file.name_hint).lines(chunk, base_offset)
        return into.finish(), dump(carried)


def _is_chat(name: str) -> bool:
    return name.endswith((".json", ".jsonl"))


def _of_workspace(workspace: Path, hint: str) -> Iterator[LogFile]:
    chats = list(files_below([workspace / "chatSessions"], _is_chat, depth=0))
    transcripts = files_below(
        [workspace / "GitHub.copilot-chat" / "transcripts"], lambda name: name.endswith(".jsonl"), depth=0
    )
    scripts = [] if chats else list(transcripts)
    if not chats and not scripts:
        return
    cwd = folder_of(workspace)
    names = {path.name for path in chats}
    for path in chats:
        # A chat that was moved to the newer form leaves the older one behind.
        if path.suffix == ".jsonl" or f"{path.stem}.jsonl" not in names:
            yield LogFile(path, None, hint, shape=Shape.DOCUMENT, cwd=cwd)
    for path in scripts:
        yield LogFile(path, None, path.stem, cwd=cwd)
