"""OpenCode: a database of sessions and messages, with or without parts of their own; before that, a file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome, Lookup, Shape, Table
from tokencoach.sources.decoding import UnreadableLineError, is_blank
from tokencoach.sources.discovery import files_below, moved
from tokencoach.sources.fields import ANYTHING, decoded, moment_ms, objects_of, record, records, text
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.opencode.parts import Message, PartReading
from tokencoach.sources.opencode.second import TABLES, tell, tell_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_OF_SESSION: Final = Lookup("session", "session_id", "id", ("directory", "parent_id"))
_TABLES: Final = (
    Table(
        "session",
        ("id", "parent_id", "directory", "title", "version", "revert", "time_created", "time_updated"),
        "time_updated",
    ),
    Table("message", ("id", "session_id", "data"), "time_updated", (_OF_SESSION,)),
    Table(
        "part",
        ("id", "data"),
        "time_updated",
        (Lookup("message", "message_id", "id", ("id", "session_id", "data")), _OF_SESSION),
    ),
    *TABLES,
)


class OpenCode:
    """OpenCode in the terminal and on the desktop."""

    name = "opencode"
    folder = "opencode"
    folder_variable = "OPENCODE_DATA_DIR"
    database_variable = "OPENCODE_DB"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of its data."""
        if home.environment.get(self.folder_variable, "").strip():
            return [moved(home, self.folder_variable)]
        return [moved(home, "XDG_DATA_HOME", ".local", "share") / self.folder]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Databases of every channel, then the files of older versions, a message with its parts."""
        for root in self.roots(home):
            found = list(files_below([root], self._is_database, depth=0))
            told = home.environment.get(self.database_variable, "").strip()
            if told and (named := root / told).is_file() and named not in found:
                found.append(named)
            for path in found:
                yield LogFile(path, shape=Shape.DATABASE)
            storage = root / "storage"
            sessions = {path.stem: path for path in files_below([storage / "session"], _is_document)}
            for path in sessions.values():
                yield LogFile(path, None, path.stem, shape=Shape.DOCUMENT)
            for path in files_below([storage / "message"], _is_document):
                parts = tuple(files_below([storage / "part" / path.stem], _is_document, depth=0))
                own = sessions.get(path.parent.name)
                beside = (*parts, own) if own is not None else parts
                yield LogFile(path, None, path.parent.name, shape=Shape.DOCUMENT, beside=beside)
        yield from self._exports(home)

    def _is_database(self, name: str) -> bool:
        return name.startswith(self.folder) and name.endswith(".db")

    def _exports(self, home: LogsHome) -> Iterator[LogFile]:
        """Sessions that ``opencode export`` wrote, in a folder of its data or where the settings say."""
        folders = [root / name for root in self.roots(home) for name in ("export", "exports")]
        named = home.named.get(self.name, ())
        folders += [path for path in named if path.is_dir()]
        alone = [path for path in named if path.is_file()]
        for path in [*alone, *files_below(folders, _is_document)]:
            yield LogFile(path, None, path.stem, shape=Shape.DOCUMENT)

    def tables(self, file: LogFile) -> Sequence[Table]:  # noqa: ARG002 - all of its databases are alike
        """Sessions, messages and their parts, each by the time of its last change."""
        return _TABLES

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of changed rows, or of one older file with its parts."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            _document(into, chunk, file)
            return into.finish(), state
        offset = base_offset
        for line in chunk.splitlines(keepends=True):
            if not is_blank(line):
                _line(into, line, offset)
            offset += len(line)
        return into.finish(), state


def _is_document(name: str) -> bool:
    return name.endswith(".json")


def _line(into: Gathering, line: bytes, offset: int) -> None:
    try:
        found = objects_of(line, into.odd)
    except UnreadableLineError as error:
        into.unread(offset, len(line), error)
        return
    for value in found:
        row = record(value.get("row"))
        if value.get("table") in ("session", "session_v2"):
            _session(into, row)
        elif value.get("table") == "session_message":
            tell_row(into, row)
        elif value.get("table") == "message":
            message = _message(into, row, row.get("data"), row.get("session_id"))
            if message is not None:
                PartReading(into).message(message)
        elif value.get("table") == "part":
            message = _message(into, row, row.get("message.data"), row.get("message.session_id"))
            part = decoded(row.get("data"), into.odd)
            if message is not None and isinstance(part, dict):
                PartReading(into).part(message, part)


def _message(into: Gathering, row: dict[str, Any], data: object, session: object) -> Message | None:
    told = decoded(data, into.odd)
    own, session_id = text(row.get("message.id")) or text(row.get("id")), text(session)
    if not isinstance(told, dict) or own is None or session_id is None:
        return None
    return Message.of(
        own, session_id, told, text(row.get("session.parent_id")), text(row.get("session.directory"))
    )


def _session(into: Gathering, row: dict[str, Any]) -> None:
    """A session's row; a child's own row is a sub-agent's and no session."""
    own, created = text(row.get("id")), moment_ms(row.get("time_created"))
    if own is None or created is None or text(row.get("parent_id")):
        return
    updated = moment_ms(row.get("time_updated")) or created
    told = {
        "cwd": text(row.get("directory")),
        "title": text(row.get("title")),
        "version": text(row.get("version")),
    }
    into.session(own, created, **told)
    into.session(own, max(created, updated), **told)
    if row.get("revert"):
        PartReading(into).reverted(own, updated, row["revert"])


def _export(into: Gathering, value: dict[str, Any]) -> None:
    """A whole session as it was exported: what the database says of it too, under the same names."""
    info = record(value.get("info"))
    parent, folder = text(info.get("parentID")), text(info.get("directory"))
    _session(into, _flat(info))
    reading = PartReading(into)
    for told in records(value.get("messages")):
        if "info" not in told and (own := text(told.get("id"))) and record(told.get("time")):
            tell(into, own, str(info["id"]), told, parent, folder)
            continue
        head = record(told.get("info"))
        own, session = text(head.get("id")), text(head.get("sessionID")) or text(info.get("id"))
        if own is None or session is None:
            into.unseen("message without an id")
            continue
        message = Message.of(own, session, head, parent, folder)
        if message is not None:
            reading.message(message)
            for part in records(told.get("parts")):
                reading.part(message, part)


def _flat(info: dict[str, Any]) -> dict[str, Any]:
    """A session's record in the shape of its row."""
    times = record(info.get("time"))
    return info | {
        "time_created": times.get("created"),
        "time_updated": times.get("updated"),
        "parent_id": info.get("parentID"),
    }


def _document(into: Gathering, chunk: bytes, file: LogFile) -> None:
    try:
        content = ANYTHING.decode(chunk, into.odd)
    except UnreadableLineError as error:
        into.unread(0, len(chunk), error)
        return
    value = record(content)
    if isinstance(value.get("messages"), list) and record(value.get("info")).get("id"):
        _export(into, value)
        return
    if file.path.parent.parent.name == "session":
        _session(into, _flat(value))
        return
    pieces = value if file.path.name in value else {file.path.name: value}
    told = record(pieces.get(file.path.name))
    own = record(pieces.get(f"{file.name_hint}.json"))
    name, session = text(told.get("id")), text(told.get("sessionID")) or file.name_hint
    if name is None:
        into.unseen("message without an id")
        return
    message = Message.of(name, session, told, text(own.get("parentID")), text(own.get("directory")))
    if message is None:
        return
    reading = PartReading(into)
    reading.message(message)
    for part in records([value for key, value in sorted(pieces.items()) if record(value).get("type")]):
        reading.part(message, part)
