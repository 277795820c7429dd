"""The edits that a commit's lines may come from: by path, by time, and who overwrote whom."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from itertools import compress, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.attribution.facts import AuthoredEdit
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence

    from tokencoach.git.history import Commit

DAY_MS: Final = 86_400_000
# git's seconds leave out what a log's milliseconds show.
SLACK_MS: Final = 999
# An edit this soon after a commit may be a part of it, told late; then the commit is matched again.
LATE_MS: Final = 120_000
SKEW_MS: Final = 15 * 60_000
USUAL_MS: Final = 7 * DAY_MS
REACH_MS: Final = 30 * DAY_MS
RESIDUE_MS: Final = 60 * DAY_MS

USUAL_CONFIDENCE: Final = 0.95

# Read ahead, the keys of a path serve several commits; only of so many paths are they kept.
_AHEAD_MS: Final = 10 * DAY_MS
_STALE_MS: Final = 60 * DAY_MS
_MOST_NEAR: Final = 512
_SEVERAL: Final = -1

_NOTHING: Final[list[AuthoredEdit]] = []

Line = tuple[int, int]


class Window(msgspec.Struct, frozen=True, gc=False):
    """When the work of a commit was written: earliest author time to the commit's own clock.

    Until ``soon_ms`` an edit may be in it all the same, for clocks go wrong.
    """

    first_ms: int
    last_ms: int
    soon_ms: int


class Tier(msgspec.Struct, frozen=True, gc=False):
    """Candidate edits, newest first, and how far a match with them can be trusted.

    Only those count of which at least the share ``cover`` is in the commit.
    """

    edits: list[AuthoredEdit]
    confidence: float
    cover: float = 0.0


class Overwrites(NamedTuple):
    """Generated lines of one path that a later edit removed, and the removals that did so.

    Both by edit, then by position: when a line was removed, and which line a removal took.
    """

    victims: dict[int, dict[int, int]]
    removals: dict[int, dict[int, Line]]

    def gone_by(self, edit_id: int, until_ms: int) -> set[int]:
        """Positions of an edit's lines that were removed again by then."""
        times = self.victims.get(edit_id)
        return {position for position, at_ms in times.items() if at_ms <= until_ms} if times else set()


class _Near(NamedTuple):
    """The edits of a path in a span of time, and the number of the one that added, or removed, a key."""

    first_ms: int
    last_ms: int
    edits: list[AuthoredEdit]
    added: dict[int, int]
    removed: dict[int, int]


