"""The line of first parents and what its merges bring in, told from a stream of commits."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from git.builder import Builder
from tokencoach.git import history
from tokencoach.git.graph import CommitNode, continues, first_parent_line, graph, spine
from tokencoach.git.history import first_parent

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Builder:
    """Branches from branches, merged into the default branch and into each other."""
    dice, repo = random.Random(4), Builder(tmp_path / "repo")
    repo.commit(0, "start", start="start\n")
    branches = ["main"]
    for step in range(1, 36):
        branch = dice.choice(branches)
        repo.checkout(branch)
        deed = dice.choice(["commit", "commit", "branch", "merge"])
        if deed == "branch":
            repo.checkout(f"b{step}", new=True)
            branches.append(f"b{step}")
        elif deed == "merge":
            other = dice.choice(branches)
            repo.git("merge", "-q", "--no-ff", "-m", f"merge {other}", other, at=step)
            continue
        repo.write(f"f{step}", f"{step}\n")
        repo.commit(step, f"step {step}")
    repo.checkout("main")
    for branch in branches[1:]:
        repo.git("merge", "-q", "--no-ff", "-m", f"last {branch}", branch, at=99)
    return repo


def _reached(by_sha: dict[str, CommitNode], sha: str) -> set[str]:
    found, waiting = set(), [sha]
    while waiting:
        if (at := waiting.pop()) not in found:
            found.add(at)
            waiting += by_sha[at].parents
    return found


def test_a_merge_brings_in_what_no_earlier_commit_of_the_line_reaches(repo: Builder) -> None:
    by_sha = {node.sha: node for node in graph(repo.git_dir, ["main"])}
    line, brought = spine(repo.git_dir, "main")
    assert line == first_parent_line(repo.git_dir, "main")
    seen: set[str] = set()
    merges = 0
    for node in line:
        news = _reached(by_sha, node.sha) - seen - {node.sha}
        seen |= news | {node.sha}
        told = brought.get(node.sha)
        assert set(told.shas if told else ()) == news
        if told is not None:
            merges += 1
            assert told.first_author_ms == min(by_sha[sha].author_ms for sha in news)
    assert merges > 2


def test_the_line_goes_on_after_any_of_its_commits_and_no_other(repo: Builder) -> None:
    line = [node.sha for node in first_parent_line(repo.git_dir, "main")]
    assert [sha for sha in line if not continues(repo.git_dir, line[-1], sha)] == []
    beside = {node.sha for node in graph(repo.git_dir, ["main"])} - set(line)
    assert [sha for sha in beside if continues(repo.git_dir, line[-1], sha)] == []
    assert [node.sha for node in spine(repo.git_dir, "main", line[3]).line] == line[4:]


def test_a_long_line_is_read_by_several_gits(repo: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = list(first_parent(repo.git_dir, "main"))
    monkeypatch.setattr(history, "_PORTION", 3)
    assert list(first_parent(repo.git_dir, "main")) == at_once
