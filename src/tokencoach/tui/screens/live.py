"""The sessions that move now: two lines each, with the context they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tokencoach.tui import figures
from tokencoach.tui.screens.session_columns import SHORT_COMMIT, model_name, place_name, within
from tokencoach.tui.verdicts import tone_of
from tokencoach.tui.widgets.columns import fit
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.audit.report import LiveSession
    from tokencoach.tui.theme import Glyphs

_BAR = 10
_FULL = 0.6
"""From this share of the context on, the bar stands out: answers get worse and each request dearer."""


def live_lines(
    sessions: Sequence[LiveSession], now_ms: int, width: int, glyphs: Glyphs, unit: str
) -> list[Content]:
    """Two lines for each session."""
    lines: list[Content] = []
    for session in sessions:
        lines += [_who(session, width, glyphs, unit), _last_edit(session, now_ms, width, glyphs)]
    return lines


def live_figures(session: LiveSession, unit: str) -> dict[str, str]:
    """A session's figures as they are drawn, by their names."""
    spend = (
        figures.tokens(session.tokens_today) if unit == "tokens" else figures.money(session.cost_nano_today)
    )
    share = context_share(session)
    context = figures.tokens(session.context_tokens) if share is None else figures.percent(share)
    name = f"live.{session.session_id}"
    return {f"{name}.spend": spend, f"{name}.context": context}


def context_share(session: LiveSession) -> float | None:
    """How much of the model's window is in use; None where its size is not known."""
    if not session.context_window:
        return None
    return session.context_tokens / session.context_window


def _who(session: LiveSession, width: int, glyphs: Glyphs, unit: str) -> Content:
    spend = (
        figures.tokens(session.tokens_today) if unit == "tokens" else figures.money(session.cost_nano_today)
    )
    share = context_share(session)
    bar = _context(session, share, glyphs)
    room = max(width - bar.cell_length - 11, 12)
    branch = f" {glyphs.crumb} {session.branch}" if session.branch else ""
    name = f"{place_name(session.repo)}{branch}  {session.source}  {model_name(session.model)}"
    return Content("").join(
        [
            Content.styled(f"{glyphs.on} ", "$tone-shipped"),
            Content.styled(fit(name, room, ellipsis=glyphs.ellipsis), "bold"),
            bar,
            Content(f"{spend:>8}"),
        ]
    )


def _context(session: LiveSession, share: float | None, glyphs: Glyphs) -> Content:
    if share is None:
        return Content.styled(f" ctx {figures.tokens(session.context_tokens)}", "$tone-muted")
    used = round(min(share, 1.0) * _BAR)
    style = "$tone-alert" if share >= _FULL else "$tone-shipped"
    return Content("").join(
        [
            Content.styled(" ctx ", "$tone-muted"),
            Content.styled(glyphs.full * used, style),
            Content.styled(glyphs.part * (_BAR - used), "$tone-muted"),
            Content.styled(f" {figures.percent(share):>5}", style),
        ]
    )


def _last_edit(session: LiveSession, now_ms: int, width: int, glyphs: Glyphs) -> Content:
    if session.last_edit_path is None or session.last_edit_at_ms is None:
        text = f"no edit yet, last request {figures.ago(session.last_at_ms, now_ms)}"
        return Content.styled(f"  {text}", "$tone-muted")
    when = figures.ago(session.last_edit_at_ms, now_ms)
    fate, tone = _fate(session, glyphs)
    tail = f" +{session.last_edit_lines}, {when}, "
    room = max(width - len(fate) - len(tail) - 13, 8)
    path = within(session.last_edit_path, session.repo)
    shown = fit(path, min(room, cell_len(path)), is_path=True, ellipsis=glyphs.ellipsis)
    return Content("").join(
        [
            Content.styled(f"  last edit {shown}{tail}", "$tone-muted"),
            Content.styled(fate, f"$tone-{tone}"),
        ]
    )


def _fate(session: LiveSession, glyphs: Glyphs) -> tuple[str, str]:
    bucket = session.last_edit_bucket
    if session.last_edit_commit and bucket is Bucket.SHIPPED:
        commit = fit(session.last_edit_commit, SHORT_COMMIT).strip()
        return f"{glyphs.looks[Bucket.SHIPPED].glyph} landed in {commit}", "shipped"
    if bucket is None:
        return "not judged yet", "muted"
    look = glyphs.looks[bucket]
    word = "not landed yet" if bucket is Bucket.PENDING else look.word
    return f"{look.glyph} {word}", tone_of(bucket)
