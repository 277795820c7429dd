"""``coach plan``, ``coach plans``, ``coach drop``: one habit at a time, and whether the plan against it held."""

from __future__ import annotations

import click

from tokencoach.audit.period import month_period, recent_months
from tokencoach.cli.as_of import as_of_ms
from tokencoach.cli.context import Context, has_terminal, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import day_of
from tokencoach.coach.as_json import plans_json
from tokencoach.coach.as_text import plan_lines
from tokencoach.coach.finding import Finding
from tokencoach.coach.material import Material
from tokencoach.coach.plans import accept, focus, looks_at, measured_plans, plan_of
from tokencoach.coach.registry import DETECTORS
from tokencoach.errors import UsageError
from tokencoach.store.plan_rows import drop_plan, plans_until
from tokencoach.store.reader import open_reader
from tokencoach.watch.word import write_word


@click.command(epilog='Example: tokencoach coach plan full-context --then "I commit and start afresh"')
@click.argument("finding_id", metavar="ID")
@click.option("--if", "condition", metavar="WORDS", help="When; default: the finding's own words.")
@click.option("--then", "action", metavar="WORDS", help="What you will do then; default: the finding's own.")
@click.option("--month", metavar="YYYY-MM", help="Where it was found; default: this month, else the last.")
@click.option("--instead", is_flag=True, help="Drop the plan that is followed now, without asking.")
@verb
def plan(
    context: Context,
    finding_id: str,
    condition: str | None,
    action: str | None,
    month: str | None,
    *,
    instead: bool,
) -> int:
    """Make a finding an if-then plan. One plan at a time; after two weeks it is measured again.

    Measured means: the same detector over the days after this one, against as many days before it. It
    worked where the habit fell by half or more, partly from a fifth on. At the end of the month the
    two weeks end in it is measured once more.
    """
    bring_up_to_date(context)
    now_ms, tz = context.now_ms, context.tz
    made = plan_of(_found(context, finding_id, month), now_ms, condition, action)
    with open_reader(context.database) as reader:
        followed = focus(plans_until(reader.connection, now_ms), now_ms, tz)
    if followed is not None and not instead:
        _ask(f"You follow plan {followed.plan_id}: {followed.sentence}", followed.plan_id)
    plan_id = write_word(context.database, tz, lambda connection: accept(connection, made, now_ms, tz))
    say(f"Plan {plan_id}: {one_line(made.sentence)}")
    say(f"It is measured after {looks_at(day_of(now_ms, tz))[0]}: tokencoach coach plans")
    return 0


def _found(context: Context, finding_id: str, month: str | None) -> Finding:
    """The finding of that id, in the month that is named or the newest of two that has it.

    Raises:
        UsageError: nothing looks for that, or it was not found.
    """
    detector = next((one for one in DETECTORS if one.id == finding_id), None)
    if detector is None:
        known = ", ".join(one.id for one in DETECTORS)
        raise UsageError(f"nothing looks for {finding_id!r}", f"tokencoach coach  lists; known: {known}")
    periods = [month_period(month, context.tz)] if month else recent_months(context.now_ms, context.tz)
    why = ""
    with open_reader(context.database) as reader:
        for period in periods:
            said = detector.find(Material.of_period(reader, period, context.now_ms, context.settings))
            if isinstance(said, Finding):
                return said
            why = f"{period.label}: {said.why}"
    raise UsageError(f"{finding_id} was not found: {why}", "tokencoach coach --all  says what was")


def _ask(followed: str, plan_id: int) -> None:
    """Ask whether the plan that is followed gives way.

    Raises:
        UsageError: it does not, or nobody sits there to be asked.
    """
    mend = f"--instead drops it; tokencoach coach drop {plan_id}  too"
    if not has_terminal():
        raise UsageError(f"one plan at a time. {one_line(followed)}", mend)
    narrate(f"One plan at a time. {one_line(followed)}")
    if not click.confirm("Drop it for the new one?", err=True):
        raise UsageError("nothing was changed", mend)


@click.command(epilog="Example: tokencoach coach plans --json")
@click.option("--as-of", metavar="DATE", help="As they stood at the end of that day; default: now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def plans(context: Context, as_of: str | None, *, as_json: bool) -> int:
    """Your plans, the newest first, and whether each held."""
    instant_ms = as_of_ms(context, as_of)
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        measured = measured_plans(reader, instant_ms, context.tz, context.settings)
    if as_json:
        emit_json(plans_json(measured))
    else:
        for one in measured:
            for line in plan_lines(one, context.tz):
                say(line)
    if not measured:
        narrate("no plan yet: tokencoach coach  lists habits, coach plan ID  makes one a plan")
        return 3
    return 0


@click.command(epilog="Example: tokencoach coach drop 3")
@click.argument("plan_id", metavar="N", type=int)
@verb
def drop(context: Context, plan_id: int) -> int:
    """Drop plan N; what was measured of it stays in the list."""
    now_ms = context.now_ms
    with open_reader(context.database) as reader:
        known = {row.plan_id: row for row in plans_until(reader.connection, now_ms)}
    if plan_id not in known or known[plan_id].undone_ms is not None:
        raise UsageError(f"there is no plan {plan_id} to drop", "tokencoach coach plans  lists them")
    write_word(context.database, context.tz, lambda connection: drop_plan(connection, plan_id, now_ms))
    say(f"Dropped: {one_line(known[plan_id].sentence)}")
    return 0
