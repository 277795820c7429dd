"""Findings as the JSON that ``coach --json`` and the audit print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokencoach.coach.finding import Evidence, Finding, Quiet, Rate
    from tokencoach.coach.findings import Findings
    from tokencoach.coach.plans import Look, Measured


def findings_json(
    said: Findings, worked: Mapping[str, Measured] | None = None, *, is_all: bool = False
) -> dict[str, Any]:
    """``{"findings": [...]}``; with ``is_all`` also what was looked for in vain.

    ``worked`` is the newest plan against each habit, by the finding's id.
    """
    plans = worked or {}
    body: dict[str, Any] = {
        "findings": [finding_json(finding, plans.get(finding.id)) for finding in said.found]
    }
    if is_all:
        body["quiet"] = [_quiet_json(quiet) for quiet in said.quiet]
    return body


def finding_json(finding: Finding, worked: Measured | None = None) -> dict[str, Any]:
    """One finding, money in USD, with what became of the plan against it."""
    return {
        "id": finding.id,
        "title": finding.title,
        "cost_usd": finding.cost_nano / 1e9,
        "cost_low_usd": None if finding.low_nano is None else finding.low_nano / 1e9,
        "cost_high_usd": None if finding.high_nano is None else finding.high_nano / 1e9,
        "tokens": finding.tokens,
        "basis": finding.basis.value,
        "evidence": [evidence_json(one) for one in finding.evidence],
        "why": finding.why,
        "next": finding.next,
        "plan": {"if": finding.condition, "then": finding.action},
        "rate": _rate_json(finding.rate),
        "since": iso_utc(finding.since_ms),
        "worked": None if worked is None else worked_json(worked),
    }


def plans_json(plans: Sequence[Measured]) -> dict[str, Any]:
    """``{"plans": [...]}``, in the order given."""
    return {
        "plans": [
            {
                "id": measured.plan.plan_id,
                "finding": measured.plan.finding,
                "if": measured.plan.condition,
                "then": measured.plan.action,
                "since": iso_utc(measured.plan.said_ms),
                "dropped_at": _instant(measured.plan.undone_ms),
                "open": measured.is_open,
                "worked": worked_json(measured),
            }
            for measured in plans
        ]
    }


def worked_json(measured: Measured) -> dict[str, Any]:
    """Whether a plan held, with both spans that it was measured over."""
    return {
        "state": measured.state.value,
        "before": _look_json(measured.before),
        "after": _look_json(measured.after),
        "since": iso_utc(measured.plan.said_ms),
        "judged_at": iso_utc(measured.judged_at_ms),
        "again_at": _instant(measured.again_at_ms),
        "why": measured.why,
    }


def _look_json(look: Look | None) -> dict[str, Any] | None:
    if look is None:
        return None
    return {
        "since": look.first.isoformat(),
        "until": look.last.isoformat(),
        "sessions": look.sessions,
        "rate": None if look.rate is None else _rate_json(look.rate),
    }


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_utc(at_ms)


def evidence_json(one: Evidence) -> dict[str, Any]:
    """One place where it happened, money in USD."""
    return {
        "at": iso_utc(one.at_ms),
        "words": one.words,
        "session_id": one.session_id,
        "path": one.path,
        "commit": one.commit,
        "cost_usd": one.cost_nano / 1e9,
        "tokens": one.tokens,
    }


def _quiet_json(quiet: Quiet) -> dict[str, Any]:
    return {
        "id": quiet.id,
        "looked": quiet.is_looked,
        "why": quiet.why,
        "rate": None if quiet.rate is None else _rate_json(quiet.rate),
    }


def _rate_json(rate: Rate) -> dict[str, Any]:
    return {"times": rate.times, "of": rate.of, "unit": rate.unit, "share": rate.share}
