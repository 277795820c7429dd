"""Findings as cards of text: what, how much, where, and the one next step."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tokencoach.audit.numbers import count, money
from tokencoach.clock import iso_utc
from tokencoach.coach.budgets import SCALE, Unit
from tokencoach.coach.finding import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.coach.finding import Evidence, Finding
    from tokencoach.coach.findings import Findings

_WIDTH = 96
_EVIDENCE_SHOWN = 3


def cost_words(finding: Finding) -> str:
    """Its cost with its basis; an estimate has ``~`` and, where it has one, its range."""
    amount = money(finding.cost_nano) if finding.cost_nano else f"{count(finding.tokens)} tokens"
    if finding.basis is Basis.MEASURED:
        return f"{amount} measured"
    if finding.low_nano is None or finding.high_nano is None:
        return f"~{amount} estimated"
    return f"~{amount} estimated ({money(finding.low_nano)} to {money(finding.high_nano)})"


def finding_lines(finding: Finding, number: int) -> Iterator[str]:
    """One finding's card. Its text may hold paths and words of logs: print it through ``cli.output``."""
    yield f"{number:2d}  {finding.title}   {cost_words(finding)}   [{finding.id}]"
    for one in finding.evidence[:_EVIDENCE_SHOWN]:
        yield f"      {_evidence(one)}"
    if len(finding.evidence) > _EVIDENCE_SHOWN:
        yield f"      and {len(finding.evidence) - _EVIDENCE_SHOWN} more: --json lists all"
    yield from _wrapped("next", finding.next)
    yield from _wrapped("why", finding.why)
    yield ""


def quiet_lines(said: Findings) -> Iterator[str]:
    """What was looked for in vain, and what could not be looked for."""
    for quiet in said.quiet:
        yield f" {'·' if quiet.is_looked else '?'}  {quiet.id:<24} {quiet.why}"


def _evidence(one: Evidence) -> str:
    where = (one.session_id or "")[:8]
    words = " ".join(one.words.split())
    return f"{iso_utc(one.at_ms)[:16]}  {where:<8}  {money(one.cost_nano):>8}  {words}"


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()), _WIDTH, initial_indent=f"      {label}: ", subsequent_indent=" " * 12
    )


def budget_amount(amount: int, unit: Unit) -> str:
    """An amount of a budget, as it is kept, for people."""
    if unit is Unit.USD:
        return money(amount)
    return f"{count(amount)} tokens" if unit is Unit.TOKENS else f"{amount / SCALE[unit]:,.1f} Wh"
