"""What is said of one commit, gathered: of its lines, and of the commit as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokencoach.attribution.evidence.facts import Dialect, HintKind, Ranges


class LineSaid(NamedTuple):
    """Lines of a file that are said to be somebody's.

    ``is_logged`` is whether our logs hold that session; ``is_own`` whether it is said of this very
    commit, and not of one that it merged; ``is_exact`` whether the numbers are those of the commit.
    """

    dialect: Dialect
    tool: str
    session: str
    is_logged: bool
    is_own: bool
    is_exact: bool
    ranges: Ranges


class HintSaid(NamedTuple):
    """A commit's own word. ``sessions`` are those that it names, ``logged`` those of them in our logs."""

    kind: HintKind
    tool: str
    name: str
    sessions: frozenset[str]
    logged: frozenset[str]
    is_own: bool


@dataclass(slots=True)
class CommitSaid:
    """All that is said of a commit; ``lines`` by path."""

    hints: list[HintSaid] = field(default_factory=list)
    lines: dict[str, list[LineSaid]] = field(default_factory=dict)
