"""Findings as the JSON that ``coach --json`` and the audit print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.clock import iso_utc

if TYPE_CHECKING:
    from tokencoach.coach.finding import Evidence, Finding, Quiet, Rate
    from tokencoach.coach.findings import Findings


def findings_json(said: Findings, *, is_all: bool = False) -> dict[str, Any]:
    """``{"findings": [...]}``; with ``is_all`` also what was looked for in vain."""
    body: dict[str, Any] = {"findings": [finding_json(finding) for finding in said.found]}
    if is_all:
        body["quiet"] = [_quiet_json(quiet) for quiet in said.quiet]
    return body


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding, money in USD."""
    return {
        "id": finding.id,
        "title": finding.title,
        "cost_usd": finding.cost_nano / 1e9,
        "cost_low_usd": None if finding.low_nano is None else finding.low_nano / 1e9,
        "cost_high_usd": None if finding.high_nano is None else finding.high_nano / 1e9,
        "tokens": finding.tokens,
        "basis": finding.basis.value,
        "evidence": [_evidence_json(one) for one in finding.evidence],
        "why": finding.why,
        "next": finding.next,
        "plan": {"if": finding.condition, "then": finding.action},
        "rate": _rate_json(finding.rate),
        "since": iso_utc(finding.since_ms),
        "worked": None,
    }


def _evidence_json(one: Evidence) -> dict[str, Any]:
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
