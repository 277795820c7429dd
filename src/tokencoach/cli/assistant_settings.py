"""Putting the status line or the nudges into an assistant's own settings, and taking them out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.cli.hook import agreed
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.coach.assistant.claude_settings import (
    STATUS_LINE,
    apply,
    backup_of,
    is_installed,
    planned,
    settings_file,
    take_out,
    taken_out,
)
from tokencoach.errors import UsageError
from tokencoach.paths import shown

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.coach.assistant.claude_settings import Change

_NAMES = {STATUS_LINE: "the status line"}
_VERBS = {STATUS_LINE: "tokencoach statusline"}


def _name(what: str) -> str:
    return _NAMES.get(what, "nudges")


def _verb(what: str) -> str:
    return _VERBS.get(what, "tokencoach coach nudge")


def for_claude_code(assistant: str) -> None:
    """Nothing, where the assistant lets others show something.

    Raises:
        UsageError: it does not.
    """
    if assistant != "claude-code":
        raise UsageError(
            f"no documented way is known by which {assistant} shows the line of another program, or its note",
            "tokencoach coach --live  and the Today screen show the same for every assistant",
        )


def install(context: Context, what: str, *, yes: bool) -> int:
    """Show what will change, ask, write."""
    change = planned(what, context.home, context.folder)
    if change.after == change.before:
        say(f"{_name(what).capitalize()} is in {one_line(shown(change.path))} already.")
        return 0
    _preview(change)
    if change.former is not None:
        narrate("another status line stands there; taking ours out puts it back")
    if not yes and not agreed():
        narrate("nothing was written")
        return 2
    apply(change, context.folder)
    if change.before is not None:
        narrate(f"the settings as they were: {one_line(shown(backup_of(context.folder, what)))}")
    say(f"Installed; the next session shows it. Take it out with: {_verb(what)} uninstall")
    return 0


def uninstall(context: Context, what: str, *, yes: bool) -> int:
    """Show what will change, ask, put it back."""
    change = taken_out(what, context.home, context.folder)
    if change is None:
        say(f"Nothing of ours is in {one_line(shown(settings_file(context.home)))}.")
        return 0
    _preview(change)
    if not yes and not agreed():
        narrate("nothing was written")
        return 2
    take_out(change, context.folder)
    say("Taken out.")
    return 0


def status(context: Context, what: str, *, as_json: bool) -> int:
    """Whether it is installed, and where."""
    path = settings_file(context.home)
    there = is_installed(what, context.home, context.folder)
    if as_json:
        emit_json({"assistant": "claude-code", "installed": there, "settings": str(path)})
    else:
        say(
            f"claude-code: {_name(what)} {'installed' if there else 'not installed'}, {one_line(shown(path))}"
        )
    return 0


def _preview(change: Change) -> None:
    narrate(f"{one_line(shown(change.path))} will change:")
    for line in change.diff():
        narrate(f"  {line.rstrip()}")
