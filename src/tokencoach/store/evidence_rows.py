"""What notes, trace records and trailers said of commits, and how far they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tokencoach.attribution.evidence.facts import Dialect, HintKind, ranges_of
from tokencoach.attribution.evidence.said import CommitSaid, HintSaid, LineSaid
from tokencoach.attribution.evidence.witnesses import Witnesses

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from tokencoach.attribution.evidence.facts import Ranges

_BATCH = 400
# Sessions are indexed by source and id: there are few sources.
_IS_LOGGED = "EXISTS (SELECT 1 FROM source o JOIN session s ON s.source_id = o.id AND s.session_id"


class Marks(NamedTuple):
    """How far the evidence of a repository was read: each changes when there is more."""

    notes: str = ""
    traces: str = ""
    checkpoints: str = ""


class EvidenceCounts(NamedTuple):
    """What was read of one repository's evidence."""

    path: str
    common_dir: str
    dialect: str
    understood: int
    problems: int
    first_problem: str | None


def has_evidence(connection: sqlite3.Connection) -> bool:
    """Whether anything was ever said of a commit."""
    return connection.execute("SELECT 1 FROM evidence_commit LIMIT 1").fetchone() is not None


def read_marks(connection: sqlite3.Connection, repo_id: int) -> Marks | None:
    """How far a repository's evidence was read; None where it never was."""
    row = connection.execute(
        "SELECT notes, traces, checkpoints FROM evidence_read WHERE repo_id=?", (repo_id,)
    ).fetchone()
    return None if row is None else Marks._make(row)


def save_marks(connection: sqlite3.Connection, repo_id: int, marks: Marks) -> None:
    """Note how far a repository's evidence was read."""
    connection.execute("INSERT OR REPLACE INTO evidence_read VALUES(?,?,?,?)", (repo_id, *marks))


def read_notes(connection: sqlite3.Connection, repo_id: int) -> dict[str, str]:
    """The blob of each commit's note as it was read last."""
    return dict(
        connection.execute(
            "SELECT sha, note FROM evidence_commit WHERE repo_id=? AND note IS NOT NULL", (repo_id,)
        )
    )


def checkpoint_names(connection: sqlite3.Connection, repo_id: int) -> list[str]:
    """Checkpoints that a repository's commits name."""
    rows = connection.execute(
        "SELECT DISTINCT h.name FROM commit_hint h JOIN evidence_commit e ON e.id = h.commit_id "
        "WHERE e.repo_id=? AND h.kind=? ORDER BY h.name",
        (repo_id, HintKind.CHECKPOINT.value),
    )
    return [row[0] for row in rows]


def noted_lines(connection: sqlite3.Connection, repo_id: int) -> Iterator[tuple[str, str, Ranges, int]]:
    """Lines that notes attest: ``(commit, path, ranges, session row)``, row 0 where our logs lack the author.

    Lines of which a note says only that some assistant wrote them are left out: it may be any of ours.
    """
    rows = connection.execute(
        "SELECT e.sha, p.name, a.ranges, coalesce((SELECT s.id FROM source o JOIN session s ON s.source_id = o.id "
        "AND s.session_id = g.name AND g.name <> ''), 0) FROM attested a JOIN evidence_commit e ON e.id = a.commit_id "
        "JOIN evidence_agent g ON g.id = a.agent_id JOIN path p ON p.id = a.path_id "
        "WHERE e.repo_id=? AND a.dialect=? AND a.is_exact = 1 AND g.tool || g.name <> '' ORDER BY e.sha, p.name, g.id",
        (repo_id, Dialect.NOTE.value),
    )
    for sha, path, ranges, session in rows:
        yield sha, path, ranges_of(ranges), session


def named_sessions(connection: sqlite3.Connection, repo_id: int) -> dict[str, frozenset[int]]:
    """Sessions of our logs that commits name, by trailer or checkpoint; the sessions' rows by commit."""
    rows = connection.execute(
        "SELECT e.sha, s.id FROM evidence_commit e JOIN commit_hint h ON h.commit_id = e.id "
        "LEFT JOIN checkpoint_session k ON k.repo_id = e.repo_id AND k.name = h.name AND h.kind = ?2 "
        "CROSS JOIN source o JOIN session s ON s.source_id = o.id AND s.session_id = coalesce(k.session, h.name) "
        "WHERE e.repo_id = ?1 AND h.kind IN (?2, ?3)",
        (repo_id, HintKind.CHECKPOINT.value, HintKind.SESSION.value),
    )
    found: dict[str, set[int]] = {}
    for sha, session in rows:
        found.setdefault(sha, set()).add(session)
    return {sha: frozenset(sessions) for sha, sessions in found.items()}


def working_sessions(connection: sqlite3.Connection, repo_id: int) -> dict[int, str]:
    """Source of every session with an edit in a repository, by the session's row."""
    return dict(
        connection.execute(
            "SELECT DISTINCT s.id, o.name FROM edit e JOIN session s ON s.id = e.session_id "
            "JOIN source o ON o.id = s.source_id WHERE e.repo_id=? ORDER BY s.id",
            (repo_id,),
        )
    )


def witnesses_in(connection: sqlite3.Connection, repo_id: int) -> Witnesses:
    """Whom the evidence of a repository names among the sessions of our logs."""
    sessions = working_sessions(connection, repo_id)
    named = named_sessions(connection, repo_id)
    return Witnesses(noted_lines(connection, repo_id), sessions, kin_of(connection, list(sessions)), named)


