"""What the files of a worktree add over a commit, read from disk: no filter of the repository runs."""

from __future__ import annotations

import difflib
import os
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.git.blobs import name_of
from tokencoach.git.errors import GitError
from tokencoach.git.notes import note_texts
from tokencoach.git.run import run
from tokencoach.git.staged import index_of
from tokencoach.git.worktree import content_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MOST_BYTES: Final = 1 << 20
_MOST_FILES: Final = 5_000
_MOST_LINES: Final = 20_000


class WorkFile(NamedTuple):
    """A file as it lies in the worktree, and the 1-based lines that a commit does not have."""

    path: str
    content: bytes
    added: frozenset[int]


def changed_files(
    git_dir: Path, worktree: Path, base: str, suffix: str, is_wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[WorkFile]:
    """Files with that suffix, tracked or not ignored, that differ from the commit ``base``.

    Line ends are no difference. Files over 1 MiB and links are left out; of new files at most 5,000
    are looked at. A base that does not exist, as before the first commit, has no files. Paths that
    are not wanted are passed over before they are read.

    Raises:
        GitError: git failed.
    """
    before = _blobs(git_dir, base, suffix)
    names = [name for name in _names(git_dir, worktree, suffix) if is_wanted(os.fsdecode(name))]
    new = [path for path in names if path not in before][:_MOST_FILES]
    differing: list[tuple[bytes, bytes]] = []
    for path in sorted([*new, *(path for path in names if path in before)]):
        content = content_of(worktree, path, _MOST_BYTES)
        if content is not None and (path not in before or name_of(content, before[path]) != before[path]):
            differing.append((path, content))
    texts = dict(note_texts(git_dir, [before[path] for path, _ in differing if path in before]))
    for path, content in differing:
        old = texts.get(before[path]) if path in before else b""
        added = _added(old or b"", content)
        if added:
            yield WorkFile(os.fsdecode(path), content, added)


def _blobs(git_dir: Path, base: str, suffix: str) -> dict[bytes, str]:
    """Names of the blobs of the commit's files."""
    try:
        listing = run(git_dir, "ls-tree", "-r", "-z", base)
    except GitError:
        return {}
    found = {}
    for row in listing.split(b"\0"):
        meta, _, path = row.partition(b"\t")
        fields = meta.split()
        if len(fields) == 3 and fields[1] == b"blob" and path.endswith(suffix.encode()):
            found[path] = fields[2].decode("ascii")
    return found


def _names(git_dir: Path, worktree: Path, suffix: str) -> list[bytes]:
    """Paths that git would list: those of the index and those that nothing ignores."""
    where = ("-C", str(worktree), f"--work-tree={worktree}")
    asked = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", f":(top,glob)**/*{suffix}")
    listing = run(git_dir, *where, *asked, index=index_of(git_dir))
    return sorted({name for name in listing.split(b"\0") if name})


def _added(old: bytes, new: bytes) -> frozenset[int]:
    """1-based numbers of the new lines that are not among the old, in order."""
    before, after = (text.replace(b"\r\n", b"\n").split(b"\n") for text in (old, new))
    if before == after:
        return frozenset()
    head = 0
    shorter = min(len(before), len(after))
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    gone, come = before[head : len(before) - tail], after[head : len(after) - tail]
    if not gone or len(gone) + len(come) > _MOST_LINES:
        return frozenset(range(head + 1, head + len(come) + 1))
    return frozenset(head + place + 1 for place in _new_lines(gone, come))


def _new_lines(gone: list[bytes], come: list[bytes]) -> Iterator[int]:
    """Indexes of lines that came, between lines that stand once on either side and in the same order."""
    before = after = 0
    for old, new in [*_anchors(gone, come), (len(gone), len(come))]:
        matcher = difflib.SequenceMatcher(None, gone[before:old], come[after:new], autojunk=False)
        for tag, _, _, start, end in matcher.get_opcodes():
            if tag in {"insert", "replace"}:
                yield from range(after + start, after + end)
        before, after = old + 1, new + 1


def _anchors(gone: list[bytes], come: list[bytes]) -> list[tuple[int, int]]:
    """The longest row of lines that are unique on both sides: as Bram Cohen's patience diff finds them."""
    times = Counter(gone), Counter(come)
    places = {line: place for place, line in enumerate(come) if times[0][line] == times[1][line] == 1}
    ends: list[int] = []
    chains: list[tuple[int, int, Any]] = []
    for place, line in enumerate(gone):
        there = places.get(line)
        if there is not None:
            length = bisect_left(ends, there)
            chain = place, there, chains[length - 1] if length else None
            ends[length : length + 1] = [there]
            chains[length : length + 1] = [chain]
    found: list[tuple[int, int]] = []
    chain_left: Any = chains[-1] if chains else None
    while chain_left is not None:
        place, there, chain_left = chain_left
        found.append((place, there))
    return found[::-1]
