"""``tokencoach checklist``: the monthly self-audit, judged from evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tokencoach.audit.period import month_period
from tokencoach.checklist.as_json import checklist_json
from tokencoach.checklist.as_text import item_lines, list_lines
from tokencoach.checklist.grounds import Grounds, Place
from tokencoach.checklist.judge import instant_of, judge_month
from tokencoach.checklist.keeping import changed_rows, judge_past, unkept_months
from tokencoach.checklist.registry import ITEMS, item_of
from tokencoach.cli.checklist_words import snooze, threshold, tick, undo
from tokencoach.cli.context import Context, VerbGroup, has_terminal, verb
from tokencoach.cli.empty_month import nothing_in
from tokencoach.cli.output import NOTHING_READ, emit_json, narrate, say
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import day_of
from tokencoach.errors import TokencoachError, UsageError
from tokencoach.store.item_rows import keep_item_months
from tokencoach.store.reader import open_reader
from tokencoach.store.threshold_rows import threshold_words
from tokencoach.store.usage_rows import months_with_requests
from tokencoach.watch.word import write_word

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tokencoach.audit.period import Period
    from tokencoach.checklist.judge import Checklist
    from tokencoach.store.item_rows import ItemMonth
    from tokencoach.store.reader import Reader
    from tokencoach.store.threshold_rows import ThresholdWord


class ItemGroup(VerbGroup):
    """A group whose first word may be an item instead of a verb: ``checklist C5`` shows that item."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is named, else the one that shows an item."""
        is_verb = args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if is_verb else ["show", *args])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, without the one that needs no name."""
        return [name for name in super().list_commands(ctx) if name != "show"]


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    function = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")(function)
    return click.option("--month", metavar="YYYY-MM", help="A month; default: this one.")(function)


@click.group(
    cls=ItemGroup,
    invoke_without_command=True,
    subcommand_metavar="[ITEM | VERB ...]",
    epilog="Example: tokencoach checklist C5",
)
@_options
@click.option("--ritual", "is_ritual", is_flag=True, help="Open last month's ritual, on a terminal.")
@verb
def checklist(context: Context, month: str | None, *, as_json: bool, is_ritual: bool) -> int:
    """The self-audit of a month: each item judged from evidence, with one next step. ITEM (C1) opens one.

    ✓ met  ◐ partly  ✗ not met  ? too few data  z snoozed  ☑ met by your own word, which ends. The six cells
    are the last six months. Nothing is scored and nothing is compared with other people.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    if is_ritual:
        return _open_ritual(context)
    return _show(context, month, None, as_json=as_json)


def _open_ritual(context: Context) -> int:
    """The app, on the ritual of the last month.

    Raises:
        UsageError: no person sits at a terminal.
    """
    if not has_terminal():
        raise UsageError("the ritual needs a terminal", "run it where you can answer")
    bring_up_to_date(context)
    context.with_ritual = True
    return context.open_app(context)


@checklist.command(hidden=True)
@click.argument("item")
@_options
@verb
def show(context: Context, item: str, month: str | None, *, as_json: bool) -> int:
    """One item: evidence, rule, numbers, months."""
    above = click.get_current_context().parent
    outer = above.params if above is not None else {}
    return _show(context, month or outer.get("month"), item, as_json=as_json or bool(outer.get("as_json")))


def _show(context: Context, month: str | None, item: str | None, *, as_json: bool) -> int:
    wanted = (item_of(item),) if item is not None else ITEMS
    now_ms, tz = context.now_ms, context.tz
    period = month_period(month or day_of(now_ms, tz).isoformat()[:7], tz)
    if period.since_ms > now_ms:
        raise UsageError(f"{period.label} has not begun", "name a month up to this one")
    bring_up_to_date(context)
    _keep_past(context)
    with open_reader(context.database) as reader:
        if not reader.has_requests():
            return _nothing(period, NOTHING_READ, as_json=as_json)
        if period.until_ms <= now_ms and period.month not in months_with_requests(reader.connection, tz):
            nothing = nothing_in(context, f"no request in {period.label}", "checklist")
            return _nothing(period, nothing, as_json=as_json)
        place = Place(context.database, context.home)
        said = judge_month(
            Grounds(reader, period, instant_of(period, now_ms), context.settings, place), wanted
        )
        rows = changed_rows(reader, said, now_ms)
        words = threshold_words(reader.connection)
    _keep(context, rows, period)
    _print(said, words, is_one=item is not None, as_json=as_json)
    return 0


def _nothing(period: Period, words: str, *, as_json: bool) -> int:
    if as_json:
        emit_json({"month": period.month, "items": []})
    narrate(words)
    return 3


def _print(said: Checklist, words: list[ThresholdWord], *, is_one: bool, as_json: bool) -> None:
    if as_json:
        emit_json(checklist_json(said, words))
        return
    lines = item_lines(said.items[0], said.limits, words) if is_one else list_lines(said)
    for line in lines:
        say(line)


def _keep_past(context: Context) -> None:
    """Judge months of the trend that are over and were not judged yet, so that they stay as they are."""
    with open_reader(context.database) as reader:
        due = unkept_months(reader, context.tz, context.now_ms)
        judged = [(period, _past(reader, period, context)) for period in due]
    for period, rows in judged:
        _keep(context, rows, period)


def _past(reader: Reader, period: Period, context: Context) -> list[ItemMonth]:
    return judge_past(reader, period, context.settings, context.now_ms)


def _keep(context: Context, rows: list[ItemMonth], period: Period) -> None:
    """Keep states; a database that cannot be written still shows what it holds."""
    if not rows:
        return
    try:
        write_word(
            context.database,
            context.tz,
            lambda connection: keep_item_months(connection, context.tz.key, rows, period.until_ms),
        )
    except TokencoachError as error:
        narrate(f"tokencoach: not kept for the trend: {error.args[0]}")


for command in (tick, snooze, threshold, undo):
    checklist.add_command(command)
