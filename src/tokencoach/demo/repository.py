"""Real git repositories with the dates of an acted history; the only file here that runs git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.demo.patches import added_and_removed, is_significant
from tokencoach.demo.truth import LineTruth

if TYPE_CHECKING:
    from tokencoach.demo.timeline import Timeline
    from tokencoach.demo.truth import Truth

HUMAN = "human"
# No hook, signature, line-ending rule or background repacking may change what is acted.
_CALM = (
    *("-c", "core.autocrlf=false", "-c", "core.fsync=none", "-c", "core.hooksPath=/dev/null"),
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "commit.gpgsign=false"),
    *("-c", "tag.gpgsign=false", "-c", "advice.detachedHead=false", "-c", "core.quotePath=off"),
)


class GitFailedError(RuntimeError):
    """A git command of the script failed: the script is wrong, or git is missing."""


def run_git(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None, stdin: bytes | None = None
) -> bytes:
    """Run git in a folder and return what it printed; the user's own configuration is ignored.

    Raises:
        GitFailedError: git is missing or said no.
    """
    # Built from nothing: no variable of the person's shell may reach this git.
    own = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        # Reverts and rebases would open one.
        "GIT_EDITOR": "true",
        **(environment or {}),
    }
    command = ["git", *_CALM, *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=own, input=stdin, capture_output=True, check=False)
    except FileNotFoundError:
        raise GitFailedError("the git program was not found on PATH") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or done.stdout.decode(errors="replace").strip()
        raise GitFailedError(f"git {' '.join(arguments)}: {said}")
    return done.stdout


class Repository:
    """A git repository (or one of its worktrees) that people and assistants work in.

    All dates are the timeline's unless a method is told otherwise; ``zone`` is the offset that
    commits carry, like ``+0000``.
    """

    def __init__(self, folder: Path, clock: Timeline, truth: Truth, name: str | None = None) -> None:
        self.folder = folder
        self.clock = clock
        self.truth = truth
        self.name = name or folder.name
        self.zone = "+0000"
        self.person = ("Robin Example", "robin@example.invalid")

    @classmethod
    def create(cls, folder: Path, clock: Timeline, truth: Truth, remote: str | None = None) -> Repository:
        """Make an empty repository on branch main."""
        folder.mkdir(parents=True, exist_ok=True)
        run_git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
        repository = cls(folder, clock, truth)
        if remote:
            repository.git("remote", "add", "origin", remote)
        return repository

    def git(self, *arguments: str, at_ms: int | None = None, authored_ms: int | None = None) -> str:
        """Run git here with fixed dates (UTC milliseconds) and return what it printed."""
        committed = self.clock.now_ms if at_ms is None else at_ms
        authored = committed if authored_ms is None else authored_ms
        name, mail = self.person
        environment = {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": mail,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": mail,
            "GIT_AUTHOR_DATE": f"{authored // 1000} {self.zone}",
            "GIT_COMMITTER_DATE": f"{committed // 1000} {self.zone}",
        }
        return run_git(self.folder, *arguments, environment=environment).decode(errors="replace")

    def read(self, path: str) -> str:
        """A working-tree file's text."""
        return (self.folder / path).read_bytes().decode()

    def human_write(self, path: str, text: str) -> None:
        """A person writes a whole file."""
        file = self.folder / path
        before = file.read_bytes().decode(errors="replace") if file.exists() else ""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        added, _ = added_and_removed(before, text)
        now = self.clock.now_ms
        self.truth.lines += [
            LineTruth(self.name, path, line, HUMAN, now) for line in added if is_significant(line)
        ]

    def human_edit(self, path: str, old: str, new: str) -> None:
        """A person replaces a text that stands in a file."""
        before = self.read(path)
        if old not in before:
            raise ValueError(f"{path} does not hold {old!r}")
        self.human_write(path, before.replace(old, new))

    def commit(
        self, message: str, *paths: str, at_ms: int | None = None, authored_ms: int | None = None
    ) -> str:
        """Commit the paths (all changes where none is named) and return the commit's name."""
        self.git("add", "--all", "--", *(paths or (".",)))
        # Without --only, what was staged before would come along.
        extra = [] if not paths else ["--only", "--", *paths]
        self.git(
            "commit", "--quiet", "--allow-empty", "-m", message, *extra, at_ms=at_ms, authored_ms=authored_ms
        )
        return self.head()

    def amend(self, message: str | None = None) -> str:
        """Fold all changes into the last commit: the author time stays, the committer time is now."""
        self.git("add", "--all")
        words = ["-m", message] if message else ["--no-edit"]
        self.git("commit", "--quiet", "--amend", *words)
        return self.head()

    def head(self) -> str:
        """The name of the commit that is checked out."""
        return checked_out(self.folder) or self.git("rev-parse", "HEAD").strip()

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Make a branch and go to it."""
        self.git("checkout", "--quiet", "-b", name, start)

    def checkout(self, name: str) -> None:
        """Go to a branch."""
        self.git("checkout", "--quiet", name)

    def merge(self, name: str, message: str | None = None) -> str:
        """Merge a branch with a merge commit."""
        self.git("merge", "--quiet", "--no-ff", "-m", message or f"Merge branch '{name}'", name)
        return self.head()

    def squash(self, name: str, message: str) -> str:
        """Land a branch as one commit, as forges do."""
        self.git("merge", "--quiet", "--squash", name)
        return self.commit(message)

    def rebase(self, onto: str) -> None:
        """Rebase the current branch: author times stay, committer times are now."""
        self.git("rebase", "--quiet", onto)

    def cherry_pick(self, revision: str) -> str:
        """Copy a commit onto the current branch; its author time stays."""
        self.git("cherry-pick", revision)
        return self.head()

    def revert(self, revision: str) -> str:
        """Undo a commit with ``git revert``."""
        self.git("revert", "--no-edit", revision)
        return self.head()

    def tag(self, name: str) -> None:
        """Tag the current commit."""
        self.git("tag", "--annotate", "-m", name, name)

    def delete_branch(self, name: str) -> None:
        """Delete a branch, merged or not."""
        self.git("branch", "--quiet", "--delete", "--force", name)

    def push(self, branch: str = "main") -> None:
        """Let the remote-tracking branch point where the local branch does."""
        self.git("update-ref", f"refs/remotes/origin/{branch}", f"refs/heads/{branch}")

    def rename(self, old: str, new: str) -> None:
        """Move a file with ``git mv``."""
        (self.folder / new).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", old, new)

    def move(self, folder: Path) -> None:
        """Move the whole repository to another folder."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.rename(folder)
        self.folder = folder

    def worktree(self, folder: Path, branch: str) -> Repository:
        """Add a worktree on a new branch."""
        self.git("worktree", "add", "--quiet", "-b", branch, str(folder))
        return Repository(folder, self.clock, self.truth, self.name)


