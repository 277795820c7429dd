"""Outside evidence into the database: notes, trace records, checkpoints and what commits sign."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import xxhash

from tokencoach.attribution.evidence.authorship_log import parse_authorship_log
from tokencoach.attribution.evidence.facts import Dialect
from tokencoach.attribution.evidence.trailers import Signature, hints_of
from tokencoach.errors import DamagedInputError
from tokencoach.git.errors import GitError
from tokencoach.git.graph import SpineMaker, graph
from tokencoach.git.notes import note_texts, noted, tip_of
from tokencoach.git.signatures import carriers, signatures
from tokencoach.store.evidence_rows import (
    Marks,
    landed_sessions,
    named_sessions,
    read_marks,
    read_notes,
    save_marks,
    witnesses_in,
)
from tokencoach.store.evidence_writer import EvidenceWriter, forget_evidence
from tokencoach.store.verdict_rows import mark_repo_stale
from tokencoach.watch.checkpoints import read_checkpoints
from tokencoach.watch.traces import read_traces

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tokencoach.attribution.evidence.witnesses import Witnesses
    from tokencoach.git.graph import Spine
    from tokencoach.git.locate import Repository
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer

NOTES: Final = "refs/notes/ai"
_PORTION: Final = 200


class News(NamedTuple):
    """Commits with a note that was not there before, and those whose note is another one or gone.

    ``is_renamed`` is whether a commit that was read before names other sessions than it did then.
    ``spine`` is the line of the commits that were read.
    """

    fresh: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    is_renamed: bool = False
    spine: Spine | None = None


def read_evidence(
    writer: Writer, repo: KnownRepo, repository: Repository, tip: str, after: str | None
) -> News:
    """Take in what is new: of commits after ``after``, and in notes and records of any commit.

    A source of evidence that git cannot read is a problem for the doctor, and stops nothing.
    """
    git_dir = Path(repo.common_dir)
    marks = read_marks(writer.connection, repo.repo_id) or Marks()
    span, read = _read_signatures(writer, repo, tip, after)
    brought = read.carriers
    news = News()
    notes = tip_of(git_dir, NOTES) or ""
    try:
        if notes != marks.notes:
            news = _read_notes(writer, repo, notes)
        _carry(writer, repo, tip, news.fresh, brought)
    except GitError as error:
        with writer.transaction() as connection:
            EvidenceWriter(connection, repo.repo_id).problem(Dialect.NOTE, NOTES, str(error.args[0]))
    traces = read_traces(writer, repo, repository, tip, marks.traces)
    mark, _, known = marks.checkpoints.partition("|")
    mark = read_checkpoints(writer, repo, mark)
    named = named_sessions(writer.connection, repo.repo_id)
    news = news._replace(is_renamed=known != _digest(named, span), spine=read.spine())
    found = Marks(notes, traces, f"{mark}|{_digest(named)}")
    if found != marks or is_unread(writer, repo.repo_id):
        with writer.transaction() as connection:
            save_marks(connection, repo.repo_id, found)
            mark_repo_stale(connection, repo.repo_id)
    return news


def _digest(named: Mapping[str, frozenset[int]], without: Collection[str] = ()) -> str:
    """Changes when a commit names other sessions; some commits are left out."""
    digest = xxhash.xxh3_64()
    for sha in sorted(named.keys() - set(without)):
        digest.update(f"{sha}{sorted(named[sha])}".encode())
    return digest.hexdigest()


def is_unread(writer: Writer, repo_id: int) -> bool:
    """Whether the evidence of a repository was never read."""
    return read_marks(writer.connection, repo_id) is None


def witnesses_of(writer: Writer, repo_id: int) -> Witnesses:
    """Whom the evidence of a repository names among the sessions of our logs."""
    return witnesses_in(writer.connection, repo_id)


def is_contradicted(writer: Writer, repo_id: int, news: News) -> bool:
    """Whether what is new would have made another match of what was matched before it came.

    That is a note that gives a landed line to another session of our logs, a note that went or
    changed, another session that a commit names.
    """
    connection = writer.connection
    if news.is_renamed:
        return True
    if news.changed and next(landed_sessions(connection, repo_id, sorted(news.changed)), None) is not None:
        return True
    said = witnesses_of(writer, repo_id) if news.fresh else None
    for sha, path, line, session in landed_sessions(connection, repo_id, sorted(news.fresh)):
        named = said.session_at(sha, path, line) if said is not None else None
        if said is not None and named is not None and not said.is_same(session, named):
            return True
    return False


def without_evidence(writer: Writer, repo_id: int) -> bool:
    """Drop what was read, where the person switched it off; whether there was any."""
    if is_unread(writer, repo_id):
        return False
    with writer.transaction() as connection:
        forget_evidence(connection, repo_id)
        mark_repo_stale(connection, repo_id)
    return True


def _read_signatures(
    writer: Writer, repo: KnownRepo, tip: str, after: str | None
) -> tuple[set[str], SpineMaker]:
    """What new commits sign; their names, and the graph of them."""
    read = SpineMaker()
    span = set()
    signed = []
    for commit in signatures(Path(repo.common_dir), tip, after):
        read.take(commit.node)
        span.add(commit.node.sha)
        said = Signature(commit.author, commit.author_mail, commit.committer, commit.message)
        if hints := hints_of(said):
            signed.append((commit.node.sha, hints))
    if signed:
        with writer.transaction() as connection:
            rows = EvidenceWriter(connection, repo.repo_id)
            for sha, hints in signed:
                rows.hints(sha, hints, read.carriers.get(sha))
    return span, read


def _read_notes(writer: Writer, repo: KnownRepo, notes: str) -> News:
    """Notes that are new, other than they were, or gone."""
    git_dir = Path(repo.common_dir)
    there = noted(git_dir, notes) if notes else {}
    known = read_notes(writer.connection, repo.repo_id)
    fresh = {sha: blob for sha, blob in there.items() if known.get(sha) != blob}
    gone = known.keys() - there.keys()
    by_blob: dict[str, list[str]] = {}
    for sha, blob in fresh.items():
        by_blob.setdefault(blob, []).append(sha)
    texts = note_texts(git_dir, by_blob)
    while portion := list(islice(texts, _PORTION)):
        with writer.transaction() as connection:
            rows = EvidenceWriter(connection, repo.repo_id)
            for blob, text in portion:
                for sha in by_blob[blob]:
                    _take_note(rows, sha, blob, text)
    with writer.transaction() as connection:
        EvidenceWriter(connection, repo.repo_id).gone(sorted(gone))
    return News(frozenset(fresh.keys() - known.keys()), frozenset((fresh.keys() & known.keys()) | gone))


def _take_note(rows: EvidenceWriter, sha: str, blob: str, text: bytes | None) -> None:
    rows.note(sha, blob, ())
    if text is None:
        rows.problem(Dialect.NOTE, sha, "the note is absent or larger than 8 MiB")
        return
    try:
        log = parse_authorship_log(text)
    except DamagedInputError as error:
        rows.problem(Dialect.NOTE, sha, str(error.args[0]))
        return
    rows.note(sha, blob, log.attested)
    if log.strange:
        rows.problem(Dialect.NOTE, sha, f"{log.strange} entries not understood")


def _carry(writer: Writer, repo: KnownRepo, tip: str, fresh: frozenset[str], brought: dict[str, str]) -> None:
    """Tie noted commits of merged branches to the merge that brought them."""
    late = fresh - brought.keys()
    if late:
        nodes = [(node.sha, node.parents) for node in graph(Path(repo.common_dir), [tip])]
        brought = carriers(nodes) | brought
    noted_here = read_notes(writer.connection, repo.repo_id).keys() if brought else set()
    wanted = {sha: carrier for sha, carrier in brought.items() if sha in noted_here}
    if wanted:
        with writer.transaction() as connection:
            EvidenceWriter(connection, repo.repo_id).carried(wanted)
