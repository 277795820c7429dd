"""``tokencoach usage``: what was used, counted exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tokencoach import paths
from tokencoach.audit.numbers import count, money
from tokencoach.audit.period import month_period, span_period
from tokencoach.audit.uncounted import estimate, promptless
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.output import width as terminal_width
from tokencoach.cli.update import bring_up_to_date, known_source
from tokencoach.errors import UsageError
from tokencoach.store.reader import open_reader
from tokencoach.store.uncounted_rows import promptless_sessions, uncounted_answers
from tokencoach.store.usage_rows import COUNTERS, DIMENSIONS, usage_rows

if TYPE_CHECKING:
    from tokencoach.store.uncounted_rows import Uncounted

_NAMES = (
    "requests",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_usd",
    "unpriced_requests",
)

_SHORT_ID, _COUNTERS_WIDTH, _LEAST_PROJECT = 8, 54, 12
"""Characters of a session's id, cells of the counters, and those that a folder has at least."""


@click.command(epilog="Example: tokencoach usage --by day --by model --since 2026-10-01")
@click.option(
    "--by",
    type=click.Choice(DIMENSIONS),
    multiple=True,
    help="What rows are; may be repeated. Default: month.",
)
@click.option("--month", metavar="YYYY-MM", help="A month; default: all of them.")
@click.option("--since", metavar="D", help="First day, YYYY-MM-DD, instead of a month.")
@click.option("--until", metavar="D", help="Last day, included.")
@click.option("--source", metavar="S", help="Only this source.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def usage(
    context: Context,
    by: tuple[str, ...],
    month: str | None,
    since: str | None,
    until: str | None,
    source: str | None,
    *,
    as_json: bool,
) -> int:
    """What was used: tokens by class and cost, counted exactly and never twice.

    Fresh input excludes what was cached; reasoning is a part of output. A model without a known
    price is unpriced, not free.
    """
    if month and (since or until):
        raise UsageError("--month and --since/--until cannot both be given", "give one of them")
    named = month_period(month, context.tz) if month else None
    period = named or span_period(since, until, context.tz, context.now_ms)
    known_source(source)
    keys = tuple(dict.fromkeys(by)) or ("month",)
    bring_up_to_date(context, with_git=False)
    with open_reader(context.database) as reader:
        span = (reader.connection, keys, period.first, period.last, context.tz, source)
        rows = [_row(keys, row) for row in usage_rows(*span)]
        when = (period.since_ms, period.until_ms, source)
        missing = uncounted_answers(reader.connection, *when)
        halves = promptless_sessions(reader.connection, *when)
    totals = {name: sum(row[name] for row in rows) for name in _NAMES}
    totals["cost_usd"] = round(totals["cost_usd"], 9)
    if as_json:
        body = {"timezone": context.tz.key, "by": list(keys), "rows": rows, "totals": totals}
        told = {"uncounted": [_missing(one) for one in missing]}
        emit_json(body | told | {"without_prompts": [one._asdict() for one in halves]})
    else:
        _tell(keys, rows, totals, context.tz.key)
        for one in missing:
            say(f"~ {one.source}: {estimate(one)}")
        for half in halves:
            say(f"~ {half.source}: {promptless(half)}")
    return 0 if rows else 3


def _missing(one: Uncounted) -> dict[str, Any]:
    low, high = one.tokens
    told = {"source": one.source, "answers": one.answers, "characters": one.characters}
    return told | {"output_tokens_low": low, "output_tokens_high": high, "basis": "estimated"}


def _row(keys: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in zip(keys, row, strict=False):
        body[name] = _day(value) if name == "day" else _month(value) if name == "month" else value
    counters = list(row[-COUNTERS:])
    counters[7] = counters[7] / 1e9
    return body | dict(zip(_NAMES, counters, strict=True))


def _day(number: int) -> str:
    return f"{number // 10_000:04}-{number // 100 % 100:02}-{number % 100:02}"


def _month(number: int) -> str:
    return f"{number // 100:04}-{number % 100:02}"


def _named(key: str, row: dict[str, Any]) -> str:
    """A key of a row as a person reads it: of a session as much as names it, of a folder the home as ``~``."""
    text = one_line(str(row.get(key, "")))
    return text[:_SHORT_ID] if key == "session" else paths.shown(text) if key == "project" else text


def _cut(text: str, cells: int) -> str:
    """The end of a text that is longer: of a folder that is its name."""
    return text if len(text) <= cells else f"…{text[len(text) - cells + 1 :]}"


def _tell(keys: tuple[str, ...], rows: list[dict[str, Any]], totals: dict[str, Any], zone: str) -> None:
    if not rows:
        narrate("nothing was used in that span: tokencoach doctor says which logs were found")
        return
    names = {key: max(len(key), *(len(_named(key, row)) for row in rows)) for key in keys}
    if "project" in names:
        beside = sum(names.values()) - names["project"] + 2 * (len(names) - 1) + _COUNTERS_WIDTH
        names["project"] = min(names["project"], max(terminal_width() - beside, _LEAST_PROJECT))
    width = max(len("in all"), sum(names.values()) + 2 * (len(names) - 1))
    heads = "  ".join(f"{key:<{cells}}" for key, cells in names.items())
    say(f"{heads:<{width}} requests    input cache read  written  output    cost")
    for row in [*rows, totals]:
        parts = [f"{_cut(_named(key, row), cells):<{cells}}" for key, cells in names.items()]
        label = "  ".join(parts) if keys[0] in row else "in all"
        written = row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"]
        say(
            f"{label:<{width}} {count(row['requests']):>8} {count(row['input_tokens']):>8} "
            f"{count(row['cache_read_tokens']):>10} {count(written):>8} {count(row['output_tokens']):>7} "
            f"{money(round(row['cost_usd'] * 1e9)):>7}" + ("  + unpriced" if row["unpriced_requests"] else "")
        )
    say(f"Days in {zone}.")