def branch_of(folder: Path) -> str:
    """The branch that a folder has checked out, as Claude Code logs it: ``HEAD`` where there is none."""
    for place in (folder, *folder.parents):
        git_dir = _git_dir(place)
        if git_dir is not None:
            head = (git_dir / "HEAD").read_text(encoding="utf-8").strip()
            return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else "HEAD"
    return "HEAD"


def checked_out(folder: Path) -> str | None:
    """The name of the commit that a worktree has checked out, without a start of git; None where only git knows it."""
    git_dir = _git_dir(folder)
    if git_dir is None:
        return None
    head = (git_dir / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref: "):
        return head
    common = git_dir / "commondir"
    place = git_dir / common.read_text(encoding="utf-8").strip() if common.is_file() else git_dir
    # A branch that was packed has no file of its own.
    ref = place / head.removeprefix("ref: ")
    return ref.read_text(encoding="utf-8").strip() if ref.is_file() else None


def _git_dir(place: Path) -> Path | None:
    """The git folder of a worktree; None where there is none."""
    dot_git = place / ".git"
    # A worktree has a file that says where its git folder is.
    if dot_git.is_file():
        dot_git = Path(dot_git.read_text(encoding="utf-8").partition("gitdir: ")[2].strip())
    return dot_git if (dot_git / "HEAD").is_file() else None
