"""The pieces of work of all repositories, and those that an audit of a period is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokencoach.attribution.features import Work, group
from tokencoach.clock import DAY_MS
from tokencoach.store.feature_rows import landed_commits, releases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.month import Allocated
    from tokencoach.store.connect import Connection

TRAILING_MS = 90 * DAY_MS


@dataclass(frozen=True, slots=True)
class Works:
    """Pieces of work by number, and which of them an audit needs.

    ``shipped`` landed in the period, ``before`` in the 90 days before it, ``touched`` are all that
    the period's own lines landed in. ``of_commit`` leads from a commit's row to its work.
    """

    every: list[Work]
    of_commit: dict[int, int]
    shipped: list[int]
    before: list[int]
    touched: list[int]

    def commits(self, *parts: list[int]) -> list[int]:
        """Rows of the commits of some works."""
        wanted = sorted({number for part in parts for number in part})
        return [commit.commit_id for number in wanted for commit in self.every[number].commits]


def all_works(connection: Connection, as_of_ms: int, repo_ids: set[int] | None = None) -> list[Work]:
    """Every piece of work that had landed by an instant, repository by repository."""
    tags = releases(connection)
    found: list[Work] = []
    for repo_id, commits in landed_commits(connection, as_of_ms).items():
        if repo_ids is None or repo_id in repo_ids:
            known = [tag for tag in tags.get(repo_id, ()) if tag.at_ms <= as_of_ms]
            found += group(commits, known)
    return found


def works_of(found: Allocated, landed_in: Iterable[int]) -> Works:
    """The pieces of work that an audit is about; in one repository where it is narrowed to that.

    ``landed_in`` are rows of the commits that lines of the period's sessions landed in.
    """
    wanted = None
    if found.repo is not None:
        wanted = {row.repo_id for row in found.repos.values() if row.path == found.repo}
    every = all_works(found.reader.connection, found.as_of_ms, wanted)
    of_commit = {commit.commit_id: number for number, work in enumerate(every) for commit in work.commits}
    since, until = found.period.since_ms, found.period.until_ms
    return Works(
        every,
        of_commit,
        [number for number, work in enumerate(every) if since <= work.shipped_ms < until],
        [number for number, work in enumerate(every) if since - TRAILING_MS <= work.shipped_ms < since],
        sorted({of_commit[commit] for commit in landed_in if commit in of_commit}),
    )
