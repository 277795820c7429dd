"""What git said about lines: landings and their lives, sightings on other refs, void lines."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.facts import AuthoredEdit
from tokencoach.attribution.lines import BLANK
from tokencoach.clock import DAY_MS
from tokencoach.store.edit_condition import DONE
from tokencoach.store.rollup import get_fact, put_fact
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.facts import Leaving, SideSighting, Void
    from tokencoach.store.landing_writer import LandingWriter

# Before every life on the default branch itself, which count from 0.
_TWIN_LIFE = -1
_TEXT_MARKS = "text_marks"
_LANDED_POSITIONS = "SELECT position FROM landing WHERE edit_id = ? AND is_removal = 0"
_KINDS = {str(kind): kind for kind in EditKind}


class Replay(NamedTuple):
    """How far a repository's default branch has been matched, and with which edits."""

    algorithm: str
    tip: str
    newest_edit_ms: int
    edits: int
    state: bytes


def authored_edits(
    connection: sqlite3.Connection, repo_id: int, path: str | None = None
) -> list[AuthoredEdit]:
    """Successful edits of files of a repository, or of one file, in time order, with their text where it is kept."""
    rows = connection.execute(
        "SELECT e.id, e.session_id, e.at_ms, q.name, coalesce(e.generated, e.added), e.removed, e.text, e.kind, "
        "CASE WHEN e.kind <> 'shell_copy' THEN e.moved_from END, "
        "CASE WHEN e.moved_from <> '' THEN (SELECT name FROM path WHERE id = e.path_id) END "
        "FROM edit e JOIN path q ON q.id = e.repo_path_id LEFT JOIN tool_call c ON c.key = e.call_key "
        f"WHERE e.repo_id = ? AND e.place IN ('repository', 'ignored') AND {DONE} "
        f"{'' if path is None else 'AND q.name = ? '}ORDER BY e.at_ms, e.id",
        (repo_id,) if path is None else (repo_id, path),
    )
    # Of many edits, few files are the objects.
    names: dict[str, bytes] = {}
    return [
        AuthoredEdit(
            edit_id,
            session_id,
            at_ms,
            names.get(name) or names.setdefault(name, name.encode("utf-8", "surrogateescape")),
            array("Q", added),
            array("Q", removed),
            None,
            text,
            _KINDS[kind],
            _beside(former, logged, name) if former else None,
        )
        for edit_id, session_id, at_ms, name, added, removed, text, kind, former, logged in rows
    ]


def _beside(former: str, logged: str, inside: str) -> bytes | None:
    """Where a file lay before, inside the repository that its present place lies in."""
    logged, former = logged.replace("\\", "/"), former.replace("\\", "/")
    root = logged.removesuffix(inside)
    if root == logged or not former.startswith(root):
        return None
    return former[len(root) :].encode("utf-8", "surrogateescape")


def read_replay(connection: sqlite3.Connection, repo_id: int) -> Replay | None:
    """How far a repository has been matched; None where it never was."""
    row = connection.execute(
        "SELECT algorithm, tip, newest_edit_ms, edits, state FROM replay WHERE repo_id=?", (repo_id,)
    ).fetchone()
    return None if row is None else Replay._make(row)


def read_tip(connection: sqlite3.Connection, repo_id: int) -> str | None:
    """The commit up to which a repository has been matched; None where it never was."""
    row = connection.execute("SELECT tip FROM replay WHERE repo_id=?", (repo_id,)).fetchone()
    return None if row is None else str(row[0])


def drop_replay(connection: sqlite3.Connection, repo_id: int) -> None:
    """Before landings are written that no state goes with yet: a run cut short is then repeated whole."""
    connection.execute("DELETE FROM replay WHERE repo_id=?", (repo_id,))


def save_replay(connection: sqlite3.Connection, repo_id: int, replay: Replay) -> None:
    """Note how far a repository has been matched."""
    connection.execute("INSERT OR REPLACE INTO replay VALUES(?,?,?,?,?,?)", (repo_id, *replay))


def save_sides(
    connection: sqlite3.Connection,
    writer: LandingWriter,
    repo_id: int,
    sightings: Iterable[tuple[SideSighting, int, str]],
) -> None:
    """Replace a repository's sightings: each with its branch's last activity (0: no branch) and name.

    What landed on the default branch's twin goes with them.
    """
    connection.execute(
        "DELETE FROM landing WHERE life=? AND commit_id IN (SELECT s.commit_id FROM side_sighting s "
        "JOIN edit e ON e.id = s.edit_id WHERE e.repo_id=?)",
        (_TWIN_LIFE, repo_id),
    )
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


def save_twin_landings(
    connection: sqlite3.Connection,
    writer: LandingWriter,
    repo_id: int,
    sightings: Iterable[SideSighting],
    twins: AbstractSet[str],
) -> None:
    """Lines that landed on a twin of the default branch which went its own way, and not on that itself.

    A line lives where a twin still holds it in any commit; else it died where the last one lost it.
    """
    ends = [(item, _end_on(item, twins)) for item in sightings]
    ends.sort(key=lambda end: (end[1] is not None, -end[1].at_ms if end[1] else 0, end[0].commit_ms))
    connection.executemany(
        "INSERT INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, landed_ms, "
        "method, confidence, credit, died_ms, death, death_commit_id) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
        "?10, ?11, ?12, ?13, ?14, ?15 WHERE NOT EXISTS "
        "(SELECT 1 FROM landing WHERE edit_id=?1 AND is_removal=?2 AND position=?3)",
        [
            (
                item.edit_id,
                int(item.is_removal),
                item.position,
                _TWIN_LIFE,
                repo_id,
                writer.commit(item.sha, item.commit_ms),
                writer.path(item.path),
                item.line_no,
                item.commit_ms,
                item.method.value,
                item.confidence,
                item.credit,
                end.at_ms if end else None,
                end.kind.value if end else None,
                writer.commit(end.sha, end.at_ms) if end else None,
            )
            for item, end in ends
        ],
    )


