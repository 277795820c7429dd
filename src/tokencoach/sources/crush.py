"""Crush: a database in each project, whose results of edits hold the file before and after.

A session's row holds the tokens of the last call and the cost of all, so that requests are marked
as counted too low. Every version of a changed file is kept as well, those that the person made too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from tokencoach.sources.base import LogFile, LogsHome, Lookup, Shape, Table
from tokencoach.sources.blocks import TOOLS
from tokencoach.sources.call_names import Named, call_key, result_key
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import moved, told_in
from tokencoach.sources.fields import (
    amount,
    count,
    decoded,
    first_text,
    items,
    moment_ms,
    record,
    records,
    text,
    word,
)
from tokencoach.sources.file_tools import (
    CallAt,
    FileChange,
    ToolNames,
    diffed,
    imaged,
    tell_call,
    tell_change,
    tell_result,
)
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import AgentSeen, PromptSeen, RequestSeen, UncountedSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_OF_SESSION: Final = (Lookup("sessions", "session_id", "id", ("parent_session_id",)),)
_TABLES: Final = (
    Table(
        "messages", ("id", "session_id", "role", "parts", "model", "created_at"), "updated_at", _OF_SESSION
    ),
    Table(
        "files", ("id", "session_id", "path", "content", "version", "created_at"), "created_at", _OF_SESSION
    ),
    # Behind the messages, which tell the model.
    Table(
        "sessions",
        (
            "id",
            "parent_session_id",
            "title",
            "prompt_tokens",
            "completion_tokens",
            "cost",
            "created_at",
            "updated_at",
        ),
        "updated_at",
    ),
)
_NAMES: Final = ToolNames(TOOLS.edits | {"lsp_replace_symbol"}, TOOLS.shells)
_EXIT_CODE: Final = re.compile(r"^Exit code (-?[0-9]{1,9})\s+<cwd>.*\Z", re.MULTILINE)
_TAIL: Final = 4096
_WRITTEN: Final = ("text", "thinking", "input")
_MOST_KEPT: Final = 32
_LONGEST_KEPT: Final = 200_000
_MOST_OPEN: Final = 64
_MOST_SESSIONS: Final = 256


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: the last version of each file of each session, and its model.

    ``open_paths`` are the files that calls without a result would change, by the calls' keys; ``telling``
    are the sessions whose calls tell their edits, so that versions of files tell none.
    """

    version: int = 1
    images: dict[str, str] = msgspec.field(default_factory=dict)
    models: dict[str, str] = msgspec.field(default_factory=dict)
    open_paths: dict[str, str] = msgspec.field(default_factory=dict)
    telling: dict[str, None] = msgspec.field(default_factory=dict)
    calls: Named = msgspec.field(default_factory=dict)


_CARRIER: Final = Carrier(State, 1)
V = TypeVar("V")


