"""While a history is read: what its commits say of themselves, who saw them, what its fixes point at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.commit_words import commit_words, reviewers
from tokencoach.attribution.evidence.tools import assistant_of
from tokencoach.attribution.facts import DiedBlock, Unreadable
from tokencoach.attribution.suspects import suspects
from tokencoach.git.errors import GitError
from tokencoach.git.told import Person, ToldCommit, told_commits
from tokencoach.store.outcome_writer import CommitNote, save_notes, save_suspects, unnoted_commits
from tokencoach.store.verdict_rows import mark_stale
from tokencoach.usage.words import WorkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tokencoach.attribution.commit_words import CommitWords
    from tokencoach.attribution.facts import AuthoredEdit, BlockEvent
    from tokencoach.attribution.mainline import Mainline
    from tokencoach.attribution.suspects import Suspect
    from tokencoach.git.history import Commit
    from tokencoach.git.refs import Ref
    from tokencoach.store.connect import Connection
    from tokencoach.store.landing_writer import LandingWriter
    from tokencoach.store.writer import Writer

_RELEASE: Final = re.compile(r"refs/tags/(?:\S*[/@_-])?v?\d+(?:\.\d+)+\S*$")
_AT_ONCE: Final = 1000
# A forge that merges on somebody's behalf is nobody who looked.
_FORGES: Final = frozenset(f"noreply@{forge}" for forge in ("github.com", "gitlab.com", "bitbucket.org"))


class OutcomeNotes:
    """Collects what one repository's new commits say, to be written with their landings."""

    def __init__(self, repo_id: int, git_dir: Path, edits: Iterable[AuthoredEdit]) -> None:
        self._repo_id = repo_id
        self._git_dir = git_dir
        self._edits = {edit.edit_id: edit for edit in edits}
        self._brings: dict[str, tuple[str, ...]] = {}
        self._notes: list[CommitNote] = []
        self._fixes: list[tuple[int, str, list[Suspect]]] = []

    def see(self, commit: Commit, events: Sequence[BlockEvent], line: Mainline) -> None:
        """Take in a commit that was just fed to ``line``, and what it did."""
        if events and not all(isinstance(event, (DiedBlock, Unreadable)) for event in events):
            if commit.brings:
                self._brings[commit.sha] = commit.brings
            else:
                told = ToldCommit(
                    commit.sha, commit.author, commit.committer, commit.author_ms, commit.message
                )
                self._notes.append(_note(told, []))
        found = suspects(commit, events, line, self._edits)
        if found:
            self._fixes.append((commit.commit_ms, commit.subject, found))

    def write_plain(self, connection: Connection) -> None:
        """Write the notes of commits that brought no others, within the transaction of their landings."""
        save_notes(connection, self._repo_id, self._notes)
        self._notes.clear()

    def write(self, connection: Connection, rows: LandingWriter) -> None:
        """Write all that was seen, within the transaction of the last landings."""
        self.write_plain(connection)
        save_notes(connection, self._repo_id, _notes(self._git_dir, self._brings))
        for at_ms, subject, found in self._fixes:
            save_suspects(connection, rows.commit(found[0].sha, at_ms, subject), found)
            # Judged again: no line of theirs need have died.
            mark_stale(connection, {self._edits[item.edit_id].session_id for item in found})


def note_twins(writer: Writer, repo_id: int, git_dir: Path) -> None:
    """Notes of commits that a twin of the default branch brought, which no replay has seen."""
    shas = unnoted_commits(writer.connection, repo_id)
    if shas:
        with writer.transaction() as connection:
            save_notes(connection, repo_id, _notes(git_dir, dict.fromkeys(shas, ())))


def release_tags(known: Iterable[Ref]) -> list[tuple[str, int]]:
    """Tags that name a version, and when their commits were made."""
    return [
        (ref.name.removeprefix("refs/tags/"), ref.committed_ms)
        for ref in known
        if ref.committed_ms and _RELEASE.match(ref.name)
    ]


def _notes(git_dir: Path, brings: Mapping[str, Sequence[str]]) -> Iterator[CommitNote]:
    """Notes of commits, some at a time; those that git cannot read are left out."""
    part: dict[str, Sequence[str]] = {}
    size = 0
    for sha, brought in brings.items():
        part[sha] = brought
        size += 1 + len(brought)
        if size >= _AT_ONCE:
            yield from _read_notes(git_dir, part)
            part, size = {}, 0
    yield from _read_notes(git_dir, part)


def _read_notes(git_dir: Path, brings: Mapping[str, Sequence[str]]) -> Iterator[CommitNote]:
    try:
        told = told_commits(git_dir, [*brings, *(sha for brought in brings.values() for sha in brought)])
    except GitError:
        # The subject, which is kept with the landing, still says what it can.
        return
    for sha, brought in brings.items():
        if sha in told:
            yield _note(told[sha], [told[other] for other in brought if other in told])


def _note(commit: ToldCommit, brought: list[ToldCommit]) -> CommitNote:
    words = commit_words(commit.message, is_merge=bool(brought))
    branch = [other for other in brought if not other.message.startswith("Merge ")] or brought
    kind = words.kind if words.kind is not None or not words.is_merge else _kind_of(branch)
    return CommitNote(
        commit.sha,
        words.title,
        kind,
        words.scope,
        words.number,
        words.issues,
        words.is_merge,
        max((other.author_ms for other in branch), default=commit.author_ms),
        tuple(_seen_by(commit, branch, words)),
    )


def _kind_of(branch: Sequence[ToldCommit]) -> WorkKind | None:
    """A branch's kind by what its commits say: a feature where any is one."""
    kinds = [kind for other in branch if (kind := commit_words(other.message).kind) is not None]
    if not kinds or WorkKind.FEATURE in kinds:
        return WorkKind.FEATURE if kinds else None
    return max(WorkKind, key=kinds.count)


def _seen_by(commit: ToldCommit, branch: Sequence[ToldCommit], words: CommitWords) -> Iterator[str]:
    """How somebody who wrote none of it is known to have seen it."""
    named = [
        Person(name, mail)
        for one in (commit, *branch)
        for name, mail in reviewers(one.message)
        if name or mail
    ]
    # Most commits are made by one person alone.
    if not named and not words.is_merge and commit.author == commit.committer:
        return
    authors = [other.author for other in branch] if words.is_merge else [commit.author]
    if any(not _is_one_of(person, authors) and not _is_program(person) for person in named):
        yield "trailer"
    merger = commit.author if commit.committer.mail.casefold() in _FORGES else commit.committer
    if merger.mail.casefold() not in _FORGES and not _is_one_of(merger, authors) and not _is_program(merger):
        yield "merge"


def _is_program(person: Person) -> bool:
    """Whether an assistant or a bot goes by that name: what it saw, nobody has read."""
    said = f"{person.name} {person.mail}".casefold()
    return "[bot]" in said or assistant_of(person.name, person.mail) is not None


def _is_one_of(person: Person, others: Iterable[Person]) -> bool:
    return any(person.is_same(other) for other in others)
