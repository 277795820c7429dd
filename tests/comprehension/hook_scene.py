"""A repository with the hook in it, and a stand-in for the screen that notes when it would have asked."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comprehension.terminals import Ran, Terminal
from tokencoach.comprehension.hook import state
from tokencoach.comprehension.hook.install import Wish, install, plan
from tokencoach.comprehension.hook.places import runner, state_of
from tokencoach.comprehension.hook.spool import Noted, take
from tokencoach.git.hooks import hook_place

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE_ROOT: Final = Path(__file__).resolve().parents[2] / "src"
FILE: Final = "ledger.py"
_ASKER: Final = """
import os, sys
def main():
    with open(os.environ["ASKED_LOG"], "a") as log:
        log.write(" ".join(sys.argv[1:]) + "\\n")
    last = os.environ.get("ASKED_LAST")
    if last and sys.argv[2] == "ask":
        with open(last) as file:
            head = file.read().split()[0]
        with open(last, "w") as file:
            file.write(f"{head} {os.environ.get('ASKED_OUTCOME', 'checked')}\\n")
    return int(os.environ.get("ASKED_CODE", "0"))
"""


class HookScene:
    """A repository of one commit, whose file ``ledger.py`` has fresh lines of an assistant."""

    def __init__(self, folder: Path, *, name: str = "ledger") -> None:
        folder = folder.resolve()
        self.home = folder / "state"
        self.folder = folder / name
        self.log = folder / "asked.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "TERM": "xterm-256color",
            "TOKENCOACH_HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "true",
            "LC_ALL": "C.UTF-8",
            "ASKED_LOG": str(self.log),
        }
        (folder / "home").mkdir()
        self.asker = folder / "asker"
        (self.asker / "tokencoach").mkdir(parents=True)
        (self.asker / "tokencoach" / "__init__.py").write_text("")
        (self.asker / "tokencoach" / "__main__.py").write_text(_ASKER)
        self.folder.mkdir()
        self.git("config", "--global", "user.name", "Author")
        self.git("config", "--global", "user.email", "author@example.invalid")
        self.git("config", "--global", "init.defaultBranch", "main")
        self.git("config", "--global", "protocol.file.allow", "always")
        self.git("init", "-q")
        self.write(FILE, "total = 0\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "first")

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """What git says, without any terminal."""
        done = self.quiet("git", *arguments, folder=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def quiet(
        self, *command: str, folder: Path | None = None, extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a session without a terminal."""
        return subprocess.run(
            command,
            cwd=folder or self.folder,
            env=self.environment | dict(extra or {}),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            timeout=60,
        )

    def write(self, name: str, text: str, folder: Path | None = None) -> None:
        """Put a file into the work tree."""
        target = (folder or self.folder) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def install(self, mode: str | None = None, *, trailer: bool = False, folder: Path | None = None) -> None:
        """Put the hook in place; the program that asks is the stand-in."""
        with self.inside():
            install(plan(Wish(self.home, hook_place(folder or self.folder), mode, trailer)))
        self.stand_in()

    def stand_in(self) -> None:
        """Let the script behind the hooks start the stand-in."""
        script = runner(self.home)
        lines = script.read_text().splitlines(keepends=True)
        script.write_text(
            "".join(
                f"root={shlex.quote(str(self.asker))}\n" if line.startswith("root=") else line
                for line in lines
            )
        )

    def inside(self) -> _Inside:
        """The scene's environment, for code of this process that runs git."""
        return _Inside(self.environment)

    def know(self, *paths: str, done: tuple[str, ...] = (), common_dir: Path | None = None) -> None:
        """Let the hook know the paths with fresh lines of an assistant, as the watcher does."""
        place = common_dir or self.folder / ".git"
        state.tell(self.home, place, state.Told(paths or (FILE,), done, ()))

    def change(self, name: str = FILE, text: str = "total = 1\n", folder: Path | None = None) -> None:
        """Change a file and stage it."""
        self.write(name, text, folder)
        self.git("add", "-A", folder=folder)

    def at_terminal(
        self, *command: str, folder: Path | None = None, extra: Mapping[str, str] | None = None
    ) -> Ran:
        """Run a command as a person at a terminal does."""
        return self.terminal(*command, folder=folder, extra=extra).end()

    def terminal(
        self, *command: str, folder: Path | None = None, extra: Mapping[str, str] | None = None
    ) -> Terminal:
        """Start a command at a terminal."""
        return Terminal(list(command), folder or self.folder, self.environment | dict(extra or {}))

    def asked(self) -> list[str]:
        """What the program that asks was called with, so far; calls that bind a commit are left out."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith("hook ask")]

    def bound(self) -> list[str]:
        """The commits that were bound to a check."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.split()[2] for line in lines if line.startswith("hook bind")]

    def noted(self) -> list[Noted]:
        """What the hooks noted without starting a program."""
        return take(self.home)

    def last(self, git_dir: Path | None = None) -> Path:
        """The file by which the hooks of a worktree tell each other what came of a commit."""
        return state_of(self.home, git_dir or self.folder / ".git") / "last"

    def head(self, rev: str = "HEAD") -> str:
        """Name of a commit."""
        return self.git("rev-parse", rev)

    def program(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run tokencoach itself."""
        return self.quiet(
            sys.executable,
            "-m",
            "tokencoach",
            *arguments,
            folder=folder,
            extra={"PYTHONPATH": str(SOURCE_ROOT)},
        )


class _Inside:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._before: dict[str, str] = {}

    def __enter__(self) -> None:
        self._before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self._environment)

    def __exit__(self, *_: object) -> None:
        os.environ.clear()
        os.environ.update(self._before)
