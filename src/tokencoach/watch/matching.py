"""Histories of repositories matched with their edits: what landed, what lived, what stands elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.attribution.facts import DiedBlock, Unreadable
from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.state import export_state, from_state
from tokencoach.attribution.unborn import NOTHING_SETTLED, Past, Settled, void_lines
from tokencoach.attribution.verdict import ALGORITHM
from tokencoach.clock import DAY_MS
from tokencoach.errors import TokencoachError
from tokencoach.git.errors import GitError
from tokencoach.git.graph import continues, start_before
from tokencoach.git.history import begin, first_parent
from tokencoach.git.identity import KnownRoots, RepositoryState, describe
from tokencoach.git.locate import Repository, find
from tokencoach.store.connect import small_cache
from tokencoach.store.landing_rows import (
    Replay,
    authored_edits,
    drop_replay,
    read_replay,
    save_replay,
    save_voids,
    void_positions,
)
from tokencoach.store.landing_writer import LandingWriter
from tokencoach.store.repo_rows import describe_repo, forget_landings, set_fingerprint
from tokencoach.store.verdict_rows import mark_repo_stale, mark_stale
from tokencoach.watch.abroad import look_abroad
from tokencoach.watch.clones import share_between_clones
from tokencoach.watch.collector import without_collector
from tokencoach.watch.elsewhere import ShippingTips, look_at_worktrees, look_elsewhere
from tokencoach.watch.evidence import (
    is_contradicted,
    is_unread,
    read_evidence,
    without_evidence,
    witnesses_of,
)
from tokencoach.watch.forge_reviews import ask_for_reviews
from tokencoach.watch.outcomes import OutcomeNotes, note_twins
from tokencoach.watch.progress import silent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tokencoach.attribution.facts import AuthoredEdit, BlockEvent
    from tokencoach.git.graph import Spine
    from tokencoach.git.history import Ahead
    from tokencoach.git.identity import RepositoryFacts
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer
    from tokencoach.watch.progress import Progress
    from tokencoach.watch.refresh import Upkeep

    Waiting = list[tuple[list[BlockEvent], str, int | None]]

# Nothing committed longer than this before the first edit can hold a line of it.
REACH_MS = 31 * DAY_MS
# A transaction writes most pages of what landed before: the fewer there are, the fewer pages.
_PORTION = 2_000
_PORTION_ROWS = 15_000
_READABLE = (RepositoryState.OK, RepositoryState.SHALLOW, RepositoryState.PARTIAL, RepositoryState.EMPTY)


def match_repositories(
    writer: Writer,
    upkeep: Upkeep,
    marks: Mapping[KnownRepo, str],
    dirty: Collection[int],
    progress: Progress = silent,
) -> set[int]:
    """Read every repository that is dirty or whose mark is another than it has; rows of those that changed."""
    changed = set()
    with small_cache(writer.connection), without_collector():
        for number, (repo, mark) in enumerate(marks.items()):
            if mark != repo.fingerprint or repo.repo_id in dirty:
                _read_repository(writer, repo, mark, is_evident=upkeep.settings.outside_evidence)
                changed.add(repo.repo_id)
            progress("git", number + 1, len(marks))
    changed |= look_at_worktrees(writer)
    if changed:
        changed |= look_abroad(writer)
        share_between_clones(writer, changed)
    if upkeep.settings.review_from_gh:
        changed |= ask_for_reviews(writer)
    return changed


def _read_repository(writer: Writer, repo: KnownRepo, mark: str, *, is_evident: bool) -> None:
    """Read what is new in a repository, whose fingerprint is ``mark`` from then on."""
    found = find(Path(repo.common_dir)) or Repository(Path(repo.common_dir), None, ())
    ship = repo.ship or ""
    kept = read_replay(writer.connection, repo.repo_id)
    known = KnownRoots(kept.tip, repo.roots) if kept is not None else None
    facts = describe(found, ship.removeprefix("ref:") if ship.startswith("ref:") else None, known)
    state, problem = str(facts.state), facts.problem
    tips = _shipping_tips(repo, facts)
    if facts.state in _READABLE:
        try:
            _match(writer, repo, tips, kept, found if is_evident else None, facts.oldest_root_ms)
        except GitError as error:
            state, problem = str(RepositoryState.PARTIAL), str(error.args[0])
    with writer.transaction() as connection:
        is_known = facts.state in _READABLE
        describe_repo(
            connection,
            repo.repo_id,
            roots=facts.root_commits if is_known else repo.roots,
            remotes=facts.remotes if is_known else repo.remotes,
            default_branch=facts.default_branch,
            state=state,
            problem=problem,
        )
        set_fingerprint(connection, repo.repo_id, mark)
        if state != repo.state or problem is not None:
            mark_repo_stale(connection, repo.repo_id)


def _shipping_tips(repo: KnownRepo, facts: RepositoryFacts) -> ShippingTips:
    """The commit up to which history counts as landed, by the repository's policy, and its twins."""
    if repo.ship == "tag" and facts.state in _READABLE:
        tags = [ref for ref in facts.refs if ref.name.startswith("refs/tags/")]
        tip = max(tags, key=lambda ref: ref.committed_ms).sha if tags else None
        return ShippingTips(tip, refs=facts.refs)
    if not facts.default_tips:
        return ShippingTips(None, refs=facts.refs)
    tip = facts.default_tips[0].sha
    twins = frozenset(ref.name for ref in facts.default_tips if ref.sha != tip)
    return ShippingTips(tip, twins, facts.refs)


