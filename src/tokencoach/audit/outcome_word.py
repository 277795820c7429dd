"""The person's own word on what became of a feature; it sticks to its commits through every rebuild."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tokencoach.audit.feature_report import OUTCOMES
from tokencoach.audit.works import all_works
from tokencoach.errors import UsageError
from tokencoach.store.audit_rows import repo_rows
from tokencoach.store.feature_rows import outcome_words, repo_roots
from tokencoach.store.outcome_writer import save_outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tokencoach.attribution.features import Work
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.store.connect import Connection
    from tokencoach.store.feature_rows import OutcomeWord

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
    roots = repo_roots(connection)
    # Two clones of one repository are one: a word is kept by what both have in common.
    if len({(roots.get(work.first.repo_id), work.number or work.first.sha) for work in found}) > 1:
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


def said_outcome(shas: Collection[str], number: int | None, words: Iterable[OutcomeWord], roots: str) -> str:
    """The person's newest word on a work: on one of its commits, else on its pull request."""
    own = [word for word in words if word.roots == roots]
    by_sha = [word.outcome for word in own if word.sha in shas]
    by_number = [word.outcome for word in own if word.number is not None and word.number == number]
    return (by_sha or by_number or [OUTCOMES[-1]])[-1]


def with_words(connection: Connection, audit: PeriodAudit) -> PeriodAudit:
    """An audit that was kept, with what the person says of its features by now."""
    if audit.features is None:
        return audit
    words, known = outcome_words(connection), repo_roots(connection)
    roots = {row.path: known.get(row.repo_id, "") for row in repo_rows(connection).values()}
    items = tuple(
        replace(item, outcome=said_outcome(item.commits, item.number, words, roots.get(item.repo, "")))
        for item in audit.features.items
    )
    return replace(audit, features=replace(audit.features, items=items))
