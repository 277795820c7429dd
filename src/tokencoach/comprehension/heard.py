"""What assistants said last where they wrote the lines that are asked about: read when an explanation is marked."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.question import Form
from tokencoach.sources.spoken import last_said
from tokencoach.store.checks.known_rows import last_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.comprehension.question import Prepared
    from tokencoach.store.connect import Connection

_MOST_SESSIONS: Final = 3
_BUDGET_S: Final = 0.5


class Log(NamedTuple):
    """A session's log; ``path`` is None where no log is known."""

    source: str
    path: str | None


class Heard:
    """The last messages of some sessions. Nothing is read before it is asked for, and nothing is stored."""

    def __init__(self, logs: Sequence[Log] = ()) -> None:
        self._logs = tuple(logs)

    @property
    def texts(self) -> tuple[str, ...]:
        """What was said, one text a session."""
        return self._read[0]

    @property
    def looked(self) -> str:
        """Where was looked, for the person: ``the assistant's last messages of 1 session``, or why not."""
        texts, unknown = self._read
        if not self._logs:
            return "the assistant's last messages unknown: no session of these lines"
        known = len(self._logs) - len(unknown)
        why = f"unknown of {len(unknown)}: {', '.join(dict.fromkeys(unknown))}" if unknown else ""
        if not known:
            return f"the assistant's last messages {why}"
        none = "" if any(texts) else ", which hold no text"
        sessions = f"{known} session{'' if known == 1 else 's'}"
        return f"the assistant's last messages of {sessions}{none}{f', {why}' if why else ''}"

    @cached_property
    def _read(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The texts, and of each session that could not be read why."""
        texts, unknown = [], []
        deadline = time.monotonic() + _BUDGET_S
        for log in self._logs:
            if log.path is None:
                unknown.append("no log is known")
                continue
            if time.monotonic() > deadline:
                unknown.append("reading took too long")
                continue
            try:
                said = last_said(log.source, Path(log.path))
            except FileNotFoundError:
                unknown.append("the log is gone")
            except (OSError, ValueError):
                unknown.append("the log cannot be read")
            else:
                if said is None:
                    unknown.append(f"{log.source} logs do not tell")
                else:
                    texts.append(said)
        return tuple(texts), tuple(unknown)


def heard_of(
    connection: Connection | None, place: str, questions: Sequence[Prepared], since_ms: int = 0
) -> Heard:
    """Who is listened to when explanations about a repository's files are marked; only logs are looked up."""
    paths = sorted({one.question.path for one in questions if one.question.form is Form.TEXT})
    if connection is None or not paths:
        return Heard()
    rows = last_logs(connection, place, paths, since_ms, _MOST_SESSIONS)
    return Heard([Log(source, path) for source, path in rows])
