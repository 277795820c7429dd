"""A repository with a Python project, its tests, and runs of ``tokencoach record`` in it."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from launching.launcher import launch
from tokencoach.comprehension.changes import changed_files
from tokencoach.comprehension.generators.base import Source
from tokencoach.comprehension.recordings import RecordedFunction, Recordings, folder_of
from tokencoach.git.staged import staged

if TYPE_CHECKING:
    from collections.abc import Mapping

_PYTEST = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py")
_VERSIONS = ("3.12", "3.13", "3.14")
# What our own tests have installed would cost each of these runs a second of imports.
_LEAN = [
    word
    for name in ("hypothesispytest", "anyio", "xdist", "xdist.looponfail")
    for word in ("-p", f"no:{name}")
]


def interpreters() -> dict[str, str]:
    """This interpreter, and newer ones that are on the path: both engines of the recorder, where there are."""
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    for version in _VERSIONS:
        program = shutil.which(f"python{version}")
        # A version manager may put a name on the path with nothing behind it.
        if program is not None and not subprocess.run([program, "-c", ""], check=False).returncode:
            found.setdefault(version, program)
    return found


def pytest_for_others(folder: Path) -> Path:
    """A folder with pytest and what it needs, for an interpreter that has none."""
    folder.mkdir(exist_ok=True)
    for place in map(Path, site.getsitepackages()):
        for name in _PYTEST:
            if (place / name).exists() and not (folder / name).exists():
                (folder / name).symlink_to(place / name)
    return folder


class Project:
    """A package ``pkg`` and its tests under git; what is committed does not count as changed."""

    def __init__(self, root: Path, python: str = sys.executable) -> None:
        self.root = root
        self.python = python
        self.home = Path(os.environ["TOKENCOACH_HOME"])
        self.git("init", "-q", "-b", "main")
        self.write("pkg/__init__.py", "")
        self.write(
            "tests/test_nothing.py", "import pkg\ndef test_nothing():\n    assert pkg.__name__ == 'pkg'\n"
        )
        self.commit()

    def git(self, *arguments: str) -> str:
        """Run git in the project."""
        self.root.mkdir(exist_ok=True)
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "state")

    def record(
        self, *options: str, command: tuple[str, ...] = (), extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``tokencoach record -- python -m pytest`` (or another command) as a person would."""
        environment = {**os.environ, **(extra or {})}
        if self.python != sys.executable:
            environment["PYTHONPATH"] = str(pytest_for_others(self.home.parent / "pytest"))
        plugins = [] if "-n" in options else _LEAN
        tests = command or (self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugins, *options)
        done = launch(["record", "--", *tests], environment, self.root, limit_s=120)
        said, told = done.stdout.decode(), done.stderr.decode()
        return subprocess.CompletedProcess(["record", *tests], done.returncode, said, told)

    @property
    def recordings(self) -> Recordings:
        """What is kept of this repository."""
        return Recordings(folder_of(self.home, (self.root / ".git").resolve()))

    def source(self, path: str = "pkg/m.py") -> Source:
        """A file as it is staged; everything is staged first."""
        self.git("add", "-A")
        (file,) = (item for item in changed_files(staged(self.root / ".git")) if item.path == path)
        return Source(file)

    def seen(self, qualname: str, path: str = "pkg/m.py") -> RecordedFunction:
        """What was recorded of a function as it stands."""
        found = self.recordings.of(self.source(path), qualname)
        assert found is not None, f"nothing was recorded of {qualname}"
        return found
