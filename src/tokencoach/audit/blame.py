"""From a line back to the session and turn that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.state import from_state
from tokencoach.audit.git_rev import commit_of
from tokencoach.errors import UsageError
from tokencoach.git.blobs import contents
from tokencoach.git.graph import start_before
from tokencoach.git.history import first_parent
from tokencoach.store.blame_rows import Author, authors_of, landed_in
from tokencoach.store.landing_rows import authored_edits, read_replay
from tokencoach.store.landing_writer import path_text

if TYPE_CHECKING:
    from tokencoach.git.history import Commit
    from tokencoach.store.reader import Reader
    from tokencoach.store.repo_rows import KnownRepo

REACH_MS = 31 * 86_400_000
_HUMAN = "no assistant's edit in the logs wrote this line"


@dataclass(frozen=True, slots=True)
class BlamedLine:
    """A line and who wrote it; without a session, ``reason`` says why."""

    path: str
    line: int
    author: Author | None
    reason: str | None = None


def blame_file(reader: Reader, repo: KnownRepo, path: str, rev: str) -> list[BlamedLine]:
    """Every line of a file as it stands in a revision.

    Raises:
        UsageError: no such revision, or no such file in it.
        GitError: git failed.
    """
    git_dir = Path(repo.common_dir)
    sha = commit_of(git_dir, rev)
    name = path.encode("utf-8", "surrogateescape")
    ((_, content),) = contents(git_dir, [(sha, name)])
    if content is None:
        raise UsageError(
            f"{path} is not in {rev}", "name a file that is committed, from the repository's root"
        )
    line = _line_at(reader, repo, git_dir, sha)
    count = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
    values = line.provenance(name)[:count]
    owners = [[line.ledger.line(row) for row in line.ledger.rows(value)] for value in values]
    authors = authors_of(reader.connection, {owner for some in owners for owner in some})
    found = []
    for number in range(count):
        some = owners[number] if number < len(owners) else []
        author = next((authors[owner] for owner in some if owner in authors), None)
        found.append(BlamedLine(path, number + 1, author, None if author else _HUMAN))
    return found


def _line_at(reader: Reader, repo: KnownRepo, git_dir: Path, sha: str) -> Mainline:
    """Provenance as of a commit: what is kept where it is the newest one, else matched again."""
    kept = read_replay(reader.connection, repo.repo_id)
    if kept is not None and kept.tip == sha:
        return from_state(kept.state, [])
    edits = authored_edits(reader.connection, repo.repo_id)
    line = Mainline(edits)
    if edits:
        after = start_before(git_dir, sha, edits[0].at_ms, REACH_MS)
        for commit in first_parent(git_dir, sha, after, line.wanted):
            line.feed(commit)
    return line


def blame_commit(reader: Reader, repo: KnownRepo, rev: str) -> list[BlamedLine]:
    """Every line that a commit added against its first parent.

    Raises:
        UsageError: no such revision.
        GitError: git failed.
    """
    git_dir = Path(repo.common_dir)
    sha = commit_of(git_dir, rev)
    commit = _only(git_dir, sha)
    authors = landed_in(reader.connection, repo.repo_id, sha)
    found = []
    for change in commit.changes if commit is not None else ():
        path = path_text(change.path)
        for hunk in change.hunks:
            for number in range(hunk.new_start, hunk.new_start + len(hunk.added)):
                author = authors.get((path, number))
                found.append(BlamedLine(path, number, author, None if author else _HUMAN))
    return found


def _only(git_dir: Path, sha: str) -> Commit | None:
    parent = commit_of(git_dir, f"{sha}^1", is_optional=True)
    return next((one for one in first_parent(git_dir, sha, parent or None) if one.sha == sha), None)
