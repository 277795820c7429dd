"""Right-sizing as the JSON that ``coach sizes --json`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokencoach.audit.period import Period
    from tokencoach.coach.interval import Interval
    from tokencoach.coach.right_sizing.claim import Claim, KindTest
    from tokencoach.coach.right_sizing.survival import Survival
    from tokencoach.coach.right_sizing.tables import Cell, KindTable, RightSize
    from tokencoach.coach.right_sizing.useful_output import Output


def right_size_json(said: RightSize, period: Period) -> dict[str, Any]:
    """Money in USD, shares from 0 to 1; null where there are not enough data."""
    return {
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "tasks": said.tasks,
        "left_out": [{"why": why, "tasks": tasks} for why, tasks in sorted(said.left_out.items())],
        "kinds": [_kind(table) for table in said.kinds],
        "outputs": [_output(one) for one in said.outputs],
        "claims": [_claim(one) for one in said.claims],
    }


def _kind(table: KindTable) -> dict[str, Any]:
    return {
        "kind": table.kind.value,
        "tasks": table.tasks,
        "by_model": [_cell(cell, "model") for cell in table.by_model],
        "by_words": [_cell(cell, "words") for cell in table.by_words],
        "by_context": [_cell(cell, "context") for cell in table.by_context],
    }


def _cell(cell: Cell, name: str) -> dict[str, Any]:
    return {
        name: cell.name,
        "tasks": cell.tasks,
        "with_follow_up": cell.resumed,
        "median_cost_usd": None if cell.cost_nano is None else cell.cost_nano / 1e9,
        "median_tokens": cell.tokens,
        **_survival(cell.survival),
    }


def _survival(found: Survival) -> dict[str, Any]:
    return {
        "tasks_of_known_end": found.tasks,
        "lines": round(found.lines, 2),
        "survived": _interval(found.survived),
        "reworked": _interval(found.reworked),
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}


def _output(one: Output) -> dict[str, Any]:
    return {
        "model": one.model,
        "tasks": one.tasks,
        "surviving_lines": round(one.lines, 2),
        "open_lines": one.open_lines,
        "known_share": one.known_share,
        "tokens": one.tokens,
        "cost_usd": None if one.cost_nano is None else one.cost_nano / 1e9,
        "wh": one.wh,
        "lines_per_usd": one.per_dollar,
        "lines_per_wh": one.per_wh,
        "lines_per_million_tokens": one.per_million_tokens,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim.name,
        "small": claim.small,
        "verdict": claim.verdict.value,
        "why": claim.why,
        "kinds": [_test(test) for test in claim.kinds],
    }


def _test(test: KindTest) -> dict[str, Any]:
    return {
        "kind": test.kind.value,
        "small": _survival(test.small),
        "large": _survival(test.large),
        "difference": _interval(test.difference),
        "verdict": test.verdict.value,
        "why": test.why,
    }
