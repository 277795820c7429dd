"""Commits as a stream, oldest first, from one git process."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from io import BytesIO
from typing import IO, TYPE_CHECKING, Final

import msgspec

from tokencoach.git.errors import CorruptError, GitError, ObjectsMissingError
from tokencoach.git.graph import CommitNode, first_parent_line, graph, milliseconds, spine
from tokencoach.git.patch import FileChange, LineReader, PatchReader
from tokencoach.git.run import PATCH_OPTIONS, run, stream
from tokencoach.git.told import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tokencoach.git.graph import Spine

_FORMAT: Final = "%x01%H%x00%P%x00%at%x00%ct%x00%an%x00%ae%x00%cn%x00%ce%x00%B%x00"
_FIELDS: Final = 9
_LOG_OPTIONS: Final = ("--no-show-signature", "--no-notes", f"--format={_FORMAT}")
_NOBODY: Final = Person("", "")
_MOST_DAMAGED: Final = 200
_BLOCK: Final = 16
_PORTION: Final = 8_192
_REVERT: Final = re.compile(r"[Tt]his reverts commit ([0-9a-f]{7,64})")


class Commit(msgspec.Struct, frozen=True):
    """One commit with its changes against its first parent; times are UTC milliseconds.

    In a first-parent stream ``brings`` names the commits that a merge brings in besides itself,
    and ``first_author_ms`` is the earliest author time of them all.
    """

    sha: str
    parents: tuple[str, ...]
    author_ms: int
    commit_ms: int
    message: str
    changes: list[FileChange] = []
    first_author_ms: int = 0
    brings: tuple[str, ...] = ()
    author: Person = _NOBODY
    committer: Person = _NOBODY

    @property
    def subject(self) -> str:
        """First line of the message."""
        return self.message.partition("\n")[0]

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1


class Ahead:
    """git, which has begun to read the commits of a line while the caller still does other things.

    A child that nobody asked ends with ``end``.
    """

    def __init__(self, git_dir: Path, spine: Spine) -> None:
        self.spine = spine
        self._opened = _patches(git_dir, [node for block in _reading_blocks(spine.line) for node in block])
        self._output: IO[bytes] | None = self._opened.__enter__()

    @contextmanager
    def patches(self) -> Iterator[IO[bytes]]:
        """What git writes; once."""
        output, self._output = self._output, None
        assert output is not None  # noqa: S101 - asked for a second time
        with ExitStack() as ending:
            ending.push(self._opened)
            yield output

    def end(self) -> None:
        """End the child, if nobody asked for what it writes."""
        if self._output is not None:
            self._output = None
            with suppress(GitError):
                self._opened.__exit__(None, None, None)


def begin(git_dir: Path, tip: str, after: str) -> Ahead | None:
    """Begin to read what follows the commit ``after``; None where the line does not pass through that, or is long."""
    try:
        found = spine(git_dir, tip, after)
    except (CorruptError, ObjectsMissingError):
        return None
    goes_on = 0 < len(found.line) <= _PORTION and found.line[0].parents[:1] == (after,)
    return Ahead(git_dir, found) if goes_on else None


def first_parent(
    git_dir: Path,
    tip: str,
    after: str | None = None,
    wanted: Callable[[bytes], bool] | None = None,
    known: Spine | Ahead | None = None,
) -> Iterator[Commit]:
    """The line of first parents up to ``tip``, beginning after the commit ``after``, oldest first.

    ``wanted`` says for which paths hunks matter. ``known`` is the line where the caller has it; it
    is used up.

    Raises:
        GitError: git failed; every commit before the failure has been yielded.
    """
    # The order comes from the graph, not from git log, so that a failed stream can go on behind the failure.
    ahead = known if isinstance(known, Ahead) else None
    found = known.spine if isinstance(known, Ahead) else known
    line, brought = spine(git_dir, tip, after) if found is None else found
    for commit in _log(git_dir, line, wanted, ahead):
        members = brought.pop(commit.sha, None)
        if members is None:
            yield commit
            continue
        first_ms = min(commit.author_ms, members.first_author_ms)
        yield msgspec.structs.replace(commit, brings=tuple(members.shas), first_author_ms=first_ms)


def touching_line(git_dir: Path, tip: str, since_ms: int, paths: Sequence[bytes]) -> Iterator[Commit]:
    """Commits of the line of first parents since an instant that change one of some files, oldest first.

    Raises:
        GitError: git failed; every commit before the failure has been yielded.
    """
    named = [path for path in paths if b"\n" not in path]
    asked = b"".join(b":(literal,top)" + path + b"\n" for path in named)
    told = (
        run(git_dir, "rev-list", "--first-parent", "--stdin", feed=tip.encode() + b"\n--\n" + asked)
        if named
        else b""
    )
    touching = {name.decode("ascii", "replace") for name in told.split()}
    line = [node for node in first_parent_line(git_dir, tip, since_ms) if node.sha in touching]
    return _log(git_dir, line, frozenset(named).__contains__)


def side(
    git_dir: Path,
    tips: Sequence[str],
    not_tips: Sequence[str],
    wanted: Callable[[bytes], bool] | None = None,
    since_ms: int = 0,
    nodes: list[CommitNode] | None = None,
) -> Iterator[Commit]:
    """Commits without merges that ``tips`` reach and ``not_tips`` do not, parents before children.

    Commits before ``since_ms`` are left out, those that touch no ``wanted`` path, and histories
    that share no commit with ``not_tips``: branches of pages or of other programs' data. ``nodes``
    is the graph of the span where the caller has it.

    Raises:
        GitError: git failed; every commit before the failure has been yielded.
    """
    if nodes is None:
        nodes = graph(git_dir, [*tips, *(f"^{tip}" for tip in not_tips)]) if tips else []
    foreign = unrelated(nodes) if not_tips else set()
    plain = [
        node
        for node in reversed(nodes)
        if len(node.parents) <= 1 and node.commit_ms >= since_ms and node.sha not in foreign
    ]
    return _log(git_dir, plain if wanted is None else _touching(git_dir, plain, wanted), wanted)


def unrelated(nodes: list[CommitNode]) -> set[str]:
    """Commits all of whose ancestors are among the nodes; children come before parents."""
    found: set[str] = set()
    for node in reversed(nodes):
        if all(parent in found for parent in node.parents):
            found.add(node.sha)
    return found


def reverts(message: str) -> tuple[str, ...]:
    """Names of the commits that a message says it reverts, as long as they are written there."""
    return tuple(_REVERT.findall(message))


def _touching(git_dir: Path, nodes: list[CommitNode], wanted: Callable[[bytes], bool]) -> list[CommitNode]:
    """Those commits that change a wanted path, found without reading a single file."""
    if not nodes:
        return []
    options = ("-r", "--root", "--name-only", "-z", "--no-renames", "--ignore-submodules=all", "--stdin")
    feed = "".join(f"{node.sha}\n" for node in nodes).encode()
    shas = {node.sha.encode() for node in nodes}
    touching = set()
    sha = b""
    for name in run(git_dir, "diff-tree", *options, feed=feed).split(b"\0"):
        if name in shas:
            sha = name
        elif name and sha not in touching and wanted(name):
            touching.add(sha)
    return [node for node in nodes if node.sha.encode() in touching]


def _log(
    git_dir: Path,
    nodes: list[CommitNode],
    wanted: Callable[[bytes], bool] | None,
    ahead: Ahead | None = None,
) -> Iterator[Commit]:
    """The named commits in the order given, taken out of ``nodes``. One whose blobs are absent is read without them.

    One git reads a portion of them: it keeps every commit that it was given until it ends.
    """
    while nodes:
        portion = nodes[:_PORTION]
        del nodes[:_PORTION]
        yield from _portion(git_dir, portion, wanted, ahead)
        ahead = None


def _portion(
    git_dir: Path,
    nodes: list[CommitNode],
    wanted: Callable[[bytes], bool] | None,
    ahead: Ahead | None,
) -> Iterator[Commit]:
    damaged = 0
    while nodes:
        done = 0
        try:
            for block in _blocks(git_dir, nodes, wanted, ahead):
                yield from block
                done += len(block)
        except ObjectsMissingError:
            damaged += yield from _one_by_one(git_dir, nodes[done : done + _BLOCK], wanted)
            done += _BLOCK
            if damaged > _MOST_DAMAGED:
                raise
        nodes, ahead = nodes[done:], None


def _reading_blocks(nodes: list[CommitNode]) -> list[list[CommitNode]]:
    """Commits in blocks, each newest first: packs keep new contents as the base of old ones."""
    return [nodes[start : start + _BLOCK][::-1] for start in range(0, len(nodes), _BLOCK)]


def _blocks(
    git_dir: Path,
    nodes: list[CommitNode],
    wanted: Callable[[bytes], bool] | None,
    ahead: Ahead | None,
) -> Iterator[list[Commit]]:
    """The commits in blocks, oldest first."""
    order = [node for block in _reading_blocks(nodes) for node in block]
    block: list[Commit] = []
    left = len(nodes)
    for commit in _stream(git_dir, order, wanted, ahead):
        block.append(commit)
        if len(block) == min(_BLOCK, left):
            left -= len(block)
            yield block[::-1]
            block = []


def _one_by_one(
    git_dir: Path, nodes: list[CommitNode], wanted: Callable[[bytes], bool] | None
) -> Generator[Commit, None, int]:
    """The commits in the order given; returns how many lacked a blob."""
    damaged = 0
    while nodes:
        done = 0
        try:
            for commit in _stream(git_dir, nodes, wanted):
                yield commit
                done += 1
        except ObjectsMissingError:
            damaged += 1
            yield _without_missing(git_dir, nodes[done], wanted)
            done += 1
        nodes = nodes[done:]
    return damaged


def _patches(git_dir: Path, nodes: list[CommitNode]) -> AbstractContextManager[IO[bytes]]:
    """What git writes of commits, in the order given."""
    arguments = [
        "log",
        "--no-walk=unsorted",
        "--first-parent",
        "-m",
        *_LOG_OPTIONS,
        *PATCH_OPTIONS,
        "--stdin",
    ]
    return stream(git_dir, arguments, "".join(f"{node.sha}\n" for node in nodes).encode())


def _stream(
    git_dir: Path,
    nodes: list[CommitNode],
    wanted: Callable[[bytes], bool] | None,
    ahead: Ahead | None = None,
) -> Iterator[Commit]:
    """Commits that git could read whole: the last one before a failure may be torn and is held back."""
    last = None
    with _patches(git_dir, nodes) if ahead is None else ahead.patches() as output:
        try:
            for commit in _commits(LineReader(output), wanted):
                if last is not None:
                    yield last
                last = commit
        except CorruptError as torn:
            # What git itself says of its end explains more than the place where its output broke off.
            output.read()
            problem: CorruptError | None = torn
        else:
            problem = None
    if problem is not None:
        raise problem
    if last is not None:
        yield last


def _without_missing(git_dir: Path, node: CommitNode, wanted: Callable[[bytes], bool] | None) -> Commit:
    """One commit, read again; files whose blobs are absent are reported without hunks."""
    try:
        return next(_stream(git_dir, [node], wanted))
    except ObjectsMissingError:
        # One commit at a time may be asked for the files that can still be read.
        sides = [node.parents[0], node.sha] if node.parents else ["--root", node.sha]
        absent = _absent(git_dir, sides)
        excluded = [b":(exclude,literal,top)" + change.path for change in absent]
        head = run(git_dir, "log", "--no-walk", "--no-patch", *_LOG_OPTIONS, node.sha)
        patch = run(
            git_dir, "diff-tree", "-r", "--no-commit-id", *PATCH_OPTIONS, *sides, "--", ":(top)", *excluded
        )
        commit = next(_commits(LineReader(BytesIO(head + patch)), wanted))
        commit.changes.extend(absent)
        return commit


def _absent(git_dir: Path, sides: list[str]) -> list[FileChange]:
    """Files of a difference of which git lacks a blob."""
    options = (
        "-r",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-commit-id",
        "--ignore-submodules=all",
    )
    fields = run(git_dir, "diff-tree", *options, *sides).split(b"\0")
    changes = []
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, old_blob, new_blob, letter = meta.split(b" ")
        changes.append(
            FileChange(
                path,
                is_new=letter == b"A",
                is_deleted=letter == b"D",
                is_complete=False,
                mode=int(mode, 8) or FileChange(b"").mode,
                old_blob=old_blob,
                new_blob=new_blob,
            )
        )
    wanted = {blob for change in changes for blob in (change.old_blob, change.new_blob) if blob.strip(b"0")}
    gone = _unreadable(git_dir, wanted, sides)
    return [change for change in changes if change.old_blob in gone or change.new_blob in gone]


def _unreadable(git_dir: Path, blobs: set[bytes], sides: list[str]) -> set[bytes]:
    """Blobs that are absent or damaged. In a partial clone git answers about trees only."""
    try:
        told = run(git_dir, "cat-file", "--batch-check", feed=b"\n".join([*sorted(blobs), b""]))
    except ObjectsMissingError:
        commits = [side for side in sides if not side.startswith("-")]
        told = run(git_dir, "rev-list", "--objects", "--no-walk", "--missing=print", *commits)
        return {line[1:] for line in told.splitlines() if line.startswith(b"?")}
    return {line.split(b" ")[0] for line in told.splitlines() if line.endswith(b" missing")}


def _commits(lines: LineReader, wanted: Callable[[bytes], bool] | None) -> Iterator[Commit]:
    patches = PatchReader(lines, wanted)
    while (line := lines.line()) is not None:
        if not line.startswith(b"\x01"):
            if line:
                raise CorruptError("git's output holds something between two commits")
            continue
        sha, parents, author, committer, name, mail, merger, merger_mail, message = _header(line, lines)
        author_ms = milliseconds(author)
        yield Commit(
            sha.decode("ascii", "replace"),
            tuple(parents.decode("ascii", "replace").split()),
            author_ms,
            milliseconds(committer),
            message.decode("utf-8", "replace").strip("\n"),
            patches.changes(),
            author_ms,
            author=_person(name, mail),
            committer=_person(merger, merger_mail),
        )


# Of many commits, few people are the authors.
@lru_cache(maxsize=1_000)
def _person(name: bytes, mail: bytes) -> Person:
    return Person(name.decode("utf-8", "replace"), mail.decode("utf-8", "replace"))


def _header(first: bytes, lines: LineReader) -> list[bytes]:
    """Name, parents, author time, committer time, the author and the committer by name and mail, message."""
    fields = first[1:].split(b"\0", _FIELDS - 1)
    while b"\0" not in fields[-1]:
        line = lines.line()
        if line is None:
            raise CorruptError("git's output ended within a message")
        fields[-1] += b"\n" + line
    fields[-1] = fields[-1].partition(b"\0")[0]
    return fields
