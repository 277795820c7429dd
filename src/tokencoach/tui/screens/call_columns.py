"""The list of what an assistant did in a turn: each call, what it was on, how much came back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.screens.session_columns import within
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import EditDetail
    from tokencoach.store.trace_rows import CallStep
    from tokencoach.watch.asked import AskedOf

_ENDED_BADLY = {CallStatus.FAILED, CallStatus.REJECTED, CallStatus.INTERRUPTED}


def made_by(calls: Iterable[CallStep], edits: Iterable[EditDetail]) -> dict[int, EditDetail]:
    """The edit that a call made, by the call's key; the log tells of both at one instant."""
    at = {edit.at_ms: edit for edit in reversed(tuple(edits))}
    return {call.key: at[call.at_ms] for call in calls if call.kind is ToolKind.EDIT and call.at_ms in at}


_ENTERING = re.compile(r"\s*(?:cd|pushd|Set-Location)\s+(?:\"[^\"]*\"|'[^']*'|[^\s;&|]+)\s*(?:&&|;|\n)\s*")
"""Commands begin with where they run, which is the same in all of them."""


def brief(asked: AskedOf) -> str:
    """What a call was asked to do, without the folder that a command enters first."""
    return _ENTERING.sub("", asked.text, count=1) if asked.is_command else asked.text


def call_columns(
    tz: ZoneInfo,
    folders: Sequence[str | None],
    made: Mapping[int, EditDetail],
    asked: Mapping[int, AskedOf],
    count: int,
) -> tuple[Column[CallStep], ...]:
    """When, what kind of call, the command or file or tool, how it ended, the size of the answer.

    A file is named within the first of ``folders`` that it lies in; ``made`` names the edit of a call,
    ``asked`` tells what it was asked to do, where its log does.
    """

    def named(path: str) -> str:
        plain = path.replace("\\", "/")
        inside = (within(plain, folder.replace("\\", "/")) for folder in folders if folder)
        return next((name for name in inside if name != plain), path)

    def did(call: CallStep) -> Cell:
        return Cell(str(call.kind or "call"), "not-landed" if call.status in _ENDED_BADLY else "")

    def on(call: CallStep) -> Cell:
        by = "  sub-agent" if call.agent is not None else ""
        words = asked.get(call.key)
        path = made[call.key].path if call.key in made else call.path
        if words is not None and words.is_command and call.key not in made:
            return Cell(brief(words) + by, "strong")
        if path is None:
            told = "" if words is None else f"  {words.text}"
            # Of a server's tool the name alone leaves room for what it was asked.
            name = call.tool.rsplit("__", 1)[-1] if told and call.tool.startswith("mcp__") else call.tool
            return Cell(name + told + by, "muted")
        return Cell(named(path) + by, "strong", is_path=True)

    def ended(call: CallStep) -> Cell:
        if call.status in _ENDED_BADLY:
            return Cell(str(call.status), "not-landed")
        return Cell(f"exit {call.exit_code}" if call.exit_code else "", "muted")

    def answer(call: CallStep) -> Cell:
        return Cell(figures.size(call.output_bytes) if call.output_bytes else "", "muted")

    title = f"What it did, {figures.many(count, 'call')}"
    return (
        Column(
            "at",
            lambda call: Cell(figures.clock_time(call.at_ms, tz), "muted"),
            5,
            rank=lambda call: call.at_ms,
        ),
        Column("", did, 8, fits=True, rank=lambda call: str(call.kind)),
        Column(title, on, rank=lambda call: on(call).text),
        Column("ended", ended, 11, from_width=50, fits=True, rank=lambda call: ended(call).text),
        Column("answer", answer, 8, is_right=True, figure="answer", rank=lambda call: call.output_bytes),
    )
