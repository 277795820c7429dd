"""Totals of tokens where others read them: in the messages of one's own commits and in READMEs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach.coach.finding import Evidence
from tokencoach.git.errors import GitError
from tokencoach.git.told import told_commits
from tokencoach.git.tree import contents_of, tracked_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.checklist.grounds import LandedCommit
    from tokencoach.store.repo_rows import KnownRepo

_TOTAL: Final = re.compile(r"\b\d[\d.,]*\s*[MBk]\+?\s+tokens\b", re.IGNORECASE)
# A limit, a price or a size is engineering, not consumption.
_ENGINEERING: Final = re.compile(
    r"\b(?:context|window|limit|max|maximum|min|minimum|up to|budget|per|chunk|truncat\w*|prompt|model|cap|under|over|"
    r"below|above|exceed\w*|support\w*|batch|train\w*|corpus|vocab\w*|input|output|price|cost of|cache)\b",
    re.IGNORECASE,
)
_README: Final = re.compile(r"readme(?:\.(?:md|rst|txt|adoc|markdown))?", re.IGNORECASE)
_MOST_BYTES: Final = 1 << 20
_LONGEST: Final = 120
_LOOKED_AT: Final = 1000


def is_total(line: str) -> bool:
    """Whether a line tells how many tokens were consumed, and not how many fit."""
    said = line[:_LOOKED_AT]
    return _TOTAL.search(said) is not None and _ENGINEERING.search(said) is None


def totals_in_commits(commits: Iterable[LandedCommit]) -> list[Evidence]:
    """Messages of commits that tell a total; repositories of which git cannot say anything are left out."""
    by_repo: dict[str, dict[str, LandedCommit]] = {}
    for commit in commits:
        by_repo.setdefault(commit.repo.common_dir, {})[commit.sha] = commit
    found = []
    for place, known in by_repo.items():
        try:
            told = told_commits(Path(place), list(known))
        except GitError:
            continue
        for sha, said in told.items():
            line = next((line for line in said.message.splitlines() if is_total(line)), None)
            if line is not None:
                commit = known[sha]
                found.append(
                    Evidence(
                        f"commit message: {_clipped(line)}", commit.at_ms, path=commit.repo.path, commit=sha
                    )
                )
    return found


def totals_in_readmes(repos: Iterable[KnownRepo], at_ms: int) -> list[Evidence]:
    """READMEs at the top of the newest commit that tell a total."""
    found = []
    for repo in repos:
        git_dir = Path(repo.common_dir)
        names = sorted(name for name in tracked_paths(git_dir) if _README.fullmatch(name))
        for name, content in contents_of(git_dir, names).items():
            text = content[:_MOST_BYTES].decode("utf-8", "replace")
            line = next((line for line in text.splitlines() if is_total(line)), None)
            if line is not None:
                found.append(Evidence(f"{name}: {_clipped(line)}", at_ms, path=repo.path))
    return found


def _clipped(line: str) -> str:
    return " ".join(line.split())[:_LONGEST]
