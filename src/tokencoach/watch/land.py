"""git into the database: places, what landed, what lived, what stands on other branches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.attribution.lines import is_significant, line_keys
from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.pool import EditPool
from tokencoach.attribution.side import side_sightings
from tokencoach.attribution.state import export_state, from_state
from tokencoach.attribution.unborn import unborn_removals
from tokencoach.attribution.verdict import ALGORITHM, SURVIVAL_MS
from tokencoach.clock import DAY_MS, now_ms
from tokencoach.errors import TokencoachError
from tokencoach.git.errors import GitError
from tokencoach.git.history import continues, first_parent, side, start_before
from tokencoach.git.identity import RepositoryState, describe
from tokencoach.git.locate import Repository, find
from tokencoach.git.refs import fingerprint, holders, reflog_tips, refs
from tokencoach.git.worktree import uncommitted
from tokencoach.store.landing_rows import (
    Replay,
    aged_unlanded,
    authored_edits,
    drop_replay,
    purge_texts,
    read_replay,
    save_replay,
    save_sides,
    save_voids,
    save_worktree_lines,
)
from tokencoach.store.landing_writer import LandingWriter
from tokencoach.store.repo_rows import (
    adopt,
    describe_repo,
    forget_landings,
    known_repos,
    put_repo,
    set_fingerprint,
)
from tokencoach.store.verdict_rows import mark_repo_stale
from tokencoach.watch.places import Places, find_in
from tokencoach.watch.progress import silent

if TYPE_CHECKING:
    from tokencoach.attribution.facts import AuthoredEdit, Event
    from tokencoach.git.identity import RepositoryFacts
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer
    from tokencoach.watch.progress import Progress
    from tokencoach.watch.refresh import Upkeep

    Waiting = list[tuple[list[Event], str]]

# Nothing committed longer than this before the first edit can hold a line of it.
REACH_MS = 31 * DAY_MS
_PORTION = 500
_READABLE = (RepositoryState.OK, RepositoryState.SHALLOW, RepositoryState.PARTIAL, RepositoryState.EMPTY)
# Uncommitted work older than half a year is not looked for on disk.
_WORKTREE_MS = 183 * DAY_MS
_NO_BRANCHES = ("refs/tags/", "refs/stash")


def land(writer: Writer, upkeep: Upkeep, progress: Progress = silent) -> set[int]:
    """Read every repository whose refs or edits changed; their rows."""
    find_in.cache_clear()
    with writer.transaction() as connection:
        places = Places(connection)
        places.resolve()
        if _follow_moves(writer, known_repos(connection)):
            places.resolve()
        for repo_id in places.changed_repos:
            # A process killed before these are matched leaves them to the next one.
            set_fingerprint(connection, repo_id, "")
    changed = set()
    repos = known_repos(writer.connection)
    for number, repo in enumerate(repos):
        if _read_repository(writer, repo, is_dirty=repo.repo_id in places.changed_repos):
            changed.add(repo.repo_id)
        progress("git", number + 1, len(repos))
    changed |= _look_at_worktrees(writer)
    if upkeep.settings.text_days:
        with writer.transaction() as connection:
            purge_texts(connection, now_ms() - upkeep.settings.text_days * DAY_MS)
    return changed


def _look_at_worktrees(writer: Writer) -> set[int]:
    """Which aged lines that never landed still stand uncommitted on disk; repositories where that changed."""
    now = now_ms()
    changed = set()
    for repo in known_repos(writer.connection):
        repository = find(Path(repo.common_dir))
        edits = aged_unlanded(writer.connection, repo.repo_id, now - _WORKTREE_MS, now - SURVIVAL_MS)
        if repository is None or not edits:
            continue
        try:
            contents = uncommitted(
                repository, {path.encode("utf-8", "surrogateescape") for _, path, _ in edits}
            )
        except GitError:
            continue
        there = {path: {key for text in texts for key in line_keys(text)} for path, texts in contents.items()}
        lines = [
            (edit_id, position)
            for edit_id, path, keys in edits
            for position, key in enumerate(keys)
            if key and key in there.get(path.encode("utf-8", "surrogateescape"), ())
        ]
        with writer.transaction() as connection:
            if save_worktree_lines(connection, repo.repo_id, lines):
                mark_repo_stale(connection, repo.repo_id)
                changed.add(repo.repo_id)
    return changed


def moved_repositories(writer: Writer, upkeep: Upkeep) -> bool:
    """Whether any repository's refs moved since they were read; costs a few stats each."""
    del upkeep
    return any(_fingerprint(repo) != repo.fingerprint for repo in known_repos(writer.connection))


