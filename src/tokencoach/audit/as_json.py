"""Report values in the shapes of the outside contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.audit.feature_json import features_json, score_json
from tokencoach.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.report import (
        BucketSpend,
        EditDetail,
        LineCounts,
        LineFate,
        PeriodAudit,
        Said,
        SessionDetail,
        SessionRow,
        TurnDetail,
        WasteSpend,
    )


def audit_json(audit: PeriodAudit) -> dict[str, Any]:
    """The audit of a period."""
    spend = audit.spend
    return {
        "month": audit.month,
        "since": audit.since,
        "until": audit.until,
        "timezone": audit.timezone,
        "as_of": iso_utc(audit.as_of_ms),
        "algorithm": audit.algorithm,
        "closed": audit.is_closed,
        "known_share": audit.known_share,
        "spend": {
            "requests": spend.requests,
            "tokens": spend.counts.total,
            "weighted_tokens": spend.weighted_tokens,
            "cost_usd": usd(spend.cost_nano),
            "unpriced_requests": spend.unpriced_requests,
            "unlogged_tokens": spend.unlogged_tokens,
            "energy_wh": spend.energy_wh,
            "energy_quality": spend.energy_quality,
            "energy_shipped_share": spend.energy_shipped_share,
            "human_minutes": spend.human_minutes,
        },
        "buckets": buckets_json(audit.buckets),
        "waste": waste_json(audit.waste),
        "share_of": audit.share_of,
        "lines": lines_json(audit.lines),
        "provisional_share": audit.provisional_share,
        "projects": [
            {
                "repo": project.repo,
                "phase": project.phase,
                "tokens": project.tokens,
                "cost_usd": usd(project.cost_nano),
                "buckets": buckets_json(project.buckets),
                "waste": waste_json(project.waste),
                "lines": lines_json(project.lines),
            }
            for project in audit.projects
        ],
        "features": features_json(audit.features) if audit.features is not None else None,
        "score": score_json(audit.score) if audit.score is not None else None,
        "findings": [],
        "overrules": audit.overrules,
        "machine": buckets_json(audit.machine),
        "unknown": [
            {"reason": item.reason, "mend": item.mend, "tokens": item.tokens, "cost_usd": usd(item.cost_nano)}
            for item in audit.unknown
        ],
    }


def session_json(row: SessionRow) -> dict[str, Any]:
    """One session of a list."""
    return {
        "session_id": row.session_id,
        "source": row.source,
        "repo": row.repo,
        "folder": row.folder,
        "branch": row.branch,
        "title": row.title,
        "started_at": iso_utc(row.started_at_ms),
        "ended_at": iso_utc(row.ended_at_ms),
        "turns": row.turns,
        "requests": row.requests,
        "tokens": row.tokens,
        "cost_usd": usd(row.cost_nano),
        "unpriced_requests": row.unpriced_requests,
        "models": list(row.models),
        "buckets": buckets_json(row.buckets),
        "waste": waste_json(row.waste),
        "verdict": row.verdict,
        "confidence": row.confidence,
        "lines": lines_json(row.lines),
        "commits": list(row.commits),
        "energy_wh": row.energy_wh,
        "energy_quality": row.energy_quality,
        "your_word": said_json(row.said),
    }


def said_json(said: Said | None) -> dict[str, Any] | None:
    """The person's own word, and the machine's verdict that it stands before."""
    if said is None:
        return None
    return {
        "bucket": said.bucket,
        "because": said.because,
        "said_at": iso_utc(said.said_ms),
        "machine": said.machine,
    }


def detail_json(detail: SessionDetail) -> dict[str, Any]:
    """A session opened."""
    return {"session": session_json(detail.row), "turns": [_turn(turn) for turn in detail.turns]}


def _turn(turn: TurnDetail) -> dict[str, Any]:
    return {
        "turn": turn.turn,
        "started_at": iso_utc(turn.started_at_ms),
        "prompt": turn.prompt,
        "log": turn.log,
        "at_byte": turn.at_byte,
        "requests": turn.requests,
        "tokens": turn.tokens,
        "cost_usd": usd(turn.cost_nano),
        "buckets": buckets_json(turn.buckets),
        "waste": waste_json(turn.waste),
        "verdict": turn.verdict,
        "reason": turn.reason,
        "confidence": turn.confidence,
        "energy_wh": turn.energy_wh,
        "energy_quality": turn.energy_quality,
        "your_word": said_json(turn.said),
        "edits": [_edit(edit) for edit in turn.edits],
    }


def _edit(edit: EditDetail) -> dict[str, Any]:
    return {
        "path": edit.path,
        "at": iso_utc(edit.at_ms),
        "status": edit.status,
        "added": edit.added,
        "removed": edit.removed,
        "buckets": {str(bucket): count for bucket, count in edit.buckets.items()},
        "commits": list(edit.commits),
        "note": edit.note,
        "your_word": said_json(edit.said),
        "lines": [_line(line) for line in edit.lines],
    }


def _line(line: LineFate) -> dict[str, Any]:
    return {
        "position": line.position,
        "removal": line.is_removal,
        "significant": line.is_significant,
        "text": line.text,
        "bucket": line.bucket,
        "kind": line.kind,
        "reason": line.reason,
        "confidence": line.confidence,
        "commit": line.commit,
        "path": line.path,
        "line": line.line,
        "landed_at": None if line.landed_at_ms is None else iso_utc(line.landed_at_ms),
        "died_at": None if line.died_at_ms is None else iso_utc(line.died_at_ms),
        "died_in": line.died_in,
        "method": line.method,
        "evidence": line.evidence,
        "your_word": said_json(line.said),
    }


def usd(cost_nano: int) -> float:
    """Nano-dollars as dollars."""
    return cost_nano / 1e9


def buckets_json(items: Iterable[BucketSpend]) -> list[dict[str, Any]]:
    """All buckets."""
    return [
        {"bucket": item.bucket, "tokens": item.tokens, "cost_usd": usd(item.cost_nano), "share": item.share}
        for item in items
    ]


def waste_json(items: Iterable[WasteSpend]) -> list[dict[str, Any]]:
    """All waste kinds."""
    return [{"kind": item.kind, "tokens": item.tokens, "cost_usd": usd(item.cost_nano)} for item in items]


def lines_json(lines: LineCounts) -> dict[str, int]:
    """Line counts."""
    return {
        "generated": lines.generated,
        "landed": lines.landed,
        "survived": lines.survived,
        "reworked": lines.reworked,
        "pending": lines.pending,
        "not_landed": lines.not_landed,
        "unknown": lines.unknown,
        "reviewed": lines.reviewed,
    }
