"""Continue: a document a session without tokens, and its own statistics with them, by day.

Lines of statistics tell their instants since version 0.2.0 of their format. A database beside them tells
the same requests, to the second and from the beginning: it is asked for those before the first such line.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tokencoach import regular_files
from tokencoach.sources.base import LogFile, LogsHome, Shape, Table
from tokencoach.sources.blocks import TOOLS, texts_of
from tokencoach.sources.discovery import files_below, modified_ms, moved, original, told_in
from tokencoach.sources.editors import path_of
from tokencoach.sources.fields import amount, count, decoded, model_name, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, ToolNames, tell_call, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects, whole
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_INDEX: Final = "sessions.json"
_TOKENS: Final = "tokensGenerated.jsonl"
_DATABASE: Final = "devdata.sqlite"
_TABLES: Final = (
    Table("tokens_generated", ("id", "model", "tokens_prompt", "tokens_generated", "timestamp"), "id"),
)
_FIRST_LINE: Final = 4096
_SLACK_MS: Final = 2000
_NAMES: Final = ToolNames(
    edits=TOOLS.edits
    | {
        "builtin_edit_existing_file",
        "builtin_create_new_file",
        "builtin_single_find_and_replace",
        "edit_existing_file",
    }
    | {"builtin_multi_edit", "create_new_file", "single_find_and_replace"},
    shells=TOOLS.shells | {"builtin_run_terminal_command"},
)
_STATUS: Final = {
    "done": CallStatus.OK,
    "errored": CallStatus.FAILED,
    "canceled": CallStatus.REJECTED,
    "cancelled": CallStatus.REJECTED,
}


class Continue:
    """Continue in editors and in the terminal."""

    name = "continue"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of sessions and of statistics."""
        base = moved(home, "CONTINUE_GLOBAL_DIR", ".continue")
        return [base / "sessions", base / "dev_data"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every session, and the statistics of every version."""
        sessions, statistics = self.roots(home)
        begun = _begun(sessions / _INDEX)
        for path in files_below([sessions], lambda name: name.endswith(".json") and name != _INDEX, depth=0):
            at_ms = begun.get(path.stem) or modified_ms(path)
            yield LogFile(path, None, original(path.stem), shape=Shape.DOCUMENT, modified_ms=at_ms)
        for path in files_below([statistics], lambda name: name == _TOKENS, depth=2):
            yield LogFile(path)
        database = statistics / _DATABASE
        if database.is_file():
            yield LogFile(database, name_hint=_lines_began(statistics), shape=Shape.DATABASE)

    def tables(self, file: LogFile) -> Sequence[Table]:  # noqa: ARG002 - there is but one kind
        """The requests of the database of statistics."""
        return _TABLES

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of a whole session, or of lines of statistics."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            _session(into, record(whole(into, chunk)), file, len(chunk))
        elif file.shape is Shape.DATABASE:
            for value, _, _ in objects(into, chunk, base_offset):
                _booked(into, record(value.get("row")), file.name_hint)
        else:
            for value, _, _ in objects(into, chunk, base_offset):
                _generated(into, value)
        return into.finish(), state


def _begun(index: Path) -> dict[str, int]:
    """When each session began, as the index notes it."""
    told = told_in(index)
    pairs = ((text(entry.get("sessionId")), moment_ms(entry.get("dateCreated"))) for entry in records(told))
    return {own: at_ms for own, at_ms in pairs if own and at_ms}


def _lines_began(statistics: Path) -> str:
    """The instant of the first line of statistics that tells one, in milliseconds; nothing before there is one."""
    first = []
    for path in files_below([statistics], lambda name: name == _TOKENS, depth=2):
        with contextlib.suppress(OSError), regular_files.opened(path) as lines:
            told = record(decoded(lines.readline(_FIRST_LINE).decode("utf-8", "replace"), Counter()))
            first.append(moment_ms(told.get("timestamp")))
    return str(min(filter(None, first), default=""))


def _generated(into: Gathering, value: dict[str, Any]) -> None:
    """A request as a line of statistics tells it."""
    at_ms = moment_ms(value.get("timestamp"))
    sent, output = count(value.get("promptTokens")), count(value.get("generatedTokens"))
    if at_ms is not None:
        _counted(into, at_ms, text(value.get("model")) or "unknown", (sent, output), "")


def _booked(into: Gathering, row: dict[str, Any], lines_began: str) -> None:
    """A request of the database, unless a line of statistics tells it."""
    told = text(row.get("timestamp")) or ""
    at_ms = moment_ms(told.replace(" ", "T", 1) + "Z")
    sent, output = count(row.get("tokens_prompt")), count(row.get("tokens_generated"))
    if at_ms is not None and (not lines_began or at_ms + _SLACK_MS < int(lines_began)):
        _counted(into, at_ms, text(row.get("model")) or "unknown", (sent, output), f":{row.get('id')}")


def _counted(into: Gathering, at_ms: int, model: str, counts: tuple[int, int], number: str) -> None:
    """A request of an editor; which session made it is not told, so each day is one."""
    sent, output = counts
    if not (sent or output):
        return
    session = f"dev-data-{at_ms // 86_400_000}"
    into.session(session, at_ms)
    key = f"{at_ms}:{model}:{sent}:{output}{number}"
    into.request(RequestSeen(key, session, at_ms, model, sent, 0, 0, 0, output, 0))


def _session(into: Gathering, told: dict[str, Any], file: LogFile, length: int) -> None:
    session = text(told.get("sessionId")) or file.name_hint
    folder = text(told.get("workspaceDirectory"))
    cwd = path_of(folder) if folder and "://" in folder else folder
    has_usage = False
    for number, entry in enumerate(records(told.get("history"))):
        # Only the session has an instant; the order of what was said is kept.
        at = CallAt(f"{session}:{number}", session, file.modified_ms + number, cwd=cwd)
        if not file.modified_ms:
            return
        into.session(session, at.at_ms, cwd=cwd, title=text(told.get("title")))
        message = record(entry.get("message"))
        if message.get("role") == "user":
            typed = "\n".join(texts_of(message.get("content")))
            if typed:
                into.prompt(PromptSeen(at.key, session, at.at_ms, typed, 0, length))
        has_usage = _usage(into, record(message.get("usage")), at) or has_usage
        states = {text(state.get("toolCallId")): state for state in records(entry.get("toolCallStates"))}
        for call in records(message.get("toolCalls")):
            own, function = text(call.get("id")), record(call.get("function"))
            name = text(function.get("name"))
            if own and name:
                arguments = record(decoded(function.get("arguments"), into.odd))
                made = at.but(key=into.unused(f"{session}:{own}"), request_key=at.key)
                _call(into, name, arguments, states.get(own, {}), made)
    whole = CallAt(f"{session}:sum", session, file.modified_ms, cwd=cwd)
    if has_usage:
        into.supersede(whole.key)
    elif file.modified_ms:
        _sum(into, record(told.get("usage")), whole)


def _sum(into: Gathering, used: dict[str, Any], at: CallAt) -> None:
    """The session's tokens, which older versions of the program in the terminal told as one."""
    details = record(used.get("promptTokensDetails"))
    sent, output = count(used.get("promptTokens")), count(used.get("completionTokens"))
    cached, written = count(details.get("cachedTokens")), count(details.get("cacheWriteTokens"))
    if sent or output:
        # Only a provider that counts the cached beside the input told what was written to the cache.
        fresh = sent if written else _fresh(sent, cached)
        counts = (fresh, cached, written, 0, output, 0)
        cost = amount(used.get("totalCost")) or None
        into.session(at.session_id, at.at_ms, cwd=at.cwd)
        into.request(RequestSeen(at.key, at.session_id, at.at_ms, "unknown", *counts, logged_cost_usd=cost))


def _fresh(sent: int, cached: int) -> int:
    """What of the input was not cached; more cached than sent was counted beside it."""
    return sent - cached if cached <= sent else sent


def _usage(into: Gathering, used: dict[str, Any], at: CallAt) -> bool:
    """A request as the program in the terminal notes it; what editors note is in the statistics."""
    model = text(used.get("model"))
    sent, output = count(used.get("prompt_tokens")), count(used.get("completion_tokens"))
    if model is None or not (sent or output):
        return False
    details = record(used.get("prompt_tokens_details"))
    cached, written = count(details.get("cached_tokens")), count(details.get("cache_write_tokens"))
    reasoning = min(output, count(record(used.get("completion_tokens_details")).get("reasoning_tokens")))
    # Where Anthropic is asked, what was cached stands beside the input and has a name more.
    fresh = sent if "cache_read_tokens" in details else _fresh(sent, cached + written)
    counts = (fresh, cached, written, 0, output, reasoning)
    into.request(RequestSeen(at.key, at.session_id, at.at_ms, model_name(model), *counts))
    return True


def _call(into: Gathering, name: str, arguments: dict[str, Any], state: dict[str, Any], at: CallAt) -> None:
    if "filepath" in arguments:
        arguments = {"path": arguments["filepath"], **arguments}
    tell_call(into, at, name, arguments, _NAMES)
    status = _STATUS.get(str(state.get("status")))
    if status is not None:
        tell_result(into, at, status, state.get("output"))
