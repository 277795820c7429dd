"""What git said about lines: landings and their lives, sightings on other refs, void lines."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.facts import AuthoredEdit, Death, Landing, Revival
from tokencoach.store.commit_rows import texts_of
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tokencoach.attribution.facts import Event, SideSighting, Void


class Replay(NamedTuple):
    """How far a repository's default branch has been matched, and with which edits."""

    algorithm: str
    tip: str
    newest_edit_ms: int
    edits: int
    state: bytes


def authored_edits(connection: sqlite3.Connection, repo_id: int) -> list[AuthoredEdit]:
    """Successful edits of files of a repository, in time order, with their text where it is kept."""
    rows = connection.execute(
        "SELECT e.id, e.session_id, e.at_ms, q.name, coalesce(e.generated, e.added), e.removed FROM edit e "
        "JOIN path q ON q.id = e.repo_path_id LEFT JOIN tool_call c ON c.key = e.call_key "
        "WHERE e.repo_id = ? AND e.place = 'repository' AND coalesce(e.status, c.status) = ? ORDER BY e.at_ms, e.id",
        (repo_id, CallStatus.OK),
    ).fetchall()
    texts = dict(texts_of(connection, [row[0] for row in rows]))
    return [
        AuthoredEdit(
            row[0],
            row[1],
            row[2],
            row[3].encode("utf-8", "surrogateescape"),
            array("Q", row[4]),
            array("Q", row[5]),
            texts.get(row[0]),
        )
        for row in rows
    ]


def read_replay(connection: sqlite3.Connection, repo_id: int) -> Replay | None:
    """How far a repository has been matched; None where it never was."""
    row = connection.execute(
        "SELECT algorithm, tip, newest_edit_ms, edits, state FROM replay WHERE repo_id=?", (repo_id,)
    ).fetchone()
    return None if row is None else Replay._make(row)


def save_replay(connection: sqlite3.Connection, repo_id: int, replay: Replay) -> None:
    """Note how far a repository has been matched."""
    connection.execute("INSERT OR REPLACE INTO replay VALUES(?,?,?,?,?,?)", (repo_id, *replay))


class LandingWriter:
    """Writes the events of one repository's default branch."""

    def __init__(self, connection: sqlite3.Connection, repo_id: int) -> None:
        self._connection = connection
        self._repo_id = repo_id
        self._commits: dict[str, int] = {}
        self._paths: dict[bytes, int] = {}
        self._open: dict[tuple[int, int, int], int] = {}

    def commit(self, sha: str, at_ms: int, subject: str = "") -> int:
        """Row of a commit, made where it is new."""
        found = self._commits.get(sha)
        if found is None:
            self._connection.execute(
                "INSERT OR IGNORE INTO git_commit(repo_id, sha, at_ms, subject) VALUES(?,?,?,?)",
                (self._repo_id, sha, at_ms, subject[:200]),
            )
            found = self._connection.execute(
                "SELECT id FROM git_commit WHERE repo_id=? AND sha=?", (self._repo_id, sha)
            ).fetchone()[0]
            self._commits[sha] = found
        return found

    def path(self, name: bytes) -> int:
        """Row of a path inside the repository."""
        found = self._paths.get(name)
        if found is None:
            text = path_text(name)
            self._connection.execute("INSERT OR IGNORE INTO path(name) VALUES(?)", (text,))
            found = self._connection.execute("SELECT id FROM path WHERE name=?", (text,)).fetchone()[0]
            self._paths[name] = found
        return found

    def write(self, events: Iterable[Event], subject: str) -> None:
        """Write what one commit did."""
        for event in events:
            if isinstance(event, Landing):
                self._land(event, subject)
            elif isinstance(event, Death):
                self._die(event, subject)
            elif isinstance(event, Revival):
                self._revive(event, subject)
            else:
                self._connection.execute(
                    "INSERT OR IGNORE INTO unreadable_path VALUES(?,?,?)",
                    (self._repo_id, path_text(event.path), event.at_ms),
                )

    def _land(self, event: Landing, subject: str) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, "
            "landed_ms, method, confidence, credit) VALUES(?,?,?,0,?,?,?,?,?,?,?,?)",
            (
                event.edit_id,
                int(event.is_removal),
                event.position,
                self._repo_id,
                self.commit(event.sha, event.landed_ms, subject),
                self.path(event.path),
                event.line_no,
                event.landed_ms,
                str(event.method),
                event.confidence,
                event.credit,
            ),
        )

    def _die(self, event: Death, subject: str) -> None:
        self._connection.execute(
            "UPDATE landing SET died_ms=?, death=?, death_commit_id=? WHERE edit_id=? AND is_removal=? AND position=? "
            "AND died_ms IS NULL",
            (
                event.died_ms,
                str(event.kind),
                self.commit(event.sha, event.died_ms, subject),
                event.edit_id,
                int(event.is_removal),
                event.position,
            ),
        )

    def _revive(self, event: Revival, subject: str) -> None:
        self._connection.execute(
            "INSERT INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, landed_ms, "
            "method, confidence, credit) SELECT edit_id, is_removal, position, life + 1, repo_id, ?, path_id, line, ?, "
            "method, confidence, credit FROM landing WHERE edit_id=? AND is_removal=? AND position=? "
            "ORDER BY life DESC LIMIT 1",
            (
                self.commit(event.sha, event.revived_ms, subject),
                event.revived_ms,
                event.edit_id,
                int(event.is_removal),
                event.position,
            ),
        )