def _fingerprint(repo: KnownRepo) -> str:
    return f"{fingerprint(Path(repo.common_dir)):x}:{repo.ship or ''}"


def _follow_moves(writer: Writer, repos: list[KnownRepo]) -> bool:
    """A repository that is gone from its place and stands elsewhere has moved, if its roots are the same.

    Gives whether any has.
    """
    has_moved = False
    for repo in repos:
        if Path(repo.common_dir).is_dir():
            continue
        target = next((other for other in map(_described, repos) if _is_same(repo, other)), None)
        target_id = target.repo_id if target is not None else _beside(writer, repo)
        if target_id is not None:
            adopt(writer.connection, repo.repo_id, target_id)
            has_moved = True
    return has_moved


def _described(repo: KnownRepo) -> KnownRepo:
    """A repository that was just found has not been read yet: its roots are looked up."""
    found = None if repo.roots else find(Path(repo.common_dir))
    if found is None:
        return repo
    facts = describe(found)
    return repo._replace(roots=tuple(sorted(facts.root_commits)), remotes=facts.remotes)


def _is_same(gone: KnownRepo, other: KnownRepo) -> bool:
    if other.repo_id == gone.repo_id or not gone.roots or not Path(other.common_dir).is_dir():
        return False
    shares_remote = not gone.remotes or not other.remotes or bool(set(gone.remotes) & set(other.remotes))
    return gone.roots == other.roots and shares_remote


def _beside(writer: Writer, gone: KnownRepo) -> int | None:
    """A renamed folder beside the old place, told by its root commits."""
    above = Path(gone.path).parent
    if not gone.roots or not above.is_dir():
        return None
    for folder in sorted(above.iterdir()):
        if not (folder / ".git").exists() and not (folder / "HEAD").exists():
            continue
        found = find(folder)
        if found is not None and tuple(sorted(describe(found).root_commits)) == gone.roots:
            path = str(found.main_worktree or found.common_dir)
            return put_repo(writer.connection, str(found.common_dir), path)
    return None


def _read_repository(writer: Writer, repo: KnownRepo, *, is_dirty: bool) -> bool:
    mark = _fingerprint(repo)
    if mark == repo.fingerprint and not is_dirty:
        return False
    found = find(Path(repo.common_dir)) or Repository(Path(repo.common_dir), None, ())
    ship = repo.ship or ""
    facts = describe(found, ship.removeprefix("ref:") if ship.startswith("ref:") else None)
    state, problem = str(facts.state), facts.problem
    tip = _shipping_tip(repo, facts, found.common_dir)
    if facts.state in _READABLE:
        try:
            _match(writer, repo, tip)
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
        mark_repo_stale(connection, repo.repo_id)
    return True


def _shipping_tip(repo: KnownRepo, facts: RepositoryFacts, git_dir: Path) -> str | None:
    """The commit up to which history counts as landed, by the repository's policy."""
    if repo.ship == "tag" and facts.state in _READABLE:
        tags = [ref for ref in refs(git_dir) if ref.name.startswith("refs/tags/")]
        return max(tags, key=lambda ref: ref.committed_ms).sha if tags else None
    return facts.default_tips[0].sha if facts.default_tips else None


