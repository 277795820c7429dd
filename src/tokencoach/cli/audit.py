"""``tokencoach audit``: what of the spend became shipped, surviving code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tokencoach.audit.as_text import as_text
from tokencoach.audit.close import frozen_report
from tokencoach.audit.closing_words import closing_json
from tokencoach.audit.outcome_word import find_work, say_outcome
from tokencoach.audit.period import Period, as_of_instant, month_period, span_period
from tokencoach.cli.as_of import as_of_ms
from tokencoach.cli.audit_close import close, note, period_to_close
from tokencoach.cli.context import Context, verb
from tokencoach.cli.empty_month import nothing_in
from tokencoach.cli.output import emit_json, narrate, say
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import day_of
from tokencoach.coach.as_text import habits_lines
from tokencoach.coach.habits import audit_with_habits, habits_json, month_with_habits
from tokencoach.coach.plans import PLANS_SHOWN, measured_against, measured_plans
from tokencoach.errors import UsageError
from tokencoach.store.audit_rows import repo_rows
from tokencoach.store.item_rows import ItemState, item_states
from tokencoach.store.reader import Reader, open_reader
from tokencoach.store.verdict_rows import drop_kept_audits
from tokencoach.store.writer import Writer
from tokencoach.watch.judge import keep_audits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.audit.report import PeriodAudit
    from tokencoach.coach.habits import Habits


def period_options(default: str = "this month") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options that say which requests are judged, and with what; ``default`` says which without any."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (
                click.option("--month", metavar="YYYY-MM", help=f"A month; default: {default}."),
                click.option("--since", metavar="D", help="First day, YYYY-MM-DD, instead of a month."),
                click.option("--until", metavar="D", help="Last day, included."),
                click.option("--repo", metavar="PATH", help="Only this repository."),
                click.option(
                    "--as-of",
                    metavar="DATE",
                    help="Judge with what git held at the end of that day; default: now.",
                ),
            )
        ):
            function = option(function)
        return function

    return add


def named_period(context: Context, month: str | None, since: str | None, until: str | None) -> Period:
    """The period that the options name; without any, this month.

    Raises:
        UsageError: they contradict each other or are no dates.
    """
    if month and (since or until):
        raise UsageError("--month and --since/--until cannot both be given", "give one of them")
    if since or until:
        return span_period(since, until, context.tz, context.now_ms)
    return month_period(month or day_of(context.now_ms, context.tz).isoformat()[:7], context.tz)


def read_audit(
    reader: Reader, context: Context, period: Period, as_of: str | None, repo: str | None
) -> tuple[PeriodAudit, Habits | None]:
    """The audit that the options ask for; a closed month as it was frozen, unless a part or a day is asked for."""
    instant_ms = as_of_instant(as_of, context.tz, context.now_ms)
    if as_of is None and repo is None:
        return month_with_habits(reader, period, instant_ms, context.settings)
    return audit_with_habits(reader, period, instant_ms, context.settings, repo)


@click.command(epilog="Example: tokencoach audit --month 2026-10 --markdown")
@period_options()
@click.option(
    "--outcome",
    "word",
    nargs=2,
    metavar="FEATURE WORD",
    help="Say what became of a feature (#12, or a commit): used, not-used, harmed or unknown.",
)
@click.option("--close", "is_closing", is_flag=True, help="Freeze the month (default: the last one).")
@click.option("--markdown", "as_md", is_flag=True, help="Markdown on stdout.")
@click.option("--json", "as_js", is_flag=True, help="One JSON object on stdout.")
@verb
def audit(
    context: Context,
    month: str | None,
    since: str | None,
    until: str | None,
    repo: str | None,
    as_of: str | None,
    word: tuple[str, str] | None,
    *,
    is_closing: bool,
    as_md: bool,
    as_js: bool,
) -> int:
    """What of the spend became shipped, surviving code, and what was wasted.

    Six buckets hold every request: shipped, reworked, not landed, pending, neutral, unknown.
    A line is shipped when git shows it on the default branch, alive or for at least 14 days.
    Then come the features that landed, what each took, and the efficiency score.

    --close freezes a month that is over. From then on it is printed as it was closed; what is
    seen later (a line died, a log was found, your own word) stands below as a restatement with
    its cause. Closing again takes the restatements in as a new version; every version is kept.
    """
    if is_closing:
        period = period_to_close(context, month, since, until, (repo, as_of))
    else:
        period = named_period(context, month, since, until)
    as_of_ms(context, as_of)
    bring_up_to_date(context)
    if word is not None:
        _say(context, *word, repo)
    if is_closing:
        close(context, period)
    with open_reader(context.database) as reader:
        said, habits = read_audit(reader, context, period, as_of, repository_path(reader, repo))
        instant_ms = as_of_instant(as_of, context.tz, context.now_ms)
        at = (instant_ms, context.tz, context.settings)
        plans = measured_plans(reader, *at, most=PLANS_SHOWN) if as_md else []
        ids = {finding.id for finding in habits.found} if as_js and habits is not None else set()
        worked = measured_against(reader, ids, *at)
        report = frozen_report(reader, said) if as_js else {}
        states = _states(context, reader, period) if as_md and not (repo or as_of) else []
    note(context, said)
    if as_js:
        if habits is not None and said.closing is None:
            report |= habits_json(habits, worked)
        emit_json(report | closing_json(said.closing))
    elif as_md:
        from tokencoach.checklist.entry import entry_markdown  # noqa: PLC0415 - loads every item's rule

        say(entry_markdown(said, habits, plans, states))
    else:
        say("\n".join([as_text(said), *habits_lines(habits)]))
    if not said.spend.requests:
        narrate(nothing_in(context, f"no request in {said.label}", "audit"))
        return 3
    return 0


def _states(context: Context, reader: Reader, period: Period) -> list[ItemState]:
    """How the checklist's items stand in a month: as they were kept, else judged now."""
    if period.month is None or period.since_ms > context.now_ms:
        return []
    kept = item_states(reader.connection, period.month, context.tz.key)
    if kept:
        return kept
    from tokencoach.checklist.entry import states_of  # noqa: PLC0415 - loads every item's rule
    from tokencoach.checklist.grounds import Grounds, Place  # noqa: PLC0415
    from tokencoach.checklist.judge import instant_of, judge_month  # noqa: PLC0415

    place = Place(context.database, context.home)
    at_ms = instant_of(period, context.now_ms)
    return states_of(judge_month(Grounds(reader, period, at_ms, context.settings, place)))


def _say(context: Context, feature: str, outcome: str, repo: str | None) -> None:
    """Keep the person's word on a feature, of any month.

    Raises:
        UsageError: no such feature, several of that name, or no such word.
    """
    with Writer(context.database, context.tz) as writer:
        reader = Reader(writer.connection)
        path = repository_path(reader, repo)
        rows = repo_rows(reader.connection).values()
        wanted = None if path is None else {row.repo_id for row in rows if row.path == path}
        work = find_work(reader.connection, feature, context.now_ms, wanted)
        with writer.transaction() as connection:
            say_outcome(connection, work, outcome, context.now_ms)
            drop_kept_audits(connection)
        keep_audits(writer)
    narrate(f"{work.title}: {outcome.replace('-', ' ')}")
