"""What an assistant does in one request, before any log format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokencoach.usage.words import CallStatus


@dataclass(frozen=True, slots=True)
class FileChange:
    """A change of one file: ``steps`` are (old, new) pairs, none where the whole file is written."""

    path: Path
    before: str | None
    after: str
    steps: tuple[tuple[str, str], ...] = ()
    replaces_all: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command and what it printed."""

    command: str
    output: str
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A look into a file."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Words only, no tool."""


Action = FileChange | Command | Reading | Speech


@dataclass(frozen=True, slots=True)
class Reply:
    """One model response: the words before the action, the action, and how it ended."""

    text: str
    action: Action
    status: CallStatus
    complaint: str = ""


class LogFile:
    """A JSON Lines file that records are appended to; its time of change is the last record's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: list[dict[str, Any]] = []
        path.parent.mkdir(parents=True, exist_ok=True)

    def append(self, record: dict[str, Any]) -> None:
        """Append one record."""
        self.records.append(record)
        # No blanks between tokens: both assistants write compact JSON, and fast readers lean on it.
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        # Opened for each record, so that a reader sees a half-acted history as a live log would look.
        with self.path.open("ab") as file:
            file.write(line.encode() + b"\n")
