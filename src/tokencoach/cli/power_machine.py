"""``tokencoach power machine``: what this computer could run, and what of the month that would have taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tokencoach.audit.numbers import count, counted, money, percent
from tokencoach.cli.audit import named_period
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.update import bring_up_to_date
from tokencoach.coach.material import Material
from tokencoach.coach.right_sizing.local_fit import LocalFit, Part, local_fit
from tokencoach.power.machine import describe
from tokencoach.power.models import fits
from tokencoach.power.place import here
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.power.machine import Machine
    from tokencoach.power.models import Fit

_GIB = 1 << 30
_NAME = 42


@click.command(epilog="Example: tokencoach power machine --month 2026-10")
@click.option("--month", metavar="YYYY-MM", help="Whose requests are looked at; default: this month.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def machine(context: Context, month: str | None, *, as_json: bool) -> int:
    """What model sizes this computer holds, and which of a month's turns one could have taken.

    A turn fits where each prompt with its answer fits the context. The range goes from turns that
    are surely small (five calls, one file, thirty lines at most) to all that call at most fifteen
    tools. Whether the answers would have been as good, nobody can know from here.
    """
    period = named_period(context, month, None, None)
    bring_up_to_date(context)
    own = describe(here())
    held = fits(own)
    with open_reader(context.database) as reader:
        material = Material.of_period(reader, period, context.now_ms, context.settings)
        said = local_fit(material, held)
    if as_json:
        emit_json({"machine": _machine_json(own), "models": [_fit_json(fit) for fit in held]} | _json(said))
        return 0
    for name, line in _machine_lines(own):
        say(f"{name:<9} {one_line(line)}")
    say()
    _say_models(held, said)
    if not said.elsewhere.requests:
        narrate(f"no request of {period.label} went to another computer")
        return 0
    say()
    whole = said.elsewhere
    elsewhere = f"{counted(whole.turns, 'turn')} answered elsewhere, {count(whole.tokens)} tokens"
    say(f"{period.label}: {elsewhere}, {money(whole.cost_nano)}; {said.here.turns} here.")
    return 0


def _machine_lines(own: Machine) -> list[tuple[str, str]]:
    memory = "unknown" if own.memory_bytes is None else f"{own.memory_bytes / _GIB:.0f} GiB"
    speed = "" if own.bandwidth is None else f", copied at {own.bandwidth / 1e9:.0f} GB/s (measured now)"
    lines = [("memory", f"{memory}{speed}, {own.cores} cores")]
    for card in own.accelerators:
        rate = (
            "bandwidth unknown"
            if card.bandwidth is None
            else f"{card.bandwidth / 1e9:.0f} GB/s by its clock and bus"
        )
        lines.append(("graphics", f"{card.name}: {card.memory_bytes / _GIB:.0f} GiB, {rate}"))
    if not own.accelerators:
        lines.append(("graphics", "none found" + "".join(f" ({why})" for why in own.refusals)))
    return lines


def _say_models(held: tuple[Fit, ...], said: LocalFit) -> None:
    taken = {one.fit.size.name: one for one in said.taken}
    head = f"{'size, four-bit weights':<{_NAME}} {'GiB':>3} {'context':>7}  {'tokens/s':>12}"
    say(f"{head}  could take")
    for fit in held:
        size = f"{fit.size.name:<{_NAME}} {fit.size.weight_bytes / _GIB:3.0f}"
        if not fit.is_held:
            say(f"{size} {'—':>7}  {'—':>12}  too large")
            continue
        one, whole = taken[fit.size.name], said.elsewhere
        say(f"{size} {count(fit.context):>7}  {_rate(fit):>12}  {_turns(one.small, one.most, whole)}")
        if whole.turns:
            say(f"{'':<{_NAME}} worth {_span(money(one.small.cost_nano), money(one.most.cost_nano))}")


def _rate(fit: Fit) -> str:
    if fit.low is None or fit.high is None:
        return "—"
    digits = 0 if fit.high >= 10 else 1
    return f"~{fit.low:.{digits}f} to {fit.high:.{digits}f}"


def _turns(small: Part, most: Part, whole: Part) -> str:
    """Which share of the turns, from those that are surely small to all that fit."""
    if not whole.turns:
        return "—"
    low, high = percent(small.turns / whole.turns), percent(most.turns / whole.turns)
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _machine_json(own: Machine) -> dict[str, Any]:
    return {
        "memory_bytes": own.memory_bytes,
        "memory_bandwidth": own.bandwidth,
        "cores": own.cores,
        "accelerators": [
            {
                "name": card.name,
                "memory_bytes": card.memory_bytes,
                "bandwidth": card.bandwidth,
                "is_unified": card.is_unified,
            }
            for card in own.accelerators
        ],
        "refusals": list(own.refusals),
    }


def _fit_json(fit: Fit) -> dict[str, Any]:
    return {
        "model": fit.size.name,
        "weight_bytes": fit.size.weight_bytes,
        "where": fit.where,
        "fits": fit.is_held,
        "context_tokens": fit.context,
        "tokens_per_second_low": fit.low,
        "tokens_per_second_high": fit.high,
        "basis": "estimated",
    }


def _json(said: LocalFit) -> dict[str, Any]:
    return {
        "elsewhere": _part_json(said.elsewhere),
        "here": _part_json(said.here),
        "could_take": [
            {
                "model": one.fit.size.name,
                "surely_small": _part_json(one.small),
                "at_most": _part_json(one.most),
            }
            for one in said.taken
        ],
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "turns": part.turns,
        "requests": part.requests,
        "tokens": part.tokens,
        "output_tokens": part.output,
        "cost_usd": part.cost_nano / 1e9,
    }
