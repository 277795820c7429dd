"""GitHub Copilot in the terminal: a file of events a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.copilot_events import EventReading, dump, load
from tokencoach.sources.decoding import UnreadableLineError, is_blank
from tokencoach.sources.discovery import ending, moved, scan_logs
from tokencoach.sources.fields import objects_of
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
        reading = EventReading(into, carried, file.name_hint)
        offset = base_offset
        for line in chunk.split(b"\n"):
            if not is_blank(line):
                try:
                    for value in objects_of(line, into.odd):
                        reading.event(value, offset, len(line))
                except UnreadableLineError as error:
                    into.unread(offset, len(line), error)
            offset += len(line) + 1
        return into.finish(), dump(carried)
