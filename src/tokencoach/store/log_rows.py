"""Which logs tell of a session, and where in them a turn begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_MOST_AGENTS = 20
_OF_TURNS = """
SELECT n.name, f.path, min(CASE WHEN t.id = :turn THEN t.offset ELSE 0 END), max(t.id = :turn)
FROM turn t JOIN session s ON s.id = t.session_id JOIN source n ON n.id = s.source_id
JOIN log_file f ON f.id = t.file_id WHERE t.session_id = :session GROUP BY f.path ORDER BY 4 DESC, f.path
"""
_OF_AGENT = """
SELECT n.name, f.path, 0, 0 FROM agent a JOIN session s ON s.id = a.session_id JOIN source n ON n.id = s.source_id
JOIN log_file f ON f.source_id = s.source_id AND instr(f.path, a.name) WHERE a.id = ?
AND (length(a.name) > 7 OR (a.name <> '' AND instr(f.path, '-' || a.name || '.')))
"""
# A short name, as Claude Code gives them, may stand by chance in any path: it is the end of its file's.


class LogPlace(NamedTuple):
    """A log of a session, and the byte from which it may tell of a turn."""

    source: str
    path: str
    offset: int


def logs_of(
    connection: sqlite3.Connection, session: int, turn: int, agents: Iterable[int]
) -> tuple[LogPlace, ...]:
    """The logs that may tell of a turn's calls, that of its prompt first; ``agents`` are its sub-agents' rows."""
    rows = connection.execute(_OF_TURNS, {"session": session, "turn": turn}).fetchall()
    places = [LogPlace(source, path, offset if is_own else 0) for source, path, offset, is_own in rows]
    for agent in sorted(agents)[:_MOST_AGENTS]:
        places += [LogPlace(*row[:3]) for row in connection.execute(_OF_AGENT, (agent,))]
    return tuple(dict.fromkeys(places))
