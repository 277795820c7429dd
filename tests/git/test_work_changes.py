"""What a worktree adds over a commit, read from disk."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.git import work_changes
from tokencoach.git.work_changes import changed_files

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two committed Python files."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("one\ntwo\nthree\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("same\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("build/\n", encoding="utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def added(root: Path, base: str = "HEAD") -> dict[str, list[int]]:
    """Added lines by path."""
    return {file.path: sorted(file.added) for file in changed_files(root / ".git", root, base, ".py")}


def test_an_untouched_worktree_adds_nothing(root: Path) -> None:
    assert added(root) == {}


def test_changed_inserted_and_new_lines_are_told_by_number(root: Path) -> None:
    (root / "a.py").write_text("one\nTWO\nthree\nfour\n", encoding="utf-8")
    (root / "new.py").write_text("x\ny\n", encoding="utf-8")
    assert added(root) == {"a.py": [2, 4], "new.py": [1, 2]}


def test_staged_and_unstaged_changes_count_alike(root: Path) -> None:
    (root / "a.py").write_text("zero\none\ntwo\nthree\n", encoding="utf-8")
    git(root, "add", "-A")
    (root / "b.py").write_text("same\nmore\n", encoding="utf-8")
    assert added(root) == {"a.py": [1], "b.py": [2]}


def test_line_ends_are_no_difference(root: Path) -> None:
    (root / "a.py").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    assert added(root) == {}


def test_ignored_files_links_and_other_kinds_are_left_out(root: Path) -> None:
    (root / "build").mkdir()
    (root / "build" / "made.py").write_text("x\n", encoding="utf-8")
    (root / "link.py").symlink_to(root / "a.py")
    (root / "notes.txt").write_text("x\n", encoding="utf-8")
    os.mkfifo(root / "pipe.py")
    assert added(root) == {}


def test_an_older_commit_may_be_the_base(root: Path) -> None:
    (root / "a.py").write_text("one\ntwo\nthree\nfour\n", encoding="utf-8")
    git(root, "commit", "-q", "-a", "-m", "second")
    assert added(root) == {}
    assert added(root, "HEAD^") == {"a.py": [4]}


def test_before_the_first_commit_everything_is_added(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("one\n", encoding="utf-8")
    assert added(tmp_path) == {"a.py": [1]}


def test_a_filter_of_the_repository_is_not_run(root: Path) -> None:
    git(root, "config", "filter.spy.clean", f"touch {root / 'ran'}; cat")
    (root / ".gitattributes").write_text("*.py filter=spy\n", encoding="utf-8")
    (root / "a.py").write_text("other\n", encoding="utf-8")
    assert added(root) == {"a.py": [1]}
    assert not (root / "ran").exists()


@given(*[st.lists(st.sampled_from("abcdefgh"), max_size=12)] * 2)
def test_without_the_added_lines_the_new_file_is_a_part_of_the_old_one(
    old: list[str], new: list[str]
) -> None:
    texts = ("".join(f"{line}\n" for line in lines).encode() for lines in (old, new))
    added = work_changes._added(*texts)
    rest = iter(old)
    assert all(line in rest for number, line in enumerate(new, 1) if number not in added)
    assert added <= set(range(1, len(new) + 1))