class EditPool:
    """Edits of one repository. A path may have had other names; edits under those count too."""

    def __init__(self, edits: Iterable[AuthoredEdit] = (), rules: frozenset[Rule] = ALL_RULES) -> None:
        self.rules = rules
        self.former: dict[bytes, list[bytes]] = {}
        self._by_path: dict[bytes, list[AuthoredEdit]] = {}
        self._times: dict[bytes, list[int]] = {}
        self._known: set[int] = set()
        self._overwrites: dict[bytes, Overwrites] = {}
        self._moves: dict[bytes, list[tuple[int, bytes]]] = {}
        self._timeline: list[AuthoredEdit] = []
        self._instants: list[int] = []
        self._newest = (0, 0)
        self._telling: dict[int, int] = {}
        self._near: dict[bytes, _Near] = {}
        self.has_touches = False
        self.sweeps: list[AuthoredEdit] = []
        self.add(edits)

    def add(self, edits: Iterable[AuthoredEdit]) -> None:
        """Take in more edits; one that is known already changes nothing."""
        for edit in edits:
            if edit.edit_id in self._known:
                continue
            self._known.add(edit.edit_id)
            order = _order(edit)
            self._enter(edit, order)
            self.has_touches = self.has_touches or edit.kind.is_unseen
            if edit.kind is EditKind.SHELL_SWEEP:
                insort(self.sweeps, edit, key=_order)
            if edit.moved_from is not None and edit.moved_from != edit.path:
                self._moves.setdefault(edit.path, []).append((edit.at_ms, edit.moved_from))
            there = self._by_path.get(edit.path)
            if there is None:
                self._by_path[edit.path], self._times[edit.path] = [edit], [edit.at_ms]
            elif _order(there[-1]) < order:
                there.append(edit)
                self._times[edit.path].append(edit.at_ms)
            else:
                insort(there, edit, key=_order)
                insort(self._times[edit.path], edit.at_ms)
            self._overwrites.pop(edit.path, None)
            self._near.pop(edit.path, None)

    def _enter(self, edit: AuthoredEdit, order: tuple[int, int]) -> None:
        # Edits come in the order of time but for a few.
        if order > self._newest:
            self._timeline.append(edit)
            self._instants.append(edit.at_ms)
            self._newest = order
            return
        at = bisect_right(self._timeline, order, key=_order)
        self._timeline.insert(at, edit)
        self._instants.insert(at, edit.at_ms)

    def made_between(self, low_ms: int, high_ms: int) -> list[AuthoredEdit]:
        """Edits of any path in a span of time, both ends included, oldest first."""
        return self._timeline[bisect_left(self._instants, low_ms) : bisect_right(self._instants, high_ms)]

    def renamed(self, old: bytes, new: bytes) -> None:
        """From now on ``new`` is also known under the names of ``old``."""
        names = [old, *self.former.get(old, [])]
        self.former[new] = [name for name in dict.fromkeys(names) if name != new]

    def joined(self, olds: Iterable[bytes], new: bytes) -> None:
        """From now on ``new`` is also known under the names of all files that it was put together from."""
        names = [name for old in olds for name in self.names(old)]
        self.former[new] = [name for name in dict.fromkeys(names) if name != new]

    def names(self, path: bytes) -> list[bytes]:
        """The path and the names it had before."""
        return [path, *self.former.get(path, [])]

    def has_edits(self, path: bytes) -> bool:
        """Whether any edit was made under the path or a former name of it."""
        return path in self._by_path or any(name in self._by_path for name in self.former.get(path, ()))

    def has_newer(self, path: bytes, at_ms: int) -> bool:
        """Whether an edit was made under the path after an instant."""
        times = self._times.get(path)
        return times is not None and times[-1] > at_ms

    def _sources(self, path: bytes, until_ms: int) -> list[bytes]:
        """The names of a path, and those from which an assistant moved the file there before it was committed."""
        names = self.names(path)
        if self._moves and Rule.MOVED_BY_COMMAND in self.rules:
            for name in names:
                moves = self._moves.get(name, ())
                names += [old for at_ms, old in moves if at_ms <= until_ms and old not in names]
        return names

    def tiers(self, path: bytes, window: Window) -> list[Tier]:
        """Candidates for a file of a commit, most likely first; a tier without any is left out."""
        first, last = window.first_ms, window.last_ms
        bounds = (
            first - RESIDUE_MS,
            first - REACH_MS,
            first - USUAL_MS,
            last + SLACK_MS + 1,
            window.soon_ms + 1,
        )
        very_old, old, usual, soon = self._portions(path, bounds)
        found = [Tier(usual, USUAL_CONFIDENCE)] if usual else []
        # People prompt right after they commit; only what is there almost whole was told by a wrong clock.
        if soon and Rule.WRONG_CLOCK in self.rules:
            found.append(Tier(soon, 0.9, cover=0.9))
        if old and Rule.LATE in self.rules:
            found.append(Tier(old, 0.8))
        if very_old and Rule.VERY_LATE in self.rules:
            found.append(Tier(very_old, 0.6, cover=0.5))
        return found

    def _portions(self, path: bytes, bounds: tuple[int, int, int, int, int]) -> list[list[AuthoredEdit]]:
        """Edits of a path between every two bounds, the upper one excluded; newest first."""
        if not self.keeps_name(path):
            every = self.between(path, bounds[0], bounds[-1] - 1)
            if all(bounds[2] <= edit.at_ms < bounds[3] for edit in every):
                return [_NOTHING, _NOTHING, every, _NOTHING]
            # Until when a command moved the file decides which edits are its.
            return [self.between(path, low, high - 1) for low, high in pairwise(bounds)]
        times, edits = self._times.get(path), self._by_path.get(path)
        if times is None or edits is None or times[-1] < bounds[0] or times[0] >= bounds[-1]:
            return [_NOTHING] * (len(bounds) - 1)
        found = []
        low = bisect_left(times, bounds[0])
        for bound in bounds[1:]:
            high = bisect_left(times, bound, low)
            found.append(edits[low:high][::-1] if low < high else _NOTHING)
            low = high
        return found

    def likely(
        self, path: bytes, window: Window, come: frozenset[int], gone: frozenset[int]
    ) -> list[AuthoredEdit] | None:
        """Edits that may have lines that came to a file, or went from it: at most one; None where several may.

        ``come`` and ``gone`` are keys of such lines, of those that are significant. Edits of up to
        ``REACH_MS`` after the commit are asked too: a date may be wrong.
        """
        if not self.keeps_name(path):
            return None
        first_ms, last_ms = window.first_ms - RESIDUE_MS, window.last_ms + REACH_MS
        near = self._near.get(path)
        if near is None or first_ms < near.first_ms or last_ms > near.last_ms:
            near = self._near[path] = self._read_near(path, near, first_ms, last_ms)
        numbers: set[int | None] = set()
        for known, keys in ((near.added, come), (near.removed, gone)):
            if not known.keys().isdisjoint(keys):
                numbers.update(map(known.get, keys))
        if not numbers:
            return []
        numbers.discard(None)
        number = numbers.pop()
        return None if numbers or number is None or number == _SEVERAL else [near.edits[number]]

    def _read_near(self, path: bytes, known: _Near | None, first_ms: int, last_ms: int) -> _Near:
        """The edits of a span and of some time after it, beside the ``known`` ones while few of those are older."""
        ahead_ms = last_ms + _AHEAD_MS
        if known is not None and known.first_ms <= first_ms <= known.first_ms + _STALE_MS:
            near, first_ms = known._replace(last_ms=ahead_ms), known.last_ms + 1
        else:
            if len(self._near) >= _MOST_NEAR:
                self._near.clear()
            near = _Near(first_ms, ahead_ms, [], {}, {})
        for edit in self.between(path, first_ms, ahead_ms):
            number = len(near.edits)
            near.edits.append(edit)
            _index(near.added, edit.added, number)
            _index(near.removed, edit.removed, number)
        return near

    def usual(self, path: bytes, window: Window) -> list[AuthoredEdit]:
        """The edits that a commit of a file most likely holds, newest first."""
        return self.between(path, window.first_ms - USUAL_MS, window.last_ms + SLACK_MS)

    def next_ms(self, path: bytes, after_ms: int) -> int:
        """When the next edit under a name was made after an instant; long after it where there is none."""
        times = self._times.get(path, [])
        place = bisect_right(times, after_ms)
        return times[place] if place < len(times) else after_ms + RESIDUE_MS

    def keeps_name(self, path: bytes) -> bool:
        """Whether a file never had another name, as nearly every one."""
        return path not in self.former and path not in self._moves

    def between(self, path: bytes, low_ms: int, high_ms: int) -> list[AuthoredEdit]:
        """Edits of a path in a span of time, both ends included, newest first; own name before former."""
        if self.keeps_name(path):
            own = self._times.get(path, [])
            low, high = bisect_left(own, low_ms), bisect_right(own, high_ms)
            return self._by_path[path][low:high][::-1] if low < high else []
        found: list[AuthoredEdit] = []
        for name in self._sources(path, high_ms):
            times = self._times.get(name)
            if times is not None:
                low, high = bisect_left(times, low_ms), bisect_right(times, high_ms)
                if low < high:
                    found += reversed(self._by_path[name][low:high])
        return found

    def overwrites(self, path: bytes) -> Overwrites:
        """Which generated lines of the file were removed again by a later edit, and by which."""
        if path not in self.former:
            return self._overwrites.get(path) or self.overwrites_under(path)
        own, *former = [
            self.overwrites_under(name) for name in self.names(path) if name in self._by_path
        ] or [Overwrites({}, {})]
        if not former:
            return own
        victims, removals = dict(own.victims), dict(own.removals)
        for other in former:
            victims |= other.victims
            removals |= other.removals
        return Overwrites(victims, removals)

    def overwrites_under(self, name: bytes) -> Overwrites:
        """Which generated lines of edits made under one name of a file a later edit removed again."""
        if Rule.OVERWRITTEN not in self.rules:
            return Overwrites({}, {})
        found = self._overwrites.get(name)
        if found is None:
            found = self._overwrites[name] = _overwrites(self._by_path.get(name, []))
        return found

    def has_free(self, edit: AuthoredEdit, taken: Sequence[int]) -> bool:
        """Whether any significant added line of an edit is not flagged as taken."""
        mask = self._telling.get(edit.edit_id)
        if mask is None:
            mask = int.from_bytes([key & 1 for key in edit.added], "little")
            self._telling[edit.edit_id] = mask
        # One number of many bytes: this is asked far more often than it is true.
        return mask & ~int.from_bytes(taken, "little") != 0

    @property
    def newest_ms(self) -> int:
        """When the newest edit was made; 0 where there is none."""
        return max((times[-1] for times in self._times.values()), default=0)

    def paths(self) -> list[bytes]:
        """Every path that an edit was made under."""
        return list(self._by_path)


