"""Whatever state a repository is in, every verb goes through, with the reason and the mend."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, lines
from git.builder import Builder
from sources import claude_records as claude

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = 86_400
TEXT = "total_of_everything = measured_total_of(everything)\n"
AUDIT = ("audit", "--month", "2026-02", "--as-of", "2026-06-01")


def _session(machine: Machine, folder: Path, name: str = "new.py", session: str = "E") -> None:
    """A session that writes one file of the folder in February."""
    file = str(folder / name)
    call = claude.tool_use(f"t-{session}", "Write", file_path=file, content=TEXT)
    detail = {"type": "create", "filePath": file, "content": TEXT, "structuredPatch": []}
    made = [
        claude.user(1, "write it"),
        claude.assistant(20, f"m-{session}", [call]),
        claude.result(21, f"t-{session}", "ok", detail),
    ]
    records = ({**record, "cwd": str(folder), "sessionId": session} for record in made)
    machine.log(lines(records), f"{session}.jsonl")


def _git(folder: Path, *arguments: str) -> None:
    """Run git in another folder than the repository."""
    environment = dict(os.environ) | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_ALLOW_PROTOCOL": "file"}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def _shallow(repo: Builder) -> None:
    repo.commit(60 * DAY, app_py="print('later')\n")
    kept = repo.folder.with_name("kept")
    repo.folder.rename(kept)
    _git(kept, "clone", "-q", "--depth", "1", f"file://{kept}", str(repo.folder))


def _partial(repo: Builder) -> None:
    kept = repo.folder.with_name("kept")
    repo.folder.rename(kept)
    _git(kept, "config", "uploadpack.allowFilter", "true")
    _git(kept, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{kept}", str(repo.folder))
    shutil.rmtree(kept)


def _corrupt(repo: Builder) -> None:
    for file in (repo.git_dir / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            file.write_bytes(b"garbage")


def _emptied(repo: Builder) -> None:
    shutil.rmtree(repo.git_dir)
    repo.git("init", "-q", "-b", "main")


def _another_users(repo: Builder) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    subprocess.run(["chown", "-R", "65534:65534", str(repo.folder)], check=True)


def _headless(repo: Builder) -> None:
    (repo.git_dir / "HEAD").write_bytes(b"ref: refs/heads/../../../etc/passwd\n\0\xff")


def _gone(repo: Builder) -> None:
    shutil.rmtree(repo.folder)


def _undated(repo: Builder) -> None:
    """Commits of the year 292 billion, of the last day of all calendars, before 1970, and of no time at all."""
    tree = repo.head("HEAD^{tree}")
    for author, committer in (
        ("9" * 17, "9223372036854775807"),
        ("253402300799", "253402300799"),
        ("-5", "-5"),
        ("", ""),
    ):
        parent = repo.head("HEAD")
        text = f"tree {tree}\nparent {parent}\nauthor a <a@b> {author} +0000\ncommitter a <a@b> {committer} +0000\n\nodd\n"
        file = repo.folder.with_name("commit")
        file.write_text(text)
        made = repo.git("hash-object", "-t", "commit", "-w", "--literally", str(file)).strip()
        repo.git("update-ref", "refs/heads/main", made)


def _odd_configuration(repo: Builder) -> None:
    (repo.git_dir / "config").write_bytes(b"[core\nbroken \xff\0 = = [\n")


STATES: dict[str, tuple[Callable[[Builder], None], str, str]] = {
    "shallow": (_shallow, "shallow", "unshallow"),
    "partial": (_partial, "partial", "--refetch"),
    "corrupt": (_corrupt, "", "git"),
    "without commits": (_emptied, "empty", ""),
    "of another user": (_another_users, "unreadable", "safe.directory"),
    "with a damaged head": (_headless, "", ""),
    "with a damaged configuration": (_odd_configuration, "unreadable", ""),
    "of no real time": (_undated, "ok", ""),
    "gone": (_gone, "missing", "repos link"),
}


@pytest.fixture
def repo(tmp_path: Path) -> Builder:
    repo = Builder(tmp_path / "repo")
    repo.commit(1, app_py="print('hello')\n")
    return repo


@pytest.mark.parametrize("is_known_before", [True, False])
@pytest.mark.parametrize("state", sorted(STATES))
def test_an_audit_goes_through_with_a_repository(
    machine: Machine, repo: Builder, state: str, *, is_known_before: bool
) -> None:
    spoil, name, mend = STATES[state]
    sound = Builder(repo.folder.with_name("sound"))
    sound.commit(1, app_py="print('another beginning')\n")
    _session(machine, repo.folder)
    _session(machine, sound.folder, session="G")
    for builder in (repo, sound):
        builder.write("new.py", TEXT)
        builder.commit(50 * DAY)
    if is_known_before:
        machine.json(*AUDIT)
    spoil(repo)
    said = machine.json(*AUDIT)
    assert sum(row["tokens"] for row in said["buckets"]) == said["spend"]["tokens"] == 2 * 1160
    assert said["lines"]["landed"] >= 1, "the sound repository is judged"
    told = machine.run("doctor").stdout.decode()
    # What was read before is kept; a repository is looked at again when its refs move.
    if is_known_before == (state == "gone"):
        assert name in told
        assert mend in told
    assert machine.json("sessions")["sessions"]


def test_a_repository_that_was_lost_and_found_is_judged_again(machine: Machine, repo: Builder) -> None:
    _session(machine, repo.folder)
    repo.write("new.py", TEXT)
    repo.commit(50 * DAY)
    before = machine.json(*AUDIT)["lines"]
    shutil.move(repo.folder, machine.home / "elsewhere")
    machine.json(*AUDIT)
    shutil.move(machine.home / "elsewhere", repo.folder)
    assert machine.json(*AUDIT)["lines"] == before
    assert before["landed"] == 1


def test_file_names_and_settings_of_a_repository_run_nothing(machine: Machine, repo: Builder) -> None:
    mark = machine.home / "it-ran"
    names = [
        "-rf",
        "$(touch it-ran)",
        "a\nb.py",
        "\x1b[31mred.py",
        "caf\u00e9.py",
        ";touch it-ran;",
        "'\".py",
    ]
    for number, name in enumerate(names):
        _session(machine, repo.folder, name, f"N{number}")
        repo.write(name, TEXT.replace("total", f"total_{number}"))
    repo.write(b"\xff\xfe.py", TEXT)
    repo.commit(50 * DAY)
    trap = machine.home / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external", "core.pager", "core.hooksPath"):
        repo.git("config", key, str(trap))
    for verb in (AUDIT, ("sessions",), ("sessions", "show", "N3"), ("doctor",), ("repos", "list")):
        done = machine.run(*verb, cwd=machine.home)
        assert b"\x1b" not in done.stdout + done.stderr
    assert not mark.exists()
    assert machine.json(*AUDIT)["lines"]["generated"] == len(names)


def test_without_git_logs_are_read_and_every_verb_says_what_is_missing(
    machine: Machine, repo: Builder, tmp_path: Path
) -> None:
    _session(machine, repo.folder)
    repo.write("new.py", TEXT)
    repo.commit(50 * DAY)
    no_git: dict[str, Any] = {"extra": {"PATH": str(tmp_path)}}
    assert machine.ingest(**no_git)["requests"] == 1
    assert machine.json("usage", **no_git)["totals"]["requests"] == 1
    for verb in (AUDIT, ("sessions",), ("repos", "list"), ("ingest",)):
        done = machine.run(*verb, **no_git)
        assert "no git program was found" in done.stderr.decode(), verb
        assert "install git" in done.stderr.decode()
    told = machine.run("doctor", **no_git)
    assert told.returncode == 1
    assert "install git" in told.stdout.decode()
    said = machine.json(*AUDIT, **no_git)
    assert {row["bucket"] for row in said["buckets"] if row["tokens"]} == {"unknown"}
    assert machine.json(*AUDIT)["lines"]["landed"] == 1
