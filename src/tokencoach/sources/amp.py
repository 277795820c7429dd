"""Amp: a document a thread, rewritten as it grows; the server holds the original."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.blocks import tell_diff, tell_uses, texts_of
from tokencoach.sources.discovery import files_below, moved
from tokencoach.sources.editors import path_of
from tokencoach.sources.fields import count, first_text, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import whole
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_STATUS: Final = {
    "done": CallStatus.OK,
    "error": CallStatus.FAILED,
    "cancelled": CallStatus.INTERRUPTED,
    "rejected-by-user": CallStatus.REJECTED,
    "rejected": CallStatus.REJECTED,
}


class Amp:
    """Amp in the terminal and in editors."""

    name = "amp"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of threads."""
        return [moved(home, "AMP_DATA_DIR", ".local", "share", "amp") / "threads"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every thread."""
        for path in files_below(
            self.roots(home), lambda name: name.startswith("T-") and name.endswith(".json"), depth=1
        ):
            yield LogFile(path, None, path.stem, shape=Shape.DOCUMENT)

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,  # noqa: ARG002 - a document begins at its beginning
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of a whole thread."""
        into = Gathering(with_edits=with_edits)
        _Thread(into, record(whole(into, chunk)), file.name_hint, len(chunk)).messages()
        return into.finish(), state


class _Thread:
    """Reads the messages of one thread."""

    def __init__(self, into: Gathering, told: dict[str, Any], name: str, length: int) -> None:
        self._into = into
        self._told = told
        self._length = length
        self._session = text(told.get("id")) or name
        tree = next(iter(records(record(record(told.get("env")).get("initial")).get("trees"))), {})
        self._cwd = path_of(text(tree.get("uri")))
        self._repository = record(tree.get("repository"))
        self._last_ms = moment_ms(told.get("created")) or 0
        self._paths: dict[str, str] = {}
        self._told_usage: set[str] = set()

    def messages(self) -> None:
        """Every message, in their order, then usage of older versions."""
        reference = text(self._repository.get("ref")) or ""
        about = {
            "cwd": self._cwd,
            "title": text(self._told.get("title")),
            "branch": reference.removeprefix("refs/heads/") or None,
            "git_commit": text(self._repository.get("sha")),
            "git_remote": text(self._repository.get("url")),
        }
        for message in records(self._told.get("messages")):
            usage = record(message.get("usage"))
            sent = record(message.get("meta")).get("sentAt")
            self._last_ms = moment_ms(usage.get("timestamp")) or moment_ms(sent) or self._last_ms
            if self._last_ms:
                self._into.session(self._session, self._last_ms, **about)
                key = f"{self._session}:{message.get('messageId')}"
                self._message(message, usage, CallAt(key, self._session, self._last_ms, cwd=self._cwd))
        for event in records(record(self._told.get("usageLedger")).get("events")):
            self._booked(event, about)

    def _message(self, message: dict[str, Any], usage: dict[str, Any], at: CallAt) -> None:
        content = message.get("content")
        if message.get("role") == "assistant":
            names = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens")
            fresh, read, written, output = (count(usage.get(name)) for name in names)
            if fresh or read or written or output:
                model = text(usage.get("model")) or "unknown"
                self._told_usage.add(at.key)
                self._into.request(
                    RequestSeen(at.key, at.session_id, at.at_ms, model, fresh, read, written, 0, output, 0)
                )
            self._paths.update(tell_uses(self._into, at, content))
            return
        typed = "\n".join(texts_of(content))
        if typed:
            self._into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, typed, 0, self._length))
        for block in records(content):
            own = first_text(block, "toolUseID", "tool_use_id")
            if block.get("type") == "tool_result" and own:
                self._result(record(block.get("run")), at.but(key=f"{self._session}:{own}"))

    def _result(self, run: dict[str, Any], at: CallAt) -> None:
        status = _STATUS.get(str(run.get("status")))
        if status is None:
            return
        code = record(run.get("result")).get("exitCode")
        tell_result(self._into, at, status, run.get("result"), exit_code=code)
        if status is CallStatus.OK:
            tell_diff(self._into, at, self._paths.get(at.key), record(run.get("result")).get("diff"))

    def _booked(self, event: dict[str, Any], about: dict[str, str | None]) -> None:
        """Usage that no message holds: of older versions, and of titles. It tells nothing of caches."""
        at_ms, tokens = moment_ms(event.get("timestamp")), record(event.get("tokens"))
        fresh, output = count(tokens.get("input")), count(tokens.get("output"))
        own = event.get("toMessageId", event.get("id"))
        key = f"{self._session}:{own}"
        if at_ms is None or not (fresh or output) or key in self._told_usage:
            return
        self._into.session(self._session, at_ms, **about)
        model = text(event.get("model")) or "unknown"
        self._into.request(RequestSeen(key, self._session, at_ms, model, fresh, 0, 0, 0, output, 0))
