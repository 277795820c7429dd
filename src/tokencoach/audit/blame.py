"""From a line back to the session and turn that wrote it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.attribution.evidence.unmatched import Elsewhere, unmatched
from tokencoach.attribution.evidence.weigh import Matched, weigh
from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.state import from_state
from tokencoach.audit.git_rev import commit_of
from tokencoach.errors import UsageError
from tokencoach.git.blobs import contents
from tokencoach.git.errors import GitError
from tokencoach.git.graph import start_before
from tokencoach.git.history import first_parent
from tokencoach.git.origins import origins
from tokencoach.store.blame_rows import Author, authors_of, landed_in
from tokencoach.store.evidence_rows import has_evidence, kin_of, said_of, witnesses_in
from tokencoach.store.landing_rows import authored_edits, read_replay
from tokencoach.store.landing_writer import path_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.attribution.evidence.said import CommitSaid
    from tokencoach.git.history import Commit
    from tokencoach.store.reader import Reader
    from tokencoach.store.repo_rows import KnownRepo

REACH_MS = 31 * 86_400_000
Place = tuple[str, str, int]
"""A commit, a path there, and a line's number there."""

_HUMAN = "no assistant's edit in the logs wrote this line"


@dataclass(frozen=True, slots=True)
class BlamedLine:
    """A line and who wrote it; without an author of the logs, ``reason`` says why.

    ``elsewhere`` is who outside evidence says it was, ``commit`` then the one that brought the line;
    ``evidence`` is what it says of a line with an author.
    """

    path: str
    line: int
    author: Author | None
    reason: str | None = None
    elsewhere: Elsewhere | None = None
    commit: str | None = None
    evidence: str | None = None


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
    return _with_evidence(reader, repo, found, lambda: _origins_of(git_dir, sha, name))


def _origins_of(git_dir: Path, sha: str, name: bytes) -> dict[int, Place]:
    """Where each line of a file comes from, by index; nothing where git cannot tell."""
    try:
        there = origins(git_dir, sha, name)
    except GitError:
        return {}
    return {index: (item.sha, path_text(item.path), item.line) for index, item in enumerate(there)}


def _with_evidence(
    reader: Reader, repo: KnownRepo, lines: list[BlamedLine], origins_of: Callable[[], dict[int, Place]]
) -> list[BlamedLine]:
    """The lines with what outside evidence says of their authors, or of who else wrote them."""
    if not has_evidence(reader.connection):
        return lines
    places = {index: place for index, place in origins_of().items() if lines[index : index + 1]}
    landed = {line.author.commit for line in lines if line.author is not None}
    said = said_of(reader.connection, repo.repo_id, landed | {place[0] for place in places.values()})
    kin = kin_of(
        reader.connection, sorted({line.author.session for line in lines if line.author is not None})
    )
    found = []
    for index, line in enumerate(lines):
        author = line.author
        if author is not None:
            names = frozenset(kin.get(author.session, {}).values())
            found.append(_weighed(line, author, names, said.get(author.commit)))
            continue
        sha, path, number = places.get(index, ("", "", 0))
        there = said.get(sha)
        elsewhere = unmatched(there, path, number) if there is not None else None
        if elsewhere is None:
            found.append(line)
        else:
            found.append(replace(line, reason=elsewhere.reason, elsewhere=elsewhere, commit=sha))
    return found


def _weighed(line: BlamedLine, author: Author, kin: frozenset[str], said: CommitSaid | None) -> BlamedLine:
    matched = Matched(kin | {author.session_id}, author.source, author.path, author.line, author.confidence)
    weighed = weigh(matched, said) if said is not None else None
    if weighed is None:
        return line
    return replace(line, author=author._replace(confidence=weighed.confidence), evidence=weighed.said)


def _line_at(reader: Reader, repo: KnownRepo, git_dir: Path, sha: str) -> Mainline:
    """Provenance as of a commit: what is kept where it is the newest one, else matched again."""
    kept = read_replay(reader.connection, repo.repo_id)
    if kept is not None and kept.tip == sha:
        return from_state(kept.state, [])
    edits = authored_edits(reader.connection, repo.repo_id)
    line = Mainline(edits)
    if has_evidence(reader.connection):
        line.witnesses = witnesses_in(reader.connection, repo.repo_id)
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
    return _with_evidence(
        reader,
        repo,
        found,
        lambda: {index: (sha, line.path, line.line) for index, line in enumerate(found)},
    )


def _only(git_dir: Path, sha: str) -> Commit | None:
    parent = commit_of(git_dir, f"{sha}^1", is_optional=True)
    return next((one for one in first_parent(git_dir, sha, parent or None) if one.sha == sha), None)
