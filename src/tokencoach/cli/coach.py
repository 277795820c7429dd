"""``tokencoach coach``: what cost most for nothing, why, and one next step each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tokencoach.cli.as_of import as_of_ms
from tokencoach.cli.audit import named_period, period_options
from tokencoach.cli.coach_budget import budget
from tokencoach.cli.coach_live import show_live
from tokencoach.cli.coach_nudge import nudge
from tokencoach.cli.coach_plans import drop, plan, plans
from tokencoach.cli.coach_sizes import sizes
from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.cli.empty_month import nothing_in
from tokencoach.cli.output import emit_json, narrate, say
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.coach.as_json import findings_json
from tokencoach.coach.as_text import finding_lines, quiet_lines, slight_lines
from tokencoach.coach.finding import is_slight
from tokencoach.coach.findings import find_all
from tokencoach.coach.material import Material
from tokencoach.coach.plans import measured_against
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.coach.findings import Findings
    from tokencoach.coach.plans import Measured


@click.group(cls=VerbGroup, invoke_without_command=True, epilog="Example: tokencoach coach --month 2026-10")
@period_options()
@click.option("--all", "is_all", is_flag=True, help="Also what was looked for and not found, and why.")
@click.option("--live", "is_live", is_flag=True, help="What the watcher says while work goes on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def coach(
    context: Context,
    month: str | None,
    since: str | None,
    until: str | None,
    repo: str | None,
    as_of: str | None,
    *,
    is_all: bool,
    is_live: bool,
    as_json: bool,
) -> int:
    """Habits that cost something, the dearest first: the evidence, the reason, one next step each.

    A cost is measured (of logged requests) or estimated (marked ~, with its range). Two findings may
    share requests; where sums are shown, those count once.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    if is_live:
        return show_live(context, as_json=as_json)
    period = named_period(context, month, since, until)
    instant_ms = as_of_ms(context, as_of)
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        narrowed = repository_path(reader, repo)
        material = Material.of_period(reader, period, instant_ms, context.settings, narrowed, context.home)
        said = find_all(material)
        has_requests = bool(material.traces)
        ids = {finding.id for finding in said.found}
        worked = measured_against(reader, ids, instant_ms, context.tz, context.settings)
    if as_json:
        emit_json(findings_json(said, worked, is_all=is_all))
    else:
        _tell(said, worked, 0 if is_all else material.total.total.cost_nano)
        for line in quiet_lines(said) if is_all else ():
            say(line)
        if has_requests and not said.found:
            left = f"; {said.unjudged} of {len(said.quiet)} habits need more data" if said.unjudged else ""
            say(f"Nothing found in {period.label}{left}. tokencoach coach --all  says what was looked for.")
    if not has_requests:
        narrate(nothing_in(context, f"no request in {period.label}", "coach"))
        return 3
    return 0


def _tell(said: Findings, worked: Mapping[str, Measured], whole_nano: int) -> None:
    """Each finding's card; those of next to nothing of ``whole_nano`` without a plan in a line."""
    slight = [one for one in said.found if one.id not in worked and is_slight(one, whole_nano)]
    for number, finding in enumerate(said.found, 1):
        if finding not in slight:
            for line in finding_lines(finding, number, worked.get(finding.id)):
                say(line)
    for line in slight_lines(slight):
        say(line)


coach.add_command(budget)
coach.add_command(nudge)
coach.add_command(plan)
coach.add_command(plans)
coach.add_command(drop)
coach.add_command(sizes)
