"""Lines outside the default branch: on other refs, in reflogs, on a twin that diverged, in working trees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.facts import APART_TRUST, RELEASED_TRUST, Method
from tokencoach.attribution.lines import line_keys
from tokencoach.attribution.pool import SLACK_MS, EditPool
from tokencoach.attribution.side import side_sightings
from tokencoach.attribution.sweeps import fitting
from tokencoach.attribution.verdict import SURVIVAL_MS
from tokencoach.clock import DAY_MS, now_ms
from tokencoach.git.errors import GitError
from tokencoach.git.graph import graph
from tokencoach.git.history import side
from tokencoach.git.locate import find
from tokencoach.git.refs import holders, reflog_tips, refs
from tokencoach.git.worktree import uncommitted
from tokencoach.store.landing_rows import (
    aged_unlanded,
    landed_among,
    save_sides,
    save_twin_landings,
    save_worktree_lines,
)
from tokencoach.store.landing_writer import LandingWriter
from tokencoach.store.outcome_writer import save_releases
from tokencoach.store.repo_rows import known_repos
from tokencoach.store.verdict_rows import mark_repo_stale, mark_sighted_stale
from tokencoach.watch.outcomes import release_tags
from tokencoach.watch.released import released_refs
from tokencoach.watch.unrelated_branches import apart_refs, is_pushed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tokencoach.attribution.facts import AuthoredEdit, SideSighting
    from tokencoach.git.graph import CommitNode
    from tokencoach.git.refs import Ref
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer

# Uncommitted work older than half a year is not looked for on disk.
_WORKTREE_MS = 183 * DAY_MS
_NO_BRANCHES = ("refs/tags/", "refs/stash")


class ShippingTips(NamedTuple):
    """The commit up to which history counts as landed, and refs that count as the default branch too.

    ``refs`` are all that the repository has.
    """

    tip: str | None
    twins: frozenset[str] = frozenset()
    refs: tuple[Ref, ...] = ()


def look_elsewhere(
    writer: Writer, repo: KnownRepo, tips: ShippingTips, edits: list[AuthoredEdit], reach_ms: int
) -> None:
    """Lines on other refs and in reflogs; those on a twin of the default branch have landed, and may have died.

    Commits older than the first edit by ``reach_ms`` are left out.
    """
    git_dir = Path(repo.common_dir)
    known = tips.refs or refs(git_dir)
    not_tips = [tips.tip] if tips.tip else []
    others = sorted(({ref.sha for ref in known} | set(reflog_tips(git_dir))) - set(not_tips))
    nodes = graph(git_dir, [*others, *(f"^{tip}" for tip in not_tips)]) if others else []
    moved = {ref.name: ref.committed_ms for ref in known if not ref.name.startswith(_NO_BRANCHES)}
    twins = tips.twins
    found, on_twins, released = [], [], []
    if nodes:
        # What the person says ships does so alone.
        is_told = repo.ship not in (None, "tag")
        versions = [] if is_told else released_refs(known, nodes, edits[0].at_ms)
        held = holders(git_dir, [*(ref for ref in known if ref.name in moved), *versions], not_tips, nodes)
        tags = frozenset(ref.name for ref in versions)
        apart = apart_refs(git_dir, known, nodes, tips.tip)
        twins |= {ref.name for ref in apart if is_pushed(ref)}
        there = _Side(git_dir, others, not_tips, nodes, held)
        for item in (*_sightings(writer, edits, there, reach_ms), *_apart(edits, there, apart, reach_ms)):
            branch = max((name for name in item.refs if name in moved), key=moved.__getitem__, default="")
            found.append((item, moved.get(branch, 0), branch))
            if not tags.isdisjoint(item.refs):
                released.append(_as_released(item))
            if any(
                not twins.isdisjoint(refs) for refs in (item.refs, *(gone.refs for gone in item.leavings))
            ):
                on_twins.append(item)
    with writer.transaction() as connection:
        if save_releases(connection, repo.repo_id, release_tags(known)):
            mark_repo_stale(connection, repo.repo_id)
        mark_sighted_stale(connection, repo.repo_id)
        rows = LandingWriter(connection, repo.repo_id)
        save_sides(connection, rows, repo.repo_id, found)
        save_twin_landings(connection, rows, repo.repo_id, on_twins, twins)
        save_twin_landings(connection, rows, repo.repo_id, released, frozenset())
        mark_sighted_stale(connection, repo.repo_id)


def _as_released(item: SideSighting) -> SideSighting:
    """A line that a version's tag holds: nothing that a branch does later takes it out of there."""
    return item._replace(method=Method.RELEASED, confidence=min(item.confidence, RELEASED_TRUST), leavings=())


class _Side(NamedTuple):
    """Commits outside the default branch: whose, and who holds them."""

    git_dir: Path
    tips: list[str]
    not_tips: list[str]
    nodes: list[CommitNode] | None
    held: dict[str, frozenset[str]]

    def sightings(
        self, edits: list[AuthoredEdit], wanted: Callable[[bytes], bool], since_ms: int
    ) -> Iterator[SideSighting]:
        """Lines of edits in those commits since an instant that change a wanted file."""
        commits = side(self.git_dir, self.tips, self.not_tips, wanted, since_ms, self.nodes)
        return side_sightings(edits, commits, self.held)


def _sightings(
    writer: Writer, edits: list[AuthoredEdit], there: _Side, reach_ms: int
) -> Iterator[SideSighting]:
    """Lines of edits, and of substitutions that have not landed: nobody knows which files those have met."""
    pool = EditPool(edits)
    swept = {edit.edit_id: edit for edit in pool.sweeps if edit.has_text}
    for item in there.sightings(edits, pool.has_edits, edits[0].at_ms - reach_ms):
        if item.edit_id not in swept:
            yield item
    for edit_id in landed_among(writer.connection, swept) if swept else ():
        del swept[edit_id]
    if swept:
        first_ms = min(edit.at_ms for edit in swept.values()) - SLACK_MS
        for item in there.sightings(edits, fitting(swept.values()), first_ms):
            if item.edit_id in swept:
                yield item


def _apart(
    edits: list[AuthoredEdit], there: _Side, apart: list[Ref], reach_ms: int
) -> Iterator[SideSighting]:
    """Lines on branches with a history of their own."""
    if not apart:
        return
    alone = _Side(there.git_dir, sorted({ref.sha for ref in apart}), [], None, there.held)
    for item in alone.sightings(edits, EditPool(edits).has_edits, edits[0].at_ms - reach_ms):
        yield item._replace(method=Method.APART, confidence=min(item.confidence, APART_TRUST))


def look_at_worktrees(writer: Writer) -> set[int]:
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
