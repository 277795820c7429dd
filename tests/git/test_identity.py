"""Who a repository is, found from any folder in it and from any copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git.builder import DAY_S, Builder, ms
from tokencoach.git.identity import RepositoryState, describe, normalised_remote
from tokencoach.git.locate import find
from tokencoach.git.paths import relative

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Builder:
    return Builder(tmp_path / "repo")


def test_any_folder_below_finds_the_repository_also_one_that_is_gone(repo: Builder) -> None:
    repo.write("deep/er/a.py", "x\n")
    for folder in (repo.folder, repo.folder / "deep" / "er", repo.folder / "deep" / "never" / "was"):
        found = find(folder)
        assert found is not None
        assert (found.common_dir, found.main_worktree) == (repo.git_dir, repo.folder)


def test_worktrees_share_one_repository(repo: Builder, tmp_path: Path) -> None:
    repo.commit(1, a_py="x\n")
    repo.git("worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
    found = find(tmp_path / "second")
    assert found == find(repo.folder)
    assert found is not None
    assert found.worktrees == (repo.folder, tmp_path / "second")
    (repo.git_dir / "worktrees" / "second" / "commondir").unlink()
    assert find(tmp_path / "second") is not None


def test_a_submodule_is_a_repository_of_its_own(repo: Builder, tmp_path: Path) -> None:
    other = Builder(tmp_path / "other")
    other.commit(1, a_py="x\n")
    repo.git("submodule", "--quiet", "add", str(other.folder), "sub")
    found = find(repo.folder / "sub")
    assert found is not None
    assert found.common_dir == repo.git_dir / "modules" / "sub"
    assert found.main_worktree == repo.folder / "sub"


def test_a_bare_repository_has_no_worktree(tmp_path: Path) -> None:
    bare = Builder(tmp_path / "bare.git", bare=True)
    found = find(bare.folder)
    assert found is not None
    assert (found.common_dir, found.main_worktree, found.worktrees) == (bare.folder, None, ())


def test_no_repository_is_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo: Builder
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / ".git").write_text("gitdir: /nowhere/at/all\n")
    monkeypatch.setenv("GIT_DIR", str(repo.git_dir))
    assert find(plain) is None


def test_the_same_history_has_the_same_roots_wherever_it_lies(repo: Builder, tmp_path: Path) -> None:
    root = repo.commit(1, a_py="x\n")
    repo.commit(2, a_py="y\n")
    repo.git("clone", "-q", str(repo.folder), str(tmp_path / "clone"))
    clone = find(tmp_path / "clone")
    assert clone is not None
    facts = describe(clone)
    assert (facts.root_commits, facts.state) == ((root,), RepositoryState.OK)
    assert facts.remotes == (str(repo.folder),)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/team/project.git",
        "https://user:secret@example.org/team/project",
        "ssh://git@EXAMPLE.org:22/team/project.git/",
        "git@example.org:team/project.git",
        "example.org:/team/project",
    ],
)
def test_all_forms_of_a_remote_are_one(url: str) -> None:
    assert normalised_remote(url) == "example.org/team/project"


def test_a_path_of_a_remote_stays_a_path() -> None:
    assert normalised_remote("file:///srv/project.git") == "/srv/project"
    assert normalised_remote("C:\\work\\project") == "C:\\work\\project"


def _default(repo: Builder, wanted: str | None = None) -> str | None:
    found = find(repo.folder)
    assert found is not None
    return describe(found, wanted).default_branch


def test_the_default_branch_is_chosen_by_rule(repo: Builder) -> None:
    repo.checkout("odd/näme'\"$(x)", new=True)
    repo.commit(1, a_py="1\n")
    repo.git("branch", "short")
    repo.commit(2, a_py="2\n")
    assert _default(repo) == "odd/näme'\"$(x)"
    repo.git("branch", "trunk")
    assert _default(repo) == "trunk"
    repo.git("branch", "master", "short")
    assert _default(repo) == "master"
    repo.git("branch", "main", "short")
    assert _default(repo) == "main"
    repo.git("update-ref", "refs/remotes/origin/develop", "short")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop")
    assert _default(repo) == "develop"
    assert _default(repo, "trunk") == "trunk"
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert _default(repo, "nowhere") == "main"


def test_the_tip_that_holds_the_other_comes_first(repo: Builder) -> None:
    old = repo.commit(1, a_py="1\n")
    new = repo.commit(2, a_py="2\n")
    repo.git("update-ref", "refs/remotes/origin/main", old)
    found = find(repo.folder)
    assert found is not None
    assert [tip.sha for tip in describe(found).default_tips] == [new, old]
    repo.git("update-ref", "refs/remotes/origin/main", new)
    repo.git("update-ref", "refs/heads/main", old)
    assert [tip.sha for tip in describe(found).default_tips] == [new, old]


def test_a_detached_head_without_any_branch_is_what_there_is(repo: Builder) -> None:
    sha = repo.commit(7, a_py="x\n")
    repo.git("checkout", "-q", "--detach")
    repo.git("branch", "-qD", "main")
    found = find(repo.folder)
    assert found is not None
    facts = describe(found)
    assert (facts.default_branch, facts.state) == (None, RepositoryState.OK)
    assert [(tip.name, tip.sha, tip.committed_ms) for tip in facts.default_tips] == [("HEAD", sha, ms(7))]


def test_states_of_a_repository(repo: Builder, tmp_path: Path) -> None:
    found = find(repo.folder)
    assert found is not None
    assert describe(found).state is RepositoryState.EMPTY
    repo.commit(1, a_py="x\n")
    repo.commit(DAY_S, a_py="y\n")
    url = f"file://{repo.folder}"
    repo.git("clone", "-q", "--depth=1", url, str(tmp_path / "shallow"))
    shallow = find(tmp_path / "shallow")
    assert shallow is not None
    assert describe(shallow).state is RepositoryState.SHALLOW
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=blob:none", url, str(tmp_path / "partial"))
    partial = find(tmp_path / "partial")
    assert partial is not None
    assert describe(partial).state is RepositoryState.PARTIAL
    (repo.git_dir / "config").write_text("[core\nbroken")
    broken = describe(found)
    assert broken.state is RepositoryState.UNREADABLE
    assert broken.problem
    repo.folder.rename(tmp_path / "elsewhere")
    assert describe(found).state is RepositoryState.MISSING


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("/home/me/project", "/home/me/project/src/a.py", b"src/a.py"),
        ("/home/me/project/", "/home/me/project//./a.py", b"a.py"),
        ("/home/me/project", "/home/me/project2/a.py", None),
        ("/home/me/project", "/home/me/project/../x", None),
        ("/home/me/project", "/home/me/project", None),
        ("D:\\Work\\project", "d:\\work\\Project\\src\\A.py", b"src/A.py"),
        ("D:/Work/project", "D:\\Work\\project\\a.py", b"a.py"),
        ("\\\\host\\share", "\\\\host\\share\\a.py", b"a.py"),
        ("/home/Me", "/home/me/a.py", None),
    ],
)
def test_a_path_below_a_root(root: str, path: str, expected: bytes | None) -> None:
    assert relative(root, path) == expected
