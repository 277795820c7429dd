"""``tokencoach coach sizes``: which size of model, prompt and context paid, on the person's own work."""

from __future__ import annotations

from datetime import timedelta

import click

from tokencoach.audit.period import Period
from tokencoach.cli.as_of import as_of_ms
from tokencoach.cli.audit import named_period, period_options
from tokencoach.cli.context import Context, verb
from tokencoach.cli.empty_month import nothing_in
from tokencoach.cli.output import emit_json, narrate, say
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import day_of
from tokencoach.coach.material import Material
from tokencoach.coach.right_sizing.as_json import right_size_json
from tokencoach.coach.right_sizing.as_text import right_size_lines
from tokencoach.coach.right_sizing.tables import right_size
from tokencoach.store.reader import open_reader

_DAYS = 180


@click.command(epilog="Example: tokencoach coach sizes --since 2026-01-01")
@period_options("the last 180 days")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def sizes(
    context: Context,
    month: str | None,
    since: str | None,
    until: str | None,
    repo: str | None,
    as_of: str | None,
    *,
    as_json: bool,
) -> int:
    """What survived of your tasks by model and by size of prompt, and useful output by model.

    Without a month or a date it looks at the last 180 days, as tasks of one kind are few. Below ten tasks
    it says that there are not enough data.
    """
    instant_ms = as_of_ms(context, as_of)
    if month or since or until:
        period = named_period(context, month, since, until)
    else:
        last = day_of(instant_ms, context.tz)
        period = Period(last - timedelta(days=_DAYS), last, context.tz)
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        narrowed = repository_path(reader, repo)
        said = right_size(Material.of_period(reader, period, instant_ms, context.settings, narrowed))
    if as_json:
        emit_json(right_size_json(said, period))
    elif said.tasks:
        for line in right_size_lines(said):
            say(line)
    if not said.tasks:
        narrate(nothing_in(context, f"no prompt in {period.label}", "coach sizes"))
        return 3
    return 0
