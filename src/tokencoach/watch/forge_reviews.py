"""Who reviewed merged pull requests: asked of the forge, a few at a time, each once; after an opt-in only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.attribution.time_spans import IDLE_MS
from tokencoach.clock import DAY_MS, now_ms
from tokencoach.git.forge import ForgeError, github_name, request_reviews
from tokencoach.store.outcome_writer import ReviewSpan, save_asked, save_reviews, unasked_requests
from tokencoach.store.repo_rows import known_repos
from tokencoach.store.rollup import get_fact, put_fact
from tokencoach.store.verdict_rows import mark_repo_stale

if TYPE_CHECKING:
    from tokencoach.git.forge import RequestReviews
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer

_AT_ONCE = 20
_PAUSE_MS = 3_600_000
_FAILED = "forge_failed_ms"


def ask_for_reviews(writer: Writer) -> set[int]:
    """Ask about pull requests not asked about yet; the repositories with news. A failure rests for an hour."""
    now = now_ms()
    if now - int(get_fact(writer.connection, _FAILED) or 0) < _PAUSE_MS:
        return set()
    changed: set[int] = set()
    left = _AT_ONCE
    for repo in known_repos(writer.connection):
        name = github_name(repo.remotes)
        for number, sha in unasked_requests(writer.connection, repo.repo_id, now - DAY_MS) if name else ():
            if not left:
                return changed
            left -= 1
            try:
                found = request_reviews(name or "", number)
            except ForgeError:
                with writer.transaction() as connection:
                    put_fact(connection, _FAILED, str(now))
                return changed
            _keep(writer, repo, number, sha, found)
            changed.add(repo.repo_id)
    return changed


def _keep(writer: Writer, repo: KnownRepo, number: int, sha: str, found: RequestReviews) -> None:
    """A review that was submitted took at most the five minutes before, as far as anybody can tell."""
    spans = [
        ReviewSpan(sha, "gh", max(found.created_ms, at_ms - IDLE_MS), at_ms, is_other=True)
        for at_ms in found.reviewed_ms
    ]
    with writer.transaction() as connection:
        save_reviews(connection, repo.repo_id, spans)
        save_asked(connection, repo.repo_id, number, now_ms(), is_merged=found.merged_ms is not None)
        mark_repo_stale(connection, repo.repo_id)
