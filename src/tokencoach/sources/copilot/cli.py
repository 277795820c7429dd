"""GitHub Copilot in the terminal: a file of events a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.copilot.events import EventReading, dump, load
from tokencoach.sources.discovery import ending, moved, scan_logs
from tokencoach.sources.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_EVENTS: Final = "events"


class CopilotCli:
    """Copilot in the terminal and the programs built on it."""

    name = "copilot-cli"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of all sessions."""
        return [moved(home, "COPILOT_HOME", ".copilot") / "session-state"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every session's events: in a folder of its own, in older versions beside each other."""
        for root in self.roots(home):
            for path, _ in scan_logs([root]):
                place = root.__class__(path)
                stem, compressed = ending(place.name)
                if stem == _EVENTS and place.parent.parent == root:
                    yield LogFile(place, compressed, place.parent.name)
                elif place.parent == root and stem:
                    yield LogFile(place, compressed, stem)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = load(state)
        into = Gathering(with_edits=with_edits)
        EventReading(into, carried, file.name_hint).lines(chunk, base_offset)
        return into.finish(), dump(carried)
