"""The stream of commits: every kind of change, odd names and odd content, told as git holds it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from git.builder import DAY_S, Builder, ms
from tokencoach.git.errors import ObjectsMissingError
from tokencoach.git.graph import graph, start_before
from tokencoach.git.history import first_parent, reverts, side

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.git.patch import Hunk


@pytest.fixture
def repo(tmp_path: Path) -> Builder:
    return Builder(tmp_path / "repo")


def test_commits_come_oldest_first_with_times_and_subject(repo: Builder) -> None:
    first = repo.commit(10, "first\n\nbody", a_py="x\n")
    second = repo.commit(30, "second", author_at=20, a_py="y\n")
    commits = list(first_parent(repo.git_dir, "main"))
    assert [commit.sha for commit in commits] == [first, second]
    assert commits[0].subject == "first"
    assert commits[0].message == "first\n\nbody"
    assert (commits[1].author_ms, commits[1].commit_ms) == (ms(20), ms(30))
    assert commits[1].parents == (first,)


def test_hunks_hold_absolute_positions(repo: Builder) -> None:
    repo.commit(1, a_py="one\ntwo\nthree\n")
    repo.commit(2, a_py="zero\none\nTWO\n")
    hunks = list(first_parent(repo.git_dir, "main"))[1].changes[0].hunks
    assert [(hunk.old_start, hunk.removed, hunk.new_start, hunk.added) for hunk in hunks] == [
        (0, [], 1, [b"zero"]),
        (2, [b"two", b"three"], 3, [b"TWO"]),
    ]


def test_text_that_looks_like_a_patch_is_content(repo: Builder) -> None:
    text = "-- a/x\n++ b/y\n@@ -1 +1 @@\ndiff --git a/q b/q\n\x01abc\n\\ No newline\n"
    repo.commit(1, a_py=text)
    repo.commit(2, a_py="kept\n")
    commits = list(first_parent(repo.git_dir, "main"))
    assert commits[0].changes[0].hunks[0].added == text.encode().split(b"\n")[:-1]
    assert commits[1].changes[0].hunks[0].removed == text.encode().split(b"\n")[:-1]
    assert [change.path for change in commits[1].changes] == [b"a.py"]


def test_a_message_may_hold_anything_but_a_nul(repo: Builder) -> None:
    message = "subject\n\n\x01deadbeef\ndiff --git a/x b/x\n@@ -1 +1 @@\n+fake"
    repo.commit(1, message, a_py="x\n")
    repo.commit(2, "after", a_py="y\n")
    commits = list(first_parent(repo.git_dir, "main"))
    assert [commit.message for commit in commits] == [message, "after"]


@pytest.mark.parametrize(
    "name",
    [
        b"with space.py",
        b'quo"te.py',
        b"new\nline.py",
        b"tab\there",
        b"back\\slash",
        b"latin-\xe9.py",
        "größe/ñ.py".encode(),
        b" b/lead",
        b"a b/a b",
    ],
)
def test_any_path_comes_back_as_git_holds_it(repo: Builder, name: bytes) -> None:
    repo.write(name, "content\n")
    repo.commit(1)
    repo.write(name, "changed\n")
    repo.commit(2)
    repo.git("update-index", "--chmod=+x", "--", name)
    repo.git("commit", "-qm", "mode", at=3)
    repo.git("rm", "-qf", "--", name)
    repo.git("commit", "-qm", "gone", at=4)
    commits = list(first_parent(repo.git_dir, "main"))
    assert [[change.path for change in commit.changes] for commit in commits] == [[name]] * 4
    assert commits[2].changes[0].hunks == []
    assert commits[3].changes[0].is_deleted


def test_a_rename_names_both_paths_with_and_without_a_change(repo: Builder) -> None:
    repo.write(b"o\tld", "".join(f"line {n}\n" for n in range(20)))
    repo.commit(1)
    repo.git("mv", b"o\tld", b'n"ew')
    repo.commit(2)
    repo.git("mv", b'n"ew', "plain")
    repo.commit(3, plain="".join(f"line {n}\n" for n in range(19)))
    commits = list(first_parent(repo.git_dir, "main"))
    pure, changed = commits[1].changes[0], commits[2].changes[0]
    assert (pure.old_path, pure.path, pure.hunks) == (b"o\tld", b'n"ew', [])
    assert (changed.old_path, changed.path) == (b'n"ew', b"plain")
    assert changed.hunks[0].removed == [b"line 19"]


def test_carriage_returns_and_a_missing_last_newline_stay(repo: Builder) -> None:
    repo.commit(1, a_py=b"one\r\ntwo")
    repo.commit(2, a_py=b"one\r\nthree")
    hunk = list(first_parent(repo.git_dir, "main"))[1].changes[0].hunks[0]
    assert (hunk.removed, hunk.added) == ([b"two"], [b"three"])
    assert next(first_parent(repo.git_dir, "main")).changes[0].hunks[0].added == [b"one\r", b"two"]


def test_binaries_have_no_hunks_and_links_are_no_files(repo: Builder, tmp_path: Path) -> None:
    other = Builder(tmp_path / "other")
    other.commit(1, a_py="x\n")
    repo.write("image.png", b"\x89PNG\0\0")
    (repo.folder / "link").symlink_to("image.png")
    repo.git("submodule", "--quiet", "add", str(other.folder), "sub")
    repo.commit(2)
    changes = next(first_parent(repo.git_dir, "main")).changes
    assert [
        (change.path, change.is_binary, change.hunks) for change in changes if change.path != b".gitmodules"
    ] == [(b"image.png", True, [])]


def test_a_file_that_becomes_a_link_is_deleted(repo: Builder) -> None:
    repo.commit(1, a_py="one\n")
    (repo.folder / "a.py").unlink()
    (repo.folder / "a.py").symlink_to("elsewhere")
    repo.commit(2)
    changes = list(first_parent(repo.git_dir, "main"))[1].changes
    assert [(change.path, change.is_deleted) for change in changes] == [(b"a.py", True)]
    assert changes[0].hunks[0].removed == [b"one"]


def test_attributes_of_the_tree_do_not_hide_a_file(repo: Builder) -> None:
    repo.commit(1, a_py="x\n", _gitattributes="*.py -diff\n")
    assert (repo.folder / ".gitattributes").exists()
    changes = {change.path: change for change in next(first_parent(repo.git_dir, "main")).changes}
    assert changes[b"a.py"].hunks[0].added == [b"x"]


def test_a_merge_brings_its_branch_and_shows_what_it_changes(repo: Builder) -> None:
    base = repo.commit(1, a_py="base\n")
    repo.checkout("topic", new=True)
    one = repo.commit(2 * DAY_S, "one", b_py="one\n")
    two = repo.commit(3 * DAY_S, "two", c_py="two\n")
    repo.checkout("main")
    repo.commit(4 * DAY_S, "main goes on", a_py="on\n")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=5 * DAY_S)
    commits = list(first_parent(repo.git_dir, "main"))
    merge = commits[-1]
    assert merge.is_merge
    assert sorted(change.path for change in merge.changes) == [b"b.py", b"c.py"]
    assert set(merge.brings) == {one, two}
    assert merge.first_author_ms == ms(2 * DAY_S)
    assert [commit.sha for commit in side(repo.git_dir, [two], [base])] == [one, two]
    later = list(first_parent(repo.git_dir, "main", after=base))
    assert later == commits[1:]


def test_unwanted_files_hold_no_more_than_fits(repo: Builder) -> None:
    repo.write("big.py", b"0123456789abcdef\n" * 400_000)
    repo.write("wanted.py", b"x\n")
    repo.commit(1)
    commit = next(first_parent(repo.git_dir, "main", wanted=b"wanted.py".__eq__))
    changes = {change.path: change for change in commit.changes}
    assert changes[b"wanted.py"].hunks[0].added == [b"x"]
    assert (changes[b"big.py"].hunks, changes[b"big.py"].is_complete) == ([], False)


def test_a_huge_line_arrives_whole(repo: Builder) -> None:
    line = b"x" * 3_000_000
    repo.commit(1, a_py=line + b"\nafter\n")
    assert next(first_parent(repo.git_dir, "main")).changes[0].hunks[0].added == [line, b"after"]


def _remove_object(repo: Builder, sha: str) -> None:
    (repo.git_dir / "objects" / sha[:2] / sha[2:]).unlink()


def test_a_missing_blob_costs_one_file_of_the_commits_that_touch_it(repo: Builder) -> None:
    repo.commit(1, a_py="one\n", b_py="b\n")
    repo.commit(2, "both", a_py="two\n", b_py="c\n")
    repo.commit(3, "after", a_py="two\nthree\n")
    last = repo.commit(4, "last", b_py="d\n")
    _remove_object(repo, repo.head("HEAD~2:a.py"))
    commits = list(first_parent(repo.git_dir, "main"))
    assert [commit.subject for commit in commits] == ["work", "both", "after", "last"]
    told = [{change.path: change.is_complete for change in commit.changes} for commit in commits]
    assert told == [
        {b"a.py": True, b"b.py": True},
        {b"a.py": False, b"b.py": True},
        {b"a.py": False},
        {b"b.py": True},
    ]
    assert commits[-1].sha == last


def test_a_missing_commit_is_said_so(repo: Builder) -> None:
    first = repo.commit(1, a_py="one\n")
    repo.commit(2, a_py="two\n")
    _remove_object(repo, first)
    with pytest.raises(ObjectsMissingError, match="cannot read"):
        list(first_parent(repo.git_dir, "main"))


def test_a_stream_may_begin_at_the_first_commit_that_matters(repo: Builder) -> None:
    shas = [repo.commit(day * DAY_S, a_py=f"{day}\n") for day in range(5)]
    reach_ms = DAY_S * 1000
    assert start_before(repo.git_dir, "main", ms(3 * DAY_S), reach_ms) == shas[1]
    assert start_before(repo.git_dir, "main", ms(0), reach_ms) is None
    assert start_before(repo.git_dir, "HEAD", ms(3 * DAY_S), reach_ms) == shas[1]
    assert start_before(repo.git_dir, "main", ms(99 * DAY_S), reach_ms) == shas[-1]


NASTY = [
    b"",
    b"-- a",
    b"++ b",
    b"@@ -1 +1 @@",
    b"\\ No newline at end of file",
    b"diff --git a/x b/x",
    b"\r",
    b"\x01",
    b"z",
]


@pytest.mark.parametrize("seed", range(3))
def test_applying_the_hunks_to_the_old_file_gives_the_new_one(repo: Builder, seed: int) -> None:
    dice = random.Random(seed)
    contents = [b""]
    for number in range(25):
        lines = contents[-1].split(b"\n")
        for _ in range(dice.randint(1, 4)):
            at = dice.randint(0, len(lines))
            lines[at : at + dice.randint(0, 3)] = dice.choices(NASTY, k=dice.randint(0, 4))
        contents.append(b"\n".join(lines))
        repo.commit(number, a_py=contents[-1])
    rebuilt = b""
    for commit, expected in zip(first_parent(repo.git_dir, "main"), contents[1:], strict=True):
        rebuilt = _applied(rebuilt, [hunk for change in commit.changes for hunk in change.hunks])
        assert rebuilt == expected.removesuffix(b"\n")


def _applied(content: bytes, hunks: list[Hunk]) -> bytes:
    """The new content, without its last newline."""
    lines = content.split(b"\n") if content else []
    for hunk in reversed(hunks):
        start = hunk.old_start - 1 if hunk.removed else hunk.old_start
        assert lines[start : start + len(hunk.removed)] == hunk.removed
        lines[start : start + len(hunk.removed)] = hunk.added
    return b"\n".join(lines)


def test_a_revert_names_its_commit() -> None:
    sha = "0123456789abcdef0123456789abcdef01234567"
    assert reverts(f'Revert "x"\n\nThis reverts commit {sha}.') == (sha,)
    assert reverts("This reverts nothing") == ()


def test_a_side_stream_of_no_tips_is_empty(repo: Builder) -> None:
    repo.commit(1, a_py="x\n")
    assert list(side(repo.git_dir, [], ["main"])) == []
    assert graph(repo.git_dir, ["main", "^main"]) == []
