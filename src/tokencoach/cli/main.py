"""The command line: verbs are imported only when they are called."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from tokencoach import __version__, paths
from tokencoach.cli.context import Context, global_options
from tokencoach.errors import TokencoachError

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130

VERBS = {
    "ingest": "ingest:ingest",
    "watch": "watch:watch",
    "usage": "usage:usage",
    "audit": "audit:audit",
    "sessions": "sessions:sessions",
    "repos": "repos:repos",
    "doctor": "doctor:doctor",
    "demo": "demo:demo",
    "config": "config:config",
}


class LazyGroup(click.Group):
    """A group whose verbs live in one module each, loaded on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order a newcomer meets them."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command."""
        del ctx
        place = VERBS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command = getattr(importlib.import_module(f"tokencoach.cli.{module}"), name)
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: tokencoach audit --month 2026-10",
)
@global_options
@click.version_option(__version__, "--version", "-V", message="tokencoach %(version)s")
@click.pass_context
def cli(ctx: click.Context, logs_home: str | None, tz_name: str | None, *, is_demo: bool) -> int:
    """What of your AI spend became shipped, surviving code, what was wasted, and why.

    Without a verb it opens the app (or prints this month's audit where there is no terminal).
    It reads the logs that coding assistants already left on this computer; nothing leaves it.
    """
    context = ctx.ensure_object(Context)
    context.logs_home, context.tz_name, context.is_demo = logs_home, tz_name, is_demo
    if ctx.invoked_subcommand is None:
        from tokencoach.cli.start import start  # noqa: PLC0415 - only without a verb

        return start(context)
    return 0


def run(argv: list[str], open_app: Callable[[Context], int]) -> int:
    """Run a command line; the exit code. Every error is a sentence with its mend."""
    try:
        context = Context(paths.home(), open_app=open_app)
        return _code(cli.main(args=argv, prog_name="tokencoach", standalone_mode=False, obj=context))
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\rinterrupted; what was read so far is kept\n")
        return INTERRUPTED
    except TokencoachError as error:
        sys.stderr.write(f"tokencoach: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else 1


def _code(result: Any) -> int:
    return result if isinstance(result, int) else 0
