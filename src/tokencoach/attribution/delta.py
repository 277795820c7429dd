"""One file's change in one commit, as keys and provenance: what a commit's lines are matched on."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain, compress
from typing import TYPE_CHECKING, Final

import msgspec
import xxhash

from tokencoach.attribution.ledger import UNKNOWN
from tokencoach.attribution.lines import change_keys, signed_keys, signed_skeletons, skeletons, unsigned
from tokencoach.attribution.path_kinds import folding
from tokencoach.attribution.residue import may_be_rewrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.git.patch import FileChange, Hunk


_NO_KEYS: Final[frozenset[int]] = frozenset()


class Splice(msgspec.Struct, frozen=True, gc=False):
    """A hunk in terms of arrays: old lines ``start`` to ``start + gone`` give way to ``come`` new ones.

    ``first_gone`` and ``first_come`` say where the hunk's lines begin in the delta's own lists.
    """

    start: int
    gone: int
    come: int
    first_gone: int
    first_come: int


class Block(msgspec.Struct, frozen=True, gc=False):
    """Added lines that one edit wrote, and the row of each."""

    places: Sequence[int]
    rows: range


class Delta:
    """Added and removed lines of one file's change: keys, line numbers and provenance.

    ``held`` are the provenance values of the removed lines, ``leaving`` maps those that an assistant
    wrote to their rows. ``carried`` maps an added line to the
    rows of the removed lines that live on in it, ``rows`` to the rows that the commit gave it;
    ``block`` are all of those where they are one edit's, which then wrote every significant line.
    ``likely`` are the edits that may have lines of the change, at most one; None where several may.
    """

    block: Block | None = None
    likely: list[AuthoredEdit] | None = None
    # What is asked for later is made when it is: most files of a commit are asked for little.
    _removed_numbers: Sequence[int] | None = None
    _added_numbers: Sequence[int] | None = None
    _gone_keys: frozenset[int] | None = None
    _come_keys: frozenset[int] | None = None
    _kept_keys: frozenset[int] | None = None
    _telling_gone: frozenset[int] | None = None
    _telling_come: frozenset[int] | None = None
    _gone_skeletons: list[bytes] | None = None
    _come_skeletons: list[bytes] | None = None
    _may_be_rewrapped: bool | None = None

    def __init__(self, change: FileChange) -> None:
        self.change = change
        self.path = change.path
        self.source = change.path if change.is_copy else change.old_path or change.path
        hunks = change.hunks
        if len(hunks) == 1:
            self._gone, self._come = hunks[0].raw_removed, hunks[0].raw_added
        else:
            self._gone = [line for hunk in hunks for line in hunk.raw_removed]
            self._come = [line for hunk in hunks for line in hunk.raw_added]
        self.splices = _splices(hunks)
        # Hunks are short: their lines are cheaper to normalise together.
        self.removed, self.added = change_keys(self._gone, self._come)
        self.held: list[int] = [UNKNOWN] * len(self.removed)
        self.leaving: dict[int, tuple[int, ...]] = {}
        self.carried: dict[int, tuple[int, ...]] = {}
        self._rows: dict[int, tuple[int, ...]] = {}

    @property
    def rows(self) -> dict[int, tuple[int, ...]]:
        """The rows that the commit gave each added line."""
        if self.block is not None and not self._rows:
            self._rows = dict(zip(self.block.places, zip(self.block.rows), strict=True))
        return self._rows

    @property
    def has_rows(self) -> bool:
        """Whether the commit gave any."""
        return self.block is not None or bool(self._rows)

    @property
    def removed_numbers(self) -> Sequence[int]:
        """The number of each removed line in the file before."""
        if self._removed_numbers is None:
            hunks = self.change.hunks
            sides = [range(hunk.old_start, hunk.old_start + len(hunk.raw_removed)) for hunk in hunks]
            self._removed_numbers = sides[0] if len(sides) == 1 else list(chain.from_iterable(sides))
        return self._removed_numbers

    @property
    def added_numbers(self) -> Sequence[int]:
        """The number of each added line in the file after."""
        if self._added_numbers is None:
            hunks = self.change.hunks
            sides = [range(hunk.new_start, hunk.new_start + len(hunk.raw_added)) for hunk in hunks]
            self._added_numbers = sides[0] if len(sides) == 1 else list(chain.from_iterable(sides))
        return self._added_numbers

    @property
    def gone_keys(self) -> frozenset[int]:
        """Keys of the removed lines."""
        if self._gone_keys is None:
            self._gone_keys = frozenset(self.removed)
        return self._gone_keys

    @property
    def come_keys(self) -> frozenset[int]:
        """Keys of the added lines."""
        if self._come_keys is None:
            self._come_keys = frozenset(self.added)
        return self._come_keys

    @property
    def kept_keys(self) -> frozenset[int]:
        """Keys of lines that were removed and added."""
        if self._kept_keys is None:
            self._kept_keys = self.come_keys.intersection(self.removed) if self.removed else _NO_KEYS
        return self._kept_keys

    @property
    def telling_gone(self) -> frozenset[int]:
        """Keys of the significant lines removed: without one of these no line can be matched."""
        if self._telling_gone is None:
            self._telling_gone = _telling(self.removed)
        return self._telling_gone

    @property
    def telling_come(self) -> frozenset[int]:
        """Keys of the significant lines added."""
        if self._telling_come is None:
            self._telling_come = _telling(self.added)
        return self._telling_come

    @property
    def gone_skeletons(self) -> list[bytes]:
        """What stays of each removed line when it is wrapped anew."""
        if self._gone_skeletons is None:
            self._gone_skeletons = self._skeletons(self._gone, b"-")
        return self._gone_skeletons

    @property
    def come_skeletons(self) -> list[bytes]:
        """What stays of each added line when it is wrapped anew."""
        if self._come_skeletons is None:
            self._come_skeletons = self._skeletons(self._come, b"+")
        return self._come_skeletons

    def _skeletons(self, raw: list[bytes], sign: bytes) -> list[bytes]:
        fold = folding(self.path)
        if fold is None or not raw:
            return signed_skeletons(raw, sign)
        return skeletons([fold(unsigned(raw, sign))])

    @property
    def may_be_rewrapped(self) -> bool:
        """Whether any removed line may stand among the added ones, wrapped anew."""
        if self._may_be_rewrapped is None:
            self._may_be_rewrapped = may_be_rewrapped(self.gone_skeletons, self.come_skeletons)
        return self._may_be_rewrapped

    def owned(self) -> set[int]:
        """Added lines that have an owner so far: those of the commit's, and those that it carried."""
        return {*self.rows, *self.carried}

    def added_texts(self) -> list[bytes]:
        """Text of every added line, to be compared."""
        return [self._folded(line[1:]) for line in self._come]

    def removed_text(self, index: int) -> bytes:
        """Text of one removed line, to be compared."""
        return self._folded(self._gone[index][1:])

    def whole_gone(self) -> bytes:
        """Text of all removed lines, to be looked through; git's sign may stand before each."""
        fold = folding(self.path)
        return b"\n".join(self._gone) if fold is None else fold(unsigned(self._gone, b"-"))

    def whole_come(self) -> bytes:
        """Text of all added lines, to be looked through; git's sign may stand before each."""
        fold = folding(self.path)
        return b"\n".join(self._come) if fold is None else fold(unsigned(self._come, b"+"))

    def texts_of(self, hunk: Hunk) -> tuple[list[bytes], list[bytes]]:
        """Removed and added lines of one of the change's hunks, to be compared."""
        return [self._folded(line) for line in hunk.removed], [self._folded(line) for line in hunk.added]

    def _folded(self, text: bytes) -> bytes:
        """The text as it is compared: what means the same in the file's language is the same."""
        fold = folding(self.path)
        return text if fold is None else fold(text)

    def hunk_of(self, index: int) -> int:
        """The hunk that removed a line."""
        return bisect_right(self.splices, index, key=_first_gone) - 1 if len(self.splices) > 1 else 0

    def fingerprint(self, *, inverse: bool = False) -> int:
        """64 bits of what the change does; of its inverse, what undoes it."""
        first, second = (self.removed, self.added) if inverse else (self.added, self.removed)
        text = array("Q", first).tobytes() + b"|" + array("Q", second).tobytes()
        return xxhash.xxh3_64_intdigest(text)

    def take_from(self, values: array[int]) -> None:
        """Read the provenance of the removed lines out of the file's array before the change."""
        for splice in self.splices:
            there = values[splice.start : splice.start + splice.gone]
            self.held[splice.first_gone : splice.first_gone + len(there)] = there

    def apply_to(self, values: array[int], new_values: array[int]) -> None:
        """Put the added lines' provenance into the file's array, which may be shorter than the file."""
        for splice in reversed(self.splices):
            if splice.come and splice.start > len(values):
                # A file is followed from its first landed line on; what stood above it is unknown.
                values.extend([UNKNOWN] * (splice.start - len(values)))
            values[splice.start : splice.start + splice.gone] = new_values[
                splice.first_come : splice.first_come + splice.come
            ]


def _telling(keys: list[int]) -> frozenset[int]:
    """The keys of significant lines."""
    return frozenset(compress(keys, [key & 1 for key in keys]))


def _splices(hunks: Iterable[Hunk]) -> list[Splice]:
    found = []
    first_gone = first_come = 0
    for hunk in hunks:
        gone, come = len(hunk.raw_removed), len(hunk.raw_added)
        start = hunk.old_start - 1 if gone else hunk.old_start
        found.append(Splice(start, gone, come, first_gone, first_come))
        first_gone += gone
        first_come += come
    return found


def added_keys(change: FileChange) -> list[int]:
    """Keys of the lines that a file's change adds."""
    raw = [line for hunk in change.hunks for line in hunk.raw_added]
    return signed_keys(raw, b"+")


def _first_gone(splice: Splice) -> int:
    return splice.first_gone
