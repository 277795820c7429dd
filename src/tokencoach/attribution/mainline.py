"""The default branch, commit by commit: which generated lines land, die and come back.

Commits are fed oldest first, as differences against their first parent. Feeding them one by one,
in any portions, with the state exported and restored between, equals feeding them at once.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING

from tokencoach.attribution.backdated import made_later
from tokencoach.attribution.copies import Copies
from tokencoach.attribution.delta import Delta
from tokencoach.attribution.facts import DiedBlock, LandedBlock, Unreadable, Void
from tokencoach.attribution.ledger import Ledger
from tokencoach.attribution.pool import LATE_MS, EditPool, window_of
from tokencoach.attribution.reversal import Reversals
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.attribution.step import Step
from tokencoach.attribution.unfinished import Unfinished
from tokencoach.attribution.wander import Wanderers
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.evidence.witnesses import Witnesses
    from tokencoach.attribution.facts import AuthoredEdit, BlockEvent, Event
    from tokencoach.git.history import Commit
    from tokencoach.git.patch import FileChange


class Mainline:
    """Matches edits with the commits of one default branch and follows what landed.

    Provenance is kept for files that hold a landed line, for every file with ``track_all``.
    ``renamed`` are edited files that a commit fed to this object gave their names, ``backdated`` the files
    and ``made_later`` the edits in them that one of them holds, though it is dated before those; ``witnesses``
    are what notes and trailers name; without them only texts decide.
    """

    def __init__(
        self,
        edits: Iterable[AuthoredEdit] = (),
        *,
        track_all: bool = False,
        rules: frozenset[Rule] = ALL_RULES,
    ) -> None:
        self.pool = EditPool(edits, rules)
        self.ledger = Ledger()
        self.reversals = Reversals()
        self.files: dict[bytes, array[int]] = {}
        self.seen: dict[bytes, int] = {}
        self.commits = 0
        self.tip: str | None = None
        self.clock_ms = 0
        self.track_all = track_all
        self.fresh: deque[tuple[int, int]] = deque()
        self.unfinished = Unfinished(self.pool)
        self.renamed: set[bytes] = set()
        self.backdated: set[bytes] = set()
        self.made_later: set[int] = set()
        self._wanderers: Wanderers | None = None
        self._copies: Copies | None = None
        self.witnesses: Witnesses | None = None

    def add_edits(self, edits: Iterable[AuthoredEdit]) -> None:
        """Take in more edits, which must be newer than the commits fed."""
        self.pool.add(edits)
        self.unfinished.forget_spans()

    def is_late(self, edits: Iterable[AuthoredEdit]) -> bool:
        """Whether one of the edits is older than a commit of its file that was fed already."""
        last: dict[bytes, int] = {}
        for path, last_ms in self.seen.items():
            for name in self.pool.names(path):
                last[name] = max(last_ms, last.get(name, 0))
        # A substitution may have met any file.
        return any(
            edit.at_ms
            <= (self.clock_ms if edit.kind is EditKind.SHELL_SWEEP else last.get(edit.path, 0)) + LATE_MS
            for edit in edits
        )

    def wanted(self, path: bytes) -> bool:
        """Whether hunks of the path matter: for the stream that feeds this."""
        return self.track_all or path in self.files or self.pool.has_edits(path)

    def feed(self, commit: Commit) -> list[Event]:
        """What one commit does to generated lines, line by line."""
        events: list[Event] = []
        for event in self.feed_blocks(commit):
            if isinstance(event, LandedBlock):
                events += event.landings()
            elif isinstance(event, DiedBlock):
                events += event.deaths()
            else:
                events.append(event)
        return events

    def feed_blocks(self, commit: Commit) -> list[BlockEvent]:
        """Take in the next commit; lines that landed or died together are one event."""
        events: list[BlockEvent] = []
        window = window_of(commit, self.clock_ms, self.pool.rules)
        self.clock_ms = max(self.clock_ms, window.last_ms)
        deltas: list[FileChange] = []
        rest: list[FileChange] = []
        for change in commit.changes:
            path, old = change.path, change.old_path
            if self.seen.get(path, -1) < window.last_ms:
                self.seen[path] = window.last_ms
            if old is not None and old != path and not change.is_copy:
                if self.seen.get(old, -1) < window.last_ms:
                    self.seen[old] = window.last_ms
                if Rule.GIT_RENAMES in self.pool.rules:
                    self._renamed(old, path)
            (deltas if self.wanted(path) else rest).append(change)
        readable = []
        for change in deltas:
            if change.is_complete and not change.is_binary:
                delta = Delta(change)
                delta.likely = self.pool.likely(delta.path, window, delta.telling_come, delta.telling_gone)
                readable.append(delta)
            else:
                self.files.pop(change.path, None)
                events.append(Unreadable(commit.sha, change.path, commit.commit_ms))
        is_asked = Rule.BACKDATED in self.pool.rules
        for edit in made_later(self.pool, readable, window) if is_asked else ():
            self.made_later.add(edit.edit_id)
            self.backdated.add(edit.path)
        first_row = len(self.ledger.keys)
        self.fresh.append((self.clock_ms, first_row))
        events += Step(self, commit, window, readable, rest).events()
        if len(self.ledger.keys) == first_row:
            self.fresh.pop()
        self.commits += 1
        self.tip = commit.sha
        return events

    def voids(self, paths: Iterable[bytes] | None = None) -> list[Void]:
        """Removals whose line never landed, as things stand now: of all paths or of some."""
        found = []
        is_taken = self.ledger.is_taken
        for path in sorted(self.pool.paths() if paths is None else paths):
            for edit_id, removals in self.pool.overwrites_under(path).removals.items():
                found += [
                    Void(edit_id, position, *over)
                    for position, over in removals.items()
                    if not is_taken(*over) and not is_taken(edit_id, position, is_removal=True)
                ]
        return found

    def provenance(self, path: bytes) -> array[int]:
        """A file's provenance values, which may end before the file does; empty where none is kept."""
        return self.files.get(path, array("q"))

    @property
    def wanderers(self) -> Wanderers:
        """Lines that wait to land in any file; made when first asked for."""
        if self._wanderers is None:
            self._wanderers = Wanderers(self.pool, self.ledger.taken)
        return self._wanderers

    @property
    def copies(self) -> Copies:
        """Lines that landed a short time ago; made when first asked for."""
        if self._copies is None:
            self._copies = Copies(self.ledger, self.fresh)
        return self._copies

    def _renamed(self, old: bytes, new: bytes) -> None:
        if self.pool.has_edits(new):
            self.renamed.add(new)
        self.pool.renamed(old, new)
        self.ledger.renamed(old, new)
        self.reversals.renamed(old, new)
        if old in self.files:
            self.files[new] = self.files.pop(old)
