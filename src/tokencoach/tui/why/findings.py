"""The figures of findings, of what several come to, and of plans, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.as_text import look_words, rate_words
from tokencoach.tui import figures
from tokencoach.tui.why.explanation import FROM_REQUESTS, Explanation, Inputs, exact

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.coach.finding import Evidence, Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Look, Measured

_EVIDENCE = "its evidence"


def finding_explained(figure: str, finding: Finding, worked: Measured | None = None) -> Explanation | None:
    """The cost, its range, the rate, or the plan of a finding."""
    inputs: Inputs = (
        ("in all", exact(finding.tokens, finding.cost_nano)),
        ("basis", str(finding.basis)),
        ("found in", rate_words(finding.rate)),
        ("pieces of evidence", figures.count(len(finding.evidence))),
    )
    if finding.low_nano is not None and finding.high_nano is not None:
        low, high = map(figures.exact_money, (finding.low_nano, finding.high_nano))
        inputs = (*inputs, ("range", f"{low} to {high}"))
    titles = {
        "cost": "What it cost",
        "range": "Range of the estimate",
        "rate": "How often it was found",
    }
    if figure == "worked" and worked is not None:
        return plan_explained(worked)
    if figure not in titles:
        return None
    return Explanation(f"{titles[figure]}: {finding.title}", finding.why, FROM_REQUESTS, inputs, _EVIDENCE)


def evidence_explained(one: Evidence, formula: str) -> Explanation:
    """The cost of one piece of evidence; ``formula`` is the rule that found it."""
    inputs: Inputs = (("in all", exact(one.tokens, one.cost_nano)), ("session", one.session_id or "none"))
    opens = "its session" if one.session_id else ""
    return Explanation(f"Spend: {one.words}", formula, FROM_REQUESTS, inputs, opens)


def together_explained(figure: str, habits: Habits | None) -> Explanation | None:
    """What the shown habits come to, where that is the figure."""
    if figure != "habits_together" or habits is None:
        return None
    formula = (
        "The parts of requests that the shown habits took. A request that several of them took a part of"
        " counts once, with the largest of these parts: so this is less than the sum of the lines."
    )
    inputs: Inputs = (
        *((finding.title, exact(finding.tokens, finding.cost_nano)) for finding in habits.found),
        ("together", exact(habits.tokens, habits.cost_nano)),
        ("all spend", exact(habits.whole_tokens, habits.whole_nano)),
        ("habits found in all", figures.count(habits.number)),
    )
    return Explanation("The dearest habits together", formula, FROM_REQUESTS, inputs, "the dearest of them")


def held_explained(figure: str, held: Measured | None, chosen: Measured | None) -> Explanation | None:
    """Whether the last plan held, or the one that was chosen, where the figure is one of theirs."""
    for name, measured in (("held", held), ("chosen", chosen)):
        if measured is not None and figure.partition(".")[0] == name:
            return plan_explained(measured)
    return None


def plan_explained(measured: Measured) -> Explanation:
    """Whether a plan held."""
    formula = (
        "The same detector over the days after the plan was accepted, and over as many days before it; each"
        " is judged with what git held at its own end. Worked: the rate fell by half or more. Partly: by a fifth"
        " or more. Fewer than five sessions on either side are not enough."
    )
    inputs: Inputs = (
        ("plan", measured.plan.sentence),
        ("before", _look(measured.before)),
        ("after", _look(measured.after)),
        ("that is", measured.why),
    )
    return Explanation("Whether your plan held", formula, FROM_REQUESTS, inputs)


def spent_explained(figure: str, audit: PeriodAudit, before: PeriodAudit | None) -> Explanation | None:
    """What a month took, in requests, tokens, time and energy; and the spend of the month before."""
    if figure == "before_spend" and before is not None:
        spend = before.spend
        formula = "The sum over all requests of the month before: tokens of each class times the price of that class."
        inputs: Inputs = (("in all", exact(spend.counts.total, spend.cost_nano)),)
        return Explanation("Spend of the month before", formula, FROM_REQUESTS, inputs)
    if figure not in _SPENT:
        return None
    spend = audit.spend
    inputs = (
        ("requests", figures.count(spend.requests)),
        ("in all", exact(spend.counts.total, spend.cost_nano)),
        ("input from the cache", f"{spend.counts.cache_read:,} tokens"),
    )
    title, formula = _SPENT[figure]
    return Explanation(title, formula, FROM_REQUESTS, inputs)


_SPENT = {
    "requests": (
        "Requests of the month",
        "Each model call of the month, counted once however often it is logged.",
    ),
    "tokens": (
        "Tokens of the month",
        "Input, read from and written to the cache, and output, of all requests.",
    ),
    "human_minutes": (
        "Your time",
        "From each prompt back to the end of the answer before it, as far as you were there; see the score.",
    ),
    "energy_wh": (
        "Energy",
        "Energy of models that ran on this computer, by its meters; cloud models are not in it.",
    ),
}


def _look(look: Look | None) -> str:
    return figures.UNKNOWN if look is None else look_words(look)
