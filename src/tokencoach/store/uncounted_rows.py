"""What logs tell no tokens of: answers, with how long their text is, and the prompts of whole sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

# A token is four characters of English and fewer of code, in the vocabularies of today.
_LONGEST, _SHORTEST = 5.0, 2.5


class Uncounted(NamedTuple):
    """Answers of one source without counts, and the characters of their text."""

    source: str
    answers: int
    characters: int

    @property
    def tokens(self) -> tuple[int, int]:
        """About how many tokens the text is, from and to: an estimate that enters no total."""
        return int(self.characters / _LONGEST), int(self.characters / _SHORTEST)


def uncounted_answers(
    connection: sqlite3.Connection, since_ms: int = 0, until_ms: int = 1 << 62, source: str | None = None
) -> list[Uncounted]:
    """Answers without counts between two instants, by source; none that another log counted."""
    rows = connection.execute(
        "SELECT o.name, count(*), sum(u.characters) FROM uncounted u JOIN session s ON s.id = u.session_id "
        "JOIN source o ON o.id = s.source_id WHERE u.at_ms >= ?1 AND u.at_ms < ?2 AND (?3 IS NULL OR o.name = ?3) "
        "AND NOT EXISTS (SELECT 1 FROM request r WHERE r.key = u.key) GROUP BY 1 ORDER BY 1",
        (since_ms, until_ms, source),
    )
    return [Uncounted(*row) for row in rows]


class Promptless(NamedTuple):
    """Sessions of one source whose logs count answers and no prompt: what they cost is more than is known."""

    source: str
    sessions: int
    requests: int


def promptless_sessions(
    connection: sqlite3.Connection, since_ms: int = 0, until_ms: int = 1 << 62, source: str | None = None
) -> list[Promptless]:
    """Sessions with requests between two instants of which no request ever had a prompt's tokens, by source."""
    answered = "FROM request r WHERE r.session_id = s.id AND r.output > 0 AND r.at_ms >= ?1 AND r.at_ms < ?2"
    rows = connection.execute(
        f"SELECT o.name, count(*), sum((SELECT count(*) {answered})) FROM session s JOIN source o ON o.id = s.source_id "
        f"WHERE (?3 IS NULL OR o.name = ?3) AND EXISTS (SELECT 1 {answered}) AND NOT EXISTS (SELECT 1 FROM request p "
        "WHERE p.session_id = s.id AND p.input + p.cache_read + p.cache_write_5m + p.cache_write_1h > 0) "
        "GROUP BY 1 ORDER BY 1",
        (since_ms, until_ms, source),
    )
    return [Promptless(*row) for row in rows]
