"""Assistants that delete their own logs: after how long, and the setting of theirs that keeps them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tokencoach import paths, regular_files
from tokencoach.clock import now_ms
from tokencoach.doctor.lost_days import claude_days, day_of, gemini_days, in_words, lost
from tokencoach.doctor.report import DoctorItem
from tokencoach.sources.discovery import moved
from tokencoach.sources.editors import user_folders
from tokencoach.store.source_rows import logged_days

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.sources.base import LogsHome
    from tokencoach.store.reader import Reader

_LONG_ENOUGH_DAYS: Final = 365
# Both remove what is older than this at a start unless told otherwise.
_DEFAULT_DAYS: Final = 30
_OLLAMA: Final = (
    "the log of this start and of the 5 before, then deletes them; what was read stays in the database"
)
_TRACES: Final = "github.copilot-chat/agent-traces.db"
_SPANS: Final = "the newest ones, and drops older ones by itself; what was read stays in the database"
_READ_ON: Final = "nothing of its own keeps them: let them be read (tokencoach service install)"
_UNITS: Final = {"h": 1 / 24, "d": 1, "w": 7, "m": 30}


def retention_items(home: LogsHome, tz: ZoneInfo, reader: Reader | None) -> list[DoctorItem]:
    """What each assistant that is here and deletes its logs will do and has done."""
    items = []
    claude = moved(home, "CLAUDE_CONFIG_DIR", ".claude")
    if claude.is_dir():
        item = _claude(claude / "settings.json")
        items.append(_with_lost(item, "claude-code", claude_days(home, tz), tz, reader))
    gemini = moved(home, "GEMINI_CLI_HOME") / ".gemini"
    if (gemini / "tmp").is_dir():
        item = _gemini(gemini / "settings.json")
        items.append(_with_lost(item, "gemini-cli", gemini_days(home, tz), tz, reader))
    if (home.folder / ".ollama" / "logs").is_dir():
        items.append(DoctorItem("ollama keeps its logs", _OLLAMA, _READ_ON))
    traces = (folder / "globalStorage" / _TRACES for folder in user_folders(home))
    if any(path.is_file() for path in traces):
        items.append(DoctorItem("copilot-chat keeps its traces", _SPANS, _READ_ON))
    return items


def _with_lost(
    item: DoctorItem, source: str, used: set[int], tz: ZoneInfo, reader: Reader | None
) -> DoctorItem:
    """The item, with the days on which the assistant was used and whose logs were gone before they were read."""
    if reader is None or not used:
        return item
    days = lost(used, logged_days(reader.connection, source), day_of(now_ms(), tz))
    if not days:
        return item
    return replace(item, value=f"{item.value}; lost before they were read: {in_words(days)}")


def _claude(file: Path) -> DoctorItem:
    days = _read(file).get("cleanupPeriodDays")
    told = days if isinstance(days, int) and not isinstance(days, bool) else None
    return _item("claude-code", told, f'"cleanupPeriodDays": 3650 in {paths.shown(file)}')


def _gemini(file: Path) -> DoctorItem:
    general = _read(file).get("general")
    told = general.get("sessionRetention") if isinstance(general, dict) else None
    told = told if isinstance(told, dict) else {}
    if told.get("enabled") is False:
        return DoctorItem("gemini-cli keeps its logs", "for good")
    age = re.fullmatch(r"(\d{1,6})([hdwm])", str(told.get("maxAge")))
    days = round(int(age[1]) * _UNITS[age[2]]) if age else None
    setting = f'"general": {{"sessionRetention": {{"enabled": false}}}} in {paths.shown(file)}'
    most = told.get("maxCount")
    return _item("gemini-cli", days, setting, most if isinstance(most, int) and most > 0 else None)


def _item(name: str, days: int | None, setting: str, most: int | None = None) -> DoctorItem:
    if days is not None and days >= _LONG_ENOUGH_DAYS and most is None:
        return DoctorItem(f"{name} keeps its logs", f"{days} days")
    shown = f"{days} days" if days is not None else f"{_DEFAULT_DAYS} days (its default)"
    if most is not None:
        shown += f", at most {most:,} sessions"
    return DoctorItem(
        f"{name} keeps its logs",
        f"{shown}, then deletes them; what was read stays in the database",
        f"to keep the logs too, set {setting}",
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(regular_files.content(file))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
