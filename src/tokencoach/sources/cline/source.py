"""Cline, Roo Code and Kilo Code: a folder a task, its rows rewritten as a whole after each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.cline.talk import TalkReading
from tokencoach.sources.cline.task import TaskReading
from tokencoach.sources.decoding import UnreadableLineError
from tokencoach.sources.discovery import files_below, moved, original
from tokencoach.sources.editors import user_folders
from tokencoach.sources.fields import ANYTHING, record
from tokencoach.sources.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

ROWS: Final = "ui_messages.json"
_BESIDE: Final = ("api_conversation_history.json", "task_metadata.json", "history_item.json")
_TALK: Final = ".messages.json"


class _Family:
    """One extension of the family."""

    name = ""
    extensions: tuple[str, ...] = ()

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of tasks in every editor."""
        return [
            folder / "globalStorage" / extension / "tasks"
            for folder in user_folders(home)
            for extension in self.extensions
        ]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The rows of every task, with what lies beside them."""
        roots = self.roots(home)
        for path in files_below(roots, lambda name: name == ROWS or name.endswith(_TALK), depth=2):
            if path.name == ROWS:
                beside = tuple(path.with_name(name) for name in _BESIDE)
                yield LogFile(path, None, original(path.parent.name), shape=Shape.DOCUMENT, beside=beside)
            else:
                session = hint = path.name.removesuffix(_TALK)
                # What a sub-agent said lies under its own name in the folder of its session.
                is_agent = path.parent.name != session and path.parent not in roots
                if is_agent:
                    session, hint = path.parent.name, f"{path.parent.name}/{session}"
                beside = (path.with_name(f"{session}.json"),)
                yield LogFile(path, None, hint, is_agent, Shape.DOCUMENT, beside=beside)

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of a whole task."""
        into = Gathering(with_edits=with_edits)
        try:
            content: Any = ANYTHING.decode(chunk, into.odd)
        except UnreadableLineError as error:
            into.unread(base_offset, len(chunk), error)
            return into.finish(), state
        if file.path.name.endswith(_TALK):
            both = record(content)
            talk = both.get(file.path.name, content)
            session, _, agent = file.name_hint.partition("/")
            TalkReading(into, session, agent or None).messages(talk, both.get(f"{session}.json"))
        else:
            parts = record(content) if isinstance(content, dict) else {ROWS: content}
            TaskReading(into, file.name_hint, parts).rows(parts.get(ROWS), len(chunk))
        return into.finish(), state


class Cline(_Family):
    """Cline in editors, and its own program."""

    name = "cline"
    extensions = ("saoudrizwan.claude-dev",)

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of tasks in every editor, and of its own program's tasks and sessions."""
        told = home.environment
        data = moved(home, "CLINE_DIR", ".cline") / "data"
        if told.get("CLINE_DATA_DIR", "").strip():
            data = moved(home, "CLINE_DATA_DIR")
        sessions = data / "sessions"
        if told.get("CLINE_SESSION_DATA_DIR", "").strip():
            sessions = moved(home, "CLINE_SESSION_DATA_DIR")
        return [*super().roots(home), data / "tasks", sessions]


class RooCode(_Family):
    """Roo Code in editors."""

    name = "roo-code"
    extensions = ("rooveterinaryinc.roo-cline", "rooveterinaryinc.roo-code-nightly")


class KiloTasks(_Family):
    """Kilo Code in editors, and its first program in the terminal."""

    name = "kilo-code"
    extensions = ("kilocode.kilo-code",)

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of tasks in every editor, and of its own program's."""
        return [*super().roots(home), home.folder / ".kilocode" / "cli" / "global" / "tasks"]


def is_task(path: Path) -> bool:
    """Whether a file is one of a task of this family."""
    return path.name == ROWS or path.name.endswith(_TALK)
