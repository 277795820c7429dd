"""``tokencoach statusline``: one line for an assistant's status bar, and putting it there."""

from __future__ import annotations

import click

from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.coach.assistant.line import STATUS, run

_ASSISTANT = click.option(
    "--assistant", default="claude-code", show_default=True, help="Whose status bar it is."
)
_YES = click.option("--yes", is_flag=True, help="Write without asking first.")


@click.group(cls=VerbGroup, invoke_without_command=True, epilog="Example: tokencoach statusline install")
@verb
def statusline(context: Context) -> int:
    """One line: what of today's spend shipped, the context in use, what the coach would say now.

    It reads the assistant's JSON on standard input where there is some, and what the watcher left;
    it computes nothing, never fails, and says where its figures are old.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    return run(STATUS, str(context.folder))


@statusline.command(epilog="Example: tokencoach statusline install --yes")
@_ASSISTANT
@_YES
@verb
def install(context: Context, assistant: str, *, yes: bool) -> int:
    """Put the line into the assistant's own settings. What changes is shown first; the rest stays as it is."""
    from tokencoach.cli import assistant_settings as settings  # noqa: PLC0415 - the line needs none of it
    from tokencoach.coach.assistant.claude_settings import STATUS_LINE  # noqa: PLC0415

    settings.for_claude_code(assistant)
    return settings.install(context, STATUS_LINE, yes=yes)


@statusline.command(epilog="Example: tokencoach statusline uninstall")
@_YES
@verb
def uninstall(context: Context, *, yes: bool) -> int:
    """Take the line out: byte for byte as before where nothing else changed, else only ours."""
    from tokencoach.cli import assistant_settings as settings  # noqa: PLC0415
    from tokencoach.coach.assistant.claude_settings import STATUS_LINE  # noqa: PLC0415

    return settings.uninstall(context, STATUS_LINE, yes=yes)


@statusline.command(epilog="Example: tokencoach statusline status --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def status(context: Context, *, as_json: bool) -> int:
    """Whether the assistant's settings show the line."""
    from tokencoach.cli import assistant_settings as settings  # noqa: PLC0415
    from tokencoach.coach.assistant.claude_settings import STATUS_LINE  # noqa: PLC0415

    return settings.status(context, STATUS_LINE, as_json=as_json)
