"""Who wrote a line that no logged edit explains, as far as outside evidence says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.evidence.facts import HUMAN, Dialect, HintKind, holds
from tokencoach.attribution.evidence.tools import shown

if TYPE_CHECKING:
    from tokencoach.attribution.evidence.said import CommitSaid, LineSaid

_BY_NOTE: Final = 0.9
_BY_TRACE: Final = 0.5
_BY_COMMIT: Final = 0.6
_NAMES: Final = {Dialect.NOTE: "git-ai note", Dialect.TRACE: "Agent Trace record"}


class Elsewhere(NamedTuple):
    """An author that the logs do not know. ``session`` is set only where our logs hold that session.

    Without a ``source`` the reason is all there is: nobody says who wrote the line.
    """

    source: str | None
    session: str | None
    confidence: float | None
    method: str | None
    reason: str


def unmatched(said: CommitSaid, path: str, line: int) -> Elsewhere | None:
    """What is said of a line by the commit that brought it; None where nothing is."""
    there = [item for item in said.lines.get(path, ()) if item.is_own and holds(item.ranges, line)]
    if there:
        return _attested(min(there, key=lambda item: (not item.is_exact, not item.is_logged, item.tool)))
    hints = {hint.kind: hint for hint in said.hints if hint.is_own}
    if HintKind.AIDER in hints:
        words = "the commit is marked as Aider's, and no edit in the logs holds this line"
        return Elsewhere("aider", None, _BY_COMMIT, "commit", words)
    told = []
    for kind, text in (
        (HintKind.SESSION, "names session {name}"),
        (HintKind.CHECKPOINT, "names Entire checkpoint {name}"),
        (HintKind.CO_AUTHOR, "says co-authored by {tool}"),
    ):
        if kind in hints:
            told.append(text.format(name=hints[kind].name[:36], tool=shown(hints[kind].tool)))
    if not told:
        return None
    return Elsewhere(
        None,
        None,
        None,
        None,
        f"no assistant's edit in the logs wrote this line; the commit {' and '.join(told)}",
    )


def _attested(item: LineSaid) -> Elsewhere:
    name = _NAMES[item.dialect]
    if item.tool == HUMAN.tool:
        return Elsewhere(None, None, None, None, f"{name} says that a person typed this line")
    confidence = _BY_NOTE if item.is_exact else _BY_TRACE
    words = f"{name} says that {shown(item.tool)} wrote this line"
    if not item.tool and not item.session:
        return Elsewhere(None, None, None, None, f"{words}, which no log here shows")
    rest = "which its log does not show" if item.is_logged else "whose log is not here"
    session = item.session if item.is_logged else None
    method = "note" if item.dialect is Dialect.NOTE else "trace"
    return Elsewhere(item.tool or None, session, confidence, method, f"{words}, {rest}")
