"""Assistants that delete their own logs: after how long, and the setting of theirs that keeps them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach import paths
from tokencoach.doctor.report import DoctorItem

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.sources.base import LogsHome

_LONG_ENOUGH_DAYS: Final = 365
# Both remove what is older than this at a start unless told otherwise.
_DEFAULT_DAYS: Final = 30
_UNITS: Final = {"h": 1 / 24, "d": 1, "w": 7, "m": 30}


def retention_items(home: LogsHome) -> list[DoctorItem]:
    """What each assistant that deletes its logs will do; of Gemini CLI only where it has any."""
    items = [_claude(home)]
    base = home.environment.get("GEMINI_CLI_HOME", "").strip() or str(home.folder)
    gemini = home.folder.__class__(base) / ".gemini"
    if (gemini / "tmp").is_dir():
        items.append(_gemini(gemini / "settings.json"))
    return items


def _claude(home: LogsHome) -> DoctorItem:
    folder = home.environment.get("CLAUDE_CONFIG_DIR") or str(home.folder / ".claude")
    file = home.folder.__class__(folder) / "settings.json"
    days = _read(file).get("cleanupPeriodDays")
    told = days if isinstance(days, int) else None
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
    return _item("gemini-cli", days, setting)


def _item(name: str, days: int | None, setting: str) -> DoctorItem:
    if days is not None and days >= _LONG_ENOUGH_DAYS:
        return DoctorItem(f"{name} keeps its logs", f"{days} days")
    shown = f"{days} days" if days is not None else f"{_DEFAULT_DAYS} days (its default)"
    return DoctorItem(
        f"{name} keeps its logs",
        f"{shown}, then deletes them; what was read stays in the database",
        f"to keep the logs too, set {setting}",
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
