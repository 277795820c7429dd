"""Writes what commits say of themselves, the lines that fixes point at, releases, reviews, and the person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tokencoach.attribution.suspects import Suspect

_LIST = "\x1f"


class CommitNote(NamedTuple):
    """What is kept of a commit's message and people. ``seen_by`` names how somebody else saw it."""

    sha: str
    title: str
    kind: str | None
    scope: str
    number: int | None
    issues: tuple[str, ...]
    is_merge: bool
    done_ms: int
    seen_by: tuple[str, ...]


class ReviewSpan(NamedTuple):
    """A stretch in which a commit's work was reviewed; ``is_other`` where by another person."""

    sha: str
    source: str
    start_ms: int
    end_ms: int
    is_other: bool


def save_notes(connection: sqlite3.Connection, repo_id: int, notes: Iterable[CommitNote]) -> None:
    """Keep the notes of commits that have a row."""
    connection.executemany(
        "INSERT OR REPLACE INTO commit_note SELECT id, ?, ?, ?, ?, ?, ?, min(?, at_ms), ? FROM git_commit "
        "WHERE repo_id=? AND sha=?",
        [
            (
                note.title,
                note.kind,
                note.scope,
                note.number,
                _LIST.join(note.issues),
                int(note.is_merge),
                note.done_ms,
                _LIST.join(note.seen_by),
                repo_id,
                note.sha,
            )
            for note in notes
        ],
    )


def unnoted_commits(connection: sqlite3.Connection, repo_id: int) -> list[str]:
    """Commits with a landing of which no note is kept."""
    rows = connection.execute(
        "SELECT c.sha FROM git_commit c WHERE c.repo_id=? AND NOT EXISTS (SELECT 1 FROM commit_note n "
        "WHERE n.commit_id = c.id) AND EXISTS (SELECT 1 FROM landing l WHERE l.commit_id = c.id) ORDER BY c.id",
        (repo_id,),
    )
    return [row[0] for row in rows]


def save_suspects(connection: sqlite3.Connection, fix_id: int, found: Iterable[Suspect]) -> None:
    """Keep the lines that a fix points at."""
    connection.executemany(
        "INSERT OR REPLACE INTO suspect_line VALUES(?,?,?,?)",
        [(fix_id, item.edit_id, item.position, item.confidence) for item in found],
    )


def save_releases(connection: sqlite3.Connection, repo_id: int, tags: Iterable[tuple[str, int]]) -> bool:
    """Replace a repository's release tags, as ``(name, when)``; whether anything changed."""
    wanted = set(tags)
    kept = set(connection.execute("SELECT name, at_ms FROM release_tag WHERE repo_id=?", (repo_id,)))
    if kept == wanted:
        return False
    connection.execute("DELETE FROM release_tag WHERE repo_id=?", (repo_id,))
    connection.executemany(
        "INSERT OR REPLACE INTO release_tag VALUES(?,?,?)", [(repo_id, *tag) for tag in sorted(wanted)]
    )
    return True


def save_reviews(connection: sqlite3.Connection, repo_id: int, spans: Iterable[ReviewSpan]) -> None:
    """Keep review spans, from whatever source measured them."""
    connection.executemany(
        "INSERT OR REPLACE INTO review_span VALUES(?,?,?,?,?,?)",
        [(repo_id, span.sha, span.source, span.start_ms, span.end_ms, int(span.is_other)) for span in spans],
    )


def unasked_requests(
    connection: sqlite3.Connection, repo_id: int, asked_before_ms: int
) -> list[tuple[int, str]]:
    """Pull requests with landed lines that the forge was not asked about, newest first, each with its commit.

    One that was not merged when asked is asked about again after a while.
    """
    rows = connection.execute(
        "SELECT n.number, c.sha FROM commit_note n JOIN git_commit c ON c.id = n.commit_id "
        "LEFT JOIN review_asked a ON a.repo_id = c.repo_id AND a.number = n.number WHERE c.repo_id = ? "
        "AND n.number IS NOT NULL AND (a.number IS NULL OR (a.is_merged = 0 AND a.asked_ms < ?)) "
        "ORDER BY c.at_ms DESC, n.number",
        (repo_id, asked_before_ms),
    )
    return [(number, sha) for number, sha in rows]


def save_asked(
    connection: sqlite3.Connection, repo_id: int, number: int, asked_ms: int, *, is_merged: bool
) -> None:
    """Note that the forge has answered about a pull request."""
    connection.execute(
        "INSERT OR REPLACE INTO review_asked VALUES(?,?,?,?)", (repo_id, number, asked_ms, int(is_merged))
    )


def save_outcome(
    connection: sqlite3.Connection,
    roots: str,
    shas: Sequence[str],
    number: int | None,
    outcome: str | None,
    said_ms: int,
) -> None:
    """Keep the person's word on a feature in place of what they said before; None takes it back.

    It is kept under the first commit and the pull request, ``roots`` being what the repository is
    known by wherever it stands.
    """
    connection.executemany("DELETE FROM outcome_word WHERE roots=? AND sha=?", [(roots, sha) for sha in shas])
    if number is not None:
        connection.execute("DELETE FROM outcome_word WHERE roots=? AND number=?", (roots, number))
    if outcome is not None:
        connection.execute(
            "INSERT INTO outcome_word VALUES(?,?,?,?,?)", (roots, shas[0], number, outcome, said_ms)
        )
