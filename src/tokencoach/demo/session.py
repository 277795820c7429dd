"""A session of any assistant: prompts, requests, edits on disk, and the truth about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from tokencoach.demo.actions import Command, FileChange, Reading, Reply, Speech
from tokencoach.demo.patches import added_and_removed, is_significant
from tokencoach.demo.truth import Act, LineTruth, RequestTruth
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from tokencoach.demo.identifiers import Identifiers
    from tokencoach.demo.repository import Repository
    from tokencoach.demo.timeline import Timeline
    from tokencoach.demo.truth import Truth
    from tokencoach.usage.tokens import TokenCounts

STALE_TEXT = "String to replace not found in file."
BYTES_PER_TOKEN = 4


class Session(ABC):
    """One conversation in one folder. Edits change real files; every request is drawn and recorded."""

    source: str

    def __init__(
        self,
        home: Path,
        folder: Path,
        repository: Repository | None,
        *,
        model: str,
        clock: Timeline,
        truth: Truth,
        identifiers: Identifiers,
    ) -> None:
        self.home = home
        self.folder = folder
        self.repository = repository
        self.model = model
        self.clock = clock
        self.truth = truth
        self.identifiers = identifiers
        self.session_id = ""
        self.turn = 0
        self.context_tokens = 9_000 + identifiers.random.randrange(9_000)

    @abstractmethod
    def log_prompt(self, text: str) -> None:
        """Write the records of a prompt."""

    @abstractmethod
    def log_reply(self, request: RequestTruth, reply: Reply) -> None:
        """Write the records of a response and of its action's end."""

    @abstractmethod
    def draw_counts(self, output_tokens: int, new_tokens: int) -> TokenCounts:
        """Draw the usage of a request that adds ``new_tokens`` to the context."""

    @abstractmethod
    def interrupt(self) -> None:
        """The person stops the assistant."""

    @abstractmethod
    def fork(self) -> Self:
        """Go on in a second conversation that begins with this one's history."""

    def prompt(self, text: str) -> None:
        """The person asks for something: a turn begins."""
        self.think(20, 90)
        self.turn += 1
        self.truth.prompts += 1
        self.log_prompt(text)

    def say(self, text: str) -> Act:
        """Words without any tool."""
        return self._do(Reply(text, Speech(), CallStatus.OK))

    def read(self, path: str) -> Act:
        """Look into a file."""
        return self._do(Reply("", Reading(self.folder / path, self._text(path) or ""), CallStatus.OK))

    def bash(self, command: str, output: str = "", *, exit_code: int = 0) -> Act:
        """Run a shell command; what it does to the disk is the script's own affair."""
        status = CallStatus.FAILED if exit_code else CallStatus.OK
        return self._do(Reply("", Command(command, output, exit_code), status))

    def edit(self, path: str, old: str, new: str, *, replace_all: bool = False, text: str = "") -> Act:
        """Replace a text that stands in a file."""
        return self._do(Reply(text, self._replacement(path, [(old, new)], replace_all), CallStatus.OK))

    def multi_edit(self, path: str, steps: list[tuple[str, str]], text: str = "") -> Act:
        """Replace several texts of one file in one call."""
        return self._do(Reply(text, self._replacement(path, steps), CallStatus.OK))

    def write(self, path: str, content: str, text: str = "") -> Act:
        """Write a whole file."""
        change = FileChange(self.folder / path, self._text(path), content)
        return self._do(Reply(text, change, CallStatus.OK))

    def reject_edit(self, path: str, old: str, new: str) -> Act:
        """Propose an edit that the person refuses."""
        change = self._replacement(path, [(old, new)])
        return self._do(Reply("", change, CallStatus.REJECTED))

    def reject_write(self, path: str, content: str) -> Act:
        """Propose a file that the person refuses."""
        change = FileChange(self.folder / path, self._text(path), content)
        return self._do(Reply("", change, CallStatus.REJECTED))

    def failing_edit(self, path: str, old: str, new: str) -> Act:
        """Try to replace a text that the file does not hold."""
        before = self._text(path) or ""
        change = FileChange(self.folder / path, before, before, ((old, new),))
        return self._do(Reply("", change, CallStatus.FAILED, STALE_TEXT))

    def _replacement(self, path: str, steps: list[tuple[str, str]], replaces_all: bool = False) -> FileChange:  # noqa: FBT001, FBT002
        before = self._text(path)
        after = before or ""
        for old, new in steps:
            if old not in after:
                raise ValueError(f"{path} does not hold {old!r}")
            after = after.replace(old, new) if replaces_all else after.replace(old, new, 1)
        return FileChange(self.folder / path, before, after, tuple(steps), replaces_all)

    def _text(self, path: str) -> str | None:
        file = self.folder / path
        return file.read_bytes().decode().replace("\r\n", "\n") if file.is_file() else None

    def _twin(self) -> Self:
        """A session that goes on where this one is."""
        twin = type(self)(
            self.home,
            self.folder,
            self.repository,
            model=self.model,
            clock=self.clock,
            truth=self.truth,
            identifiers=self.identifiers,
        )
        twin.turn, twin.context_tokens = self.turn, self.context_tokens
        return twin

    def think(self, least: int, most: int) -> None:
        """Let a drawn number of seconds pass."""
        self.clock.advance(seconds=self.identifiers.random.uniform(least, most))

    def _do(self, reply: Reply) -> Act:
        self.think(4, 25)
        new_tokens = 150 + self.identifiers.random.randrange(700) + _volume(reply) // BYTES_PER_TOKEN
        # Four characters a token is near enough: readers take the count from the log.
        output = 30 + self.identifiers.random.randrange(220) + _spoken(reply) // BYTES_PER_TOKEN
        # A command that ran and ended badly has told something; only a change can come to nothing.
        status = reply.status if isinstance(reply.action, FileChange) else CallStatus.OK
        request = self.bill(output, new_tokens, status)
        self.log_reply(request, reply)
        lines, removed = self._apply(reply)
        return Act(request, lines, removed)

    def bill(self, output: int, new_tokens: int, status: CallStatus = CallStatus.OK) -> RequestTruth:
        """One request happens: its usage is drawn, recorded as truth and added to the context."""
        counts = self.draw_counts(output, new_tokens)
        self.context_tokens += new_tokens + output
        now = self.clock.now_ms
        request = RequestTruth(self.session_id, self.source, self.model, now, counts, self.turn, status)
        self.truth.requests.append(request)
        return request

    def _apply(self, reply: Reply) -> tuple[tuple[LineTruth, ...], tuple[str, ...]]:
        change = reply.action
        if not isinstance(change, FileChange) or reply.status is not CallStatus.OK:
            return (), ()
        # The truth is taken from the images themselves, not from what the log says of them.
        added, removed = added_and_removed(change.before or "", change.after)
        _put(change)
        if self.repository is None or not change.path.is_relative_to(self.repository.folder):
            return (), ()
        path = change.path.relative_to(self.repository.folder).as_posix()
        lines = tuple(
            LineTruth(
                self.repository.name, path, line, self.source, self.clock.now_ms, self.session_id, self.turn
            )
            for line in added
            if is_significant(line)
        )
        self.truth.lines += lines
        return lines, tuple(line for line in removed if is_significant(line))


def _put(change: FileChange) -> None:
    """Write the file as the assistant's own tool would: a file of CRLF lines keeps them."""
    # Assistants see and log LF; their tools put the file's own endings back.
    was_crlf = change.path.is_file() and b"\r\n" in change.path.read_bytes()
    change.path.parent.mkdir(parents=True, exist_ok=True)
    change.path.write_bytes((change.after.replace("\n", "\r\n") if was_crlf else change.after).encode())


def _spoken(reply: Reply) -> int:
    action = reply.action
    match action:
        case FileChange(steps=()):
            size = len(action.after)
        case FileChange():
            size = sum(len(old) + len(new) for old, new in action.steps)
        case Command():
            size = len(action.command)
        case _:
            size = 0
    return size + len(reply.text)


def _volume(reply: Reply) -> int:
    match reply.action:
        case Reading(text=text) | Command(output=text):
            return len(text)
        case _:
            return 0
