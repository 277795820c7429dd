"""Refs, reflogs and worktrees: what holds a commit, and what is not committed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from git.builder import Builder, ms
from tokencoach.git.locate import find
from tokencoach.git.refs import (
    existing_commits,
    fingerprint,
    holders,
    reflog,
    reflog_tips,
    refs,
)
from tokencoach.git.worktree import uncommitted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Builder:
    repo = Builder(tmp_path / "repo")
    repo.commit(0, a_py="one\n")
    return repo


def test_refs_name_commits_also_behind_annotated_tags(repo: Builder) -> None:
    sha = repo.head()
    repo.git("tag", "-a", "v1", "-m", "one", at=5)
    repo.git("notes", "add", "-m", "note")
    assert [(ref.name, ref.sha, ref.committed_ms) for ref in refs(repo.git_dir)] == [
        ("refs/heads/main", sha, ms(0)),
        ("refs/tags/v1", sha, ms(0)),
    ]


def test_an_amended_and_a_deleted_branch_are_still_known_by_reflog(repo: Builder) -> None:
    first = repo.commit(10, a_py="two\n")
    repo.git("commit", "-q", "--amend", "-m", "amended", at=20)
    repo.checkout("topic", new=True)
    lost = repo.commit(30, b_py="lost\n")
    repo.checkout("main")
    repo.git("branch", "-qD", "topic")
    tips = reflog_tips(repo.git_dir)
    assert {first, lost, repo.head()} <= set(tips)
    assert existing_commits(repo.git_dir, ["0" * 40, "f" * 40, first]) == [first]
    assert ("HEAD", lost) in [(entry.ref, entry.sha) for entry in reflog(repo.git_dir)]


def test_holders_are_the_refs_that_reach_a_commit(repo: Builder) -> None:
    base = repo.head()
    repo.checkout("one", new=True)
    shared = repo.commit(10, b_py="b\n")
    repo.checkout("two", new=True)
    own = repo.commit(20, c_py="c\n")
    held = [ref for ref in refs(repo.git_dir) if ref.name != "refs/heads/main"]
    assert holders(repo.git_dir, held, [base]) == {
        shared: {"refs/heads/one", "refs/heads/two"},
        own: {"refs/heads/two"},
    }


def test_the_fingerprint_changes_only_when_something_moves(repo: Builder, tmp_path: Path) -> None:
    seen = [fingerprint(repo.git_dir)]
    repo.write("a.py", "not committed\n")
    assert fingerprint(repo.git_dir) == seen[-1]
    for deed in (
        ["commit", "-qam", "more"],
        ["branch", "topic"],
        ["pack-refs", "--all"],
        ["branch", "-D", "topic"],
        ["worktree", "add", "-q", str(tmp_path / "second"), "-b", "second"],
        ["-C", str(tmp_path / "second"), "checkout", "-q", "--detach"],
    ):
        repo.git(*deed)
        seen.append(fingerprint(repo.git_dir))
    assert len(set(seen)) == len(seen)


def test_uncommitted_content_is_what_differs_from_head(repo: Builder, tmp_path: Path) -> None:
    repo.commit(5, a_py="one\n", b_py="two\n", c_py="three\n")
    repo.write("a.py", "one\r\n")
    repo.write("b.py", "changed\n")
    repo.write(b"new\n.py", "new\n")
    (repo.folder / "link").symlink_to("/etc/hostname")
    (repo.folder / "out").symlink_to("/etc")
    os.mkfifo(repo.folder / "pipe")
    repo.git("worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
    (tmp_path / "second" / "b.py").write_text("elsewhere\n")
    found = find(repo.folder)
    assert found is not None
    paths = [
        b"a.py",
        b"b.py",
        b"c.py",
        b"new\n.py",
        b"link",
        b"out/hostname",
        b"pipe",
        b"gone",
        b"../x",
        b"nul\0",
    ]
    assert uncommitted(found, paths) == {
        b"b.py": [b"changed\n", b"elsewhere\n"],
        b"new\n.py": [b"new\n"],
    }


def test_everything_is_uncommitted_before_the_first_commit(tmp_path: Path) -> None:
    repo = Builder(tmp_path / "young")
    repo.write("a.py", "x\n")
    found = find(repo.folder)
    assert found is not None
    assert uncommitted(found, [b"a.py"]) == {b"a.py": [b"x\n"]}
