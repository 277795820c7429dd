"""The sentences of the Power screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.audit.numbers import counted, watt_hours, watts
from tokencoach.power.servers.seen import State
from tokencoach.tui import figures
from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from tokencoach.audit.power_day import PowerDay, PowerNow, PowerTimes
    from tokencoach.power.grid import Worth
    from tokencoach.power.live import Live, ServerLive

_LONG_IDLE_S = 300.0
_SIMULATED = "made up by the demonstration; no server of yours is shown"


def large_figure(live: Live) -> str:
    """Watts above idle, while that is learned all watts; where there are none, tokens a second; else a dash."""
    if live.watts is not None:
        return watts(live.watts if live.marginal_watts is None else live.marginal_watts)
    rate = rate_of(live)
    return "-" if rate is None else f"{rate:.1f}"


def rate_of(live: Live) -> float | None:
    """Tokens a second over all servers, None where none tells."""
    rates = [it.tokens_per_second for it in live.servers if it.tokens_per_second is not None]
    return sum(rates) if rates else None


def why_no_watts(live: Live) -> str:
    """In words."""
    if live.guest:
        return f"inside {live.guest}"
    if live.estimate is not None:
        return f"not measured; ~{live.estimate.low:g} to {live.estimate.high:g} W ESTIMATE by rated power"
    waiting = next((it.why_not for it in live.meters if it.why_not), None)
    return waiting or "no meter answers; `tokencoach power doctor` says why"


def has_nothing(value: PowerNow, live: Live) -> bool:
    """Whether there is neither a watt nor a server to show, now or in the day and the month."""
    days = value.day, value.times.month
    is_silent = live.watts is None and not live.servers and not live.unanswered
    never = not any(point.tokens_per_second for point in live.history)
    return is_silent and never and not any(day.tokens or day.energy_wh or day.cloud for day in days)


def why_bare(live: Live) -> tuple[str, str]:
    """Why a computer has nothing to show here, and the steps from there."""
    why = f"No inference server runs here, and no meter tells the watts (NONE): {clean(why_no_watts(live))}."
    return why, (
        "A server that starts (Ollama, LM Studio, llama-server, vLLM …) is found by itself.\n\n"
        "tokencoach power machine  says which models this computer holds;\n"
        "tokencoach power doctor   says what would give watts."
    )


def beside_figure(value: PowerNow, live: Live) -> list[Content]:
    """Three lines that say what the large figure is."""
    below = Content.styled(_below(value, live), "$tone-muted")
    rate = rate_of(live)
    if live.watts is None:
        first = "watts" if rate is None else "tokens a second; watts"
        return [
            Content.styled(f"{first} {live.quality.value}: {clean(why_no_watts(live))}", "bold"),
            Content("Idle time is measured all the same; ? says what gives watts."),
            below,
        ]
    of = f"{live.quality.value}  ({', '.join(live.scopes)})"
    if live.marginal_watts is None:
        first, parts = f"watts now  {of}", ["learning idle"]
    else:
        first, parts = (
            f"watts above idle  {of}",
            [f"{watts(live.watts)} in all, {live.idle_watts:.0f} idle with it"],
        )
    parts += [] if live.empty_watts is None else [f"{live.empty_watts:.0f} without"]
    return [
        Content.styled(first, "bold"),
        Content(", ".join(parts) + ("" if rate is None else f"; {rate:.1f} tokens a second")),
        below,
    ]


def _below(value: PowerNow, live: Live) -> str:
    if live.is_simulated:
        return _SIMULATED
    if not live.servers:
        return "No inference server runs; one that starts is found by itself."
    watcher, screen = (
        figures.UNKNOWN if share is None else f"{share:.1f} %"
        for share in (live.own_cpu_percent, value.own_cpu_percent)
    )
    return f"watching costs {watcher} of a core, this app {screen}"


def lines_below(value: PowerNow, live: Live, row: ServerLive | None) -> list[Content]:
    """The day, the month, what was made elsewhere, and what the server under the cursor lacks."""
    lines = [Content(f"today {_day(value.day, value.times.worth)}")]
    month = _month(value.times)
    if month:
        lines.append(Content(month))
    elsewhere = _elsewhere(value.times)
    if elsewhere:
        lines.append(Content.styled(elsewhere, "italic $tone-pending"))
    lines += [Content.styled(clean(text), "$tone-muted") for text in _of_row(row)]
    lines += [
        Content.styled(clean(f"{one.kind.value} (process {one.pid}) {one.why}"), "$tone-alert")
        for one in live.unanswered
    ]
    return lines


def _day(day: PowerDay, worth: Worth | None) -> str:
    energy = figures.UNKNOWN if day.energy_wh is None else f"{watt_hours(day.energy_wh)} {day.quality.value}"
    waited = f"waited {figures.span(round(day.idle_s * 1000))}"
    if day.resident_wh is not None:
        waited = f"{watt_hours(day.resident_wh)} waiting"
    parts = [f"{energy}, {waited}", f"{figures.tokens(day.tokens)} tokens"]
    if worth is not None:
        money = worth.cost
        parts += [] if money is None else [f"{money.amount:.3f} {clean(money.currency)}"]
        parts.append(f"{worth.emission.low_g:.0f} to {worth.emission.high_g:.0f} g CO2")
    return "; ".join(parts)


def _month(times: PowerTimes) -> str:
    """Where the month's energy ended, for as far as it is known."""
    ended = times.month.ended
    if ended is None or ended.shipped_share is None:
        return ""
    behind = f"  ↵ {counted(len(ended.sessions), 'session')}" if ended.sessions else ""
    share = figures.percent(ended.shipped_share)
    return f"month {watt_hours(ended.wh)} {ended.quality.value} for requests, {share} of it shipped{behind}"


def _elsewhere(times: PowerTimes) -> str:
    bands = [
        f"~{day.cloud.low_wh:g} to {day.cloud.high_wh:g} Wh {when}"
        for when, day in (("today", times.day), ("this month", times.month))
        if day.cloud is not None
    ]
    return f"elsewhere  {', '.join(bands)} ESTIMATE, never added" if bands else ""


def _of_row(row: ServerLive | None) -> list[str]:
    if row is None:
        return []
    name, lines = row.kind.value, []
    if row.state is State.IDLE and row.resident_watts and row.idle_seconds > _LONG_IDLE_S:
        a_day = row.resident_watts * 24
        waited = figures.span(round(row.idle_seconds * 1000))
        lines.append(f"{name}: waited {waited} in all; unloading it saves up to {a_day:.0f} Wh a day")
    if row.joules_per_token is not None:
        of = f"{name}: J/tok {row.joules_quality.value}, of {', '.join(row.joules_of)} only"
        lines.append(of + (f": {row.joules_why}" if row.joules_why else ""))
    elif row.joules_why:
        lines.append(f"{name}: {row.joules_why}")
    if row.why_not and row.why_not != row.joules_why:
        lines.append(f"{name}: {row.why_not}")
    return lines
