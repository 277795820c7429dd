"""``tokencoach coach nudge install|uninstall|status``: nudges told by the assistant's own hooks."""

from __future__ import annotations

import click

from tokencoach.cli import assistant_settings as settings
from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.coach.assistant.claude_settings import NUDGES

_YES = click.option("--yes", is_flag=True, help="Write without asking first.")


@click.group(cls=VerbGroup, epilog="Example: tokencoach coach nudge install")
def nudge() -> None:
    """Let the assistant itself tell a nudge, where you type; at most one in ten minutes, never in the way.

    A hook on each prompt and each finished tool call tells you and the assistant what the watcher has
    just found: a loop, a full context, a budget, a session without a commit. It starts no program
    while nothing waits to be told, and it cannot block.
    """


@nudge.command(epilog="Example: tokencoach coach nudge install --yes")
@click.option("--assistant", default="claude-code", show_default=True, help="Whose hooks tell it.")
@_YES
@verb
def install(context: Context, assistant: str, *, yes: bool) -> int:
    """Put the hooks into the assistant's own settings. What changes is shown first; the rest stays as it is."""
    settings.for_claude_code(assistant)
    return settings.install(context, NUDGES, yes=yes)


@nudge.command(epilog="Example: tokencoach coach nudge uninstall")
@_YES
@verb
def uninstall(context: Context, *, yes: bool) -> int:
    """Take the hooks out: byte for byte as before where nothing else changed, else only ours."""
    return settings.uninstall(context, NUDGES, yes=yes)


@nudge.command(epilog="Example: tokencoach coach nudge status --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def status(context: Context, *, as_json: bool) -> int:
    """Whether the assistant's settings hold the hooks."""
    return settings.status(context, NUDGES, as_json=as_json)
