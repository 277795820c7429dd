"""``tokencoach power``: watts, local inference servers, tokens per second, joules per token."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import click

from tokencoach import paths
from tokencoach.audit.energy import energy_of
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import Period
from tokencoach.audit.power_day import power_day
from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.cli.machine import machine
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.power_figures import power_json, power_lines
from tokencoach.clock import day_of
from tokencoach.errors import NothingToReadError
from tokencoach.power.instant import now
from tokencoach.power.live import current
from tokencoach.power.search import find_meters
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.audit.power_day import PowerDay
    from tokencoach.power.live import Live

_BETWEEN_LOOKS_S = 1.0


@click.group(cls=VerbGroup, invoke_without_command=True, epilog="Example: tokencoach power --once --json")
@click.option("--once", is_flag=True, help="One look; the default.")
@click.option("--watch", "is_watched", is_flag=True, help="A look each second until interrupted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; with --watch one a line.")
@verb
def power(context: Context, *, once: bool, is_watched: bool, as_json: bool) -> int:
    """Watts now, each with its badge; local inference servers, their tokens per second, joules per token.

    Meters are read and servers are asked on this computer alone, by their own loopback ports, for counts
    and never for prompts. Where there is no sensor it says so and gives no watts.
    """
    del once
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    look = _looker(context)
    while True:
        live, day = look(), _day(context)
        if as_json:
            emit_json(power_json(live, day, context.settings.power))
        else:
            for line in power_lines(live, day, context.settings.power):
                say(line)
        if not is_watched:
            return 0
        say() if not as_json else None
        time.sleep(_BETWEEN_LOOKS_S)


def _looker(context: Context) -> Callable[[], Live]:
    """The watcher's figures while it keeps them; else our own two looks, a second apart."""
    from tokencoach.power.sampler import Sampler  # noqa: PLC0415 - psutil is slow to import

    file = paths.power_figures(context.folder)
    own: list[Sampler] = []

    def look() -> Live:
        live = current(file, context.now_ms)
        if live is not None:
            return live
        if not own:
            own.append(Sampler(settings=context.settings.power))
            own[0].step()
            time.sleep(_BETWEEN_LOOKS_S)
        own[0].step()
        return own[0].live()

    return look


def _day(context: Context) -> PowerDay | None:
    with contextlib.suppress(NothingToReadError), open_reader(context.database) as reader:
        day = power_day(reader.connection, context.tz, context.now_ms)
        if not day.requests.measured:
            return day
        today = day_of(context.now_ms, context.tz)
        found = Allocated.of_period(reader, Period(today, today, context.tz), context.now_ms)
        return day._replace(surviving_share=energy_of(found.whole).shipped_share)
    return None


@power.command(epilog="Example: tokencoach power doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def doctor(context: Context, *, as_json: bool) -> int:
    """Every interface that was probed, what it said, and how it is permitted; nothing is changed."""
    found = find_meters(settings=context.settings.power)
    at = now()
    rows = [
        {
            "interface": meter.info.source,
            "id": meter.info.id,
            "quality": meter.info.quality.value,
            "kind": meter.info.reads.value,
            "energy_uj": reading.energy_uj,
            "power_mw": reading.power_mw,
            "why_not": reading.why_not,
            "permit": None,
        }
        for meter in found.meters
        for reading in (meter.read(at),)
    ] + [
        {
            "interface": it.interface,
            "id": None,
            "quality": "NONE",
            "kind": None,
            "energy_uj": None,
            "power_mw": None,
            "why_not": it.why,
            "permit": it.permit,
        }
        for it in found.refusals
    ]
    if as_json:
        emit_json({"interfaces": rows})
        return 0 if found.meters else 1
    for row in rows:
        answer = row["why_not"] or f"{row['kind']} answers"
        say(one_line(f"{'✓' if row['why_not'] is None else '✗'} {row['interface']}: {answer}"))
        if row["permit"]:
            say(f"    → {one_line(str(row['permit']))}")
    if not found.meters:
        narrate("no meter can be read here: tokens per second and CPU time per token are still shown")
    return 0 if found.meters else 1


power.add_command(machine)
