"""Commits with generated lines, and what is known of the work in them: notes, suspects, reviews, words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.commit_words import commit_words
from tokencoach.attribution.features import LandedCommit, Release
from tokencoach.store.checks.understood_rows import UNDERSTOOD
from tokencoach.usage.words import WorkKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_LIST = "\x1f"
_BATCH = 500


class SuspectRow(NamedTuple):
    """A line that a fix points at: the fix, and the commit that had brought the line."""

    fix_id: int
    fix_sha: str
    fixed_ms: int
    confidence: float
    landed_in: int
    landed_ms: int


class ReviewRow(NamedTuple):
    """A measured stretch of review of a commit."""

    commit_id: int
    source: str
    start_ms: int
    end_ms: int
    is_other: bool


class OutcomeWord(NamedTuple):
    """The person's word on a feature."""

    roots: str
    sha: str
    number: int | None
    outcome: str


def landed_commits(connection: sqlite3.Connection, as_of_ms: int) -> dict[int, list[LandedCommit]]:
    """Commits that generated lines landed in, by repository, in the order of their landing."""
    found: dict[int, list[LandedCommit]] = defaultdict(list)
    for row in connection.execute(
        "SELECT c.id, c.repo_id, c.sha, c.at_ms, c.subject, n.done_ms, n.title, n.kind, n.scope, n.number, n.issues, "
        "n.is_merge, n.seen_by FROM git_commit c LEFT JOIN commit_note n ON n.commit_id = c.id WHERE c.at_ms <= ? "
        "AND EXISTS (SELECT 1 FROM landing l WHERE l.commit_id = c.id) ORDER BY c.repo_id, c.at_ms, c.id",
        (as_of_ms,),
    ):
        found[row[1]].append(_landed(row))
    return found


def _landed(row: tuple[object, ...]) -> LandedCommit:
    commit_id, repo_id, sha, at_ms, subject, done_ms, *note = row
    if done_ms is None:
        # A database that was read by an older version: the subject alone speaks.
        words = commit_words(str(subject))
        note = [words.title, words.kind, words.scope, words.number, _LIST.join(words.issues), 0, ""]
        done_ms = at_ms
    title, kind, scope, number, issues, is_merge, seen_by = note
    return LandedCommit(
        commit_id,  # type: ignore[arg-type]
        repo_id,  # type: ignore[arg-type]
        str(sha),
        at_ms,  # type: ignore[arg-type]
        done_ms,  # type: ignore[arg-type]
        str(title),
        WorkKind(str(kind)) if kind else None,
        str(scope),
        number,  # type: ignore[arg-type]
        _listed(str(issues)),
        bool(is_merge),
        _listed(str(seen_by)),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(_LIST)) if text else ()


def releases(connection: sqlite3.Connection) -> dict[int, list[Release]]:
    """Release tags by repository, oldest first."""
    found: dict[int, list[Release]] = defaultdict(list)
    for repo_id, name, at_ms in connection.execute(
        "SELECT repo_id, name, at_ms FROM release_tag ORDER BY at_ms, name"
    ):
        found[repo_id].append(Release(name, at_ms))
    return found


def sessions_landed_in(connection: sqlite3.Connection, commits: Sequence[int]) -> list[int]:
    """Sessions with a line that landed in some commits."""
    found: set[int] = set()
    for part in _parts(commits):
        rows = connection.execute(
            "SELECT DISTINCT e.session_id FROM edit e WHERE e.id IN (SELECT l.edit_id FROM landing l "
            f"WHERE l.commit_id IN ({_marks(part)}))",
            part,
        )
        found.update(row[0] for row in rows)
    return sorted(found)


def suspect_rows(connection: sqlite3.Connection, since_ms: int, as_of_ms: int) -> list[SuspectRow]:
    """Lines that fixes of a span point at, each with the commit that first brought it; fix by fix."""
    rows = connection.execute(
        "SELECT c.id, c.sha, c.at_ms, s.confidence, l.commit_id, l.landed_ms FROM suspect_line s "
        "JOIN git_commit c ON c.id = s.commit_id JOIN landing l ON l.edit_id = s.edit_id AND l.is_removal = 0 "
        "AND l.position = s.position WHERE c.at_ms >= ? AND c.at_ms <= ? AND l.life = (SELECT min(o.life) "
        "FROM landing o WHERE o.edit_id = s.edit_id AND o.is_removal = 0 AND o.position = s.position) "
        "ORDER BY c.at_ms, c.id, s.edit_id, s.position",
        (since_ms, as_of_ms),
    )
    return [SuspectRow._make(row) for row in rows]


def review_rows(connection: sqlite3.Connection, commits: Sequence[int], as_of_ms: int) -> list[ReviewRow]:
    """Measured review of some commits, as far as it was over by ``as_of_ms``."""
    found: list[ReviewRow] = []
    for part in _parts(commits):
        marks = _marks(part)
        rows = connection.execute(
            "SELECT c.id, r.source, r.start_ms, r.end_ms, r.is_other FROM git_commit c JOIN review_span r "
            f"ON r.repo_id = c.repo_id AND r.sha = c.sha WHERE c.id IN ({marks}) AND r.end_ms <= ? UNION ALL "
            "SELECT c.id, 'check', k.started_ms, k.started_ms + k.total_ms, 0 FROM git_commit c JOIN cc_check k "
            f"ON k.sha = c.sha WHERE c.id IN ({marks}) AND k.started_ms + k.total_ms <= ? AND EXISTS (SELECT 1 "
            f"FROM cc_answer a WHERE a.check_key = k.key AND {UNDERSTOOD}) ORDER BY 3",
            (*part, as_of_ms, *part, as_of_ms),
        )
        found += [ReviewRow._make((*row[:4], bool(row[4]))) for row in rows]
    return found


def outcome_words(connection: sqlite3.Connection) -> list[OutcomeWord]:
    """All that the person ever said on features, oldest first."""
    rows = connection.execute("SELECT roots, sha, number, outcome FROM outcome_word ORDER BY said_ms, sha")
    return [OutcomeWord._make(row) for row in rows]


def repo_roots(connection: sqlite3.Connection) -> dict[int, str]:
    """What a repository is known by wherever it stands, by its row."""
    return dict(connection.execute("SELECT id, roots FROM repo"))


def _parts(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(items), _BATCH):
        yield tuple(items[start : start + _BATCH])


def _marks(part: Sequence[object]) -> str:
    return ",".join("?" * len(part))
