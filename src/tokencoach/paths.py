"""The only place that names files of tokencoach's own."""

from __future__ import annotations

import os
from pathlib import Path

# Bytes above 127 as Python holds them in a path, and private characters in their place.
_TO_STORED = {0xDC00 + byte: 0x10DC00 + byte for byte in range(128, 256)}
_ON_DISK = {private: byte for byte, private in _TO_STORED.items()}


def home() -> Path:
    """Folder of settings, database and state: ``TOKENCOACH_HOME``, else the platform's data folder."""
    named = os.environ.get("TOKENCOACH_HOME")
    if named:
        return Path(named).expanduser()
    import platformdirs  # noqa: PLC0415 - the hot paths set TOKENCOACH_HOME or read the cache below

    return Path(platformdirs.user_data_dir("tokencoach", appauthor=False))


def database(folder: Path | None = None) -> Path:
    """The database."""
    return (folder or home()) / "tokencoach.db"


def settings_file(folder: Path | None = None) -> Path:
    """The settings, TOML."""
    return (folder or home()) / "settings.toml"


def app_state(folder: Path | None = None) -> Path:
    """What the app remembers between runs, JSON."""
    return (folder or home()) / "app.json"


def watcher_lock(folder: Path | None = None) -> Path:
    """The file whose lock the one watcher of a database holds."""
    return (folder or home()) / "watcher.lock"


def sweep_request(folder: Path | None = None) -> Path:
    """The file that a verb touches to ask the watcher for a sweep."""
    return (folder or home()) / "sweep.request"


def sweep_answer(folder: Path | None = None) -> Path:
    """The file that the watcher gives the time of the request that it has answered."""
    return (folder or home()) / "sweep.answer"


def power_figures(folder: Path | None = None) -> Path:
    """The newest figures of power, which the watcher writes."""
    return (folder or home()) / "power.live"


def status_line(folder: Path | None = None) -> Path:
    """The day in a few figures, which the watcher writes for the status line, JSON."""
    return (folder or home()) / "statusline.json"


def pending_nudge(folder: Path | None = None) -> Path:
    """The nudge that waits to be told by an assistant's hook, JSON."""
    return (folder or home()) / "nudge.json"


def meter_logs(folder: Path | None = None) -> Path:
    """The folder of what ``tokencoach meter`` counted."""
    return (folder or home()) / "meter"


def watcher_log(folder: Path | None = None) -> Path:
    """What the watcher said, for the doctor."""
    return (folder or home()) / "watcher.log"


def hook_log(folder: Path | None = None) -> Path:
    """What went wrong while git waited for a check, for the doctor."""
    return (folder or home()) / "hook.log"


def stored(path: str) -> str:
    """A path as a column of text takes it: each byte that is no UTF-8 as a character that no file name has."""
    return path if path.isascii() else path.translate(_TO_STORED)


def on_disk(text: str) -> str:
    """The path that ``stored`` was given."""
    return text if text.isascii() else text.translate(_ON_DISK)


def shown(path: Path | str) -> str:
    """A path for people: the home folder as ``~``."""
    text = str(path)
    own = os.path.expanduser("~")  # noqa: PTH111 - a string prefix is wanted
    if own not in ("~", os.sep) and (text == own or text.startswith(own + os.sep)):
        return "~" + text[len(own) :]
    return text
