"""The figures of today, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.why.explanation import (
    FROM_BOTH,
    FROM_REQUESTS,
    MEANING,
    SHARE,
    Explanation,
    Inputs,
    exact,
    share_filled,
)
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from tokencoach.audit.report import DaySum, LiveSession, Today, TodayBudget


def day_explained(figure: str, today: Today, unit: str) -> Explanation | None:
    """A figure of the day so far; behind all but a budget stand sessions."""
    found = _explained(figure, today, unit)
    if found is None or found.opens or figure.startswith("budget.") or not today.sessions:
        return found
    return found._replace(opens="today's sessions")


def past_day_explained(day: DaySum, name: str) -> Explanation | None:
    """A figure of one of the last days."""
    inputs: Inputs = (
        ("in all", exact(day.tokens, day.cost_nano)),
        ("sessions", figures.count(len(day.sessions))),
    )
    formulas = {
        "spend": (f"Spend of {day.day}", _SPEND[1].replace("today's requests", "the requests of that day")),
        "sessions": (
            f"Sessions of {day.day}",
            "Sessions with at least one request of their own on that day.",
        ),
    }
    if name not in formulas:
        return None
    return Explanation(*formulas[name], FROM_REQUESTS, inputs, "its sessions")


def _explained(figure: str, today: Today, unit: str) -> Explanation | None:
    name, _, detail = figure.partition(".")
    if name == "live":
        session_id, _, what = detail.rpartition(".")
        live = next((one for one in today.live if one.session_id == session_id), None)
        return None if live is None else _live(what, live)._replace(opens="the session")
    if name == "budget":
        budget = next((one for one in today.budgets if str(one.budget_id) == detail), None)
        return None if budget is None else _budget(budget)
    if name in set(Bucket):
        bucket = Bucket(name)
        formula = f"{SHARE}\n{share_filled(today.buckets, bucket, unit, today.share_of)}\n\n{MEANING[bucket]}"
        return Explanation(f"Share of today {name.replace('_', ' ')}", formula, FROM_BOTH, _counted(today))
    if name == "cached":
        return _cached(today)
    if name in _SUMS:
        title, formula = _SUMS[name]
        return Explanation(title, formula, FROM_REQUESTS, _counted(today))
    return None


_SPEND = (
    "Spend of today so far",
    "The sum over today's requests in your zone: tokens of each class times the price of that class.",
)
_SUMS = {
    "headline": _SPEND,
    "other": _SPEND,
    "requests": ("Requests of today", "One for each answer of a model."),
    "unpriced": (
        "Requests without a price",
        (
            "Their models are in neither the price table nor your settings; they are never counted as zero.\n"
            "tokencoach usage --by model names them; their prices belong under [prices] in settings.toml."
        ),
    ),
}


def _counted(today: Today) -> Inputs:
    counts = today.spend.counts
    classes = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    return (
        ("day", f"{today.day}, {today.timezone}"),
        ("requests", figures.count(today.spend.requests)),
        *((part.replace("_", " "), f"{getattr(counts, part):,} tokens") for part in classes),
        ("in all", exact(counts.total, today.spend.cost_nano)),
    )


def _cached(today: Today) -> Explanation:
    counts = today.spend.counts
    sent = counts.total - counts.output
    filled = (
        f"{counts.cache_read:,} / {sent:,} = {figures.exact_percent(counts.cache_read / sent)}"
        if sent
        else figures.UNKNOWN
    )
    formula = f"Tokens read from the cache / all tokens sent\n{filled}"
    return Explanation("Input that came from the cache", formula, FROM_REQUESTS, _counted(today))


def _live(what: str, live: LiveSession) -> Explanation:
    if what == "spend":
        formula = "The sum over this session's requests of today."
        inputs = (("in all", exact(live.tokens_today, live.cost_nano_today)), ("model", live.model))
        return Explanation("Spend of this session today", formula, FROM_REQUESTS, inputs)
    window = figures.UNKNOWN if live.context_window is None else f"{live.context_window:,} tokens"
    formula = "All that the last request sent / the most that the model takes."
    if live.context_window:
        share = figures.exact_percent(live.context_tokens / live.context_window)
        formula += f"\n{live.context_tokens:,} / {window} = {share}"
    inputs = (("last request sent", f"{live.context_tokens:,} tokens"), ("the model takes", window))
    return Explanation("Context in use", formula, FROM_REQUESTS, inputs)


def _budget(budget: TodayBudget) -> Explanation:
    formula = "The sum over this month's requests that the budget is for; it never stops anything."
    formula += f"\n{budget.spent} of {budget.amount} = {figures.exact_percent(budget.share)}"
    ends = f"{budget.ends} ({budget.span}): {budget.method}" if budget.ends else f"none: {budget.method}"
    inputs = (("budget", budget.label), ("how it stands", budget.standing), ("where the month ends", ends))
    return Explanation("Spent of a budget", formula, FROM_REQUESTS, inputs)
