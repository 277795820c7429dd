"""Goose: a database of sessions and messages; tokens are told of each request, by older versions as one sum."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome, Lookup, Table
from tokencoach.sources.blocks import TOOLS, texts_of
from tokencoach.sources.discovery import databases, moved
from tokencoach.sources.fields import amount, count, decoded, first_text, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, tell_call, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.tokens import TokenCounts
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
    *("accumulated_cache_read_tokens", "accumulated_cache_write_tokens", "accumulated_cost"),
    *("input_tokens", "output_tokens", "total_tokens", "parent_session_id"),
)
_COUNTED: Final = (
    *("id", "session_id", "created_timestamp", "model", "input_tokens", "output_tokens", "total_tokens"),
    *("cache_read_tokens", "cache_write_tokens", "cost", "cost_source"),
)
_OF_SESSION: Final = ("working_dir", "created_at", "model_config_json", "provider_name")
_OLDEST: Final = ("created_timestamp",)
_TABLES: Final = (
    Table(
        "sessions",
        _SESSION,
        "updated_at",
        (
            Lookup("usage_ledger", "id", "session_id", ("id",), is_any=True),
            Lookup("messages", "id", "session_id", _OLDEST, is_any=True),
        ),
    ),
    Table(
        "usage_ledger",
        _COUNTED,
        "id",
        (
            Lookup("sessions", "session_id", "id", _OF_SESSION),
            Lookup("messages", "session_id", "session_id", _OLDEST, is_any=True),
        ),
    ),
    Table(
        "messages",
        ("id", "message_id", "session_id", "role", "content_json", "created_timestamp", "metadata_json"),
        "id",
        (Lookup("sessions", "session_id", "id", ("working_dir", "created_at")),),
    ),
)
_CARRIED: Final = "carried_forward"
#: A message's own name tells the session that it was written in; a copy of a session keeps it. An answer under
#: its provider's name tells none; in a copy it is older than its session (``_is_copied``).
_WRITTEN_IN: Final = re.compile(r"msg_([0-9]{8}_[0-9]+)_")
#: Lines of older versions were taken over under names of this kind, by when that was done.
_TAKEN_OVER: Final = re.compile(r"[0-9]{8}_[0-9]{6}$")
_SOON_MS: Final = 60_000


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
        return databases(self.roots(home), "sessions.db")

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
            table = value.get("table")
            if table == "sessions":
                _session(into, row)
            elif table == "usage_ledger":
                _counted(into, row)
            else:
                _message(into, row)
        return into.finish(), state


def _session(into: Gathering, row: dict[str, Any]) -> None:
    own, created = _name(row.get("id")), _instant(row.get("created_at"))
    if own is None or created is None:
        return
    title, parent = first_text(row, "description", "name"), _name(row.get("parent_session_id"))
    cwd = text(row.get("working_dir"))
    into.session(own, created, cwd=cwd, title=title, parent_session_id=parent)
    into.session(own, max(created, _instant(row.get("updated_at")) or created))
    if row.get("usage_ledger.id") is not None:
        # Each request is told, and what was summed up before that stands among them.
        into.supersede(f"{own}:sum")
        return
    is_as_copied = (_instant(row.get("updated_at")) or created) < created + _SOON_MS
    if is_as_copied and _is_copied(own, row.get("messages.created_timestamp"), created):
        return
    counts = _counts(row, "accumulated_")
    if not any(counts):
        # Versions that keep no sum tell the last call alone.
        counts = _counts(row, "")
    if any(counts):
        cost = amount(row.get("accumulated_cost")) or None
        model = _model(into, row, "")
        into.request(RequestSeen(f"{own}:sum", own, created, model, *counts, logged_cost_usd=cost))


def _is_copied(session: str, said: object, began: int | None) -> bool:
    """Whether what was said then was said before the session began: in another, or in another assistant's."""
    at_ms = _instant(said)
    if at_ms is None or began is None or _TAKEN_OVER.match(session):
        return False
    return at_ms < began - _SOON_MS


def _model(into: Gathering, row: dict[str, Any], prefix: str) -> str:
    settings = record(decoded(row.get(f"{prefix}model_config_json"), into.odd))
    return first_text(settings, "model_name", "model") or text(row.get(f"{prefix}provider_name")) or "unknown"


def _counts(row: dict[str, Any], prefix: str) -> TokenCounts:
    """Tokens of a row; whether input holds what went through the cache, the total tells."""
    names = ("input", "output", "total", "cache_read", "cache_write")
    whole, output, total, read, written = (count(row.get(f"{prefix}{name}_tokens")) for name in names)
    if read + written <= whole and total <= whole + output:
        whole -= read + written
    return TokenCounts(whole, read, written, 0, output, 0)


def _counted(into: Gathering, row: dict[str, Any]) -> None:
    """A request; what an older version had summed up is carried forward as one."""
    session, at_ms = _name(row.get("session_id")), _instant(row.get("created_timestamp"))
    counts = _counts(row, "")
    if session is None or at_ms is None or not any(counts):
        return
    key = f"{session}:{at_ms}:{row.get('id')}"
    began = _instant(row.get("sessions.created_at"))
    if row.get("cost_source") == _CARRIED:
        if _is_copied(session, row.get("messages.created_timestamp"), began):
            return
        key, at_ms = f"{session}:carried", began or at_ms
    into.supersede(f"{session}:sum")
    into.session(session, at_ms, cwd=text(row.get("sessions.working_dir")))
    model = text(row.get("model")) or _model(into, row, "sessions.")
    cost = amount(row.get("cost")) or None
    into.request(RequestSeen(key, session, at_ms, model, *counts, logged_cost_usd=cost))


def _message(into: Gathering, row: dict[str, Any]) -> None:
    session, at_ms = _name(row.get("session_id")), _instant(row.get("created_timestamp"))
    if session is None or at_ms is None:
        return
    written_in = _WRITTEN_IN.match(text(row.get("message_id")) or "")
    began = _instant(row.get("sessions.created_at"))
    if (written_in and written_in[1] != session) or _is_copied(session, at_ms // 1000, began):
        return
    cwd = text(row.get("sessions.working_dir"))
    into.session(session, at_ms, cwd=cwd)
    # A compaction writes the messages anew; instant and words stay.
    at = CallAt(f"{session}:{at_ms}", session, at_ms, cwd=cwd)
    blocks = records(decoded(row.get("content_json"), into.odd))
    if row.get("role") == "user" and not any(block.get("type") == "toolResponse" for block in blocks):
        typed = "\n".join(texts_of(blocks))
        # What it tells the model alone stands under the person's name.
        if typed and record(decoded(row.get("metadata_json"), into.odd)).get("userVisible") is not False:
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
