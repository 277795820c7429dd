"""A repository is untrusted: nothing it configures runs, reaches the network or changes what is read."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from git.builder import Builder
from tokencoach.git import patience
from tokencoach.git.errors import (
    CorruptError,
    GitMissingError,
    NotARepositoryError,
    NotOwnedError,
    ObjectsMissingError,
    failure,
)
from tokencoach.git.history import first_parent
from tokencoach.git.identity import RepositoryState, describe
from tokencoach.git.locate import find
from tokencoach.git.refs import refs
from tokencoach.git.run import probe, run, stream
from tokencoach.git.worktree import uncommitted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Builder:
    repo = Builder(tmp_path / "repo")
    repo.commit(1, a_py="one\n", b_py="two\n")
    repo.commit(2, a_py="uno\n")
    return repo


def _trap(repo: Builder, tmp_path: Path) -> Path:
    """Point every setting that names a program at one that leaves a mark."""
    mark = tmp_path / "it-ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\n")
    trap.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / hook).write_text(trap.read_text())
        (hooks / hook).chmod(0o755)
    settings = {
        "core.fsmonitor": trap,
        "core.hooksPath": hooks,
        "core.pager": trap,
        "pager.log": trap,
        "core.sshCommand": trap,
        "core.editor": trap,
        "core.askPass": trap,
        "core.gitProxy": trap,
        "core.alternateRefsCommand": trap,
        "core.worktree": "/",
        "diff.external": trap,
        "diff.evil.command": trap,
        "diff.evil.textconv": trap,
        "filter.evil.clean": trap,
        "filter.evil.smudge": trap,
        "filter.evil.process": trap,
        "credential.helper": trap,
        "gpg.program": trap,
        "log.showSignature": "true",
        "alias.log": f"!{trap}",
        "alias.rev-parse": f"!{trap}",
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::{trap}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
    }
    for name, value in settings.items():
        repo.git("config", name, str(value))
    (repo.git_dir / "info").mkdir(exist_ok=True)
    (repo.git_dir / "info" / "attributes").write_text("* diff=evil filter=evil\n")
    return mark


def test_no_setting_of_a_repository_runs_a_program(repo: Builder, tmp_path: Path) -> None:
    blob = repo.head("HEAD~1:b.py")
    mark = _trap(repo, tmp_path)
    (repo.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    found = find(repo.folder)
    assert found is not None
    describe(found)
    commits = list(first_parent(repo.git_dir, "refs/heads/main"))
    uncommitted(found, [b"a.py", b"b.py"])
    assert not mark.exists()
    assert [commit.subject for commit in commits] == ["work", "work"]
    assert commits[1].changes[0].hunks[0].added == [b"uno"]


def test_no_setting_of_a_repository_changes_what_is_read(repo: Builder) -> None:
    expected = list(first_parent(repo.git_dir, "main"))
    for name, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.srcPrefix": "zzz/",
        "diff.algorithm": "patience",
        "diff.context": "9",
        "diff.interHunkContext": "9",
        "diff.renames": "copies",
        "diff.wsErrorHighlight": "all",
        "diff.suppressBlankEmpty": "true",
        "diff.orderFile": "/nowhere",
        "diff.submodule": "log",
        "diff.colorMoved": "zebra",
        "color.ui": "always",
        "color.diff": "always",
        "log.showRoot": "false",
        "log.diffMerges": "combined",
        "log.decorate": "full",
        "log.date": "relative",
        "log.follow": "true",
        "format.pretty": "oneline",
        "format.notes": "*",
        "core.abbrev": "4",
        "core.quotePath": "true",
        "core.worktree": "/nowhere",
        "core.bare": "true",
        "i18n.logOutputEncoding": "UTF-16",
    }.items():
        repo.git("config", "--file", ".git/config", name, value)
    assert list(first_parent(repo.git_dir, "main")) == expected


def test_the_persons_environment_does_not_lead_elsewhere(
    repo: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Builder(tmp_path / "other")
    other.commit(1, "elsewhere", x_py="x\n")
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(other.git_dir))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/nowhere")
    monkeypatch.setenv("GIT_TRACE", "1")
    assert [commit.subject for commit in first_parent(repo.git_dir, "main")] == ["work", "work"]


def test_a_partial_clone_stays_off_the_network(repo: Builder, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git(
        "clone",
        "-q",
        "--filter=blob:none",
        "--no-checkout",
        f"file://{repo.folder}",
        str(tmp_path / "partial"),
    )
    commits = list(first_parent(tmp_path / "partial" / ".git", "refs/remotes/origin/main"))
    assert [[change.is_complete for change in commit.changes] for commit in commits] == [
        [False, False],
        [False],
    ]


def test_a_history_of_mostly_absent_blobs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokencoach.git.history._MOST_DAMAGED", 2)
    repo = Builder(tmp_path / "many")
    for number in range(5):
        repo.commit(number, a_py=f"{number}\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git(
        "clone",
        "-q",
        "--filter=blob:none",
        "--no-checkout",
        f"file://{repo.folder}",
        str(tmp_path / "partial"),
    )
    with pytest.raises(ObjectsMissingError, match="git cannot read"):
        list(first_parent(tmp_path / "partial" / ".git", "refs/remotes/origin/main"))


def test_a_folder_that_is_gone_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(NotARepositoryError):
        run(tmp_path / "gone", "log")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotARepositoryError):
        run(tmp_path / "empty", "log")


def test_a_folder_that_goes_away_as_git_is_started_is_no_repository(
    repo: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("a.py", "x = 1\n")
    repo.commit(1)
    start: Any = subprocess.Popen.__init__

    def late(child: object, *arguments: object, **options: Any) -> None:
        if options.get("cwd"):
            shutil.rmtree(options["cwd"], ignore_errors=True)
        start(child, *arguments, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", late)
    with pytest.raises(NotARepositoryError, match="is gone"):
        run(repo.git_dir, "rev-parse", "HEAD")
    with pytest.raises(NotARepositoryError, match="is gone"), stream(repo.git_dir, ["log"]) as output:
        output.read()


def test_a_missing_git_is_said_with_its_mend(repo: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.folder))
    with pytest.raises(GitMissingError, match="install git"):
        refs(repo.git_dir)


def test_a_git_in_the_repository_is_never_run(repo: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.folder / "git").write_text("#!/bin/sh\ntouch it-ran\n")
    (repo.folder / "git").chmod(0o755)
    monkeypatch.chdir(repo.folder)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", os.environ["PATH"]]))
    assert len(refs(repo.git_dir)) == 1
    assert not (repo.folder / "it-ran").exists()


def test_a_repository_of_another_user_is_told_apart(repo: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    probe(repo.folder)
    error = failure(str(repo.folder), "fatal: detected dubious ownership in repository at 'x'")
    assert isinstance(error, NotOwnedError)
    assert "safe.directory" in str(error)
    if os.geteuid() != 0:
        pytest.skip("only root can give a repository to somebody else")
    for folder, folders, files in os.walk(repo.folder):
        for name in (".", *folders, *files):
            os.chown(os.path.join(folder, name), 12345, 12345)  # noqa: PTH118
    found = find(repo.folder)
    assert found is not None
    facts = describe(found)
    assert facts.state is RepositoryState.UNREADABLE
    assert facts.problem is not None
    assert "safe.directory" in facts.problem
    trusting = repo.folder.parent / "gitconfig"
    trusting.write_text("[safe]\n\tdirectory = *\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(trusting))
    assert describe(found).state is RepositoryState.OK


def test_a_damaged_blob_costs_one_file(repo: Builder) -> None:
    blob = repo.head("HEAD:a.py")
    file = repo.git_dir / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"garbage")
    commits = list(first_parent(repo.git_dir, "main"))
    assert [[change.is_complete for change in commit.changes] for commit in commits] == [
        [True, True],
        [False],
    ]


def test_a_damaged_commit_is_said_so(repo: Builder) -> None:
    sha = repo.head()
    file = repo.git_dir / "objects" / sha[:2] / sha[2:]
    file.chmod(0o644)
    file.write_bytes(b"garbage")
    with pytest.raises((CorruptError, ObjectsMissingError), match="git cannot read"):
        list(first_parent(repo.git_dir, "main"))


def test_leaving_a_stream_early_ends_the_child(repo: Builder) -> None:
    with stream(repo.git_dir, ["cat-file", "--batch-check", "--batch-all-objects"]) as output:
        output.read(10)
    commits = first_parent(repo.git_dir, "main")
    next(commits)
    del commits
    gc.collect()
    assert _children() == []


def _children() -> list[str]:
    done = subprocess.run(
        ["ps", "--no-headers", "-o", "comm", "--ppid", str(os.getpid())], capture_output=True, check=False
    )
    return [name for name in done.stdout.decode().split() if name.startswith("git")]


def test_an_interrupt_leaves_no_child_behind(repo: Builder) -> None:
    script = (
        "import sys; from pathlib import Path; from tokencoach.git.run import stream\n"
        "with stream(Path(sys.argv[1]), ['cat-file', '--batch'], b'HEAD\\n' * 10**6) as output:\n"
        "    output.read(1); print('ready', flush=True)\n"
        "    import time; time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(repo.git_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        child.wait(10)
    time.sleep(0.1)
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout.decode()
    assert f"--git-dir={repo.git_dir}" not in listing


def _git_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of that name before the real one, and wait for it half a second."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "git").write_text(f"#!/bin/sh\n{does}\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(patience, "ANSWER_S", 0.5)
    monkeypatch.setattr(patience, "SILENCE_S", 0.5)
    monkeypatch.setattr(patience, "PROBE_S", 0.5)
    monkeypatch.setattr(patience, "_unanswered", {})


def test_a_git_that_hangs_is_given_up_and_not_asked_again_for_a_while(
    repo: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _git_that("exec sleep 60", tmp_path, monkeypatch)
    found = find(repo.folder)
    assert found is not None
    began = time.monotonic()
    assert "did not answer" in (describe(found).problem or "")
    with pytest.raises(CorruptError, match="within"):
        run(repo.git_dir, "log")
    for _ in range(20):
        with pytest.raises(CorruptError, match="is not asked again yet"):
            run(repo.git_dir, "log")
    assert time.monotonic() - began < 10


def test_a_stream_that_falls_silent_is_given_up_and_its_git_is_ended(
    repo: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "process"
    _git_that(f"echo $$ > {note}\necho something\nexec sleep 60", tmp_path, monkeypatch)
    told = stream(repo.git_dir, ["log"])
    with pytest.raises(CorruptError, match="did not answer"), told as output:
        output.read()
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


@pytest.mark.parametrize(
    "name", ["config", "packed-refs", "shallow", "info/attributes", "objects/info/alternates"]
)
def test_a_pipe_in_a_git_directory_is_named_and_not_waited_for(repo: Builder, name: str) -> None:
    file = repo.git_dir / name
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    found = find(repo.folder)
    assert found is not None
    facts = describe(found)
    assert facts.state is RepositoryState.UNREADABLE
    assert str(file) in (facts.problem or "")
