"""Goose: a database of sessions and messages; tokens are told as one sum a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome, Lookup, Shape, Table
from tokencoach.sources.blocks import TOOLS, texts_of
from tokencoach.sources.discovery import moved
from tokencoach.sources.fields import count, decoded, first_text, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, tell_call, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_SESSION: Final = (
    *(
        "id",
        "name",
        "description",
        "working_dir",
        "session_type",
        "created_at",
        "updated_at",
        "provider_name",
    ),
    *(
        "accumulated_input_tokens",
        "accumulated_output_tokens",
        "accumulated_total_tokens",
        "model_config_json",
    ),
    *("input_tokens", "output_tokens"),
)
_TABLES: Final = (
    Table("sessions", _SESSION, "updated_at"),
    Table(
        "messages",
        ("id", "message_id", "session_id", "role", "content_json", "created_timestamp"),
        "id",
        (Lookup("sessions", "session_id", "id", ("working_dir",)),),
    ),
)


class Goose:
    """Goose in the terminal and on the desktop."""

    name = "goose"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of its database on every system."""
        if home.environment.get("GOOSE_PATH_ROOT", "").strip():
            return [moved(home, "GOOSE_PATH_ROOT") / "data" / "sessions"]
        folder = home.folder
        return [
            moved(home, "XDG_DATA_HOME", ".local", "share") / "goose" / "sessions",
            folder / "Library" / "Application Support" / "goose" / "sessions",
            folder / ".local" / "share" / "Block" / "goose" / "sessions",
            moved(home, "APPDATA", "AppData", "Roaming") / "Block" / "goose" / "data" / "sessions",
        ]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The databases there are; lines of older versions were taken over into them."""
        for root in self.roots(home):
            if (root / "sessions.db").is_file():
                yield LogFile(root / "sessions.db", shape=Shape.DATABASE)

    def tables(self, file: LogFile) -> Sequence[Table]:  # noqa: ARG002 - there is but one kind
        """Sessions by their last change, messages as they were added."""
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
        """Facts of changed rows."""
        into = Gathering(with_edits=with_edits)
        for value, _, _ in objects(into, chunk, base_offset):
            row = record(value.get("row"))
            if value.get("table") == "sessions":
                _session(into, row)
            else:
                _message(into, row)
        return into.finish(), state


def _session(into: Gathering, row: dict[str, Any]) -> None:
    own, created = _name(row.get("id")), _instant(row.get("created_at"))
    if own is None or created is None or row.get("session_type") == "sub_agent":
        return
    title = first_text(row, "description", "name")
    into.session(own, created, cwd=text(row.get("working_dir")), title=title)
    into.session(own, max(created, _instant(row.get("updated_at")) or created))
    fresh, output = count(row.get("accumulated_input_tokens")), count(row.get("accumulated_output_tokens"))
    if not (fresh or output):
        # Versions that keep no sum tell the last call alone.
        fresh, output = count(row.get("input_tokens")), count(row.get("output_tokens"))
    if fresh or output:
        settings = record(decoded(row.get("model_config_json"), into.odd))
        model = first_text(settings, "model_name", "model") or text(row.get("provider_name")) or "unknown"
        into.request(RequestSeen(f"{own}:sum", own, created, model, fresh, 0, 0, 0, output, 0))


def _message(into: Gathering, row: dict[str, Any]) -> None:
    session, at_ms = _name(row.get("session_id")), _instant(row.get("created_timestamp"))
    if session is None or at_ms is None:
        return
    cwd = text(row.get("sessions.working_dir"))
    into.session(session, at_ms, cwd=cwd)
    # A compaction writes the messages anew; instant and words stay.
    at = CallAt(f"{session}:{at_ms}", session, at_ms, cwd=cwd)
    blocks = records(decoded(row.get("content_json"), into.odd))
    if row.get("role") == "user" and not any(block.get("type") == "toolResponse" for block in blocks):
        typed = "\n".join(texts_of(blocks))
        if typed:
            into.prompt(PromptSeen(at.key, session, at_ms, typed, 0, 0))
    for block in blocks:
        own = text(block.get("id"))
        if own is None:
            continue
        call = at.but(key=f"{session}:{own}")
        if block.get("type") == "toolRequest":
            _call(into, record(block.get("toolCall")), call)
        elif block.get("type") == "toolResponse":
            told = record(block.get("toolResult"))
            is_error = told.get("status") == "error" or record(told.get("value")).get("isError") is True
            said = str(told.get("error"))[:300].lower()
            status = CallStatus.FAILED if is_error else CallStatus.OK
            if is_error and ("declined" in said or "denied" in said):
                status = CallStatus.REJECTED
            tell_result(into, call, status, told.get("value"))


def _call(into: Gathering, told: dict[str, Any], at: CallAt) -> None:
    value = record(told.get("value")) or told
    name, arguments = text(value.get("name")), record(value.get("arguments"))
    if name is None:
        return
    plain = name.split("__")[-1]
    if arguments.get("command") == "view":
        # The editor's tool looks at files as well.
        arguments = {"path": arguments.get("path")}
    tell_call(into, at, plain if plain in TOOLS.edits | TOOLS.shells else name, arguments, TOOLS)


def _name(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _instant(value: object) -> int | None:
    """Seconds since 1970, or SQLite's own text of a time in UTC."""
    return moment_ms(value.replace(" ", "T", 1) if isinstance(value, str) else value)
