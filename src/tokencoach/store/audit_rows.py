"""The rows an audit reads: requests of a span, and all evidence about the sessions behind them."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.verdict import Life, Sighting
from tokencoach.store.edit_condition import DONE
from tokencoach.store.keyed import CALL_EDIT
from tokencoach.store.verdict_rows import TITLE
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_BATCH = 500


class RequestRow(NamedTuple):
    """A request of the span and how many of its calls came to nothing."""

    request_id: int
    at_ms: int
    session: int
    turn: int | None
    model: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    calls: int
    rejected: int
    failed: int
    looped: int


class SessionFacts(NamedTuple):
    """A session and where it worked. ``title`` is the tool's own, else the beginning of the first prompt."""

    session: int
    session_id: str
    source: str
    first_ms: int
    last_ms: int
    folder: str | None
    repo_id: int | None
    branch: str | None
    title: str | None


class EditRow(NamedTuple):
    """A successful edit. ``added`` and ``removed`` are what it generated, as line keys."""

    edit_id: int
    session: int
    turn: int | None
    at_ms: int
    path: str
    repo_id: int | None
    repo_path: str | None
    place: str
    branch: str | None
    folder: str | None
    added: array[int]
    removed: array[int]
    kind: EditKind


class RepoRow(NamedTuple):
    """A repository as the audit needs it."""

    repo_id: int
    path: str
    state: str
    phase: str | None
    ship: str | None
    is_torn: bool
    """Whether git broke off while the history was read."""


