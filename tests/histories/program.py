"""The real program in a process of its own, over an acted home; nothing of it is imported here."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from launching.launcher import SOURCE_ROOT, launch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WHOLE_TIME = ("--since", "2025-01-01", "--until", "2026-12-31")
BUCKETS = ("shipped", "reworked", "not_landed", "pending", "neutral", "unknown")
Json = dict[str, Any]


class Program:
    """``tokencoach`` with one database of its own, reading the logs of one acted home."""

    def __init__(self, logs_home: Path, state: Path, now: str | None = None) -> None:
        self.now = now
        self.logs_home = logs_home
        self.state = state
        self._answers: dict[tuple[str, ...], Json] = {}

    def run(self, *arguments: str, allowed: tuple[int, ...] = (0,), cwd: Path | None = None) -> Json:
        """Run a verb with ``--json`` and return its object; any other exit code fails the test."""
        place = ("--logs-home", str(self.logs_home), "--tz", "UTC")
        done = launch([*place, *arguments, "--json"], self.environment(), cwd)
        said = done.stderr.decode(errors="replace")
        assert done.returncode in allowed, f"{arguments}: exit {done.returncode}\n{said}"
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return answer

    def environment(self) -> Mapping[str, str]:
        """What the process inherits: a path, this checkout, its own state folder."""
        clock = {"TOKENCOACH_NOW": self.now} if self.now else {}
        return clock | {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.state),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(SOURCE_ROOT),
            "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
            "TOKENCOACH_HOME": str(self.state / "tokencoach"),
        }

    def ingest(self) -> Json:
        """Read what is new in the logs."""
        return self.run("ingest")

    def audit(self, *arguments: str, as_of: str | None = None) -> Json:
        """The audit of all time as judged at the end of a day, or now."""
        return self._remembered("audit", *WHOLE_TIME, *_judged(as_of), *arguments)

    def sessions(self, *arguments: str, as_of: str | None = None) -> dict[str, Json]:
        """All sessions by their id, as judged at the end of a day, or now."""
        answer = self._remembered("sessions", *WHOLE_TIME, *_judged(as_of), *arguments)
        return {session["session_id"]: session for session in answer["sessions"]}

    def usage(self, *by: str) -> list[Json]:
        """Usage rows by the named keys."""
        keys = [word for key in by for word in ("--by", key)]
        rows = self._remembered("usage", *keys, *WHOLE_TIME)["rows"]
        assert isinstance(rows, list)
        return rows

    def forget_answers(self) -> None:
        """Ask anew: the logs or the repositories have moved."""
        self._answers.clear()

    def _remembered(self, *arguments: str) -> Json:
        if arguments not in self._answers:
            self._answers[arguments] = self.run(*arguments)
        return self._answers[arguments]


def _judged(as_of: str | None) -> tuple[str, ...]:
    return ("--as-of", as_of) if as_of else ()


def tokens_by_bucket(entry: Json) -> dict[str, int]:
    """Buckets that hold tokens."""
    return {row["bucket"]: int(row["tokens"]) for row in entry["buckets"] if row["tokens"]}


def waste_by_kind(entry: Json) -> dict[str, int]:
    """Waste kinds that hold tokens."""
    return {row["kind"]: int(row["tokens"]) for row in entry["waste"] if row["tokens"]}
