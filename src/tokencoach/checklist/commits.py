"""Commits as evidence of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.finding import Evidence

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import LandedCommit

_SUBJECT = 60


def commit_evidence(commit: LandedCommit, words: str) -> Evidence:
    """A commit with what is to be said of it; it opens a session that wrote lines of it."""
    subject = " ".join(commit.subject.split())[:_SUBJECT]
    return Evidence(
        f"{words}: {subject}" if subject else words,
        commit.at_ms,
        session=commit.session,
        session_id=commit.session_id,
        path=commit.repo.path,
        commit=commit.sha,
    )
