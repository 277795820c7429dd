"""Requests that an inference server on this computer logged: no session, no folder, no prompt.

What no assistant's own log tells of stays by itself, under the run of the server that did it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from tokencoach.sources.discovery import files_below
from tokencoach.usage.facts import RequestSeen, ServedSeen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.sources.gathering import Gathering

UNKNOWN_MODEL: Final = "unknown-local"
_LOG: Final = re.compile(r".*\.(log|txt|out|err)(\.\d{1,3})?", re.IGNORECASE)


class Served(NamedTuple):
    """One request as a server's log tells it; ``cached`` are prompt tokens that were not computed anew."""

    key: str
    at_ms: int
    model: str
    fresh: int = 0
    cached: int = 0
    output: int = 0
    prompt_ms: float = 0.0
    output_ms: float = 0.0
    is_timed: bool = True
    has_counts: bool = True
    is_estimated: bool = False


def tell(into: Gathering, run: str, served: Served, version: str = "") -> str:
    """Tell of a request; the run that it belongs to, which its first request names."""
    run = run or f"run-{served.key}"
    into.session(run, served.at_ms, version=version)
    model = served.model or UNKNOWN_MODEL
    into.request(
        RequestSeen(
            served.key, run, served.at_ms, model, served.fresh, served.cached, 0, 0, served.output, 0,
            is_undercounted=not served.has_counts,
        )
    )  # fmt: skip
    into.served(
        ServedSeen(
            served.key,
            served.prompt_ms,
            served.output_ms,
            served.is_timed,
            served.has_counts,
            served.is_estimated,
        )
    )
    return run


def logs_below(own: Iterable[Path], shared: Iterable[Path], word: str) -> Iterator[Path]:
    """Log files in the server's own folders, and those in shared ones whose names hold a word."""
    yield from files_below(own, lambda name: bool(_LOG.fullmatch(name)), depth=2)
    yield from files_below(shared, lambda name: word in name.lower() and bool(_LOG.fullmatch(name)), depth=0)


def named_logs(home: LogsHome, source: str, *variables: str) -> Iterator[Path]:
    """Logs that the settings or the server's own variables name; of a folder the files in it."""
    told = [home.environment.get(name, "").strip() for name in variables]
    paths = [*home.named.get(source, ()), *(home.folder / text for text in told if text)]
    for path in paths:
        if path.is_dir():
            yield from files_below([path], lambda name: bool(_LOG.fullmatch(name)), depth=2)
        elif path.is_file():
            yield path


class LedLogs:
    """Where the output of a server lies that writes no log of its own: wherever a shell led it.

    ``own`` are folders of the server alone, ``shared`` those of many programs, whose files must hold
    ``word`` in their names; both below the home folder. ``variables`` are the server's own.
    """

    name: str
    own: ClassVar[tuple[str, ...]]
    shared: ClassVar[tuple[str, ...]]
    word: ClassVar[str]
    variables: ClassVar[tuple[str, ...]] = ()

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders that its logs are commonly put into; the settings name others."""
        return [home.folder / name for name in (*self.own, *self.shared)]

    def watched(self, home: LogsHome) -> list[Path]:
        """Its own folders: the others are too large to be watched."""
        return [home.folder / name for name in self.own]

    def paths(self, home: LogsHome) -> list[Path]:
        """Every log once, those that the settings or its own variables name first."""
        shared = [home.folder / name for name in self.shared]
        named = named_logs(home, self.name, *self.variables)
        return list(dict.fromkeys([*named, *logs_below(self.watched(home), shared, self.word)]))
