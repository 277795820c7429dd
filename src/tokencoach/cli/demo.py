"""``tokencoach demo``: the whole program on made data."""

from __future__ import annotations

import click

from tokencoach.cli.context import Context, has_terminal, verb
from tokencoach.cli.demonstration import SEED, enter_demo
from tokencoach.cli.output import emit_json, say


@click.command(epilog="Example: tokencoach demo --seed 3")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed, another engineer.")
@click.option("--json", "as_json", is_flag=True, help="Make it and print where it is, as JSON.")
@verb
def demo(context: Context, seed: int, *, as_json: bool) -> int:
    """Open the app on a seeded demonstration: made logs, real git repositories, the real pipeline.

    Your own data is not touched; every screen is marked DEMO. --demo does the same for any verb.
    """
    from tokencoach.cli.start import print_audit  # noqa: PLC0415 - it imports much

    home = enter_demo(context, seed)
    context.is_demo = True
    if as_json:
        emit_json({"home": str(home), "database": str(context.database), "seed": seed})
        return 0
    if has_terminal():
        return context.open_app(context)
    say(f"DEMO (seed {seed}), home {home}")
    return print_audit(context)
