"""``tokencoach statusline``: one line for an assistant's status bar, and putting it there."""

from __future__ import annotations

import click

from tokencoach.cli.context import Context, verb
from tokencoach.coach.assistant.line import STATUS, run


@click.group(invoke_without_command=True, epilog="Example: tokencoach statusline install")
@verb
def statusline(context: Context) -> int:
    """One line: what of today's spend shipped, the context in use, what the coach would say now.

    It reads the assistant's JSON on standard input where there is some, and what the watcher left;
    it computes nothing, never fails, and says where its figures are old.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    return run(STATUS, str(context.folder))
