"""git into the database: places, what landed, what lived, what stands on other branches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.clock import DAY_MS, now_ms
from tokencoach.git.identity import describe
from tokencoach.git.locate import find
from tokencoach.git.refs import fingerprint
from tokencoach.store.landing_rows import purge_texts
from tokencoach.store.repo_rows import adopt, known_repos, put_repo, set_fingerprint
from tokencoach.watch.marks import look_again
from tokencoach.watch.places import Places
from tokencoach.watch.progress import silent
from tokencoach.watch.roots import find_in
from tokencoach.watch.subfolders import look_below

if TYPE_CHECKING:
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer
    from tokencoach.watch.progress import Progress
    from tokencoach.watch.refresh import Upkeep


def land(writer: Writer, upkeep: Upkeep, progress: Progress = silent) -> set[int]:
    """Read every repository whose refs or edits changed; their rows."""
    find_in.cache_clear()
    is_evident = upkeep.settings.outside_evidence
    with writer.transaction() as connection:
        for repo in known_repos(connection):
            if _fingerprint(repo, is_evident=is_evident) != repo.fingerprint:
                look_again(connection, repo)
                look_below(connection, repo)
        places = Places(connection)
        places.resolve()
        dirty = places.changed_repos
        if _follow_moves(writer, known_repos(connection)):
            again = Places(connection)
            again.resolve()
            dirty = dirty | again.changed_repos
        for repo_id in dirty:
            # A process killed before these are matched leaves them to the next one.
            set_fingerprint(connection, repo_id, "")
    repos = {repo: _fingerprint(repo, is_evident=is_evident) for repo in known_repos(writer.connection)}
    changed: set[int] = set()
    if repos:
        # Where nobody works in a repository, nothing of matching is loaded.
        from tokencoach.watch.matching import match_repositories  # noqa: PLC0415

        changed = match_repositories(writer, upkeep, repos, dirty, progress)
    if upkeep.settings.text_days:
        with writer.transaction() as connection:
            purge_texts(connection, now_ms(), upkeep.settings.text_days * DAY_MS)
    return changed


def moved_repositories(writer: Writer, upkeep: Upkeep) -> bool:
    """Whether any repository's refs moved since they were read; costs a few stats each."""
    is_evident = upkeep.settings.outside_evidence
    return any(
        _fingerprint(repo, is_evident=is_evident) != repo.fingerprint
        for repo in known_repos(writer.connection)
    )


def _fingerprint(repo: KnownRepo, *, is_evident: bool) -> str:
    alone = "" if is_evident else ":alone"
    return f"{fingerprint(Path(repo.common_dir)):x}:{repo.ship or ''}{alone}"


def _follow_moves(writer: Writer, repos: list[KnownRepo]) -> bool:
    """A repository that is gone from its place and stands elsewhere has moved, if its roots are the same."""
    gone = [repo for repo in repos if repo.roots and not Path(repo.common_dir).is_dir()]
    if not gone:
        return False
    repos = [_introduced(repo) for repo in repos]
    has_moved = False
    for repo in gone:
        target = next((other for other in repos if _is_same(repo, other)), None)
        target_id = target.repo_id if target is not None else _beside(writer, repo)
        if target_id is not None:
            adopt(writer.connection, repo.repo_id, target_id)
            has_moved = True
    return has_moved


def _introduced(repo: KnownRepo) -> KnownRepo:
    """A repository found in this round is known by its roots before its history is read."""
    found = find(Path(repo.common_dir)) if not repo.roots else None
    if found is None:
        return repo
    facts = describe(found)
    return repo._replace(roots=tuple(sorted(facts.root_commits)), remotes=tuple(sorted(facts.remotes)))


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