def save_sides(
    connection: sqlite3.Connection,
    writer: LandingWriter,
    repo_id: int,
    sightings: Iterable[tuple[SideSighting, int, str]],
) -> None:
    """Replace a repository's sightings: each with its branch's last activity (0: no branch) and name."""
    connection.execute(
        "DELETE FROM side_sighting WHERE edit_id IN (SELECT id FROM edit WHERE repo_id=?)", (repo_id,)
    )
    connection.executemany(
        "INSERT OR REPLACE INTO side_sighting VALUES(?,?,?,?,?,?)",
        [
            (
                item.edit_id,
                int(item.is_removal),
                item.position,
                writer.commit(item.sha, item.commit_ms),
                active_ms,
                ref,
            )
            for item, active_ms, ref in sightings
        ],
    )


def save_voids(
    connection: sqlite3.Connection, repo_id: int, voids: Sequence[Void], edited_ms: dict[int, int]
) -> None:
    """Replace a repository's void removals, and the lines that they overwrote."""
    connection.execute(
        "DELETE FROM void_line WHERE edit_id IN (SELECT id FROM edit WHERE repo_id=?)", (repo_id,)
    )
    connection.executemany(
        "INSERT OR REPLACE INTO void_line VALUES(?,1,?,'void',?)",
        [(void.edit_id, void.position, edited_ms.get(void.edit_id, 0)) for void in voids],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO void_line VALUES(?,0,?,'overwritten',?)",
        [
            (void.over_edit_id, void.over_position, edited_ms.get(void.edit_id, 0))
            for void in voids
            if void.over_edit_id is not None
        ],
    )


def aged_unlanded(
    connection: sqlite3.Connection, repo_id: int, since_ms: int, until_ms: int
) -> list[tuple[int, str, array[int]]]:
    """Edits of a span that have a line which did not land: ``(edit, path, keys of such lines, else 0)``."""
    rows = connection.execute(
        "SELECT e.id, q.name, coalesce(e.generated, e.added) FROM edit e JOIN path q ON q.id = e.repo_path_id "
        "LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.repo_id = ? AND e.place = 'repository' "
        "AND e.at_ms >= ? AND e.at_ms < ? AND coalesce(e.status, c.status) = ?",
        (repo_id, since_ms, until_ms, CallStatus.OK),
    ).fetchall()
    found = []
    for edit_id, path, body in rows:
        keys = array("Q", body)
        for (position,) in connection.execute(
            "SELECT position FROM landing WHERE edit_id=? AND is_removal=0", (edit_id,)
        ):
            if position < len(keys):
                keys[position] = 0
        if any(key & 1 for key in keys):
            found.append((edit_id, path, keys))
    return found


def save_worktree_lines(
    connection: sqlite3.Connection, repo_id: int, lines: Iterable[tuple[int, int]]
) -> bool:
    """Replace what stands uncommitted in a repository's working trees; whether anything changed."""
    wanted = set(lines)
    kept = set(
        connection.execute(
            "SELECT w.edit_id, w.position FROM worktree_line w JOIN edit e ON e.id = w.edit_id WHERE e.repo_id=?",
            (repo_id,),
        )
    )
    connection.executemany("DELETE FROM worktree_line WHERE edit_id=? AND position=?", sorted(kept - wanted))
    connection.executemany("INSERT INTO worktree_line VALUES(?,?)", sorted(wanted - kept))
    return kept != wanted


def purge_texts(connection: sqlite3.Connection, before_ms: int) -> None:
    """Drop the text of edits older than an instant: their keys stay."""
    connection.execute(
        "UPDATE edit SET text=NULL WHERE text IS NOT NULL AND at_ms < ? AND place <> 'new'", (before_ms,)
    )


def path_text(name: bytes) -> str:
    """A path of git's as text, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")
