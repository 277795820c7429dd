"""Commits of a default branch into pieces of work: pull requests, merges, runs of commits, releases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.path_kinds import PathKind
from tokencoach.clock import DAY_MS
from tokencoach.usage.words import WorkKind

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

RUN_MS: Final = 7 * DAY_MS
SITTING_MS: Final = 4 * 3_600_000
_HEAVY: Final = 0.5


class LandedCommit(NamedTuple):
    """A commit that brought generated lines to the default branch, and what is said of it.

    ``done_ms`` is when the newest of its work was authored. ``seen_by`` says how somebody else is
    known to have seen it: ``trailer`` or ``merge``.
    """

    commit_id: int
    repo_id: int
    sha: str
    landed_ms: int
    done_ms: int
    title: str
    kind: WorkKind | None
    scope: str
    number: int | None
    issues: tuple[str, ...]
    is_merge: bool
    seen_by: tuple[str, ...] = ()


class Release(NamedTuple):
    """A release tag and when its commit was made."""

    name: str
    at_ms: int


@dataclass(slots=True)
class Work:
    """A piece of work: commits that belong together, oldest first."""

    basis: str
    """What holds it together: request, merge, scope, issue, release, sitting or commit."""
    commits: list[LandedCommit] = field(default_factory=list)
    label: str = ""

    @property
    def first(self) -> LandedCommit:
        """The commit that began it."""
        return self.commits[0]

    @property
    def shipped_ms(self) -> int:
        """When its last commit landed."""
        return self.commits[-1].landed_ms

    @property
    def number(self) -> int | None:
        """The number of its pull request."""
        return next((commit.number for commit in self.commits if commit.number is not None), None)

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.label or self.first.title or self.first.sha[:9]

    def kind(self, paths: Counter[PathKind]) -> WorkKind:
        """What its messages say it is, else what most of its lines are for."""
        said = [commit.kind for commit in self.commits if commit.kind is not None]
        if said:
            return WorkKind.FEATURE if WorkKind.FEATURE in said else said[0]
        beside = paths.total() - paths[PathKind.CODE]
        return WorkKind.USEFUL if beside > _HEAVY * paths.total() else WorkKind.FEATURE


def group(commits: Iterable[LandedCommit], releases: Sequence[Release] = ()) -> list[Work]:
    """Group one repository's commits, given in the order of their landing; the order of the first ones."""
    found: list[Work] = []
    open_works: dict[tuple[str, str], Work] = {}
    for commit in commits:
        basis, name, reach_ms = _belonging(commit, releases)
        work = open_works.get((basis, name)) if name else None
        if work is None or (reach_ms is not None and commit.landed_ms - work.shipped_ms > reach_ms):
            work = Work(basis, label=f"release {name}" if basis == "release" else "")
            found.append(work)
            open_works[basis, name] = work
        work.commits.append(commit)
    return found


def _belonging(commit: LandedCommit, releases: Sequence[Release]) -> tuple[str, str, int | None]:
    """What ties a commit to others, under which name, and over which pause; without a name it stands alone."""
    if commit.number is not None:
        return "request", f"#{commit.number}", None
    if commit.is_merge:
        return "merge", "", None
    for basis, name in (("scope", commit.scope), ("issue", next(iter(commit.issues), ""))):
        if name:
            return basis, f"{commit.kind}/{name}", RUN_MS
    if commit.kind is not None:
        return "commit", "", None
    return _plain(commit, releases)


def _plain(commit: LandedCommit, releases: Sequence[Release]) -> tuple[str, str, int | None]:
    """A commit that names nothing belongs to the next release, or to those of the same sitting."""
    if not releases:
        return "sitting", "plain", SITTING_MS
    later = [release for release in releases if release.at_ms >= commit.landed_ms]
    return "release", min(later, key=lambda release: release.at_ms).name if later else "to come", None
