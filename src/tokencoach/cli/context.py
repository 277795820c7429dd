"""What every verb needs: where things are, whose logs, which zone; and the options that say so."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from tokencoach import paths
from tokencoach.clock import now_ms, zone
from tokencoach.comprehension.asking import Asking, Held, nobody
from tokencoach.errors import UsageError
from tokencoach.settings import Settings, read_settings
from tokencoach.sources.base import logs_home

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.sources.base import LogsHome

P = ParamSpec("P")


@dataclass
class Context:
    """One run of a verb."""

    folder: Path
    logs_home: str | None = None
    tz_name: str | None = None
    is_demo: bool = False
    with_ritual: bool = False
    """Whether the app opens on the monthly ritual."""
    open_app: Callable[[Context], int] = field(default=lambda _: 0, repr=False)
    """Opens the app on a terminal; the entry point gives it, for this room knows no screen."""
    ask: Callable[[Asking], Held] = field(default=nobody, repr=False)
    """Holds a check on the terminal; given by the entry point as well."""

    @property
    def database(self) -> Path:
        """The database of this run."""
        return paths.database(self.folder)

    @functools.cached_property
    def settings(self) -> Settings:
        """The person's settings."""
        return read_settings(paths.settings_file(self.folder))

    @property
    def tz(self) -> ZoneInfo:
        """The zone of day and month edges: ``--tz``, else the setting, else the system's."""
        return zone(self.tz_name or self.settings.timezone)

    @property
    def other_home(self) -> Path | None:
        """The home folder that was named to be read instead of the person's own.

        Raises:
            UsageError: it is no folder.
        """
        named = self.logs_home or os.environ.get("TOKENCOACH_LOGS_HOME")
        if not named:
            return None
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise UsageError(
                f"{paths.shown(folder)} is no folder",
                "--logs-home (or TOKENCOACH_LOGS_HOME) names a home folder to read",
            )
        return folder.absolute()

    @property
    def home(self) -> LogsHome:
        """Whose logs are read."""
        other = self.other_home
        return logs_home(Path.home(), dict(os.environ), other, self.settings.logs)

    @property
    def now_ms(self) -> int:
        """This instant."""
        return now_ms()


_SENTENCE = 400
_GLOBAL = (
    click.option("--logs-home", metavar="DIR", help="Look for assistants' logs under DIR as if it were the home folder."),
    click.option("--tz", "tz_name", metavar="ZONE", help="Day and month edges; default: the system's zone."),
    click.option("--demo", "is_demo", is_flag=True, help="A seeded demonstration, apart from your own data."),
)  # fmt: skip


def global_options(function: Callable[P, Any]) -> Callable[P, Any]:
    """The options that every verb takes, before or after its name."""
    for option in reversed(_GLOBAL):
        function = option(function)
    return function


def verb(function: Callable[..., int | None]) -> Callable[..., Any]:
    """A verb's function gets a ``Context`` first; its result is the exit code."""

    @click.pass_context
    @functools.wraps(function)
    def run(
        click_context: click.Context,
        /,
        *arguments: Any,
        logs_home: str | None,
        tz_name: str | None,
        is_demo: bool,
        **options: Any,
    ) -> int:
        context = click_context.find_object(Context) or Context(paths.home())
        context.logs_home = logs_home or context.logs_home
        context.tz_name = tz_name or context.tz_name
        context.is_demo = is_demo or context.is_demo
        if context.is_demo:
            from tokencoach.cli.demonstration import enter_demo  # noqa: PLC0415 - only with --demo

            enter_demo(context)
        return function(context, *arguments, **options) or 0

    return global_options(run)


class VerbGroup(click.Group):
    """A group that lists its verbs with a whole sentence each, not with as much of it as fits a line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs, each with its first sentence."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(_SENTENCE))
            for name, command in commands
            if command and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


class ShowingGroup(VerbGroup):
    """A group of which one verb shows what there is: that is meant where none is named."""

    def __init__(self, *arguments: Any, shows: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.shows = shows
        self.epilog = f"Without a verb: {shows}. {self.epilog}"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The verb that shows, before options of its own or nothing at all."""
        is_bare = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, [self.shows, *args] if is_bare else args)


def has_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
