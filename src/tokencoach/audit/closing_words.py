"""A closed month for people and programs: when it was closed, and what has changed since, with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.audit.numbers import count, money, percent
from tokencoach.clock import iso_utc
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.report import ClosedVersion, Closing, Move, PeriodAudit, Restatement

_SHORT_DIGEST = 12
_WORDS = {Bucket.NOT_LANDED: "not landed"}


def deltas(found: Iterable[Restatement]) -> dict[Bucket, tuple[int, int]]:
    """Tokens and nano-dollars by which restatements change each bucket."""
    sums = dict.fromkeys(Bucket, (0, 0))
    for item in found:
        for move in item.moves:
            for bucket, sign in ((move.source, -1), (move.target, 1)):
                if bucket is not None:
                    tokens, cost = sums[bucket]
                    sums[bucket] = (tokens + sign * move.tokens, cost + sign * move.cost_nano)
    return sums


def closing_json(closing: Closing | None) -> dict[str, Any]:
    """What the audit's JSON says beside the frozen report."""
    if closing is None:
        return {
            "closed_at": None,
            "version": None,
            "inputs_digest": None,
            "restatements": [],
            "restated": None,
        }
    newest = closing.versions[-1]
    return {
        "closed": True,
        "closed_at": iso_utc(newest.closed_ms),
        "version": newest.version,
        "algorithm": newest.algorithm,
        "inputs_digest": newest.inputs_digest,
        "versions": [_version(version) for version in closing.versions],
        "restatements": [_restatement(item) for item in closing.restatements],
        "restated": {
            "as_of": iso_utc(closing.restated_at_ms),
            "buckets": [
                {
                    "bucket": item.bucket,
                    "tokens": item.tokens,
                    "cost_usd": item.cost_nano / 1e9,
                    "share": item.share,
                }
                for item in closing.restated
            ],
        },
    }


def _version(version: ClosedVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "closed_at": iso_utc(version.closed_ms),
        "algorithm": version.algorithm,
        "inputs_digest": version.inputs_digest,
        "restatements": [_restatement(item) for item in version.restatements],
    }


def _restatement(item: Restatement) -> dict[str, Any]:
    return {
        "cause": item.cause,
        "why": item.why,
        "seen_at": iso_utc(item.seen_ms),
        "sessions": list(item.sessions),
        "moves": [
            {"from": move.source, "to": move.target, "tokens": move.tokens, "cost_usd": move.cost_nano / 1e9}
            for move in item.moves
        ],
        "buckets": [
            {"bucket": bucket, "tokens": tokens, "cost_usd": cost / 1e9}
            for bucket, (tokens, cost) in deltas([item]).items()
            if tokens or cost
        ],
    }


def closed_on(closing: Closing) -> str:
    """When the month was closed, and which version of it is shown."""
    newest = closing.versions[-1]
    version = f", version {newest.version}" if newest.version > 1 else ""
    return f"closed {iso_utc(newest.closed_ms)[:10]}{version}"


def way(move: Move) -> str:
    """From which bucket to which."""
    ends = [_WORDS.get(end, str(end)) for end in (move.source, move.target) if end is not None]
    return " → ".join(ends)


def size(audit: PeriodAudit, move: Move) -> str:
    """How much moved, in the unit that the audit's shares are of."""
    value = move.cost_nano if audit.share_of == "cost" else move.tokens
    sign = "" if move.source is not None else "-" if value < 0 else "+"
    if audit.share_of == "cost":
        return f"{sign}{money(abs(value))}"
    return f"{sign}{count(abs(value))} tokens"


def closing_lines(audit: PeriodAudit) -> list[str]:
    """Plain text of at most 80 columns: what was frozen, and each restatement with its cause."""
    closing = audit.closing
    if closing is None:
        return []
    newest = closing.versions[-1]
    lines = [
        f"Frozen: {closed_on(closing)}, {newest.algorithm}, inputs {newest.inputs_digest[:_SHORT_DIGEST]}"
    ]
    for version in closing.versions[1:]:
        lines.append(
            f"Version {version.version} took in what had changed since version {version.version - 1}:"
        )
        lines += _table(audit, version.restatements)
    if not closing.restatements:
        return [*lines, "Nothing has changed since.", ""]
    lines += [
        "",
        "Restated since: the figures above stay as they were closed",
        *_table(audit, closing.restatements),
    ]
    return [*lines, *_now(closing, audit), ""]


def _table(audit: PeriodAudit, found: Iterable[Restatement]) -> list[str]:
    lines = []
    for item in found:
        number = len(item.sessions)
        sessions = f"{number} session{'s' if number != 1 else ''}"
        lines.append(f"  seen {iso_utc(item.seen_ms)[:10]}  {item.why}, {sessions}")
        lines += [f"    {way(move):<28} {size(audit, move):>16}" for move in item.moves]
    return lines


def _now(closing: Closing, audit: PeriodAudit) -> list[str]:
    frozen = {item.bucket: item.share for item in audit.buckets}
    moved = [
        f"{_WORDS.get(item.bucket, str(item.bucket))} {percent(frozen[item.bucket])} → {percent(item.share)}"
        for item in closing.restated
        if percent(frozen[item.bucket]) != percent(item.share)
    ]
    return [f"  Judged now it would read: {', '.join(moved)}"] if moved else []


def closing_markdown(audit: PeriodAudit) -> list[str]:
    """A closed month and what changed since, as Markdown."""
    closing = audit.closing
    if closing is None:
        return []
    newest = closing.versions[-1]
    lines = ["", f"Frozen: {closed_on(closing)}. Inputs `{newest.inputs_digest}`."]
    found = [item for version in closing.versions for item in version.restatements]
    for title, items in (("Taken in by later versions", found), ("Restated since", closing.restatements)):
        if items:
            lines += [
                "",
                f"## {title}",
                "",
                "| seen | cause | from, to | amount | sessions |",
                "|---|---|---|---:|---:|",
            ]
            lines += [
                f"| {iso_utc(item.seen_ms)[:10]} | {item.why} | {way(move)} | {size(audit, move)} | {len(item.sessions)} |"
                for item in items
                for move in item.moves
            ]
    return lines
