"""``tokencoach hook install|uninstall|status``: being asked before a commit, and no more."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.errors import UsageError

if TYPE_CHECKING:
    from tokencoach.comprehension.hook.status import HookStatus
    from tokencoach.git.hooks import HookPlace

_MODES = ("pre-commit", "pre-push", "inbox", "off")


@click.group(cls=VerbGroup, epilog="Example: tokencoach hook install --mode pre-commit")
def hook() -> None:
    """Be asked about AI-written lines before they are committed; never blocked.

    The hook runs what was there before, starts no program where nothing is to be asked, asks only a
    person at a terminal, at most once in twenty minutes and five times a day, and always lets the
    commit go on. TOKENCOACH=0 before a command silences it.
    """


def _place(folder: Path, *, is_global: bool) -> HookPlace | None:
    from tokencoach.git.hooks import hook_place  # noqa: PLC0415 - starts git

    return None if is_global else hook_place(folder)


@hook.command(epilog="Example: tokencoach hook install --mode inbox --yes")
@click.option("--global", "is_global", is_flag=True, help="For every repository, by your own core.hooksPath.")
@click.option("--mode", type=click.Choice(_MODES), help="How to ask; default: by the repository's phase.")
@click.option("--trailer", is_flag=True, help="Also write 'Comprehension: checked' into the message.")
@click.option("--yes", is_flag=True, help="Write without asking first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def install(
    context: Context, mode: str | None, *, is_global: bool, trailer: bool, yes: bool, as_json: bool
) -> int:
    """Put the hook in place. What it will write is shown first; nothing is ever overwritten.

    Modes: pre-commit asks before each commit, pre-push before a push, inbox never interrupts and
    collects the questions for later, off is silent. Without --mode production repositories are
    asked before the commit, prototypes into the inbox, explorations not at all.
    """
    from tokencoach.comprehension.hook import install as put  # noqa: PLC0415 - only here

    place = _place(Path.cwd(), is_global=is_global)
    plan = put.plan(put.Wish(context.folder, place, mode, trailer))
    narrate("This will:")
    for sentence in plan.sentences:
        narrate(f"  {one_line(sentence)}")
    if not yes and not agreed():
        narrate("nothing was written")
        return 2
    put.install(plan)
    _tell(context)
    if as_json:
        emit_json(_as_json(context, place))
    else:
        say("Installed. Take it away with: tokencoach hook uninstall")
    return 0


def agreed() -> bool:
    """The person's yes at a terminal.

    Raises:
        UsageError: there is no terminal to ask at.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nobody is here to say yes", "add --yes to write what is listed above")
    return click.confirm("Go on?", err=True)


def _tell(context: Context) -> None:
    """Let the new hook know at once what the database already knows."""
    from tokencoach.cli.update import upkeep_of  # noqa: PLC0415 - only here
    from tokencoach.errors import NothingToReadError  # noqa: PLC0415 - only here
    from tokencoach.store.reader import open_reader  # noqa: PLC0415 - only here
    from tokencoach.watch.hooked import tell_hooks  # noqa: PLC0415 - only here

    try:
        with open_reader(context.database) as reader:
            tell_hooks(reader.connection, upkeep_of(context))
    except NothingToReadError:
        narrate("nothing was read yet: tokencoach ingest  reads the logs")


@hook.command(epilog="Example: tokencoach hook uninstall")
@click.option("--global", "is_global", is_flag=True, help="The one for every repository.")
@verb
def uninstall(context: Context, *, is_global: bool) -> int:
    """Take the hook away: every file and setting is again what it was, byte for byte."""
    from tokencoach.comprehension.hook.remove import remove  # noqa: PLC0415 - only here

    left = remove(context.folder, _place(Path.cwd(), is_global=is_global))
    for sentence in left:
        narrate(one_line(sentence))
    if not left:
        say("Taken away; everything is as it was.")
    return 0


@hook.command(epilog="Example: tokencoach hook status --json")
@click.option("--global", "is_global", is_flag=True, help="The one for every repository.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def status(context: Context, *, is_global: bool, as_json: bool) -> int:
    """Whether the hook is in place here and will run; exit 1 where it will not."""
    place = _place(Path.cwd(), is_global=is_global)
    body = _as_json(context, place)
    if as_json:
        emit_json(body)
    else:
        _show(body)
    return 1 if body["problems"] else 0


def _as_json(context: Context, place: HookPlace | None) -> dict[str, Any]:
    from tokencoach.comprehension.hook.status import status as look  # noqa: PLC0415 - only here

    found: HookStatus = look(context.folder, place)
    return {
        "repository": found.repository,
        "installed": found.is_installed,
        "global": found.is_global,
        "hooks": found.hooks,
        "way": found.way,
        "mode": found.mode,
        "said_mode": found.said_mode,
        "manager": found.manager,
        "events": list(found.events),
        "problems": [{"what": problem.what, "mend": problem.mend} for problem in found.problems],
    }


def _show(body: dict[str, Any]) -> None:
    where = one_line(body["repository"] or "every repository")
    if body["installed"]:
        mode = body["mode"] or "not told yet"
        why = "as you said" if body["said_mode"] else "by its phase"
        say(f"{where}: installed, asks by {mode} ({why})")
        say(f"  {', '.join(body['events'])} in {one_line(body['hooks'])}")
    else:
        say(f"{where}: not installed")
    if body["manager"]:
        say(f"  {body['manager']} manages hooks here too")
    for problem in body["problems"]:
        say(f"  {one_line(problem['what'])}")
        say(f"    mend: {one_line(problem['mend'])}")


@hook.command(hidden=True)
@click.option("--mode", required=True)
@click.option("--pushed", default="")
@click.option("--over", default="")
@verb
def ask(context: Context, mode: str, pushed: str, over: str) -> int:
    """What the decision becomes where there may be something to ask."""
    from tokencoach.cli.hook_ask import ask_now  # noqa: PLC0415 - a way of its own

    return ask_now(context, mode, pushed, over)


@hook.command(hidden=True)
@click.argument("sha")
@click.option("--place", required=True)
@verb
def bind(context: Context, sha: str, place: str) -> int:
    """After the commit: the checks of its tree are about this commit from now on."""
    from tokencoach.cli.hook_ask import bind_now  # noqa: PLC0415 - a way of its own

    return bind_now(context, sha, os.fsdecode(place))
