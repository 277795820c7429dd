"""Look-ups in one tree of a repository: which files there are, which hold a word, what they contain."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from tokencoach.git.errors import GitError
from tokencoach.git.run import run
from tokencoach.git.tree import contents_of, tracked_paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MOST_WORD: Final = 200


class Tree:
    """A commit or a tree by its name. What git cannot say is taken as absent."""

    def __init__(self, git_dir: Path, rev: str) -> None:
        self._git_dir = git_dir
        self._rev = rev
        self._mentions: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, bytes | None] = {}
        self._lines: dict[str, tuple[tuple[str, str], ...]] = {}

    @cached_property
    def _paths(self) -> frozenset[str]:
        return tracked_paths(self._git_dir, self._rev)

    def paths(self) -> frozenset[str]:
        """Paths of all files."""
        return self._paths

    def text(self, path: str) -> bytes | None:
        """Content of a file; None where there is none."""
        if path not in self._texts:
            self._texts[path] = contents_of(self._git_dir, [path], self._rev).get(path)
        return self._texts[path]

    def read_ahead(self, paths: Sequence[str]) -> None:
        """Read several files at once, so that ``text`` answers without asking again."""
        absent = [path for path in paths if path not in self._texts]
        found = contents_of(self._git_dir, absent, self._rev) if absent else {}
        self._texts.update({path: found.get(path) for path in absent})

    def mentions(self, word: str) -> tuple[str, ...]:
        """Paths of the text files that hold a word, in order."""
        if word not in self._mentions:
            self._mentions[word] = self._searched(word)
        return self._mentions[word]

    def lines_like(self, pattern: str, ending: str) -> tuple[tuple[str, str], ...]:
        """Lines that a POSIX extended pattern fits, with their paths, of the text files with some ending."""
        key = f"{pattern}\0{ending}"
        if key not in self._lines:
            self._lines[key] = self._fitting(pattern, ending)
        return self._lines[key]

    def _fitting(self, pattern: str, ending: str) -> tuple[tuple[str, str], ...]:
        options = ("-z", "-I", "-E", "--full-name", "--no-color", "--no-textconv")
        try:
            output = run(self._git_dir, "grep", *options, "-e", pattern, self._rev, "--", f"*{ending}")
        except GitError:
            return ()
        prefix = f"{self._rev}:"
        rows = (line.decode("utf-8", "replace").partition("\0") for line in output.split(b"\n") if line)
        return tuple(sorted((name.removeprefix(prefix), text) for name, _, text in rows))

    def _searched(self, word: str) -> tuple[str, ...]:
        if not word or len(word) > _MOST_WORD or "\n" in word or "\0" in word:
            return ()
        options = ("-l", "-z", "-I", "-F", "-w", "--full-name", "--no-color", "--no-textconv")
        try:
            output = run(self._git_dir, "grep", *options, "-e", word, self._rev, "--")
        except GitError:
            # git grep also fails where nothing is found.
            return ()
        prefix = f"{self._rev}:"
        names = (name.decode("utf-8", "replace").removeprefix(prefix) for name in output.split(b"\0") if name)
        return tuple(sorted(names))
