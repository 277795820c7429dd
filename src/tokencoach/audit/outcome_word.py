"""The person's own word on what became of a feature; it sticks to its commits through every rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.feature_report import OUTCOMES
from tokencoach.audit.works import all_works
from tokencoach.errors import UsageError
from tokencoach.store.feature_rows import repo_roots
from tokencoach.store.outcome_writer import save_outcome

if TYPE_CHECKING:
    from tokencoach.attribution.features import Work
    from tokencoach.store.connect import Connection

_LEAST_DIGITS = 4
_MOST_NUMBER = 6


def find_work(connection: Connection, named: str, as_of_ms: int, repo_ids: set[int] | None = None) -> Work:
    """The piece of work that a person names: a pull request's number, or the beginning of a commit.

    Raises:
        UsageError: none or several bear the name.
    """
    bare = named.strip().removeprefix("#").lower()
    is_number = bare.isdigit() and (named.strip().startswith("#") or len(bare) <= _MOST_NUMBER)
    if not is_number and len(bare) < _LEAST_DIGITS:
        raise UsageError(f"{named!r} names no feature", "tokencoach audit --json  lists their ids")
    found = [
        work
        for work in all_works(connection, as_of_ms, repo_ids)
        if (is_number and work.number == int(bare))
        or (not is_number and any(commit.sha.startswith(bare) for commit in work.commits))
    ]
    if not found:
        raise UsageError(f"no feature {named!r} has landed", "tokencoach audit --json  lists their ids")
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} features are named {named!r}", "name one of its commits, or give --repo PATH"
        )
    return found[0]


def say_outcome(connection: Connection, work: Work, outcome: str, now_ms: int) -> None:
    """Keep the person's word on a piece of work, within a transaction.

    Raises:
        UsageError: it is no outcome.
    """
    said = outcome.strip().lower().replace("-", " ")
    if said not in OUTCOMES:
        raise UsageError(f"{outcome!r} is no outcome", f"say one of: {', '.join(OUTCOMES)}")
    roots = repo_roots(connection).get(work.first.repo_id, "")
    shas = [commit.sha for commit in work.commits]
    save_outcome(connection, roots, shas, work.number, None if said == OUTCOMES[-1] else said, now_ms)
