"""The columns of inference servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.power.live import ServerLive


def server_columns() -> tuple[Column[ServerLive], ...]:
    """Which server, with which model, doing what, how fast and at what cost."""
    return (
        Column("server", lambda row: Cell(row.kind.value), 13, fits=True),
        Column("model", lambda row: Cell(row.model or "none"), weight=3),
        Column("state", _state, 11),
        _number("tok/s", "rate", 6, lambda row: row.tokens_per_second, ".1f"),
        _number("J/read", "prefill", 6, lambda row: row.prefill_joules_per_token, ".2f", from_width=100),
        _number("J/tok", "joules", 6, lambda row: row.joules_per_token, ".2f"),
        Column("out", _tokens, 6, is_right=True, from_width=76, figure="tokens"),
        Column("idle", _idle, 8, is_right=True, figure="idle"),
        _number("idle Wh", "resident", 7, lambda row: row.resident_wh, ".1f", from_width=90),
        _number("CPU ms/tok", "cpu", 10, _cpu_ms, ".1f", from_width=100),
        Column("memory", _memory, 8, is_right=True, from_width=110, figure="memory"),
    )


def _number(
    title: str,
    figure: str,
    cells: int,
    value: Callable[[ServerLive], float | None],
    form: str,
    *,
    from_width: int = 0,
) -> Column[ServerLive]:
    def cell(row: ServerLive) -> Cell:
        number = value(row)
        return Cell(figures.UNKNOWN if number is None else format(number, form))

    return Column(title, cell, cells, is_right=True, from_width=from_width, figure=figure)


def _state(row: ServerLive) -> Cell:
    return Cell(row.state.value, "strong" if row.state.value == "processing" else "muted")


def _tokens(row: ServerLive) -> Cell:
    if row.generated_tokens is None:
        return Cell(figures.UNKNOWN, "muted")
    return Cell(figures.tokens(row.generated_tokens))


def _idle(row: ServerLive) -> Cell:
    return Cell(figures.span(round(row.idle_seconds * 1000)))


def _cpu_ms(row: ServerLive) -> float | None:
    return None if row.cpu_seconds_per_token is None else row.cpu_seconds_per_token * 1000


def _memory(row: ServerLive) -> Cell:
    return Cell(figures.UNKNOWN if row.resident_bytes is None else figures.size(row.resident_bytes))
