"""Lines of edits that changed nothing of the default branch: removed where it had none, written where it had them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.facts import Void
from tokencoach.attribution.lines import line_keys
from tokencoach.clock import DAY_MS
from tokencoach.git.blobs import contents
from tokencoach.git.graph import first_parent_line
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.mainline import Mainline

# Most branches have a commit in the month before an edit; where one has not, all of it is read.
_REACH_MS: Final = 31 * DAY_MS
_ALWAYS_MS: Final = 1 << 62


class Settled(NamedTuple):
    """What was found of edits up to an instant when the branch was left: the past of their files is over."""

    until_ms: int
    voids: Mapping[int, Mapping[tuple[bool, int], bool]]
    """By edit, of each line by ``(is removal, position)`` whether it is doubtful."""


NOTHING_SETTLED: Final = Settled(-1, {})


class Past:
    """Commits of a line of first parents, oldest first: when each was made and its name, in few bytes."""

    def __init__(self) -> None:
        self.times = array("q")
        self.has_older = False
        self._names = bytearray()

    def add(self, sha: str, parents: Sequence[str], commit_ms: int) -> None:
        """Take in the next commit."""
        if not self.times:
            self.has_older = bool(parents)
        self.times.append(commit_ms)
        self._names += bytes.fromhex(sha)

    def name(self, index: int) -> str:
        """A commit's name."""
        size = len(self._names) // len(self.times)
        return self._names[index * size : (index + 1) * size].hex()

    def start(self, since_ms: int) -> int:
        """From where on no commit is older than an instant."""
        older = (
            index
            for index in range(len(self.times) - 1, -1, -1)
            if self.times[index] // 1000 < since_ms // 1000
        )
        return next(older, -1) + 1


def void_lines(
    line: Mainline,
    edits: Iterable[AuthoredEdit],
    git_dir: Path,
    tip: str,
    settled: Settled = NOTHING_SETTLED,
    past: Past | None = None,
) -> Iterator[Void]:
    """Removals that have not landed, of lines that the file did not hold on the branch at that time.

    Of a file written whole, and of a part of one (a cell, a function by its name) whose former text the
    log does not show, also the lines that it did hold and that have not landed: they stood there; of any
    edit the lines that it both took away and put back, itself or by a later one.
    Removals that overwrote another edit's line are told by ``Mainline.voids``, not here. ``past``
    is the branch up to ``tip``, where all of it that edits can meet was just read.

    Raises:
        GitError: git failed.
    """
    edits = list(edits)
    kept = {
        (void.edit_id, void.is_removal, void.position): void
        for void in (*(void for edit in edits for void in _kept(line, edit)), *_moved(line, edits))
    }
    yield from kept.values()
    edits = [
        edit
        for edit in edits
        if any(_open(line, edit)) or any(_unlanded(line, edit)) or _is_doubted(line, edit, settled)
    ]
    # What git told since of a file's former name, or of its past, was not asked for when that was settled.
    told = line.renamed | line.backdated
    over = [edit for edit in edits if edit.at_ms <= settled.until_ms and edit.path not in told]
    for edit in over:
        is_doubtful = _is_doubted(line, edit, settled)
        yield from _known(line, edit, settled.voids.get(edit.edit_id, {}), is_doubtful=is_doubtful)
    known = {edit.edit_id for edit in over}
    edits = [edit for edit in edits if edit.edit_id not in known]
    if not edits:
        return
    earliest = min(edit.at_ms for edit in edits)
    since_ms = earliest - _REACH_MS
    past = past or _past(git_dir, tip, since_ms)
    first = past.start(since_ms)
    # Where the line begins with a root there is nothing older to be read.
    if first == len(past.times) or (past.times[first] > earliest and (first or past.has_older)):
        past, first = _past(git_dir, tip, None), 0
    # Clocks run backwards between computers; the search needs times that do not.
    times = list(accumulate(past.times[first:], max))
    asked: dict[tuple[str, bytes], list[AuthoredEdit]] = {}
    for edit in edits:
        at = bisect_right(times, edit.at_ms)
        if at:
            asked.setdefault((past.name(first + at - 1), edit.path), []).append(edit)
    for edit, held in _held_before(line, git_dir, asked):
        is_doubtful = _is_doubted(line, edit, settled)
        for void in _voids(line, edit, held, is_doubtful=is_doubtful):
            if not void.is_doubtful or (void.edit_id, void.is_removal, void.position) not in kept:
                yield void


def _held_before(
    line: Mainline, git_dir: Path, asked: Mapping[tuple[str, bytes], list[AuthoredEdit]]
) -> Iterator[tuple[AuthoredEdit, Counter[int]]]:
    """Each edit with the lines that its file held in the commit before it.

    Of a file that git says was renamed when it was committed, the former name tells what it held.
    """
    unborn: dict[tuple[str, bytes], list[AuthoredEdit]] = {}
    for file, content in contents(git_dir, asked):
        held = Counter(line_keys(content or b""))
        for edit in asked[file]:
            former = line.pool.names(edit.path)[1:2] if content is None and edit.kind.is_whole else ()
            if former:
                unborn.setdefault((file[0], former[0]), []).append(edit)
            else:
                yield edit, held
    for file, content in contents(git_dir, unborn):
        held = Counter(line_keys(content or b""))
        yield from ((edit, held) for edit in unborn[file])