class Crush:
    """Crush in the terminal."""

    name = "crush"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of its register of projects on every system."""
        if home.environment.get("CRUSH_GLOBAL_DATA", "").strip():
            return [moved(home, "CRUSH_GLOBAL_DATA")]
        return [
            moved(home, "XDG_DATA_HOME", ".local", "share") / "crush",
            moved(home, "LOCALAPPDATA", "AppData", "Local") / "crush",
        ]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The database of every project in the register."""
        for project in (one for root in self.roots(home) for one in _registered(root / "projects.json")):
            entry = {"path": project} if isinstance(project, str) else record(project)
            folder = text(entry.get("path"))
            if folder is None:
                continue
            data = text(entry.get("data_dir")) or ".crush"
            path = home.folder.__class__(folder) / data / "crush.db"
            if path.is_file():
                yield LogFile(path, shape=Shape.DATABASE, cwd=folder)

    def watched(self, home: LogsHome) -> list[Path]:
        """The register alone; databases lie in the middle of projects."""
        return self.roots(home)

    def tables(self, file: LogFile) -> Sequence[Table]:  # noqa: ARG002 - all of its databases are alike
        """Sessions and messages by their last change, files by their versions."""
        return _TABLES

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of changed rows."""
        carried = _CARRIER.load(state)
        into = Gathering(with_edits=with_edits)
        reading = _Reading(into, carried, file.cwd)
        for value, _, _ in objects(into, chunk, base_offset):
            reading.row(value.get("table"), record(value.get("row")))
        return into.finish(), _CARRIER.dump(carried)


def _registered(register: Path) -> list[Any]:
    """The projects in a register."""
    told = told_in(register)
    known = record(told).get("projects", told)
    return items(known if isinstance(known, list) else list(record(known).values()))


class _Reading:
    """Reads rows; ``state`` is changed on the way."""

    def __init__(self, into: Gathering, state: State, cwd: str | None) -> None:
        self._into = into
        self._state = state
        self._cwd = cwd

    def row(self, table: object, row: dict[str, Any]) -> None:
        """One row. Rows of a child's session are a sub-agent's of its parent."""
        own = text(row.get("id")) if table == "sessions" else text(row.get("session_id"))
        parent = text(row.get("parent_session_id")) or text(row.get("sessions.parent_session_id"))
        at_ms = moment_ms(row.get("created_at"))
        if own is None or at_ms is None:
            return
        agent = own if parent else None
        at = CallAt(str(row.get("id")), parent or own, at_ms, None, agent, self._cwd)
        self._into.session(at.session_id, at_ms, cwd=self._cwd)
        if agent is not None:
            self._into.agent(AgentSeen(agent, at.session_id, at_ms))
        if table == "sessions":
            self._session(row, at)
        elif table == "messages":
            self._message(row, at)
        elif table == "files":
            self._file(row, at)

    def _session(self, row: dict[str, Any], at: CallAt) -> None:
        if at.agent is not None:
            # The parent's sum holds its children's.
            return
        updated = moment_ms(row.get("updated_at")) or at.at_ms
        self._into.session(at.session_id, max(at.at_ms, updated), title=text(row.get("title")))
        fresh, output = count(row.get("prompt_tokens")), count(row.get("completion_tokens"))
        if fresh or output:
            model = self._state.models.get(at.session_id, "unknown")
            cost = amount(row.get("cost"))
            self._into.request(
                RequestSeen(
                    *(f"{at.session_id}:sum", at.session_id, at.at_ms, model, fresh, 0, 0, 0, output, 0),
                    is_undercounted=True,
                    logged_cost_usd=cost,
                )
            )

    def _message(self, row: dict[str, Any], at: CallAt) -> None:
        model = text(row.get("model"))
        if model:
            self._state.models[at.session_id] = model
        typed, written = [], 0
        for part in records(decoded(row.get("parts"), self._into.odd)):
            data, kind = record(part.get("data")), part.get("type")
            if kind == "text" and row.get("role") == "user" and at.agent is None:
                typed.append(text(data.get("text")) or "")
                continue
            written += sum(len(word(data.get(name))) for name in _WRITTEN)
            if kind == "tool_call":
                self._call(data, at)
            elif kind == "tool_result":
                self._result(data, at)
            elif kind == "finish" and data.get("reason") in ("canceled", "error"):
                error = ErrorKind.ABORTED if data["reason"] == "canceled" else ErrorKind.API_ERROR
                self._into.error(
                    at.key, at.session_id, at.at_ms, error, (data["reason"], data.get("message"))
                )
        words = "\n".join(filter(None, typed))
        if words:
            self._into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, words, 0, 0))
        elif row.get("role") == "assistant":
            # Of all answers but the last the tokens are told nowhere.
            self._into.uncounted(UncountedSeen(at.key, at.session_id, at.at_ms, written))

    def _call(self, data: dict[str, Any], at: CallAt) -> None:
        name, own = text(data.get("name")), text(data.get("id"))
        if not name or not own or data.get("finished") is False:
            return
        arguments = record(decoded(data.get("input"), self._into.odd))
        call = at.but(key=call_key(self._state.calls, at.session_id, at.key, own))
        tell_call(self._into, call, name, arguments, _NAMES)
        if name in _NAMES.edits:
            _keep(self._state.telling, at.session_id, None, _MOST_SESSIONS)
            path = first_text(arguments, "file_path", "path")
            if path:
                _keep(self._state.open_paths, call.key, resolve(path, self._cwd), _MOST_OPEN)

    def _result(self, data: dict[str, Any], at: CallAt) -> None:
        own = text(data.get("tool_call_id"))
        if own is None:
            return
        at = at.but(key=result_key(self._state.calls, at.session_id, own))
        answer = text(data.get("content")) or ""
        said = answer[:300].lower()
        status = CallStatus.FAILED if data.get("is_error") is True else CallStatus.OK
        if status is CallStatus.FAILED and ("permission denied" in said or "user denied" in said):
            status = CallStatus.REJECTED
        code = _EXIT_CODE.search(answer[-_TAIL:]) if "<cwd>" in answer else None
        tell_result(self._into, at, status, answer, exit_code=int(code[1]) if code else None)
        path = self._state.open_paths.pop(at.key, None)
        if path and status is CallStatus.OK:
            tell_change(self._into, at, _changed(path, record(decoded(data.get("metadata"), self._into.odd))))

    def _file(self, row: dict[str, Any], at: CallAt) -> None:
        """A version of a file; the first of a session is the file as it was before.

        Where lines were only taken out, the program notes an empty file; the next version tells what is left.
        """
        path, content = text(row.get("path")), row.get("content")
        if path is None or not isinstance(content, str):
            return
        if at.session_id in self._state.telling:
            return
        place = f"{at.session_id}\0{path}"
        if not content and self._state.images.get(place):
            return
        before = self._state.images.pop(place, None)
        if len(content) <= _LONGEST_KEPT:
            _keep(self._state.images, place, content, _MOST_KEPT)
        if before is None or before == content:
            return
        key = f"file:{at.key}"
        at = at.but(key=key)
        tell_call(self._into, at, "edit", {"path": path}, TOOLS)
        tell_result(self._into, at, CallStatus.OK)
        tell_change(self._into, at, [imaged(resolve(path, self._cwd), before, content)])


def _keep(kept: dict[str, V], key: str, value: V, most: int) -> None:
    """Put a value last among those kept, and let the oldest go."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]


def _changed(path: str, told: dict[str, Any]) -> list[FileChange]:
    """What an edit did to a file by what it told beside its answer: the file before and after, or a diff."""
    before, after, diff = (text(told.get(name)) for name in ("old_content", "new_content", "diff"))
    if before or after:
        return [imaged(path, before or "", after or "")]
    if not diff:
        return []
    change = diffed(path, diff).change
    # Other ends of lines are no change.
    ends = ("\n" if side else "" for side in change)
    added, removed = (side + end for side, end in zip(change, ends, strict=True))
    return [imaged(path, removed, added)]
