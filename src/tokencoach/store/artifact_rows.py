"""Uses of kept prompts, as the logs name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.usage.words import ArtifactUse

if TYPE_CHECKING:
    import sqlite3


class UseRow(NamedTuple):
    """One use. ``name`` is without a leading slash; a plugin's is ``plugin:name``."""

    session: int
    at_ms: int
    how: ArtifactUse
    name: str


class SkillRead(NamedTuple):
    """A read of a file that assistants keep prompts in: how those without a tool of their own load one."""

    session: int
    at_ms: int
    path: str


def artifact_uses(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> list[UseRow]:
    """Commands called and skills loaded with ``since_ms <= at < until_ms``, in time order."""
    rows = connection.execute(
        "SELECT session_id, at_ms, how, name FROM artifact_use WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, key",
        (since_ms, until_ms),
    )
    return [UseRow(session, at_ms, ArtifactUse(how), name) for session, at_ms, how, name in rows]


def skill_reads(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> list[SkillRead]:
    """Reads of skill files in a span, in time order."""
    rows = connection.execute(
        "SELECT c.session_id, c.at_ms, p.name FROM path p JOIN tool_call c ON c.path_id = p.id "
        "WHERE p.name LIKE '%SKILL.md' AND c.at_ms >= ? AND c.at_ms < ? ORDER BY c.at_ms, c.key",
        (since_ms, until_ms),
    )
    return [SkillRead._make(row) for row in rows]
