"""Findings as cards of text: what, how much, where, and the one next step."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tokencoach.audit.numbers import count, money, percent
from tokencoach.clock import day_of, iso_utc
from tokencoach.coach.budgets import SCALE, Unit
from tokencoach.coach.finding import SLIGHT, Basis
from tokencoach.coach.plans import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.coach.finding import Evidence, Finding, Rate
    from tokencoach.coach.findings import Findings
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Look, Measured

_WIDTH = 80
_EVIDENCE_SHOWN = 3
STATE_WORDS = {
    State.WORKED: "it worked",
    State.PARTLY: "it worked partly",
    State.NOT: "it did not work",
    State.NOT_ENOUGH: "not enough data",
    State.RUNNING: "running",
}


def cost_words(finding: Finding) -> str:
    """Its cost with its basis; an estimate has ``~`` and, where it has one, its range."""
    is_priced = finding.cost_nano or finding.high_nano
    if not is_priced and not finding.tokens:
        return "no spend"
    amount = money(finding.cost_nano) if is_priced else f"{count(finding.tokens)} tokens"
    if finding.basis is Basis.MEASURED:
        return f"{amount} measured"
    ends = (
        [] if finding.low_nano is None or finding.high_nano is None else [finding.low_nano, finding.high_nano]
    )
    told = [money(end) for end in ends]
    return f"~{amount} estimated" + (f" ({told[0]} to {told[1]})" if told and told[0] != told[1] else "")


def finding_lines(finding: Finding, number: int, worked: Measured | None = None) -> Iterator[str]:
    """One finding's card. Its text may hold paths and words of logs: print it through ``cli.output``."""
    yield f"{number:2d}  {finding.title}"
    yield f"      {cost_words(finding)}   [{finding.id}]"
    for one in finding.evidence[:_EVIDENCE_SHOWN]:
        yield from _wrapped(_evidence(one), "")
    if len(finding.evidence) > _EVIDENCE_SHOWN:
        yield f"      and {len(finding.evidence) - _EVIDENCE_SHOWN} more: --json lists all"
    yield from _wrapped("next: ", finding.next)
    yield from _wrapped("why: ", finding.why)
    if worked is not None:
        yield from _wrapped("your plan: ", worked_words(worked))
    yield ""


def slight_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Findings that cost next to nothing, in a line each. Print it through ``cli.output``."""
    if findings:
        yield f"At most 1/{1 / SLIGHT:.0f} of the spend each (--all opens them):"
    for finding in findings:
        yield from textwrap.wrap(
            f" ·  {finding.title}: {cost_words(finding)} [{finding.id}]", _WIDTH, subsequent_indent=" " * 4
        )


def habits_lines(habits: Habits | None) -> Iterator[str]:
    """The dearest habits of a period as a part of its audit. Print it through ``cli.output``."""
    if habits is None or not habits.found:
        return
    yield ""
    yield habits_title(habits)
    for number, finding in enumerate(habits.found, 1):
        yield f"  {number} {finding.title}"
        yield f"      {cost_words(finding)}"
        yield from _wrapped("next: ", finding.next)


def habits_title(habits: Habits) -> str:
    """How many habits are shown, and what they come to together, of the whole."""
    together = money(habits.cost_nano) if habits.cost_nano else f"{count(habits.tokens)} tokens"
    whole = money(habits.whole_nano) if habits.cost_nano else f"{count(habits.whole_tokens)} tokens"
    return f"{_habits_named(len(habits.found))}: {together} of {whole}"


def _habits_named(number: int) -> str:
    words = {1: "The dearest habit", 2: "The two dearest habits", 3: "The three dearest habits"}
    return words.get(number, f"The {number} dearest habits")


def plan_lines(measured: Measured, tz: ZoneInfo) -> Iterator[str]:
    """A plan and whether it held. Print it through ``cli.output``."""
    plan = measured.plan
    ended = "" if plan.undone_ms is None else f", dropped {day_of(plan.undone_ms, tz)}"
    yield from textwrap.wrap(f"{plan.plan_id:2d}  {plan.sentence}", _WIDTH, subsequent_indent=" " * 4)
    yield f"      [{plan.finding}]   since {day_of(plan.said_ms, tz)}{ended}"
    yield from _wrapped(f"{state_words(measured)}: ", measured.why)
    for look in (measured.before, measured.after):
        if look is not None:
            yield f"      {look_words(look)}"
    if measured.is_open:
        yield f"      measured{'' if measured.state is State.RUNNING else ' again'} after {again_on(measured, tz)}"


def state_words(measured: Measured) -> str:
    """Whether a plan held, in a few words; one that was dropped is not running any more."""
    is_dropped = measured.plan.undone_ms is not None and measured.state is State.RUNNING
    return "dropped before it was measured" if is_dropped else STATE_WORDS[measured.state]


def look_words(look: Look) -> str:
    """One span with how often the habit was found in it."""
    said = f"{look.first} to {look.last}: "
    if look.rate is None:
        return f"{said}{look.why_not}"
    share = "" if look.share is None else f", {percent(look.share)}"
    return f"{said}{rate_words(look.rate)}{share}"


def rate_words(rate: Rate) -> str:
    """``7 of 41 sessions``, ``$1.16 of $13.4``."""
    if rate.unit == "dollars":
        return f"{money(round(rate.times * 1e9))} of {money(round(rate.of * 1e9))}"
    return f"{_number(rate.times)} of {_number(rate.of)} {rate.unit}"


def _number(amount: float) -> str:
    return count(int(amount)) if amount == int(amount) else f"{amount:.3g}"


def worked_words(measured: Measured) -> str:
    """Whether a plan held, in one line."""
    return f"{measured.plan.sentence} {STATE_WORDS[measured.state].capitalize()}: {measured.why}"


def again_on(measured: Measured, tz: ZoneInfo) -> str:
    """The last day of the span that is measured next."""
    return day_of((measured.again_at_ms or measured.judged_at_ms) - 1, tz).isoformat()


def quiet_lines(said: Findings) -> Iterator[str]:
    """What was looked for in vain, and what could not be looked for."""
    for quiet in said.quiet:
        mark = "·" if quiet.is_looked else "?"
        lead = f" {mark}  {quiet.id:<24} "
        yield from textwrap.wrap(
            lead + quiet.why, _WIDTH, subsequent_indent=" " * len(lead), break_on_hyphens=False
        )


def _evidence(one: Evidence) -> str:
    where = (one.session_id or "")[:8]
    words = " ".join(one.words.split())
    return f"{iso_utc(one.at_ms)[:16]}  {where:<8}  {money(one.cost_nano):>8}  {words}"


def _wrapped(lead: str, text: str) -> list[str]:
    return textwrap.wrap(
        lead + " ".join(text.split()),
        _WIDTH,
        initial_indent=" " * 6,
        subsequent_indent=" " * 12,
        break_long_words=False,
        break_on_hyphens=False,
    )


def budget_amount(amount: int, unit: Unit) -> str:
    """An amount of a budget, as it is kept, for people."""
    if unit is Unit.USD:
        return money(amount)
    return f"{count(amount)} tokens" if unit is Unit.TOKENS else f"{amount / SCALE[unit]:,.1f} Wh"
