"""Where VS Code and the editors made from it keep what their extensions store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.sources.base import LogsHome

_EDITORS: Final = (
    "Code",
    "Code - Insiders",
    "VSCodium",
    "Cursor",
    "Windsurf",
    "Antigravity",
    "Kiro",
    "Trae",
    "Positron",
)
_SERVERS: Final = (
    ".vscode-server",
    ".vscode-server-insiders",
    ".cursor-server",
    ".windsurf-server",
    ".vscode-remote",
)


def user_folders(home: LogsHome, editors: tuple[str, ...] = _EDITORS) -> list[Path]:
    """The ``User`` folders of every editor on every system, of servers for remote work too."""
    bases = [
        home.folder / ".config",
        home.folder / "Library" / "Application Support",
        home.folder / "AppData" / "Roaming",
    ]
    told = home.environment.get("APPDATA", "").strip()
    if told:
        bases.append(home.folder.__class__(told))
    found = [base / editor / "User" for base in bases for editor in editors]
    if "Code" in editors:
        found += [home.folder / server / "data" / "User" for server in _SERVERS]
        portable = home.environment.get("VSCODE_PORTABLE", "").strip()
        if portable:
            found.append(home.folder.__class__(portable) / "user-data" / "User")
    return list(dict.fromkeys(found))
