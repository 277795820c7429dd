"""By which ways the coach reaches the person: the status line, the assistant's hooks, the desktop."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.coach.assistant.claude_settings import NUDGES, STATUS_LINE, is_installed, settings_file
from tokencoach.doctor.report import DoctorItem, DoctorSection
from tokencoach.errors import TokencoachError
from tokencoach.git.run import trusted_program
from tokencoach.watch.reminder import notifier

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome

_VERBS = {STATUS_LINE: "tokencoach statusline install", NUDGES: "tokencoach coach nudge install"}


def examine_reach(folder: Path, home: LogsHome, settings: Settings) -> DoctorSection:
    """Which of them are set up; none has to be."""
    return DoctorSection(
        "nudges",
        (
            _installed("status line", STATUS_LINE, home, folder),
            _installed("assistant's hooks", NUDGES, home, folder),
            _desktop(settings),
            _journal(settings),
        ),
    )


def _installed(name: str, what: str, home: LogsHome, folder: Path) -> DoctorItem:
    where = f"claude-code, {paths.shown(settings_file(home))}"
    try:
        is_there = is_installed(what, home, folder)
    except TokencoachError as error:
        return DoctorItem(name, f"cannot be told: {error.args[0]}", error.mend)
    return DoctorItem(name, f"installed ({where})" if is_there else f"not installed: {_VERBS[what]}")


def _desktop(settings: Settings) -> DoctorItem:
    if not settings.ritual.notify:
        return DoctorItem("desktop notification", "off ([ritual] notify = true asks for one a month)")
    named = notifier(sys.platform)
    program = trusted_program(named)
    if program is None:
        mend = f"install {named}, or put it on PATH"
        return DoctorItem("desktop notification", f"on, but {named} is not found", mend, ok=False)
    return DoctorItem("desktop notification", f"on, by {program}")


def _journal(settings: Settings) -> DoctorItem:
    folder = settings.ritual.journal
    off = 'off ([ritual] journal = "~/notes" writes one)'
    return DoctorItem("efficiency log", paths.shown(folder) if folder else off)