def _past(git_dir: Path, tip: str, since_ms: int | None) -> Past:
    """The branch since an instant."""
    past = Past()
    for node in first_parent_line(git_dir, tip, since_ms):
        past.add(node.sha, node.parents, node.commit_ms)
    return past


def _kept(line: Mainline, edit: AuthoredEdit) -> Iterator[Void]:
    """Lines that an edit takes away and puts back: git saw neither, where both did not land."""
    removals = line.ledger.taken_removals(edit.edit_id, len(edit.removed))
    # Nearly every edit has landed whole.
    both = set(edit.removed).intersection(edit.added) - {0} if 0 in removals else set()
    if not both:
        return
    gone: dict[int, list[int]] = {}
    for position, key in enumerate(edit.removed):
        if key in both and not removals[position]:
            gone.setdefault(key, []).append(position)
    taken = line.ledger.taken(edit.edit_id, len(edit.added))
    for position, key in enumerate(edit.added):
        if gone.get(key) and not taken[position]:
            yield Void(edit.edit_id, gone[key].pop())
            yield Void(edit.edit_id, position, is_removal=False)


def _moved(line: Mainline, edits: Iterable[AuthoredEdit]) -> Iterator[Void]:
    """Lines that an edit took away which landed else, and that a later one of the session put back: git saw neither."""
    gone: dict[tuple[int, bytes, int], list[tuple[int, int]]] = {}
    for edit in edits:
        place = edit.session_id, edit.path
        taken, removals = (
            line.ledger.taken(edit.edit_id, len(edit.added)),
            line.ledger.taken_removals(edit.edit_id, len(edit.removed)),
        )
        if gone and 0 in taken:
            again = line.pool.overwrites_under(edit.path).gone_by(edit.edit_id, _ALWAYS_MS)
            for position, key in enumerate(edit.added):
                if not taken[position] and position not in again and gone.get((*place, key)):
                    yield Void(*gone[*place, key].pop())
                    yield Void(edit.edit_id, position, is_removal=False)
        if 1 in taken or 1 in removals:
            for position in _open(line, edit):
                gone.setdefault((*place, edit.removed[position]), []).append((edit.edit_id, position))


def _known(
    line: Mainline, edit: AuthoredEdit, voids: Mapping[tuple[bool, int], bool], *, is_doubtful: bool
) -> Iterator[Void]:
    for position in _open(line, edit):
        if (True, position) in voids:
            yield Void(edit.edit_id, position)
    for position in _every_unlanded(line, edit) if is_doubtful else _unlanded(line, edit):
        if (False, position) in voids:
            yield Void(edit.edit_id, position, is_removal=False, is_doubtful=is_doubtful)


def _voids(line: Mainline, edit: AuthoredEdit, held: Counter[int], *, is_doubtful: bool) -> Iterator[Void]:
    for position in _open(line, edit):
        if not held[edit.removed[position]]:
            yield Void(edit.edit_id, position)
    for position in _every_unlanded(line, edit) if is_doubtful else _unlanded(line, edit):
        if held[edit.added[position]]:
            yield Void(edit.edit_id, position, is_removal=False, is_doubtful=is_doubtful)


def _is_doubted(line: Mainline, edit: AuthoredEdit, settled: Settled) -> bool:
    """Whether a commit that is dated before an edit holds it, now or as it was found before; nothing else has it."""
    is_held = edit.edit_id in line.made_later or any(settled.voids.get(edit.edit_id, {}).values())
    return is_held and 1 not in line.ledger.taken(edit.edit_id, len(edit.added))


def _open(line: Mainline, edit: AuthoredEdit) -> Iterator[int]:
    """Positions of removals that neither landed nor overwrote a generated line."""
    taken = line.ledger.taken_removals(edit.edit_id, len(edit.removed))
    if 0 not in taken:
        return
    overwriting = line.pool.overwrites_under(edit.path).removals.get(edit.edit_id, {})
    for position, key in enumerate(edit.removed):
        if key and not taken[position] and position not in overwriting:
            yield position


def _unlanded(line: Mainline, edit: AuthoredEdit) -> Iterator[int]:
    """Positions of lines that have not landed, of what was written over a text that the log does not show."""
    if edit.kind.is_whole or (edit.kind is EditKind.STRINGS and not edit.removed):
        yield from _every_unlanded(line, edit)


def _every_unlanded(line: Mainline, edit: AuthoredEdit) -> Iterator[int]:
    """Positions of lines that have not landed, of any edit."""
    taken = line.ledger.taken(edit.edit_id, len(edit.added))
    yield from (position for position, key in enumerate(edit.added) if key and not taken[position])
