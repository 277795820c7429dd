"""The folder in which a command of a script runs, and which files the paths in it mean."""

from __future__ import annotations

import ntpath
import posixpath
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

    from tokencoach.sources.shell.words import Simple

TOP: Final = ":"
"""A folder of this name stands for the top of the repository that the folder before it lies in, as in git."""
_DRIVE: Final = re.compile(r"/(?:mnt/|cygdrive/)?([A-Za-z])(?=/)")
_HOME: Final = re.compile(r"(?:/home/|/Users/)[^/]+|/root(?=/|$)|[A-Za-z]:[\\/]Users[\\/][^\\/]+")
_ENTERS: Final = frozenset({"cd", "pushd"})


class Folders:
    """Where a script is, and where it was before; None where nobody knows."""

    def __init__(self, folder: str | None) -> None:
        self.now = folder
        self.before: str | None = None
        home = _HOME.match(folder) if folder is not None else None
        self.home = home[0] if home is not None else None

    def enter(self, command: Simple) -> bool:
        """Follow a command into another folder; whether it is one that goes there."""
        words = [word for word in command.words if word.text not in ("-P", "-L", "--")]
        name = words[0].text if words else ""
        if name not in _ENTERS and name != "popd":
            return False
        goes_back = name == "popd" or (len(words) > 1 and words[1].text == "-")
        if goes_back:
            target = self.before
        elif len(words) < 2:
            target = self.home
        else:
            target = absolute_path(words[1].text, self.now) if words[1].is_fixed else None
        self.now, self.before = target, self.now
        return True

    def values(self) -> dict[str, str]:
        """The variables by which a shell tells of folders, where they are known."""
        told = {"PWD": self.now, "OLDPWD": self.before, "HOME": self.home}
        return {name: value for name, value in told.items() if value is not None}


def absolute_path(path: str, folder: str | None) -> str | None:
    """A path as the command means it that runs in ``folder``; None where nobody knows."""
    if path.startswith("~"):
        home = _HOME.match(folder) if folder is not None else None
        path = home[0] + path[1:] if home is not None and path[1:2] in ("", "/") else ""
    if not path:
        return None
    if path.startswith("/") or path[1:3] in (":\\", ":/"):
        drive = _DRIVE.match(path) if folder is not None and folder[1:3] in (":\\", ":/") else None
        # A POSIX shell on Windows has the drives in its root folder.
        return f"{drive[1].upper()}:{path[drive.end(1) :]}".replace("/", "\\") if drive else path
    if folder is None:
        return None
    rules: ModuleType = ntpath if "\\" in folder and "/" not in folder else posixpath
    return str(rules.normpath(rules.join(folder, path)))