@contextmanager
def _begun(repo: KnownRepo, tip: str | None, kept: Replay | None) -> Iterator[Ahead | None]:
    """Let git begin with the commits since the branch was left, while edits and state are read."""
    is_moved = kept is not None and tip is not None and kept.algorithm == ALGORITHM and tip != kept.tip
    ahead = begin(Path(repo.common_dir), tip, kept.tip) if is_moved and kept and tip else None
    try:
        yield ahead
    finally:
        if ahead is not None:
            ahead.end()


def _match(
    writer: Writer,
    repo: KnownRepo,
    tips: ShippingTips,
    kept: Replay | None,
    evident: Repository | None,
    oldest_root_ms: int,
) -> None:
    """Feed the default branch's new commits, or all that can matter where history or edits changed.

    ``evident`` is the repository whose outside evidence is to be read; None for none.
    """
    with _begun(repo, tips.tip, kept) as ahead:
        _match_edits(
            writer, repo, tips, kept, evident, _Span(Path(repo.common_dir), tips.tip, oldest_root_ms, ahead)
        )


def _match_edits(
    writer: Writer,
    repo: KnownRepo,
    tips: ShippingTips,
    kept: Replay | None,
    evident: Repository | None,
    span: _Span,
) -> None:
    git_dir, tip = Path(repo.common_dir), tips.tip
    edits = authored_edits(writer.connection, repo.repo_id)
    if not edits:
        with writer.transaction() as connection:
            forget_landings(connection, repo.repo_id)
        return
    span.first_edit_ms = edits[0].at_ms
    line = _resumed(repo, tip, edits, kept, span)
    line = _with_evidence(writer, repo, evident, line, span)
    settled, past = NOTHING_SETTLED, None
    if line is not None and kept is not None:
        after: str | None = kept.tip
        # No new commit can be the one that an edit was made upon, if the branch was a day ahead of it.
        until_ms = min(kept.newest_edit_ms, line.clock_ms - DAY_MS)
        settled = Settled(until_ms, void_positions(writer.connection, repo.repo_id))
        touched = {edit.path for edit in edits if edit.at_ms > kept.newest_edit_ms}
    else:
        with writer.transaction() as connection:
            forget_landings(connection, repo.repo_id)
        line = Mainline(edits)
        touched = set(line.pool.paths())
        after, past = span.start, Past()
    if evident is not None:
        line.witnesses = witnesses_of(writer, repo.repo_id)
    known = span.take_spine(after)
    # What git has begun follows where the branch was left.
    begun = span.ahead if kept is not None and after == kept.tip else None
    commits = first_parent(git_dir, tip, after, line.wanted, begun or known) if tip else iter(())
    path_of = {edit.edit_id: edit.path for edit in edits}
    notes = OutcomeNotes(repo.repo_id, git_dir, edits)
    rows = LandingWriter(writer.connection, repo.repo_id)
    waiting: Waiting = []
    landed, full = line.ledger.keys, len(line.ledger.keys) + _PORTION_ROWS
    try:
        for commit in commits:
            events = line.feed_blocks(commit)
            if past is not None:
                past.add(commit.sha, commit.parents, commit.commit_ms)
            notes.see(commit, events, line)
            # From nothing, every path is touched.
            if events and kept is not None:
                touched |= _touched(events, path_of)
            waiting.append((events, commit.subject, commit.first_author_ms if commit.brings else None))
            if len(waiting) >= _PORTION or len(landed) >= full:
                _write_portion(writer, repo, rows, waiting, notes)
                waiting, full = [], len(landed) + _PORTION_ROWS
    except GitError:
        _save(writer, repo, line, edits, waiting, touched, notes, (settled, past))
        raise
    _save(writer, repo, line, edits, waiting, touched, notes, (settled, past))
    look_elsewhere(writer, repo, tips, edits, REACH_MS)
    if tips.twins:
        note_twins(writer, repo.repo_id, git_dir)