def kin_of(connection: sqlite3.Connection, sessions: Sequence[int]) -> dict[int, dict[int, str]]:
    """Sessions that share a part of their history with each of some: resumes and forks, as row and id."""
    found: dict[int, dict[int, str]] = {}
    for part in _parts(sessions):
        rows = connection.execute(
            "SELECT DISTINCT a.session_id, s.id, s.session_id FROM sighting a JOIN sighting b ON b.kind = a.kind "
            f"AND b.key = a.key JOIN session s ON s.id = b.session_id WHERE a.session_id IN ({_marks(part)})",
            part,
        )
        for session, other, name in rows:
            found.setdefault(session, {})[other] = name
    return found


def landed_sessions(
    connection: sqlite3.Connection, repo_id: int, shas: Sequence[str]
) -> Iterator[tuple[str, str, int, int]]:
    """Whose lines landed in some commits: ``(commit, path, line, session row)``."""
    for part in _parts(shas):
        yield from connection.execute(
            "SELECT c.sha, p.name, l.line, e.session_id FROM landing l JOIN git_commit c ON c.id = l.commit_id "
            "JOIN path p ON p.id = l.path_id JOIN edit e ON e.id = l.edit_id WHERE l.is_removal = 0 "
            f"AND c.repo_id=? AND c.sha IN ({_marks(part)})",
            (repo_id, *part),
        )


def commit_places(connection: sqlite3.Connection, commits: Sequence[int]) -> list[tuple[int, int, str]]:
    """``(row, repository, sha)`` of commits that landings name by their rows."""
    found = []
    for part in _parts(commits):
        query = f"SELECT id, repo_id, sha FROM git_commit WHERE id IN ({_marks(part)})"
        found += connection.execute(query, part).fetchall()
    return found


def said_of(connection: sqlite3.Connection, repo_id: int, shas: Iterable[str]) -> dict[str, CommitSaid]:
    """All that is said of some commits, and of what they merged; commits without a word are left out."""
    found: dict[str, CommitSaid] = {}
    held = _checkpoints(connection, repo_id)
    for part in _parts(sorted(set(shas))):
        for at, is_own in (("sha", True), ("carrier", False)):
            there = f"e.repo_id=? AND e.{at} IN ({_marks(part)})"
            rows = connection.execute(
                f"SELECT e.{at}, h.kind, h.tool, h.name, {_IS_LOGGED} = h.name) "
                f"FROM evidence_commit e JOIN commit_hint h ON h.commit_id = e.id WHERE {there}",
                (repo_id, *part),
            )
            for sha, kind, tool, name, is_logged in rows:
                sessions = held.get(name, {}) if kind == HintKind.CHECKPOINT else {name: bool(is_logged)}
                hint = HintSaid(
                    HintKind(kind),
                    tool,
                    name,
                    frozenset(sessions),
                    frozenset(session for session, is_known in sessions.items() if is_known),
                    is_own,
                )
                found.setdefault(sha, CommitSaid()).hints.append(hint)
            rows = connection.execute(
                f"SELECT e.{at}, p.name, a.dialect, g.tool, g.name, a.is_exact, a.ranges, "
                f"{_IS_LOGGED} = g.name) FROM evidence_commit e "
                "JOIN attested a ON a.commit_id = e.id JOIN evidence_agent g ON g.id = a.agent_id "
                f"JOIN path p ON p.id = a.path_id WHERE {there}",
                (repo_id, *part),
            )
            for sha, path, dialect, tool, name, is_exact, ranges, is_logged in rows:
                line = LineSaid(
                    Dialect(dialect),
                    tool,
                    name,
                    bool(is_logged),
                    is_own,
                    bool(is_exact),
                    ranges_of(ranges),
                )
                found.setdefault(sha, CommitSaid()).lines.setdefault(path, []).append(line)
    return found


def evidence_counts(connection: sqlite3.Connection) -> list[EvidenceCounts]:
    """Per repository and dialect: commits with something understood, and what was not."""
    rows = connection.execute(
        "SELECT r.path, r.common_dir, d.dialect, "
        "(SELECT count(DISTINCT a.commit_id) FROM attested a JOIN evidence_commit e ON e.id = a.commit_id "
        " WHERE e.repo_id = r.id AND a.dialect = d.dialect), "
        "(SELECT count(*) FROM evidence_problem q WHERE q.repo_id = r.id AND q.dialect = d.dialect), "
        "(SELECT q.name || ': ' || q.error FROM evidence_problem q WHERE q.repo_id = r.id AND q.dialect = d.dialect "
        " ORDER BY q.name LIMIT 1) FROM repo r JOIN (SELECT ? AS dialect UNION ALL SELECT ?) d ORDER BY r.path",
        (Dialect.NOTE.value, Dialect.TRACE.value),
    )
    found = [EvidenceCounts._make(row) for row in rows]
    rows = connection.execute(
        "SELECT r.path, r.common_dir, ?, count(DISTINCT h.commit_id), 0, NULL FROM repo r "
        "JOIN evidence_commit e ON e.repo_id = r.id JOIN commit_hint h ON h.commit_id = e.id GROUP BY r.id",
        (Dialect.TRAILER.value,),
    )
    return sorted(
        [item for item in found if item.understood or item.problems] + list(map(EvidenceCounts._make, rows))
    )


def _checkpoints(connection: sqlite3.Connection, repo_id: int) -> dict[str, dict[str, bool]]:
    """Sessions of each checkpoint, and whether our logs hold them."""
    held: dict[str, dict[str, bool]] = {}
    rows = connection.execute(
        f"SELECT k.name, k.session, {_IS_LOGGED} = k.session) FROM checkpoint_session k WHERE k.repo_id=?",
        (repo_id,),
    )
    for name, session, is_logged in rows:
        held.setdefault(name, {})[session] = bool(is_logged)
    return held


def _parts(items: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(items), _BATCH):
        yield tuple(items[start : start + _BATCH])


def _marks(part: Sequence[object]) -> str:
    return ",".join("?" * len(part))
