"""The files of a session: what it added to each, and what became of that."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.tui import figures
from tokencoach.tui.screens.session_columns import fates, within
from tokencoach.tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.report import EditDetail, TurnDetail
    from tokencoach.tui.theme import Glyphs
    from tokencoach.usage.words import Bucket


class FileFate(NamedTuple):
    """All edits of one file; ``turn`` and ``edit`` are the newest of them, which opens."""

    path: str
    edits: int
    added: int
    removed: int
    buckets: dict[Bucket, int]
    turns: tuple[int, ...]
    turn: TurnDetail
    edit: EditDetail


def files_of(turns: Iterable[TurnDetail]) -> tuple[FileFate, ...]:
    """One row a file, the one with most lines first."""
    edits: dict[str, list[tuple[TurnDetail, EditDetail]]] = {}
    for turn in turns:
        for edit in turn.edits:
            edits.setdefault(edit.path, []).append((turn, edit))
    rows = [_file(path, found) for path, found in edits.items()]
    return tuple(sorted(rows, key=lambda row: (-row.added, -row.removed, row.path)))


def _file(path: str, found: list[tuple[TurnDetail, EditDetail]]) -> FileFate:
    buckets: Counter[Bucket] = Counter()
    for _, edit in found:
        buckets.update(edit.buckets)
    return FileFate(
        path,
        len(found),
        sum(edit.added for _, edit in found),
        sum(edit.removed for _, edit in found),
        dict(buckets),
        tuple(dict.fromkeys(turn.turn for turn, _ in found)),
        *max(found, key=lambda pair: (pair[1].at_ms, pair[1].edit_id)),
    )


def file_columns(glyphs: Glyphs, folder: str | None) -> tuple[Column[FileFate], ...]:
    """File within ``folder``, edits, lines in and out, what became of them, in which turns."""

    def name(row: FileFate) -> str:
        return within(row.path, folder)

    def turns(row: FileFate) -> Cell:
        return Cell(", ".join(map(str, row.turns)), "muted")

    return (
        Column(
            "Files of this session", lambda row: Cell(name(row), "strong", is_path=True), weight=4, rank=name
        ),
        Column(
            "edits", lambda row: Cell(figures.count(row.edits), "muted"), 5, True, rank=lambda row: row.edits
        ),
        Column(
            "added", lambda row: Cell(f"+{row.added}"), 6, True, rank=lambda row: row.added, figure="added"
        ),
        Column(
            "removed",
            lambda row: Cell(f"-{row.removed}"),
            7,
            True,
            rank=lambda row: row.removed,
            figure="removed",
        ),
        Column("lines by verdict", lambda row: fates(row.buckets, glyphs), weight=2, figure="fate"),
        Column("in turns", turns, weight=1),
    )
