"""Where Codex keeps its rollouts, and the reading of them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.codex import state as states
from tokencoach.sources.codex.reading import Reading
from tokencoach.sources.discovery import ending, scan_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.usage.facts import Facts

_THREAD_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


class Codex:
    """Codex in the terminal, in editors and on the desktop."""

    name = "codex"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of active and of archived rollouts."""
        told = home.environment.get("CODEX_HOME", "").strip()
        folders = [_expanded(told, home)] if told else []
        folders.append(home.folder / ".codex")
        unique = list(dict.fromkeys(folders))
        return [folder / kind for kind in ("sessions", "archived_sessions") for folder in unique]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every rollout; of an active and an archived one of a thread, the active one."""
        return (self.log_file(path) for path, _ in self.scan(home))

    def scan(self, home: LogsHome) -> Iterator[tuple[str, os.stat_result]]:
        """Path and state of each of ``files``."""
        # Archiving moves a file; a copy left behind must not count twice, nor resumed work be missed.
        active: set[str] = set()
        roots = self.roots(home)
        archives = tuple(os.path.join(root, "") for root in roots if root.name == "archived_sessions")  # noqa: PTH118
        for path, status in scan_logs(roots):
            stem, _ = ending(os.path.basename(path))  # noqa: PTH119 - called for every log file at every sweep
            match = _THREAD_ID.search(stem or "")
            is_archived = path.startswith(archives)
            if match and is_archived and match[0] in active:
                continue
            if match and not is_archived:
                active.add(match[0])
            yield path, status

    def log_file(self, path: str) -> LogFile:
        """What the path of a log says of it."""
        place = Path(path)
        stem, compressed = ending(place.name)
        match = _THREAD_ID.search(stem or "")
        return LogFile(place, compressed, match[0] if match else stem or place.stem)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = states.load(state)
        reading = Reading(carried, file, with_edits=with_edits)
        reading.lines(chunk, base_offset)
        facts = reading.finish()
        return facts, states.dump(carried)


def _expanded(text: str, home: LogsHome) -> Path:
    return home.folder / text[2:] if text.startswith(("~/", "~\\")) else Path(text)
