"""Kimi: the wire of each session, of the older program and of Kimi Code."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import ending, moved, original, scan_logs, told_in
from tokencoach.sources.fields import record, records, text
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.kimi_wire import LINES, State, WireReading
from tokencoach.sources.lines import typed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_MOST_FORKS: Final = 32
_CARRIER: Final = Carrier(State, State().version)


class Kimi:
    """Kimi in the terminal."""

    name = "kimi"

    def roots(self, home: LogsHome) -> list[Path]:
        """The sessions of the older program and of Kimi Code."""
        return [
            moved(home, "KIMI_SHARE_DIR", ".kimi") / "sessions",
            moved(home, "KIMI_CODE_HOME", ".kimi-code") / "sessions",
        ]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every wire: a session's own, and those of its sub-agents."""
        older, newer = self.roots(home)
        folders = _older_folders(older.parent)
        for path, compressed in _wires(older):
            parts = path.relative_to(older).parts
            if len(parts) >= 3:
                is_agent, cwd = len(parts) > 3, folders.get(parts[0])
                yield LogFile(path, compressed, original(parts[1]), is_agent, cwd=cwd)
        for path, compressed in _wires(newer):
            agent = path.parent
            session = agent.parent.parent if agent.parent.name == "agents" else agent
            is_agent = agent.parent.name == "agents" and agent.name != "main"
            name = original(session.name)
            hint = f"{name}/{agent.name}" if is_agent else name
            told = _read(session / "state.json")
            folder = text(told.get("cwd")) or text(told.get("workDir"))
            yield LogFile(path, compressed, hint, is_agent, cwd=folder, lineage=_lineage(session, told))

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = _CARRIER.load(state)
        into = Gathering(with_edits=with_edits)
        wire = WireReading(into, carried, file)
        for value, offset, length in typed(into, chunk, base_offset, LINES):
            wire.line(value, offset, length)
        return into.finish(), _CARRIER.dump(carried)


def _wires(root: Path) -> Iterator[tuple[Path, str | None]]:
    """The wires below a folder, and how they are compressed."""
    for name, _ in scan_logs([root]):
        path = root.__class__(name)
        stem, compressed = ending(path.name)
        if stem == "wire":
            yield path, compressed


def _read(path: Path) -> dict[str, Any]:
    return record(told_in(path))


def _lineage(session: Path, told: dict[str, Any]) -> tuple[str, ...]:
    """The sessions that a session was forked from, the first first."""
    found: list[str] = []
    while (parent := text(told.get("forkedFrom"))) and parent not in found and len(found) < _MOST_FORKS:
        found.append(parent)
        if "/" in parent or "\\" in parent or parent.startswith("."):
            break
        told = _read(session.with_name(parent) / "state.json")
    return tuple(reversed(found))


def _older_folders(share: Path) -> dict[str, str]:
    """Working folders by the hash that names the folder of their sessions."""
    known = [text(entry.get("path")) for entry in records(_read(share / "kimi.json").get("work_dirs"))]
    return {hashlib.md5(path.encode(), usedforsecurity=False).hexdigest(): path for path in known if path}
