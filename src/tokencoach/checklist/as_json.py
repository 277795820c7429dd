"""The checklist as the JSON that ``checklist --json`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.clock import iso_utc
from tokencoach.coach.as_json import evidence_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokencoach.checklist.judge import Checklist, Judged
    from tokencoach.coach.finding import Threshold
    from tokencoach.store.threshold_rows import ThresholdWord
    from tokencoach.store.tick_rows import TickRow


def checklist_json(said: Checklist, words: Sequence[ThresholdWord] = ()) -> dict[str, Any]:
    """``{"month": ..., "items": [...]}``; ``words`` are all numbers that the person ever gave a threshold."""
    return {
        "month": said.period.month,
        "as_of": iso_utc(said.as_of_ms),
        "timezone": said.period.tz.key,
        "items": [item_json(one, said.limits, words) for one in said.items],
    }


def item_json(
    judged: Judged, limits: Mapping[str, float], words: Sequence[ThresholdWord] = ()
) -> dict[str, Any]:
    """One item: how it stands, why, with all that is behind it."""
    said = judged.said
    return {
        "id": judged.item.id,
        "title": judged.item.title,
        "state": judged.state.value,
        "value": judged.value,
        "target": judged.target,
        "unit": judged.item.unit or None,
        "why": said.why,
        "evidence": [evidence_json(one) for one in said.evidence],
        "next": said.next,
        "basis": said.basis.value,
        "until": None if said.until_ms is None else iso_utc(said.until_ms),
        "rule": judged.item.rule,
        "judged": said.state.value,
        "seen_at": None if judged.seen is None else iso_utc(judged.seen.judged_ms),
        "snooze": None if judged.snooze is None else _tick_json(judged.snooze),
        "thresholds": [_threshold_json(one, limits, words) for one in judged.item.thresholds],
        "proposed": judged.proposed,
        "trend": [
            {
                "month": cell.month,
                "state": None if cell.state is None else cell.state.value,
                "value": cell.value,
            }
            for cell in judged.trend
        ],
    }


def _tick_json(tick: TickRow) -> dict[str, Any]:
    return {"because": tick.because, "since": iso_utc(tick.said_ms), "until": iso_utc(tick.until_ms)}


def _threshold_json(
    threshold: Threshold, limits: Mapping[str, float], words: Sequence[ThresholdWord]
) -> dict[str, Any]:
    return {
        "name": threshold.name,
        "value": limits.get(threshold.name, threshold.value),
        "unit": threshold.unit,
        "starts_with": threshold.value,
        "because": threshold.because,
        "versions": [
            {
                "value": word.value,
                "because": word.because,
                "said_at": iso_utc(word.said_ms),
                "undone_at": None if word.undone_ms is None else iso_utc(word.undone_ms),
            }
            for word in words
            if word.name == threshold.name
        ],
    }