def _index(known: dict[int, int], keys: array[int], number: int) -> None:
    """Note by which edit the keys of significant lines are held."""
    every = keys.tolist()
    mine = dict.fromkeys(compress(every, [key & 1 for key in every]), number)
    if not known.keys().isdisjoint(mine):
        mine |= dict.fromkeys(known.keys() & mine, _SEVERAL)
    known.update(mine)


def _order(edit: AuthoredEdit) -> tuple[int, int]:
    return edit.at_ms, edit.edit_id


def _overwrites(edits: list[AuthoredEdit]) -> Overwrites:
    """Each removal takes the newest line with its key, of its own session where that has one."""
    gone = set().union(*(edit.removed for edit in edits)) - {0}
    victims: dict[int, dict[int, int]] = {}
    removals: dict[int, dict[int, Line]] = {}
    standing: defaultdict[int, list[tuple[int, Line]]] = defaultdict(list)
    for edit in edits if gone else ():
        is_removing = not standing.keys().isdisjoint(edit.removed)
        for position, key in enumerate(edit.removed) if is_removing else ():
            there = standing.get(key)
            if not there:
                continue
            # Two worktrees hold two files of one path: a session takes away its own line first.
            own = [number for number, (session, _) in enumerate(there) if session == edit.session_id]
            _, victim = there.pop(own[-1] if own else -1)
            victims.setdefault(victim[0], {})[victim[1]] = edit.at_ms
            removals.setdefault(edit.edit_id, {})[position] = victim
        for position, key in enumerate(edit.added) if not gone.isdisjoint(edit.added) else ():
            if key in gone:
                standing[key].append((edit.session_id, (edit.edit_id, position)))
    return Overwrites(victims, removals)


def window_of(commit: Commit, clock_ms: int = 0, rules: frozenset[Rule] = ALL_RULES) -> Window:
    """When a commit's work was done; an author's clock over a day ahead of git's is not believed.

    ``clock_ms`` is the newest date of what stands before it: a commit that is told to be older has a date
    that was kept or made up, and nobody knows when it came.
    """
    last = commit.commit_ms if Rule.COMMIT_DATE in rules else commit.author_ms
    if commit.author_ms <= last + DAY_MS:
        last = max(last, commit.author_ms)
    soon = last + SKEW_MS
    if soon < clock_ms:
        soon = min(clock_ms + USUAL_MS, last + REACH_MS)
    first = commit.first_author_ms if Rule.BRANCH_DATES in rules else commit.author_ms
    return Window(min(first, last), last, soon)