def requests_between(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> Iterator[RequestRow]:
    """Requests with ``since_ms <= at < until_ms``, session by session, in time order."""
    rows = connection.execute(
        "SELECT r.id, r.at_ms, r.session_id, r.turn_id, r.model_id, r.input, r.cache_read, r.cache_write_5m, "
        "r.cache_write_1h, r.output, r.reasoning, coalesce(c.calls, 0), coalesce(c.rejected, 0), "
        "coalesce(c.failed, 0), coalesce(c.looped, 0) FROM session s CROSS JOIN request r "
        "ON r.session_id = s.id AND r.at_ms >= ?1 AND r.at_ms < ?2 LEFT JOIN request_cut c ON c.request_id = r.id "
        "WHERE s.last_ms >= ?1 AND s.first_ms < ?2",
        (since_ms, until_ms),
    )
    return map(RequestRow._make, rows)


def requests_of(connection: sqlite3.Connection, sessions: Sequence[int]) -> Iterator[RequestRow]:
    """All requests of some sessions."""
    for part in _parts(sessions):
        rows = connection.execute(
            "SELECT r.id, r.at_ms, r.session_id, r.turn_id, r.model_id, r.input, r.cache_read, r.cache_write_5m, "
            "r.cache_write_1h, r.output, r.reasoning, coalesce(c.calls, 0), coalesce(c.rejected, 0), "
            "coalesce(c.failed, 0), coalesce(c.looped, 0) FROM request r LEFT JOIN request_cut c "
            f"ON c.request_id = r.id WHERE r.session_id IN ({_marks(part)}) ORDER BY r.session_id, r.at_ms",
            part,
        )
        yield from map(RequestRow._make, rows)


def session_facts(connection: sqlite3.Connection, sessions: Sequence[int]) -> dict[int, SessionFacts]:
    """What is known of some sessions."""
    found = {}
    for part in _parts(sessions):
        for row in connection.execute(
            "SELECT s.id, s.session_id, o.name, s.first_ms, s.last_ms, f.name, f.repo_id, b.name, "
            f"{TITLE} "
            "FROM session s JOIN source o ON o.id = s.source_id LEFT JOIN folder f ON f.id = s.folder_id "
            f"LEFT JOIN branch b ON b.id = s.branch_id WHERE s.id IN ({_marks(part)})",
            part,
        ):
            found[row[0]] = SessionFacts._make(row)
    return found


def turns_of(connection: sqlite3.Connection, sessions: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Turns of some sessions as ``(turn id, at_ms)`` in time order."""
    found: dict[int, list[tuple[int, int]]] = {}
    for part in _parts(sessions):
        for session, turn, at_ms in connection.execute(
            f"SELECT session_id, id, at_ms FROM turn WHERE session_id IN ({_marks(part)}) ORDER BY at_ms, id",
            part,
        ):
            found.setdefault(session, []).append((turn, at_ms))
    return found


def edits_of(connection: sqlite3.Connection, sessions: Sequence[int]) -> list[EditRow]:
    """Successful edits of some sessions, in time order."""
    found: list[EditRow] = []
    for part in _parts(sessions):
        rows = connection.execute(
            "SELECT e.id, e.session_id, e.turn_id, e.at_ms, p.name, e.repo_id, q.name, e.place, b.name, f.name, "
            "coalesce(e.generated, e.added), e.removed, e.kind FROM edit e JOIN path p ON p.id = e.path_id "
            "LEFT JOIN path q ON q.id = e.repo_path_id LEFT JOIN branch b ON b.id = e.branch_id "
            "LEFT JOIN folder f ON f.id = e.folder_id LEFT JOIN tool_call c ON c.key = e.call_key "
            f"WHERE e.session_id IN ({_marks(part)}) AND {DONE}",
            part,
        )
        found += [
            EditRow._make((*row[:10], array("Q", row[10]), array("Q", row[11]), EditKind(row[12])))
            for row in rows
        ]
    found.sort(key=lambda edit: (edit.at_ms, edit.edit_id))
    return found


def untold_edits(connection: sqlite3.Connection, sessions: Sequence[int]) -> set[int]:
    """Sessions, of those given, with a finished call of an edit tool whose change could not be read."""
    found: set[int] = set()
    for part in _parts(sessions):
        marks = _marks(part)
        told = {
            row[0]
            for row in connection.execute(f"SELECT call_key FROM edit WHERE session_id IN ({marks})", part)
        }
        found |= {
            session
            for session, key in connection.execute(
                f"SELECT session_id, key FROM tool_call WHERE session_id IN ({marks}) AND flags & {CALL_EDIT} "
                "AND status = 'ok'",
                part,
            )
            if key not in told
        }
    return found


LineRef = tuple[int, int, int]
"""edit id, 1 for a removed line, position"""


class Evidence(NamedTuple):
    """What git said about lines of some edits."""

    lives: dict[LineRef, list[Life]]
    sightings: dict[LineRef, list[Sighting]]
    overwritten: dict[LineRef, int]
    void: set[LineRef]
    stood: set[LineRef]
    """Lines that never landed and stand in a commit dated before their edit."""
    in_worktree: set[LineRef]
    unreadable: dict[tuple[int, str], int]


def evidence_of(connection: sqlite3.Connection, edits: Sequence[int]) -> Evidence:
    """Landings, sightings on other refs, overwritings and uncommitted stands of some edits' lines."""
    found = Evidence({}, {}, {}, set(), set(), set(), _unreadable_paths(connection))
    for part in _parts(edits):
        marks = _marks(part)
        for row in connection.execute(
            "SELECT l.edit_id, l.is_removal, l.position, l.landed_ms, l.died_ms, l.death, l.method, l.confidence, "
            "l.credit, l.commit_id, l.path_id, l.line, l.death_commit_id, coalesce(c.began_ms, l.landed_ms) "
            f"FROM landing l JOIN git_commit c ON c.id = l.commit_id WHERE l.edit_id IN ({marks}) "
            "ORDER BY l.edit_id, l.is_removal, l.position, l.life",
            part,
        ):
            found.lives.setdefault(row[:3], []).append(Life._make(row[3:]))
        for row in connection.execute(
            "SELECT s.edit_id, s.is_removal, s.position, c.at_ms, s.active_ms, s.ref FROM side_sighting s "
            f"JOIN git_commit c ON c.id = s.commit_id WHERE s.edit_id IN ({marks})",
            part,
        ):
            found.sightings.setdefault(row[:3], []).append(Sighting(*row[3:]))
        for edit, is_removal, position, reason, at_ms in connection.execute(
            f"SELECT edit_id, is_removal, position, reason, at_ms FROM void_line WHERE edit_id IN ({marks})",
            part,
        ):
            if reason == "overwritten":
                found.overwritten[edit, is_removal, position] = at_ms
            else:
                (found.stood if reason == "stood" else found.void).add((edit, is_removal, position))
        for edit, position in connection.execute(
            f"SELECT edit_id, position FROM worktree_line WHERE edit_id IN ({marks})",
            part,
        ):
            found.in_worktree.add((edit, 0, position))
    return found


def _unreadable_paths(connection: sqlite3.Connection) -> dict[tuple[int, str], int]:
    """Files of which git lacked a version: the last time of such a commit."""
    rows = connection.execute("SELECT repo_id, path, max(at_ms) FROM unreadable_path GROUP BY repo_id, path")
    return {(row[0], row[1]): row[2] for row in rows}


def repo_rows(connection: sqlite3.Connection) -> dict[int, RepoRow]:
    """Every repository known."""
    rows = connection.execute("SELECT id, path, state, phase, ship, problem IS NOT NULL FROM repo")
    return {row[0]: RepoRow._make((*row[:5], bool(row[5]))) for row in rows}


def phase_tags(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """The person's own word on phases: ``(kind, name)`` to phase; kinds are session, branch, path."""
    return {(row[0], row[1]): row[2] for row in connection.execute("SELECT kind, name, phase FROM phase_tag")}


def _parts(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(items), _BATCH):
        yield tuple(items[start : start + _BATCH])


def _marks(part: Sequence[object]) -> str:
    return ",".join("?" * len(part))
