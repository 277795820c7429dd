"""Features and the score in the shapes of the outside contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.audit.feature_text import AS_PRINTED, FORMULA, NEAR_ZERO, NO_LETTER
from tokencoach.clock import iso_utc

if TYPE_CHECKING:
    from tokencoach.audit.feature_report import FeatureFigures, FeatureItem, ScoreCard

_HOUR_MS = 3_600_000


def features_json(figures: FeatureFigures) -> dict[str, Any]:
    """Features of a period. ``landed`` partitions the spend of shipped and reworked."""
    return {
        "shipped": figures.shipped,
        "reviewed": figures.reviewed,
        "unreviewed": figures.shipped - figures.reviewed,
        "tokens_per_feature": figures.tokens_per_feature,
        "cost_usd_per_feature": _usd(figures.cost_nano_per_feature),
        "bug_suspects": _number(figures.bug_suspects),
        "bugs_per_feature": figures.bugs_per_feature,
        "review_hours": figures.review_hours,
        "wh_per_feature": figures.wh_per_feature,
        "landed": [
            {"what": part.what, "tokens": part.tokens, "cost_usd": _usd(part.cost_nano)}
            for part in figures.landed
        ],
        "items": [_item(item) for item in figures.items],
    }


def score_json(card: ScoreCard) -> dict[str, Any]:
    """The score with its formula and everything that went into it."""
    until = card.provisional_until_ms
    return {
        "value": card.value,
        "grade": card.grade,
        "grade_note": NO_LETTER if card.grade and not card.letter else None,
        "as_printed": card.as_printed,
        "interval": list(card.interval) or None,
        "provisional": card.is_provisional,
        "provisional_until": None if until is None else iso_utc(until),
        "why": card.why,
        "next": card.step,
        "percentile_90_days": card.percentile,
        "unit": card.unit,
        "formula": FORMULA,
        "inputs": {
            "features": card.features,
            "bugs": _number(card.bugs),
            "hours": card.hours,
            "resource_units": card.resource_units,
        },
        "as_printed_formula": AS_PRINTED,
        "as_printed_why": NEAR_ZERO,
    }


def _item(item: FeatureItem) -> dict[str, Any]:
    return {
        "id": item.feature_id,
        "repo": item.repo,
        "kind": item.kind,
        "basis": item.basis,
        "title": item.title,
        "number": item.number,
        "shipped_at": iso_utc(item.shipped_at_ms),
        "shipped": item.is_shipped,
        "commits": list(item.commits),
        "sessions": list(item.session_ids),
        "tokens": item.tokens,
        "direct_tokens": item.direct_tokens,
        "weighted_tokens": item.weighted_tokens,
        "cost_usd": _usd(item.cost_nano),
        "energy_wh": item.energy_wh,
        "energy_quality": item.energy_quality,
        "wh_per_surviving_line": item.wh_per_line,
        "lines": {"added": item.lines_added, "removed": item.lines_removed, "alive": item.lines_alive},
        "human_hours": round(item.human_ms / _HOUR_MS, 4),
        "credited_hours": round(item.credited_ms / _HOUR_MS, 4),
        "reviewed": bool(item.reviewed_by),
        "reviewed_by": list(item.reviewed_by),
        "review_hours": None if item.review_ms is None else round(item.review_ms / _HOUR_MS, 4),
        "bug_suspects": [
            {
                "commit": suspect.commit,
                "at": iso_utc(suspect.at_ms),
                "lines": suspect.lines,
                "weight": suspect.weight,
                "confidence": suspect.confidence,
            }
            for suspect in item.suspects
        ],
        "mature": item.is_mature,
        "outcome": item.outcome,
    }


def _usd(cost_nano: int | None) -> float | None:
    return None if cost_nano is None else cost_nano / 1e9


def _number(value: float) -> float | int:
    """A count that is whole as a whole number."""
    return int(value) if value == int(value) else value
