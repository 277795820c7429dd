"""How outside evidence moves the confidence of a match, and the words that name it.

Only line ranges of a tool that saw the edit settle anything; all else raises or lowers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.evidence.facts import HUMAN, Dialect, HintKind, holds
from tokencoach.attribution.evidence.tools import is_same_tool, shown

if TYPE_CHECKING:
    from tokencoach.attribution.evidence.said import CommitSaid, HintSaid, LineSaid

_NAMES: Final = {Dialect.NOTE: "git-ai note", Dialect.TRACE: "Agent Trace record"}
_PROVEN: Final = 0.99
_CONTRADICTED: Final = 0.5
_OTHER_SESSION: Final = 0.7
_LOWERED: Final = 0.85
# The part of the doubt that each kind of confirmation takes away.
_NAMED: Final = 0.6
_TRACED: Final = 0.5
_CARRIED: Final = 0.4
_CO_AUTHORED: Final = 0.3


class Matched(NamedTuple):
    """A line as it was matched: its session, that session's source, and where it landed.

    ``sessions`` are the session's id and those of its resumes and forks, which hold the same edit.
    """

    sessions: frozenset[str]
    source: str
    path: str
    line: int
    confidence: float


class Weighed(NamedTuple):
    """A confidence after all evidence, and the evidence in words."""

    confidence: float
    said: str


def weigh(matched: Matched, said: CommitSaid) -> Weighed | None:
    """The strongest evidence on a match; None where there is none."""
    there = said.lines.get(matched.path, ())
    own = [item for item in there if item.is_own and holds(item.ranges, matched.line)]
    exact = [item for item in own if item.is_exact]
    if exact:
        return _by_lines(matched, exact)
    return (
        _by_session(matched, said.hints)
        or _by_traces(matched, own)
        or _by_merged_lines(matched, [item for item in there if not item.is_own])
        or _by_tool(matched, said.hints)
    )


def _raised(confidence: float, part: float) -> float:
    return round(confidence + part * (1.0 - confidence), 4)


def _lowered(confidence: float) -> float:
    return round(confidence * _LOWERED, 4)


def _by_lines(matched: Matched, there: list[LineSaid]) -> Weighed:
    """What a tool that saw the edit attests of the line itself."""
    confidence = matched.confidence
    for item in there:
        if item.session in matched.sessions:
            return Weighed(max(confidence, _PROVEN), f"confirmed by {_NAMES[item.dialect]}")
    item = there[0]
    name = _NAMES[item.dialect]
    if item.tool == HUMAN.tool:
        return Weighed(min(confidence, _CONTRADICTED), f"{name} says that a person typed this line")
    if item.tool and not is_same_tool(item.tool, matched.source):
        return Weighed(min(confidence, _CONTRADICTED), f"{name} says that {shown(item.tool)} wrote this line")
    if not item.session:
        return Weighed(_raised(confidence, _NAMED), f"{name} says that {shown(item.tool)} wrote this line")
    limit = _CONTRADICTED if item.is_logged else _OTHER_SESSION
    return Weighed(min(confidence, limit), f"{name} names another session, {item.session[:8]}, for this line")


def _by_session(matched: Matched, hints: list[HintSaid]) -> Weighed | None:
    """Session ids and checkpoints that the commit names."""
    naming = [hint for hint in hints if hint.kind in {HintKind.SESSION, HintKind.CHECKPOINT}]
    for hint in naming:
        if matched.sessions & hint.sessions:
            words = (
                f"confirmed by Entire checkpoint {hint.name}"
                if hint.kind is HintKind.CHECKPOINT
                else "confirmed by the commit's session trailer"
            )
            return Weighed(_raised(matched.confidence, _NAMED), words)
    # A merge's other parent names the sessions of its own commits only: silence is no contradiction.
    for hint in naming:
        if hint.is_own and hint.logged:
            other = min(hint.logged)[:8]
            words = (
                f"Entire checkpoint {hint.name} holds another session, {other}"
                if hint.kind is HintKind.CHECKPOINT
                else f"the commit's trailer names another session, {other}"
            )
            return Weighed(_lowered(matched.confidence), words)
    return None


def _by_traces(matched: Matched, there: list[LineSaid]) -> Weighed | None:
    """Trace records whose line numbers may have moved until the commit."""
    if not there:
        return None
    for item in there:
        if item.session in matched.sessions:
            words = f"an {_NAMES[item.dialect]} names this session here"
            return Weighed(_raised(matched.confidence, _TRACED), words)
    item = there[-1]
    if item.is_logged or (item.tool and not is_same_tool(item.tool, matched.source)):
        words = f"an {_NAMES[item.dialect]} names {shown(item.tool)} session {item.session[:8]} here"
        return Weighed(_lowered(matched.confidence), words)
    return None


def _by_merged_lines(matched: Matched, there: list[LineSaid]) -> Weighed | None:
    """Notes on the commits that a merge brought in: their line numbers are not those of the merge."""
    for item in there:
        if item.session in matched.sessions:
            words = f"confirmed by {_NAMES[item.dialect]} on a commit of the merged branch"
            return Weighed(_raised(matched.confidence, _CARRIED), words)
    return None


def _by_tool(matched: Matched, hints: list[HintSaid]) -> Weighed | None:
    """Assistants that sign the commit."""
    tools = [hint for hint in hints if hint.kind in {HintKind.CO_AUTHOR, HintKind.AIDER}]
    for hint in tools:
        if is_same_tool(hint.tool, matched.source):
            words = f"commit says co-authored by {shown(hint.tool)}"
            return Weighed(_raised(matched.confidence, _CO_AUTHORED), words)
    others = sorted({hint.tool for hint in tools if hint.is_own})
    if not others:
        return None
    words = f"commit says co-authored by {', '.join(map(shown, others))}, not by {shown(matched.source)}"
    return Weighed(_lowered(matched.confidence), words)