def _end_on(item: SideSighting, twins: AbstractSet[str]) -> Leaving | None:
    """How a line left the twins; None where one holds it."""
    if not twins.isdisjoint(item.refs):
        return None
    gone = [leaving for leaving in item.leavings if not twins.isdisjoint(leaving.refs)]
    return max(gone, key=lambda leaving: leaving.at_ms, default=None)


def save_voids(
    connection: sqlite3.Connection, edits: Iterable[int], voids: Sequence[Void], edited_ms: dict[int, int]
) -> None:
    """Replace the void removals of some edits, and the lines that they overwrote."""
    connection.executemany("DELETE FROM void_line WHERE edit_id=?", [(edit_id,) for edit_id in edits])
    connection.executemany(
        "INSERT OR REPLACE INTO void_line VALUES(?,?,?,?,?)",
        [
            (
                void.edit_id,
                int(void.is_removal),
                void.position,
                "stood" if void.is_doubtful else "void",
                edited_ms.get(void.edit_id, 0),
            )
            for void in voids
        ],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO void_line VALUES(?,0,?,'overwritten',?)",
        [
            (void.over_edit_id, void.over_position, edited_ms.get(void.edit_id, 0))
            for void in voids
            if void.over_edit_id is not None
        ],
    )


def void_positions(connection: sqlite3.Connection, repo_id: int) -> dict[int, dict[tuple[bool, int], bool]]:
    """Void lines of a repository's edits as ``(is removal, position)``, by edit, and whether each is doubtful."""
    found: dict[int, dict[tuple[bool, int], bool]] = {}
    for edit_id, is_removal, position, is_doubtful in connection.execute(
        "SELECT v.edit_id, v.is_removal, v.position, v.reason = 'stood' FROM void_line v "
        "JOIN edit e ON e.id = v.edit_id WHERE e.repo_id = ? AND v.reason IN ('void', 'stood')",
        (repo_id,),
    ):
        found.setdefault(edit_id, {})[bool(is_removal), position] = bool(is_doubtful)
    return found


def landed_among(connection: sqlite3.Connection, edits: Iterable[int]) -> list[int]:
    """Edits, of those given, of which a line has landed on the default branch itself."""
    return [
        edit_id
        for edit_id in edits
        if connection.execute(
            "SELECT 1 FROM landing WHERE edit_id=? AND life<>? LIMIT 1", (edit_id, _TWIN_LIFE)
        ).fetchone()
    ]


def aged_unlanded(
    connection: sqlite3.Connection, repo_id: int, since_ms: int, until_ms: int
) -> list[tuple[int, str, array[int]]]:
    """Edits of a span that have a line which did not land: ``(edit, path, keys of such lines, else 0)``."""
    rows = connection.execute(
        "SELECT e.id, q.name, coalesce(e.generated, e.added) body, (SELECT count(DISTINCT position) FROM landing "
        "WHERE edit_id = e.id AND is_removal = 0 AND position < length(coalesce(e.generated, e.added)) / 8) "
        "FROM edit e JOIN path q ON q.id = e.repo_path_id "
        "LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.repo_id = ? AND e.place = 'repository' "
        f"AND e.at_ms >= ? AND e.at_ms < ? AND length(body) > 0 AND {DONE}",
        (repo_id, since_ms, until_ms),
    )
    found = []
    for edit_id, path, body, landed in rows:
        keys = array("Q", body)
        # Nearly every edit of that age has landed whole.
        if landed >= len(keys) - keys.count(BLANK):
            continue
        for (position,) in connection.execute(_LANDED_POSITIONS, (edit_id,)):
            if position < len(keys):
                keys[position] = BLANK
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


def purge_texts(connection: sqlite3.Connection, now_ms: int, kept_ms: int) -> None:
    """Drop the text of edits that has been here for so long: their keys stay.

    It is the time in the database that counts: the log of a year ago that was read today is matched
    for as long as any other. Once a day it is noted which edits are there.
    """
    marks: list[tuple[int, int]] = json.loads(get_fact(connection, _TEXT_MARKS) or "[]")
    newest = connection.execute("SELECT max(id) FROM edit").fetchone()[0] or 0
    noted = [(at_ms, edit_id) for at_ms, edit_id in marks if now_ms - at_ms < kept_ms - DAY_MS]
    due = max((edit_id for at_ms, edit_id in marks if now_ms - at_ms >= kept_ms - DAY_MS), default=0)
    if due:
        connection.execute(
            "UPDATE edit SET text=NULL WHERE text IS NOT NULL AND id <= ? AND place <> 'new'", (due,)
        )
    if newest > max((edit_id for _, edit_id in noted), default=0) and (
        not noted or now_ms - noted[-1][0] >= DAY_MS
    ):
        noted.append((now_ms, newest))
    if noted != [tuple(mark) for mark in marks]:
        put_fact(connection, _TEXT_MARKS, json.dumps(noted))