def _touched(events: Iterable[BlockEvent], path_of: Mapping[int, bytes]) -> set[bytes]:
    """Paths of the edits of which something landed or died, and of files that could not be read."""
    touched = set()
    for event in events:
        if isinstance(event, DiedBlock):
            touched |= {path_of[edit_id] for edit_id, _, _ in event.lines}
        else:
            touched.add(event.path if isinstance(event, Unreadable) else path_of[event.edit_id])
    return touched


class _Span:
    """What of a branch is to be read: where a cold reading may begin, and the spine that was read so far."""

    def __init__(self, git_dir: Path, tip: str | None, oldest_root_ms: int, ahead: Ahead | None) -> None:
        self._git_dir = git_dir
        self._oldest_root_ms = oldest_root_ms
        self._spine: tuple[str | None, Spine | None] = None, None
        self.tip = tip
        self.first_edit_ms = 0
        self.ahead = ahead

    @cached_property
    def start(self) -> str | None:
        """The commit after which the branch matters; None where it does from its root."""
        if self.tip is None or self._oldest_root_ms >= max(self.first_edit_ms - REACH_MS, 1):
            return None
        return start_before(self._git_dir, self.tip, self.first_edit_ms, REACH_MS)

    def keep_spine(self, after: str | None, spine: Spine | None) -> None:
        """Keep the spine after a commit, so that git is not asked for it twice."""
        self._spine = after, spine

    def take_spine(self, after: str | None) -> Spine | None:
        """The spine after a commit, once; None where another one was read, or none."""
        (kept, spine), self._spine = self._spine, (None, None)
        return spine if kept == after else None


def _with_evidence(
    writer: Writer,
    repo: KnownRepo,
    evident: Repository | None,
    line: Mainline | None,
    span: _Span,
) -> Mainline | None:
    """Read outside evidence; the branch as it was, or None where evidence wants it matched anew."""
    if evident is None:
        return None if without_evidence(writer, repo.repo_id) else line
    if span.tip is None:
        return line
    is_first = line is None or is_unread(writer, repo.repo_id)
    after = span.start if line is None or is_first else line.tip
    news = read_evidence(writer, repo, evident, span.tip, after)
    span.keep_spine(after, news.spine)
    return None if is_first or is_contradicted(writer, repo.repo_id, news) else line


def _resumed(
    repo: KnownRepo, tip: str | None, edits: list[AuthoredEdit], kept: Replay | None, span: _Span
) -> Mainline | None:
    """The branch where matching was left, if it may go on from there."""
    if kept is None or tip is None or kept.algorithm != ALGORITHM:
        return None
    older = sum(edit.at_ms <= kept.newest_edit_ms for edit in edits)
    if older != kept.edits:
        return None
    if span.ahead is None and not continues(Path(repo.common_dir), tip, kept.tip):
        return None
    try:
        line = from_state(kept.state, edits)
    except TokencoachError:
        return None
    return None if line.is_late(edits[kept.edits :]) else line


def _write_portion(
    writer: Writer, repo: KnownRepo, rows: LandingWriter, waiting: Waiting, notes: OutcomeNotes
) -> None:
    """What some commits did, with their notes; from then on the kept state is not that of the tables."""
    with writer.transaction() as connection:
        drop_replay(connection, repo.repo_id)
        _write(rows, waiting)
        notes.write_plain(connection)


def _write(rows: LandingWriter, waiting: Waiting) -> None:
    for events, subject, began_ms in waiting:
        rows.write(events, subject, began_ms)
    rows.finish()


def _save(
    writer: Writer,
    repo: KnownRepo,
    line: Mainline,
    edits: list[AuthoredEdit],
    waiting: Waiting,
    touched: set[bytes],
    notes: OutcomeNotes,
    known: tuple[Settled, Past | None],
) -> None:
    """The last landings and the voids of the paths touched, with the state from which the next run goes on.

    ``known`` is what was found of the voids before, and the branch where all of it was read.
    """
    touched = touched | line.renamed | line.backdated
    edited_ms = {edit.edit_id: edit.at_ms for edit in edits if edit.path in touched}
    voids = line.voids(touched)
    if line.tip is not None:
        concerned = [edit for edit in edits if edit.path in touched]
        voids += void_lines(line, concerned, Path(repo.common_dir), line.tip, *known)
    with writer.transaction() as connection:
        rows = LandingWriter(connection, repo.repo_id)
        _write(rows, waiting)
        notes.write(connection, rows)
        save_voids(connection, edited_ms, voids, edited_ms)
        mark_stale(connection, {edit.session_id for edit in edits if edit.path in touched})
        if line.tip is not None:
            replay = Replay(ALGORITHM, line.tip, edits[-1].at_ms, len(edits), export_state(line))
            save_replay(connection, repo.repo_id, replay)
