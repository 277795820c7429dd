"""Where VS Code and the editors made from it keep what their extensions store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlparse

from tokencoach.sources.discovery import told_in
from tokencoach.sources.fields import record, text

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
#: Schemes of folders that lie on a disk, of this computer or of one that is worked on from it.
_ON_DISK: Final = ("file", "vscode-remote")
_DRIVE: Final = re.compile(r"/?[A-Za-z]:(?:[\\/]|$)")
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


def workspaces(user_folder: Path) -> list[Path]:
    """What an editor stores of each workspace that was ever opened, one folder each."""
    try:
        return sorted(path for path in (user_folder / "workspaceStorage").iterdir() if path.is_dir())
    except OSError:
        return []


def folder_of(workspace: Path) -> str | None:
    """The folder that a workspace is of; none of one with several folders, or whose note is missing."""
    return path_of(text(record(told_in(workspace / "workspace.json")).get("folder")))


def path_of(uri: object) -> str | None:
    """The path that a URI names, as text or in its parts; of another machine's too.

    A folder that lies on no disk, such as one of a code host, has none.
    """
    if isinstance(uri, dict):
        return _of_parts(uri)
    if not isinstance(uri, str) or not uri:
        return None
    try:
        parts = urlparse(uri)
    except ValueError:
        return None
    if parts.scheme == "" or _DRIVE.match(uri):
        return _plain(uri)
    path = unquote(parts.path)
    if parts.scheme == "file" and parts.netloc not in ("", "localhost"):
        return f"//{unquote(parts.netloc)}{path}"
    return _plain(path) if parts.scheme in _ON_DISK else None


def _of_parts(uri: dict[str, Any]) -> str | None:
    scheme = text(uri.get("scheme")) or "file"
    # Another machine's path is written there in the manner of this one.
    own = text(uri.get("fsPath")) if scheme == "file" else None
    return (own or _plain(text(uri.get("path")))) if scheme in _ON_DISK else None


def _plain(path: str | None) -> str | None:
    # A drive's letter stands behind a slash.
    return path.removeprefix("/") if path and _DRIVE.match(path) else path or None
