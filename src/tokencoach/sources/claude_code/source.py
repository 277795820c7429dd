"""Where Claude Code keeps its logs, and the reading of them."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.claude_code import state as states
from tokencoach.sources.claude_code.reading import Reading
from tokencoach.sources.discovery import ending, scan_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.usage.facts import Facts

_DESKTOP: Final = (
    ("Library", "Application Support", "Claude"),
    ("AppData", "Roaming", "Claude"),
    (".config", "Claude"),
)


class ClaudeCode:
    """Claude Code, its sub-agents, and the desktop program's agent mode."""

    name = "claude-code"

    def roots(self, home: LogsHome) -> list[Path]:
        """The ``projects`` folders, and the folders below which the desktop program nests such."""
        return [*_project_folders(home), *_desktop_folders(home)]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Main logs and sub-agents' logs; each file of the disk once."""
        return (self.log_file(path) for path, _ in self.scan(home))

    def scan(self, home: LogsHome) -> Iterator[tuple[str, os.stat_result]]:
        """Path and state of each of ``files``."""
        desktop = tuple(os.path.join(folder, "") for folder in _desktop_folders(home))  # noqa: PTH118
        for path, status in scan_logs(self.roots(home)):
            if not path.startswith(desktop) or _lies_in_projects(Path(path)):
                yield path, status

    def log_file(self, path: str) -> LogFile:
        """What the path of a log says of it."""
        place = Path(path)
        stem, compressed = ending(place.name)
        is_agent = place.name.startswith("agent-")
        hint = "" if is_agent else stem or place.stem
        if "subagents" in path and "subagents" in place.parts:
            hint = place.parts[place.parts.index("subagents") - 1]
        return LogFile(place, compressed, hint, is_agent)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = states.load(state)
        reading = Reading(carried, file, with_edits=with_edits)
        reading.lines(chunk, base_offset)
        facts = reading.finish()
        return facts, states.dump(carried)


def _project_folders(home: LogsHome) -> list[Path]:
    told = home.environment.get("CLAUDE_CONFIG_DIR", "").strip()
    configs = []
    if told:
        # The program takes one folder; others' readers taught people to list several.
        whole = _expanded(told, home)
        configs = (
            [whole] if whole.exists() else [_expanded(part, home) for part in told.split(",") if part.strip()]
        )
    configs += [home.folder / ".claude", home.folder / ".config" / "claude"]
    return list(dict.fromkeys(config / "projects" for config in configs))


def _desktop_folders(home: LogsHome) -> list[Path]:
    programs = [home.folder.joinpath(*parts) for parts in _DESKTOP]
    roaming = home.environment.get("APPDATA", "").strip()
    if roaming:
        programs.append(Path(roaming) / "Claude")
    return list(dict.fromkeys(program / "local-agent-mode-sessions" for program in programs))


def _expanded(text: str, home: LogsHome) -> Path:
    text = text.strip()
    return home.folder / text[2:] if text.startswith(("~/", "~\\")) else Path(text)


def _lies_in_projects(path: Path) -> bool:
    return any(pair == (".claude", "projects") for pair in pairwise(path.parts))
