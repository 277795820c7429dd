"""The graph of commits, as git streams it: who descends from whom, and when it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.clock import LATEST_MS
from tokencoach.git.errors import CorruptError, ObjectsMissingError
from tokencoach.git.run import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class CommitNode(NamedTuple):
    """A commit's place in the graph and its times in UTC milliseconds."""

    sha: str
    parents: tuple[str, ...]
    author_ms: int
    commit_ms: int


class NodeMaker:
    """Makes nodes of what git says of commits, children before parents.

    A commit is named by its children before it comes itself: one text serves all of them.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def node(self, sha: str, parents: str, author_s: str, commit_s: str) -> CommitNode:
        """The node of one commit; times are git's seconds, ``parents`` stand apart by spaces."""
        names = self._names
        named = tuple([names.setdefault(name, name) for name in parents.split()])
        return CommitNode(names.pop(sha, sha), named, milliseconds(author_s), milliseconds(commit_s))


class Brought(NamedTuple):
    """What a merge brings in besides itself: names of the commits, the earliest author time among them."""

    shas: list[str]
    first_author_ms: int


class Spine(NamedTuple):
    """The line of first parents, oldest first, and what each of its merges brings in."""

    line: list[CommitNode]
    brought: dict[str, Brought]


class SpineMaker:
    """Collects a spine out of commits that are told children before parents, the tip first."""

    def __init__(self) -> None:
        self._line: list[CommitNode] = []
        self._brought: dict[str, Brought] = {}
        self._carriers = Carriers()

    def take(self, node: CommitNode) -> None:
        """Take in a commit."""
        merge = self._carriers.take(node.sha, node.parents)
        if merge is None:
            self._line.append(node)
            return
        shas, first_ms = self._brought.get(merge) or Brought([], node.author_ms)
        shas.append(node.sha)
        self._brought[merge] = Brought(shas, min(first_ms, node.author_ms))

    @property
    def carriers(self) -> dict[str, str]:
        """The commit of the line that brought each other one in."""
        return self._carriers.found

    def spine(self) -> Spine:
        """What was told, oldest first; nothing of it is kept here."""
        line, self._line = self._line, []
        line.reverse()
        return Spine(line, self._brought)


class Carriers:
    """Which commit of the line of first parents brought each other one in.

    Commits are told children before parents, the tip of the line first.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._length = 0
        self._wanted = ""
        self._merges: dict[str, tuple[int, str]] = {}

    def take(self, sha: str, parents: Sequence[str]) -> str | None:
        """Take in a commit; the merge that brought it, None for one of the line itself."""
        merge = self._merges.pop(sha, None)
        if not self._length or sha == self._wanted:
            self._length += 1
            self._wanted = parents[0] if parents else ""
            for parent in parents[1:]:
                self._merges[parent] = (self._length, sha)
            return None
        # Children come before parents, so by now the oldest merge that reaches it is known.
        if merge is not None:
            self.found[sha] = merge[1]
            for parent in parents:
                self._merges[parent] = max(merge, self._merges.get(parent, merge))
        return self.found.get(sha)


def graph(git_dir: Path, revisions: Sequence[str]) -> list[CommitNode]:
    """Every commit of a span, children before parents."""
    return list(_walk(git_dir, ["--topo-order", "--stdin"], revisions))


def first_parent_line(git_dir: Path, tip: str, since_ms: int | None = None) -> list[CommitNode]:
    """The line of first parents up to a commit, oldest first, without changes.

    With ``since_ms`` only what follows the last commit that is older than that.
    """
    span = [] if since_ms is None else [f"--max-age={max(since_ms, 0) // 1000}"]
    return list(_walk(git_dir, [*span, "--first-parent", "--stdin"], [tip]))[::-1]


def spine(git_dir: Path, tip: str, after: str | None = None) -> Spine:
    """The line of first parents up to ``tip``, beginning after the commit ``after``.

    A merge brings in the commits that no earlier one of the line reaches. Only those and the line
    are ever held, whatever the span holds besides.
    """
    maker = SpineMaker()
    for node in _walk(git_dir, ["--topo-order", "--stdin"], [tip] if after is None else [tip, f"^{after}"]):
        maker.take(node)
    return maker.spine()


def start_before(git_dir: Path, tip: str, first_edit_ms: int, reach_ms: int) -> str | None:
    """The commit after which a stream may begin: all before is older than the first edit less ``reach_ms``.

    None where the stream must begin at the root.
    """
    before: str | None = None
    is_open = True
    for node in _walk(git_dir, ["--first-parent", "--stdin"], [tip]):
        if is_open:
            before = node.sha
        is_open = node.commit_ms >= first_edit_ms - reach_ms
    return None if is_open else before


def continues(git_dir: Path, tip: str, after: str) -> bool:
    """Whether the line of first parents up to ``tip`` passes through the commit ``after``.

    Raises:
        GitError: git failed; a commit that is gone is a False, no error.
    """
    if tip == after:
        return True
    wanted = ""
    try:
        for node in _walk(git_dir, ["--topo-order", "--stdin"], [tip, f"^{after}"]):
            if not wanted or node.sha == wanted:
                wanted = node.parents[0] if node.parents else "-"
    except (CorruptError, ObjectsMissingError):
        return False
    return wanted == after


def milliseconds(seconds: str | bytes) -> int:
    """Milliseconds of git's seconds; 0 where a damaged commit has none, or one that no calendar takes."""
    try:
        at_ms = int(seconds) * 1000
    except ValueError:
        return 0
    return at_ms if 0 < at_ms < LATEST_MS else 0


def _walk(git_dir: Path, options: Sequence[str], revisions: Iterable[str]) -> Iterator[CommitNode]:
    """Commits as git tells them, without their changes."""
    arguments = ["log", "--no-show-signature", "--format=%H %at %ct %P", *options]
    maker = NodeMaker()
    with stream(git_dir, arguments, "\n".join([*revisions, ""]).encode()) as output:
        for row in output:
            sha, author, committer, parents = row.decode("ascii", "replace").split(" ", 3)
            yield maker.node(sha, parents, author, committer)
