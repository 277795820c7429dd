"""``tokencoach power``: watts, local inference servers, tokens per second, joules per token."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import click

from tokencoach import paths
from tokencoach.audit.power_day import PowerTimes, power_times
from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.power_figures import power_json
from tokencoach.cli.power_lines import power_lines
from tokencoach.cli.power_machine import machine
from tokencoach.errors import NothingToReadError
from tokencoach.power.instant import now
from tokencoach.power.live import current
from tokencoach.power.place import here
from tokencoach.power.search import find_meters
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tokencoach.audit.power_day import PowerNow
    from tokencoach.power.live import Live

_BETWEEN_LOOKS_S = 1.0
_TIMES_S = 30.0


@click.group(
    cls=VerbGroup,
    invoke_without_command=True,
    epilog="Example: tokencoach power --once --json   or: tokencoach power doctor",
)
@click.option("--once", is_flag=True, help="One look; the default.")
@click.option("--watch", "is_watched", is_flag=True, help="A look each second until interrupted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; with --watch one a line.")
@verb
def power(context: Context, *, once: bool, is_watched: bool, as_json: bool) -> int:
    """Watts now, each with its badge; local inference servers, their tokens per second, joules per token.

    Meters are read and servers are asked on this computer alone, by their own loopback ports, for counts
    and never for prompts. Where there is no sensor it says so and gives no watts.

    \b
    SENSOR        a counter or gauge of a physical sensor
    VENDOR-MODEL  the maker's own model, such as Apple's
    CALIBRATED    two readings of your wall meter (idle_watts, full_watts)
    ESTIMATE      literature, for tokens made elsewhere; a range, never added
    SIMULATED     the demonstration
    NONE          nothing can be read here, and why

    \b
    Settings, under [power]:
    tariff = 0.30, currency = "EUR"   what you pay a kWh; else by country
    country = "DEU", grid_g = 40      grams of CO2 a kWh: yearly mean, or own
    estimate = true, tdp_watts = 65   a range for a processor without a sensor
    plugs = ["shelly:192.168.1.4"]    or tasmota:HOST, home-assistant:HOST/ENTITY
    """  # noqa: D301 - the sign that keeps lines as they are
    del once
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    look, times = _looker(context), _timer(context)
    while True:
        live, known = look(), times()
        if as_json:
            emit_json(power_json(live, known, context.settings.power))
        else:
            for line in power_lines(live, known):
                say(line)
        if not is_watched:
            return 0
        say() if not as_json else None
        time.sleep(_BETWEEN_LOOKS_S)


def _simulated(context: Context) -> PowerNow:
    from tokencoach.demo.power import simulated_power  # noqa: PLC0415 - of the demonstration alone

    return simulated_power(context.folder.name, context.tz, context.now_ms, context.settings.power)


def _looker(context: Context) -> Callable[[], Live]:
    """The watcher's figures while it keeps them; else our own two looks, a second apart."""
    from tokencoach.power.sampler import Sampler  # noqa: PLC0415 - psutil is slow to import

    file = paths.power_figures(context.folder)
    own: list[Sampler] = []

    def look() -> Live:
        if context.is_demo and (simulated := _simulated(context).live):
            return simulated
        live = current(file, context.now_ms)
        if live is not None:
            return live
        if not own:
            own.append(Sampler(here(), settings=context.settings.power))
            own[0].step()
            time.sleep(_BETWEEN_LOOKS_S)
        own[0].step()
        return own[0].live()

    return look


def _timer(context: Context) -> Callable[[], PowerTimes | None]:
    """The day and the month so far, computed anew each half minute; None without a database."""
    kept: list[tuple[float, PowerTimes | None]] = []

    def times() -> PowerTimes | None:
        if not kept or time.monotonic() - kept[-1][0] >= _TIMES_S:
            kept[:] = [(time.monotonic(), _times(context))]
        return kept[-1][1]

    return times


def _times(context: Context) -> PowerTimes | None:
    if context.is_demo:
        return _simulated(context).times
    with contextlib.suppress(NothingToReadError), open_reader(context.database) as reader:
        return power_times(reader, context.tz, context.now_ms, context.settings.power)
    return None


@power.command(epilog="Example: tokencoach power doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def doctor(context: Context, *, as_json: bool) -> int:
    """Every interface that was probed, what it said, and how it is permitted; nothing is changed.

    Each counter is read twice, a second apart, so that it shows watts. Commands that give a right are
    shown to be copied and never run.
    """
    place = here()
    rows = _probed(context)
    if as_json:
        emit_json({"guest": place.guest, "interfaces": rows})
    else:
        for line in _doctor_lines(rows, place.guest):
            say(line)
    has_meters = any(row["id"] is not None for row in rows)
    if not has_meters:
        narrate("no meter can be read here; tokens per second and CPU time are still shown")
    return 0 if has_meters else 1


def _probed(context: Context) -> list[dict[str, Any]]:
    from tokencoach.power.device import Device  # noqa: PLC0415 - with what it leads to, when it is due

    found = find_meters(here(), settings=context.settings.power)
    devices = [Device(meter) for meter in found.meters]
    for wait_s in (0.0, _BETWEEN_LOOKS_S):
        time.sleep(wait_s if devices else 0.0)
        at = now()
        for device in devices:
            device.read(at, busy=False)
    rows: list[dict[str, Any]] = []
    for device in devices:
        reading = device.last
        rows.append(
            {
                "interface": device.info.source,
                "id": device.info.id,
                "name": device.info.name,
                "scope": device.info.scope.value,
                "quality": device.info.quality.value,
                "kind": device.info.reads.value,
                "energy_uj": reading.energy_uj if reading else None,
                "power_mw": reading.power_mw if reading else None,
                "watts": device.watts,
                "why_not": device.why_not,
                "permit": None,
            }
        )
    nothing = dict.fromkeys(("id", "name", "scope", "kind", "energy_uj", "power_mw", "watts"))
    return rows + [
        {"interface": it.interface, "quality": "NONE", "why_not": it.why, "permit": it.permit} | nothing
        for it in found.refusals
    ]


def _doctor_lines(rows: list[dict[str, Any]], guest: str | None) -> list[str]:
    lines = [f"inside {one_line(guest)}"] if guest else []
    for row in rows:
        watts = "" if row["watts"] is None else f"{row['watts']:.1f} W {row['quality']} of the {row['scope']}"
        answer = watts or row["why_not"] or f"{row['kind']} answers"
        mark = "✓" if row["watts"] is not None else "✗"
        lines.append(one_line(f"{mark} {row['interface']}: {answer}"))
        lines += [f"    → {one_line(line)}" for line in str(row["permit"] or "").splitlines()]
    return lines


power.add_command(machine)
