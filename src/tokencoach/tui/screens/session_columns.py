"""Columns of the lists that lead from sessions down to lines."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tokencoach.audit.as_text import KIND_WORDS
from tokencoach.audit.numbers import undated
from tokencoach.tui import figures
from tokencoach.tui.screens.audit_columns import amount, written
from tokencoach.tui.verdicts import marked_word, share_of_bucket, tone_of
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import EditDetail, LineFate, SessionRow, TurnDetail
    from tokencoach.tui.theme import Glyphs

SHORT_COMMIT = 9


def place_name(path: str | None) -> str:
    """The last part of a folder's path, Windows paths included."""
    if not path:
        return figures.UNKNOWN
    return PurePosixPath(path.replace("\\", "/").rstrip("/")).name or path


def within(path: str, folder: str | None) -> str:
    """A path inside a folder without that folder."""
    return path.removeprefix(f"{folder.rstrip('/')}/") if folder else path


def model_name(model: str) -> str:
    """A model's name without its maker and its date."""
    return undated(model).removeprefix("claude-") or model


def session_crumb(row: SessionRow, tz: ZoneInfo) -> str:
    """A session in a breadcrumb."""
    return f"session {figures.day_time(row.started_at_ms, tz).strip()}"


def session_columns(tz: ZoneInfo, now_ms: int, glyphs: Glyphs, unit: str) -> tuple[Column[SessionRow], ...]:
    """When, project, what about, spend, waste, verdict; tool, model, turns and lines where there is room."""

    def waste(row: SessionRow) -> Cell:
        lost = [(kind.tokens, kind.cost_nano) for kind in row.waste]
        token_count, cost_nano = sum(pair[0] for pair in lost), sum(pair[1] for pair in lost)
        return Cell(written(token_count, cost_nano, unit) if token_count else "", "not-landed")

    def about(row: SessionRow) -> Cell:
        return Cell(row.title) if row.title else Cell(f"on {row.branch}" if row.branch else "", "muted")

    def started(row: SessionRow) -> Cell:
        return Cell(figures.day_time(row.started_at_ms, tz, now_ms), "muted")

    def share(row: SessionRow) -> Cell:
        return Cell(figures.percent(share_of_bucket(row.buckets, row.verdict, unit)), tone_of(row.verdict))

    return (
        Column("started", started, 12, order="time"),
        Column(
            "tool",
            lambda row: Cell(row.source, "muted"),
            11,
            from_width=100,
            rank=lambda row: row.source,
            fits=True,
            varies=True,
        ),
        Column(
            "project",
            lambda row: Cell(place_name(row.repo or row.folder), "strong"),
            weight=2,
            fits=True,
            varies=True,
            rank=lambda row: place_name(row.repo or row.folder).casefold(),
        ),
        Column("what it was about", about, from_width=50, weight=3),
        Column(
            "model",
            lambda row: Cell(", ".join(map(model_name, row.models)), "muted"),
            18,
            from_width=130,
            fits=True,
        ),
        Column(
            "turns",
            lambda row: Cell(figures.count(row.turns), "muted"),
            5,
            is_right=True,
            from_width=108,
            figure="turns",
            rank=lambda row: row.turns,
        ),
        Column(
            "lines",
            lambda row: Cell(figures.count(row.lines.generated)),
            6,
            is_right=True,
            from_width=96,
            figure="lines",
            rank=lambda row: row.lines.generated,
        ),
        Column(
            "spend", lambda row: Cell(spend_of(row, unit)), 7, is_right=True, figure="spend", order="cost"
        ),
        Column("waste", waste, 7, is_right=True, from_width=50, figure="waste", order="waste"),
        Column(
            "verdict",
            lambda row: Cell(marked_word(row.verdict, row.said, glyphs), tone_of(row.verdict)),
            13,
            figure="verdict",
            rank=lambda row: str(row.verdict),
        ),
        Column("", share, 5, is_right=True, from_width=86, figure="share"),
    )


def spend_of(row: SessionRow, unit: str) -> str:
    """A session's spend; unknown where none of its requests has a price."""
    if unit != "tokens" and row.unpriced_requests and not row.cost_nano:
        return figures.UNKNOWN
    return written(row.tokens, row.cost_nano, unit)


