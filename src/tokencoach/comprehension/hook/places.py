"""Where the hook keeps its small files: standard library only, read by a shell script as well.

``<home>/hook`` holds ``run.sh``, the watcher's ``beat``, the ``spool`` of commits to be looked at,
``asked`` (when the person was interrupted) and ``off`` (which silences every hook). Under ``repos``
stands one folder for each git directory, named like it, so that a shell finds it without a process.
"""

from __future__ import annotations

from pathlib import Path


def hook_home(home: Path) -> Path:
    """The folder of the hook's files in tokencoach's home."""
    return home / "hook"


def runner(home: Path) -> Path:
    """The script that every hook file hands over to."""
    return hook_home(home) / "run.sh"


def beat_file(home: Path) -> Path:
    """When the watcher last had read all there was, seconds since 1970."""
    return hook_home(home) / "beat"


def spool_file(home: Path) -> Path:
    """What hooks noted without starting a program, one line each."""
    return hook_home(home) / "spool"


def asked_file(home: Path) -> Path:
    """When the person was interrupted, seconds since 1970, one line each."""
    return hook_home(home) / "asked"


def off_file(home: Path) -> Path:
    """Where it exists, every hook is silent."""
    return hook_home(home) / "off"


def state_of(home: Path, git_dir: Path) -> Path:
    """The folder of what the hook has to know of a repository: its common git directory, resolved."""
    drive = git_dir.drive.rstrip(":\\/")
    return Path(hook_home(home), "repos", *([drive] if drive else []), *git_dir.parts[1:])
