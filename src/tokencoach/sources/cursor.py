"""Cursor, as far as it keeps things on this computer: prompts, edits, and seldom tokens.

The bill lies on its server: newer versions write zeros for tokens. Nothing is counted that is
not told: of other answers the length of the text is noted, and estimated from elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile, LogsHome, Shape, Table
from tokencoach.sources.blocks import TOOLS, USES, Block, tell_use_in
from tokencoach.sources.cursor_folders import FOLDERS, LISTED, FolderReading, stored, trusted
from tokencoach.sources.decoding import TolerantDecoder, digest64
from tokencoach.sources.discovery import ending, instant_of_file, original, scan_logs
from tokencoach.sources.editors import folder_of, user_folders, workspaces
from tokencoach.sources.fields import count, decoded, first_text, moment_ms, record, text
from tokencoach.sources.file_tools import CallAt, imaged, tell_call, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects, typed
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import PromptSeen, RequestSeen, UncountedSeen
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_PERSON, _MODEL = 1, 2
_BUBBLES: Final = Table("cursorDiskKV", ("key", "value"), "rowid", (), ("key", "bubbleId:"))
_GLOBAL: Final = "globalStorage"
_DATABASE: Final = "state.vscdb"
_STATUS: Final = {
    "completed": CallStatus.OK,
    "success": CallStatus.OK,
    "error": CallStatus.FAILED,
    "cancelled": CallStatus.REJECTED,
    "rejected": CallStatus.REJECTED,
}
_QUERY: Final = ("<user_query>", "</user_query>")


class Cursor:
    """Cursor, the editor and its agent in the terminal."""

    name = "cursor"

    def roots(self, home: LogsHome) -> list[Path]:
        """The editor's databases, and the agent's transcripts."""
        folders = user_folders(home, ("Cursor",))
        stores = [folder / name for folder in folders for name in (_GLOBAL, "workspaceStorage")]
        return [*stores, home.folder / ".cursor" / "projects"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The databases; transcripts where there are none, for both tell of the same."""
        has_any = False
        for folder in user_folders(home, ("Cursor",)):
            database = folder / _GLOBAL / _DATABASE
            if database.is_file():
                has_any = True
                # Folders come before what was said in them, so that edits are placed at once.
                held = {path: cwd for path in workspaces(folder) if (cwd := folder_of(path))}
                for path, cwd in held.items():
                    if (own := path / _DATABASE).is_file():
                        yield LogFile(own, shape=Shape.DATABASE, cwd=cwd)
                named = tuple((path.name, cwd) for path, cwd in held.items())
                yield LogFile(database, shape=Shape.DATABASE, folders=named)
        if not has_any:
            yield from _transcripts(home)

    def tables(self, file: LogFile) -> Sequence[Table]:
        """Where conversations were held and what was said, as it was written."""
        return (*FOLDERS, _BUBBLES) if file.cwd is None else LISTED

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of rows of a database, or of lines of a transcript."""
        into = Gathering(with_edits=with_edits)
        if file.shape is not Shape.DATABASE:
            for line, offset, length in typed(into, chunk, base_offset, _LINES):
                _line(into, line, file, (offset, length))
            return into.finish(), state
        folders = FolderReading(into, state, file)
        for value, _, _ in objects(into, chunk, base_offset):
            row = record(value.get("row"))
            if value.get("table") == _BUBBLES.name:
                _row(into, row)
            else:
                folders.row(row)
        return into.finish(), folders.state()


def _transcripts(home: LogsHome) -> Iterator[LogFile]:
    """What the agent wrote down of its conversations, by the folder that it was trusted in."""
    projects = home.folder / ".cursor" / "projects"
    folders: dict[Path, str | None] = {}
    for name, status in scan_logs([projects]):
        path = home.folder.__class__(name)
        if "agent-transcripts" not in path.parts:
            continue
        stem, compressed = ending(path.name)
        hint, is_agent = original(stem or path.stem), path.parent.name == "subagents"
        project = projects / path.relative_to(projects).parts[0]
        if project not in folders:
            folders[project] = trusted(project)
        modified_ms = instant_of_file(status.st_mtime_ns)
        yield LogFile(path, compressed, hint, is_agent, cwd=folders[project], modified_ms=modified_ms)


def _row(into: Gathering, row: dict[str, Any]) -> None:
    """A bubble; its key names the conversation and itself."""
    names = str(row.get("key")).split(":")
    told = stored(row, into.odd)
    at_ms = moment_ms(told.get("createdAt")) or moment_ms(
        record(told.get("timingInfo")).get("clientStartTime")
    )
    if len(names) < 3 or at_ms is None:
        return
    session, own = names[1], names[2]
    into.session(session, at_ms)
    at = CallAt(own, session, at_ms)
    if told.get("type") == _PERSON:
        typed = text(told.get("text"))
        if typed:
            into.prompt(PromptSeen(own, session, at_ms, typed, 0, 0))
        return
    used = record(told.get("tokenCount"))
    sent, output = count(used.get("inputTokens")), count(used.get("outputTokens"))
    if sent or output:
        model = first_text(record(told.get("modelInfo")), "modelName") or "unknown"
        into.request(RequestSeen(own, session, at_ms, model, sent, 0, 0, 0, output, 0))
    else:
        into.uncounted(UncountedSeen(own, session, at_ms, len(text(told.get("text")) or "")))
    tool = record(told.get("toolFormerData"))
    if tool:
        _tool(into, tool, at)


def _tool(into: Gathering, tool: dict[str, Any], at: CallAt) -> None:
    name = text(tool.get("name"))
    if name is None:
        return
    arguments = record(decoded(tool.get("rawArgs"), into.odd)) or record(
        decoded(tool.get("params"), into.odd)
    )
    call = at.but(key=f"tool:{text(tool.get('toolCallId')) or at.key}", request_key=at.key)
    is_edit = name in TOOLS.edits or name.startswith(("edit_file", "search_replace", "write"))
    names = TOOLS._replace(edits=TOOLS.edits | {name}) if is_edit else TOOLS
    tell_call(into, call, name, arguments, names)
    status = _STATUS.get(str(tool.get("status")))
    if record(tool.get("userDecision")) or tool.get("userDecision") == "rejected":
        status = CallStatus.REJECTED
    if status is None:
        return
    tell_result(into, call, status, tool.get("result"))
    result = record(decoded(tool.get("result"), into.odd))
    before, after = result.get("beforeContent"), result.get("afterContent")
    path = first_text(arguments, "path", "file_path", "target_file", "relativeWorkspacePath")
    if is_edit and path and status is CallStatus.OK and isinstance(before, str) and isinstance(after, str):
        tell_change(into, call, [imaged(resolve(path, None), before, after)])


class Said(Block, frozen=True):
    """A block of a transcript, with what it says."""

    text: Any = None


class Message(msgspec.Struct, frozen=True):
    """A message of a transcript."""

    content: list[Said] | str | None = None


class Line(msgspec.Struct, frozen=True):
    """A line of a transcript."""

    role: Any = None
    type: Any = msgspec.UNSET
    message: Message | None = None


_LINES: Final[TolerantDecoder[Line]] = TolerantDecoder(Line)


def _line(into: Gathering, line: Line, file: LogFile, place: tuple[int, int]) -> None:
    """A line of a transcript: it has no instant, so the file's own stands for it, in order."""
    if line.role not in ("user", "assistant"):
        if line.type != "turn_ended":
            into.unseen(None if line.type is msgspec.UNSET else line.type)
        return
    if not file.modified_ms:
        return
    session = original(file.path.parent.parent.name) if file.is_agent else file.name_hint
    agent = file.name_hint if file.is_agent else None
    offset = place[0]
    key, at_ms = f"{session}:{agent or ''}:{offset}", file.modified_ms + offset // 64
    into.session(session, at_ms, cwd=file.cwd)
    told = line.message.content if line.message else None
    blocks = told if isinstance(told, list) else [Said(text=told)]
    words = [block.text for block in blocks if block.text is not None and _is_said(block)]
    if line.role == "user":
        typed = "\n".join(words)
        if _QUERY[0] in typed:
            typed = typed.split(_QUERY[0], 1)[1].split(_QUERY[1], 1)[0]
        if typed.strip() and agent is None:
            into.prompt(PromptSeen(key, session, at_ms, typed.strip(), *place))
        return
    into.uncounted(UncountedSeen(key, session, at_ms, len("\n".join(words))))
    if into.with_edits:
        _used(into, blocks, CallAt("", session, at_ms, "", agent, file.cwd), offset)


def _is_said(block: Said) -> bool:
    return block.type in (None, "text") and text(block.text) is not None


def _used(into: Gathering, blocks: list[Said], at: CallAt, offset: int) -> None:
    """Tools that an answer used; a use has no name of its own, so it gets one from its place."""
    for number, block in enumerate(blocks):
        if block.type not in USES:
            continue
        own = block.id or block.call
        if own is None and block.type == "tool_use":
            own = f"{offset}:{number}:{digest64(bytes(block.input))}"
        if isinstance(own, str) and text(block.name):
            call = at.keyed(f"{at.session_id}:{own}")
            if tell_use_in(into, call, block):
                # Only what was carried out goes on to the next line.
                tell_result(into, call, CallStatus.OK)