def turn_columns(glyphs: Glyphs, unit: str) -> tuple[Column[TurnDetail], ...]:
    """Number, what was asked, spend, what of it was wasted, lines, verdict and its reason."""

    def asked(turn: TurnDetail) -> Cell:
        if turn.prompt is None:
            return Cell("before any prompt" if turn.turn == 0 else "prompt not kept", "muted")
        return Cell(" ".join(turn.prompt[:400].split()))

    def lines(turn: TurnDetail) -> Cell:
        added = sum(edit.added for edit in turn.edits)
        return Cell(figures.count(added) if turn.edits else figures.UNKNOWN, "muted")

    def lost(turn: TurnDetail) -> int:
        return sum(amount(kind.tokens, kind.cost_nano, unit) for kind in turn.waste)

    def waste(turn: TurnDetail) -> Cell:
        return Cell(written(lost(turn), lost(turn), unit) if lost(turn) else "", "not-landed")

    def verdict(turn: TurnDetail) -> Cell:
        return Cell(marked_word(turn.verdict, turn.said, glyphs), tone_of(turn.verdict))

    return (
        Column(
            "turn",
            lambda turn: Cell(str(turn.turn), "muted"),
            4,
            is_right=True,
            rank=lambda turn: turn.turn,
        ),
        Column("what you asked", asked, weight=4),
        Column(
            "spend",
            lambda turn: Cell(written(turn.tokens, turn.cost_nano, unit)),
            7,
            is_right=True,
            figure="spend",
            rank=lambda turn: amount(turn.tokens, turn.cost_nano, unit),
        ),
        Column("waste", waste, 7, is_right=True, from_width=50, figure="waste", rank=lost),
        Column(
            "lines",
            lines,
            6,
            is_right=True,
            from_width=74,
            figure="lines",
            rank=lambda turn: sum(edit.added for edit in turn.edits) if turn.edits else None,
        ),
        Column("verdict", verdict, 13, figure="verdict", rank=lambda turn: str(turn.verdict)),
        Column("because", lambda turn: Cell(turn.reason, "muted"), weight=3, from_width=84),
    )


def fates(buckets: Mapping[Bucket, int], glyphs: Glyphs) -> Cell:
    """Numbers of lines by what became of them, in the tone of the most."""
    parts = [
        f"{glyphs.looks[bucket].glyph} {figures.count(buckets[bucket])}"
        for bucket in Bucket
        if buckets.get(bucket)
    ]
    if not parts:
        return Cell(figures.UNKNOWN, "muted")
    return Cell("  ".join(parts), tone_of(max(buckets, key=lambda bucket: buckets[bucket])))


def edit_columns(glyphs: Glyphs, folder: str | None) -> tuple[Column[EditDetail], ...]:
    """File within ``folder``, lines in and out, what became of them, the commit."""

    def fate(edit: EditDetail) -> Cell:
        if not any(edit.buckets.values()):
            return Cell(str(edit.status) if edit.status else figures.UNKNOWN, "muted")
        found = fates(edit.buckets, glyphs)
        return found._replace(text=f"{found.text}*") if edit.said is not None else found

    def commits(edit: EditDetail) -> Cell:
        more = f" +{len(edit.commits) - 1}" if len(edit.commits) > 1 else ""
        return Cell(edit.commits[0][:SHORT_COMMIT] + more if edit.commits else "", "muted")

    return (
        Column(
            "file",
            lambda edit: Cell(within(edit.path, folder), "strong", is_path=True),
            weight=4,
            rank=lambda edit: within(edit.path, folder),
        ),
        Column(
            "added",
            lambda edit: Cell(f"+{edit.added}"),
            6,
            is_right=True,
            figure="added",
            rank=lambda edit: edit.added,
        ),
        Column(
            "removed",
            lambda edit: Cell(f"-{edit.removed}", "muted"),
            7,
            is_right=True,
            from_width=60,
            figure="removed",
            rank=lambda edit: edit.removed,
        ),
        Column("lines by verdict", fate, weight=3, figure="fate"),
        Column("commit", commits, 12, from_width=56),
    )


def bucket_of_edit(edit: EditDetail) -> Bucket:
    """Where most of an edit's lines ended."""
    return max(edit.buckets, key=lambda bucket: edit.buckets[bucket], default=Bucket.UNKNOWN)


def line_columns(glyphs: Glyphs) -> tuple[Column[LineFate], ...]:
    """Place, verdict, text, reason, commit."""

    def text(line: LineFate) -> Cell:
        sign = "-" if line.is_removal else "+"
        if line.text is None:
            return Cell(f"{sign} text not kept", "muted")
        return Cell(f"{sign} {line.text.expandtabs(4)}", "" if line.is_significant else "muted")

    def verdict(line: LineFate) -> Cell:
        return Cell(marked_word(line.bucket, line.said, glyphs), tone_of(line.bucket))

    def why(line: LineFate) -> Cell:
        return Cell(line.reason or (KIND_WORDS[line.kind] if line.kind else ""), "muted")

    return (
        Column("line", lambda line: Cell(str(line.line or line.position + 1), "muted"), 5, is_right=True),
        Column("verdict", verdict, 13, figure="verdict", rank=lambda line: str(line.bucket)),
        Column("text", text, weight=4),
        Column("because", why, weight=2, from_width=100),
        Column(
            "sure",
            lambda line: Cell(figures.percent(line.confidence), "muted"),
            5,
            is_right=True,
            from_width=70,
            figure="sure",
            rank=lambda line: line.confidence,
        ),
        Column(
            "commit",
            lambda line: Cell((line.commit or "")[:SHORT_COMMIT], "muted"),
            SHORT_COMMIT,
            from_width=64,
        ),
    )
