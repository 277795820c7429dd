"""The command line: verbs are imported only when they are called."""

from __future__ import annotations

import errno
import importlib
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from tokencoach import __version__, paths
from tokencoach.cli.context import Context, VerbGroup, global_options
from tokencoach.cli.output import plain
from tokencoach.comprehension.asking import Asking, Held, nobody
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
    "blame": "blame:blame",
    "repos": "repos:repos",
    "check": "check:check",
    "hook": "hook:hook",
    "record": "record:record",
    "power": "power:power",
    "checklist": "checklist:checklist",
    "meter": "meter:meter",
    "coach": "coach:coach",
    "statusline": "statusline:statusline",
    "doctor": "doctor:doctor",
    "backup": "backup:backup",
    "demo": "demo:demo",
    "config": "config:config",
}


class LazyGroup(VerbGroup):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; one that is none is answered with the nearest there is."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            import difflib  # noqa: PLC0415 - after a slip of the fingers only

            near = difflib.get_close_matches(name, VERBS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


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

    Without a verb it opens the app (or prints the newest month's audit where there is no terminal).
    It reads the logs that coding assistants already left on this computer; nothing leaves it.

    Exit codes: 0 fine; 1 found what it was asked to find fault with; 2 wrong use; 3 nothing to read;
    4 damaged input that needs you; 130 interrupted.
    """
    context = ctx.ensure_object(Context)
    context.logs_home, context.tz_name, context.is_demo = logs_home, tz_name, is_demo
    if ctx.invoked_subcommand is None:
        from tokencoach.cli.start import start  # noqa: PLC0415 - only without a verb

        return start(context)
    return 0


def run(argv: list[str], open_app: Callable[[Context], int], ask: Callable[[Asking], Held] = nobody) -> int:
    """Run a command line; the exit code. Every error is a sentence with its mend."""
    _speak_any_text()
    out = sys.stdout
    context = Context(paths.home(), open_app=open_app, ask=ask)
    try:
        code = _code(cli.main(args=argv, prog_name="tokencoach", standalone_mode=False, obj=context))
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\rinterrupted; what was read so far is kept\n")
        code = INTERRUPTED
    except (BrokenPipeError, SystemExit) as error:
        # Where the reader of a pipe has gone, click wraps the stream and ends the program itself.
        if isinstance(error, SystemExit) and sys.stdout is out:
            raise
        _leave_stdout()
        code = 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else 1
    except Exception as error:
        said = _understood(error, context)
        if said is None:
            raise
        sys.stderr.write(f"tokencoach: {plain(str(said))}\n")
        code = said.exit_code
    return code


def _leave_stdout() -> None:
    """Let nothing be written at exit to a reader that has gone, or a disk that is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def _speak_any_text() -> None:
    """Names that no encoding holds (and glyphs that a terminal's lacks) are escaped, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _understood(error: Exception, context: Context) -> TokencoachError | None:
    """An error of the database or of the disk as a sentence; None where it is a fault of the program."""
    if isinstance(error, TokencoachError):
        return error
    from tokencoach.store.connect import explained  # noqa: PLC0415 - only after an error

    said = explained(error, context.database)
    if said is None and isinstance(error, OSError):
        where = f"{paths.shown(os.fsdecode(error.filename))}: " if error.filename is not None else ""
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        mend = "free space on that disk, then run again" if is_full else "see that it can be read and written"
        said = TokencoachError(f"{where}{error.strerror or error}", mend)
        if error.filename is None and is_full:
            _leave_stdout()
    return said


def _code(result: Any) -> int:
    return result if isinstance(result, int) else 0
