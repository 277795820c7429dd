"""Records a small project's tests, and asks about what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comprehension.recorded_project import Project
from tokencoach.comprehension.changes import changed_files
from tokencoach.comprehension.generators.base import Context, Source
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.git.staged import staged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tokencoach.comprehension.generators.base import Generator
    from tokencoach.comprehension.question import Prepared


class Repo:
    """Look-ups in the worktree of a test's project."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def text(self, path: str) -> bytes | None:
        """Content of a file."""
        file = self.root / path
        return file.read_bytes() if file.is_file() else None

    def paths(self) -> frozenset[str]:
        """None: nothing here asks."""
        return frozenset()

    def mentions(self, word: str) -> list[str]:
        """None: nothing here asks."""
        del word
        return []

    def lines_like(self, pattern: str, ending: str) -> list[tuple[str, str]]:
        """None: nothing here asks."""
        del pattern, ending
        return []

    def read_ahead(self, paths: Sequence[str]) -> None:
        """Nothing: texts are read as they are asked for."""


def asked(
    root: Path, generator: Generator, new: str, tests: str, old: str = "", name: str = ""
) -> list[Prepared]:
    """The questions of one generator about ``pkg/m.py``, whose tests ran and were recorded."""
    project = Project(root)
    if old:
        project.write("pkg/m.py", old)
        project.commit()
    project.write("pkg/m.py", new)
    project.write("tests/test_m.py", tests)
    done = project.record()
    assert done.returncode == 0, done.stdout + done.stderr
    project.git("add", "-A")
    change = changed_files(staged(project.root / ".git"))
    source = Source(next(file for file in change if file.path == "pkg/m.py"))
    found = prepare(change, options=Options(ask="all")).functions
    context = Context(tuple(change), project.recordings, Repo(project.root))
    made = [
        [one for function in chosen for one in generator(function, source, context)]
        for chosen in [[function for function in found if name in ("", function.qualname)]] * 2
    ]
    # The same blob and the same recording give the same questions.
    assert made[0] == made[1]
    return made[0]