def _match(writer: Writer, repo: KnownRepo, tip: str | None) -> None:
    """Feed the default branch's new commits, or all that can matter where history or edits changed."""
    git_dir = Path(repo.common_dir)
    edits = authored_edits(writer.connection, repo.repo_id)
    if not edits:
        with writer.transaction() as connection:
            forget_landings(connection, repo.repo_id)
        return
    line, after = _resumed(writer, repo, tip, edits)
    if line is None:
        with writer.transaction() as connection:
            forget_landings(connection, repo.repo_id)
        line = Mainline(edits)
        after = start_before(git_dir, tip, edits[0].at_ms, REACH_MS) if tip else None
    commits = first_parent(git_dir, tip, after, line.wanted) if tip else iter(())
    waiting: Waiting = []
    try:
        for commit in commits:
            waiting.append((line.feed(commit), commit.subject))
            if len(waiting) >= _PORTION:
                with writer.transaction() as connection:
                    drop_replay(connection, repo.repo_id)
                    _write(LandingWriter(connection, repo.repo_id), waiting)
                waiting = []
    except GitError:
        _save(writer, repo, line, edits, waiting)
        raise
    _save(writer, repo, line, edits, waiting)
    _save_sides(writer, repo, tip, line, edits)


def _resumed(
    writer: Writer, repo: KnownRepo, tip: str | None, edits: list[AuthoredEdit]
) -> tuple[Mainline | None, str | None]:
    """Where matching was left, if it may go on from there."""
    kept = read_replay(writer.connection, repo.repo_id)
    if kept is None or tip is None or kept.algorithm != ALGORITHM:
        return None, None
    older = sum(edit.at_ms <= kept.newest_edit_ms for edit in edits)
    if older != kept.edits or not continues(Path(repo.common_dir), tip, kept.tip):
        return None, None
    try:
        return from_state(kept.state, edits), kept.tip
    except TokencoachError:
        return None, None


def _write(rows: LandingWriter, waiting: Waiting) -> None:
    for events, subject in waiting:
        rows.write(events, subject)
    rows.flush()


def _save(
    writer: Writer, repo: KnownRepo, line: Mainline, edits: list[AuthoredEdit], waiting: Waiting
) -> None:
    """The last landings together with the state from which the next run goes on."""
    with writer.transaction() as connection:
        _write(LandingWriter(connection, repo.repo_id), waiting)
        if line.tip is not None:
            replay = Replay(ALGORITHM, line.tip, edits[-1].at_ms, len(edits), export_state(line))
            save_replay(connection, repo.repo_id, replay)


def _save_sides(
    writer: Writer, repo: KnownRepo, tip: str | None, line: Mainline, edits: list[AuthoredEdit]
) -> None:
    """Lines on other refs and in reflogs; removals whose line never landed."""
    git_dir = Path(repo.common_dir)
    known = refs(git_dir)
    not_tips = [tip] if tip else []
    tips = sorted({ref.sha for ref in known} | set(reflog_tips(git_dir)))
    moved = {ref.name: ref.committed_ms for ref in known if not ref.name.startswith(_NO_BRANCHES)}
    held = holders(git_dir, [ref for ref in known if ref.name in moved], not_tips)
    pool = EditPool(edits)
    found = []
    commits = side(git_dir, tips, not_tips, pool.has_edits, edits[0].at_ms - REACH_MS)
    for item in side_sightings(edits, commits, held):
        branch = max(item.refs, key=lambda name: moved.get(name, 0), default="")
        found.append((item, moved.get(branch, 0), branch))
    voids = line.voids()
    if tip is not None:
        # Where an edit also adds lines, its removals follow them and need no evidence of their own.
        removing = [edit for edit in edits if not any(map(is_significant, edit.added))]
        voids += unborn_removals(line, removing, git_dir, tip)
    with writer.transaction() as connection:
        rows = LandingWriter(connection, repo.repo_id)
        save_sides(connection, rows, repo.repo_id, found)
        save_voids(connection, repo.repo_id, voids, {edit.edit_id: edit.at_ms for edit in edits})
