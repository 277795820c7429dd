"""Commits that lines of assistants landed in, in a span: which lines, whose, disclosed or not, checked or not."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.checks.records import Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_BATCH = 500


class LandedLine(NamedTuple):
    """A generated line in the commit that first brought it; ``path`` is where it landed."""

    commit_id: int
    repo_id: int
    sha: str
    at_ms: int
    subject: str
    edit_id: int
    session: int
    session_id: str
    path: str
    key: int


class CheckOf(NamedTuple):
    """A check that was held, or was not, about a commit."""

    sha: str
    outcome: Outcome
    why: str
    answered: int
    understood: int
    shown: int


def landed_lines(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> Iterator[LandedLine]:
    """Lines whose first landing is in ``since_ms <= at < until_ms``, commit by commit."""
    rows = connection.execute(
        "SELECT c.id, c.repo_id, c.sha, c.at_ms, c.subject, l.edit_id, s.id, s.session_id, p.name, l.position, "
        "coalesce(e.generated, e.added) FROM git_commit c CROSS JOIN landing l ON l.commit_id = c.id "
        "JOIN edit e ON e.id = l.edit_id JOIN session s ON s.id = e.session_id JOIN path p ON p.id = l.path_id "
        "WHERE c.at_ms >= ? AND c.at_ms < ? AND l.is_removal = 0 AND NOT EXISTS (SELECT 1 FROM landing o "
        "WHERE o.edit_id = l.edit_id AND o.is_removal = 0 AND o.position = l.position AND o.life < l.life) "
        "ORDER BY c.at_ms, c.id, l.edit_id, l.position",
        (since_ms, until_ms),
    )
    of, keys = -1, array("Q")
    for *fields, position, body in rows:
        if fields[5] != of:
            of, keys = fields[5], array("Q", body)
        if position < len(keys):
            yield LandedLine._make((*fields, keys[position]))


def disclosed_commits(connection: sqlite3.Connection, commits: Sequence[int]) -> set[int]:
    """Commits, of those given, that say an assistant took part: by trailer, author, note or trace record."""
    found: set[int] = set()
    for start in range(0, len(commits), _BATCH):
        part = tuple(commits[start : start + _BATCH])
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            "SELECT c.id FROM git_commit c JOIN evidence_commit e ON e.repo_id = c.repo_id "
            f"AND (e.sha = c.sha OR e.carrier = c.sha) WHERE c.id IN ({marks}) AND "
            "(EXISTS (SELECT 1 FROM commit_hint h WHERE h.commit_id = e.id) "
            "OR EXISTS (SELECT 1 FROM attested a WHERE a.commit_id = e.id))",
            part,
        )
        found.update(row[0] for row in rows)
    return found


def checks_of(connection: sqlite3.Connection, shas: Sequence[str], as_of_ms: int) -> dict[str, CheckOf]:
    """The check of each commit that has one, with its answers; of several the one that was asked most."""
    found: dict[str, CheckOf] = {}
    for start in range(0, len(shas), _BATCH):
        part = tuple(shas[start : start + _BATCH])
        rows = connection.execute(
            "SELECT k.sha, k.outcome, k.why, count(a.id), coalesce(sum(a.is_shown = 0 AND "
            "coalesce(a.is_right, a.self_grade, 0) = 1), 0), coalesce(sum(a.is_shown), 0) FROM cc_check k "
            f"LEFT JOIN cc_answer a ON a.check_key = k.key WHERE k.sha IN ({','.join('?' * len(part))}) "
            "AND k.started_ms <= ? GROUP BY k.key ORDER BY count(a.id), k.started_ms",
            (*part, as_of_ms),
        )
        found.update((row[0], CheckOf._make((row[0], Outcome(row[1]), *row[2:]))) for row in rows)
    return found


def checked_places(connection: sqlite3.Connection) -> set[str]:
    """Common git directories of the repositories in which checks are noted."""
    return {row[0] for row in connection.execute("SELECT DISTINCT place FROM cc_check")}
