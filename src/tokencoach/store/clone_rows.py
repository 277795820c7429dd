"""Lines of one commit that sessions in two clones of a repository wrote alike: in each clone the commit is theirs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.attribution.facts import Method

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    Line = tuple[int, int, int]
    """Edit, whether it is a removal, position."""

_OURS = (Method.ORDERED.value, Method.CLONED.value)


def share_lines(connection: sqlite3.Connection, clones: Sequence[int]) -> set[int]:
    """Divide each such line among its sessions, and give back what is divided no more; sessions concerned.

    ``clones`` are the rows of repositories with the same history.
    """
    before = _shared(connection, clones)
    wanted: dict[Line, tuple[int, float]] = {}
    for lines in _alike(connection, clones).values():
        sessions = {session for _, session in lines}
        if len(sessions) > 1:
            wanted.update({line: (session, 1 / len(sessions)) for line, session in lines})
    changed = {line: session for line, (session, _) in before.items() if line not in wanted}
    _put(connection, [(1.0, _OURS[0], *line) for line in changed])
    # A third clone makes each share smaller.
    fresh = {line: told for line, told in wanted.items() if before.get(line) != told}
    _put(connection, [(credit, _OURS[1], *line) for line, (_, credit) in fresh.items()])
    return {*changed.values(), *(session for session, _ in fresh.values())}


def _put(connection: sqlite3.Connection, rows: Sequence[tuple[float, str, int, int, int]]) -> None:
    connection.executemany(
        "UPDATE landing SET credit=?, method=? WHERE edit_id=? AND is_removal=? AND position=? AND life >= 0",
        rows,
    )


def _shared(connection: sqlite3.Connection, clones: Sequence[int]) -> dict[Line, tuple[int, float]]:
    """Lines that are divided now, with their sessions and shares."""
    marks = ",".join("?" * len(clones))
    rows = connection.execute(
        "SELECT l.edit_id, l.is_removal, l.position, e.session_id, l.credit FROM landing l JOIN edit e ON e.id = l.edit_id "
        f"WHERE l.method = ? AND l.repo_id IN ({marks})",
        (_OURS[1], *clones),
    )
    return {(edit, side, position): (session, credit) for edit, side, position, session, credit in rows}


def _alike(
    connection: sqlite3.Connection, clones: Sequence[int]
) -> dict[tuple[str, int, int, int], list[tuple[Line, int]]]:
    """By commit, path, line and side, the lines that landed there in more than one clone, with their sessions."""
    marks = ",".join("?" * len(clones))
    rows = connection.execute(
        "SELECT c.sha, l.path_id, l.line, l.is_removal, l.edit_id, l.position, e.session_id "
        "FROM git_commit c JOIN landing l ON l.commit_id = c.id JOIN edit e ON e.id = l.edit_id "
        f"WHERE c.repo_id IN ({marks}) AND l.life = 0 AND (l.credit = 1.0 OR l.method = ?) AND l.method IN (?, ?) "
        f"AND EXISTS (SELECT 1 FROM git_commit d JOIN landing m ON m.commit_id = d.id WHERE d.repo_id IN ({marks}) "
        "AND d.repo_id <> c.repo_id AND d.sha = c.sha)",
        (*clones, _OURS[1], *_OURS, *clones),
    )
    found: defaultdict[tuple[str, int, int, int], list[tuple[Line, int]]] = defaultdict(list)
    for sha, path, line, side, edit, position, session in rows:
        found[sha, path, line, side].append(((edit, side, position), session))
    return {place: lines for place, lines in found.items() if len(lines) > 1}
