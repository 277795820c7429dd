"""``tokencoach watch``: keep the database current."""

from __future__ import annotations

import click

from tokencoach import paths
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import narrate
from tokencoach.cli.update import upkeep_of
from tokencoach.watch.watcher import log, run_watcher


@click.command(epilog="Example: tokencoach watch")
@click.option("--until-eof", is_flag=True, help="End when stdin ends (how the app runs it).")
@verb
def watch(context: Context, *, until_eof: bool) -> int:
    """Keep the database current until interrupted. One watcher a database; a second one just ends."""
    from tokencoach.watch.power import PowerThread  # noqa: PLC0415 - psutil is slow to import

    # Power is of this computer: another's logs and made-up ones say nothing of it.
    is_own = context.other_home is None and not context.is_demo
    wishes = context.settings.power
    power = (
        PowerThread(paths.power_figures(context.folder), log, wishes) if is_own and wishes.sample else None
    )
    if not run_watcher(upkeep_of(context), until_eof=until_eof, power=power):
        narrate("another watcher already keeps this database current")
    return 0
