"""One desktop notification a month, where the person wants it: the last month's ritual is due."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tokencoach.checklist.ritual import due_ritual, reminder_words
from tokencoach.clock import now_ms
from tokencoach.git.run import trusted_program
from tokencoach.store.ritual_rows import note_reminder, reminded_month

if TYPE_CHECKING:
    from tokencoach.settings import Settings
    from tokencoach.store.writer import Writer

_SECONDS: Final = 5.0
_TITLE: Final = "tokencoach"
# Both texts are handed over beside the script, never inside it: there is nothing to escape.
_APPLE: Final = (
    "on run texts",
    "display notification (item 2 of texts) with title (item 1 of texts)",
    "end run",
)
_WINDOWS: Final = """
$kind = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$toast = $kind::GetTemplateContent(5)
$texts = $toast.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($toast.CreateTextNode($env:TOKENCOACH_TITLE))
[void]$texts.Item(1).AppendChild($toast.CreateTextNode($env:TOKENCOACH_WORDS))
$own = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
$kind::CreateToastNotifier($own).Show([Windows.UI.Notifications.ToastNotification]::new($toast))
"""


def remind(writer: Writer, settings: Settings) -> str | None:
    """Send the notification where it is wanted, due and not sent yet; why it could not be sent, if so.

    It is tried once a month: a desktop that shows none is not asked again.
    """
    if not settings.ritual.notify:
        return None
    due = due_ritual(writer.connection, now_ms(), writer.days.tz)
    if due is None or due.month is None or reminded_month(writer.connection) == due.month:
        return None
    with writer.transaction() as connection:
        note_reminder(connection, due.month)
    return show_notification(f"{reminder_words(due)} for its ritual: tokencoach, then M")


def notifier(platform: str) -> str:
    """The program that shows a notification on a system."""
    return _command("", platform)[0]


def show_notification(words: str, platform: str = sys.platform) -> str | None:
    """Show a text on the desktop; why not, where that fails."""
    named, *arguments = _command(words, platform)
    program = trusted_program(named)
    if program is None:
        return f"no notification: {named} is not on PATH"
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TOKENCOACH_TITLE": _TITLE, "TOKENCOACH_WORDS": words},
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no notification: {named}: {error}"
    return None if done.returncode == 0 else f"no notification: {named} ended with {done.returncode}"


def _command(words: str, platform: str) -> list[str]:
    if platform == "darwin":
        return ["osascript", *(part for line in _APPLE for part in ("-e", line)), _TITLE, words]
    if platform == "win32":
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS]
    return ["notify-send", "--app-name", _TITLE, "--", _TITLE, words]
