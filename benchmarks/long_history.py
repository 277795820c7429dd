"""A long history of a large repository: thousands of files, branches, merges, renames, many authors.

One of the authors works with an assistant, on a third of the files; only their sessions are logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from repository import AUTHOR, START_S, Change, RepositoryMaker
from source_text import NEWLINE, Module, Slice

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 4_000
LONGEST_FILE = 160
STEP_S = 400
BRANCH_SHARE = 0.06
RENAME_SHARE = 0.01
ASSISTED_SHARE = 0.4
_MAIN = "refs/heads/main"


class LongHistoryMaker(RepositoryMaker):
    """Commits to one repository of thousands of files; the same seed gives the same text."""

    def _commits(self, count: int) -> Iterator[bytes]:
        self._tip = ""
        self._order = list(self._files)
        last = self._made + count
        while self._made < last:
            if self._rng.random() < BRANCH_SHARE and last - self._made > 6 and self._tip:
                yield from self._branch()
            else:
                yield self._one(_MAIN, self._tip, self._changes())

    def _one(self, ref: str, parent: str, changes: list[Change], merged: str = "") -> bytes:
        """One commit on a ref; on the default branch it becomes the tip."""
        number = self._made
        self._made += 1
        at_s = START_S - 30_000_000 + number * STEP_S
        # A merge brings what was edited before.
        for change in changes if not merged else ():
            if self._is_assisted(change):
                self._log_edit(change, at_s - self._rng.randrange(60, 1_200))
        if number % 60 == 59:
            self._end_session()
        if ref == _MAIN:
            self._tip = f":{number + 1}"
        message = f"change {number}\n"
        head = (
            f"commit {ref}\nmark :{number + 1}\nauthor {AUTHOR} {at_s} +0000\n"
            f"committer {AUTHOR} {at_s} +0000\ndata {len(message)}\n{message}"
        )
        head += f"from {parent}\n" if parent else ""
        head += f"merge {merged}\n" if merged else ""
        return (
            head.encode() + b"".join(map(self._written, changes)) + self._renamed(ref == _MAIN and not merged)
        )

    def _branch(self) -> Iterator[bytes]:
        """A branch of a few commits, one on the default branch meanwhile, and the merge."""
        base, ref = self._tip, f"refs/heads/topic-{self._made}"
        tip = base
        news: dict[str, Change] = {}
        for _ in range(self._rng.randrange(1, 5)):
            changes = self._changes()
            news |= {change.name: change for change in changes}
            yield self._one(ref, tip, changes)
            tip = f":{self._made}"
        held = {name: self._files.pop(name) for name in news}
        yield self._one(_MAIN, self._tip, self._changes())
        self._files |= held
        brought = [change._replace(content=self._content(change.name)) for change in news.values()]
        yield self._one(_MAIN, self._tip, brought, merged=tip)
        yield f"reset {ref}\nfrom 0000000000000000000000000000000000000000\n\n".encode()

    @staticmethod
    def _written(change: Change) -> bytes:
        name = change.name
        return f"M 100644 inline {name}\ndata {len(change.content)}\n".encode() + change.content + b"\n"

    def _renamed(self, may_rename: bool) -> bytes:  # noqa: FBT001 - read at its one call
        if not may_rename or self._rng.random() >= RENAME_SHARE or len(self._files) < 50:
            return b""
        old = self._any_file()
        new = f"{old.removesuffix('.py').rpartition('_moved')[0] or old.removesuffix('.py')}_moved{self._made}.py"
        self._files[new] = self._files.pop(old)
        self._order.append(new)
        return f"R {old} {new}\n".encode()

    def _is_assisted(self, change: Change) -> bool:
        return hash_of(change.name) % 3 == 0 and self._rng.random() < ASSISTED_SHARE

    def _changes(self) -> list[Change]:
        found = [self._change() for _ in range(self._rng.choice((1, 1, 2, 3)))]
        return list({change.name: change for change in found}.values())

    def _change(self) -> Change:
        count = self._rng.randrange(2, 14)
        fresh = self._library.slice(self._library.module(), count).lines
        if len(self._files) < 40 or (len(self._files) < FILES and self._rng.random() < 0.05):
            name = f"src/p{self._made % 97:02d}/part_{self._made:06d}_{self._rng.randrange(99)}.py"
            self._files[name] = list(fresh)
            self._order.append(name)
            return Change(name, None, fresh, self._content(name))
        name = self._any_file()
        old = self._files[name]
        removed = 60 if len(old) > LONGEST_FILE else min(len(old), self._rng.randrange(1, 7))
        start = self._rng.randrange(len(old) - removed + 1)
        before = Slice(
            Module(name, old, NEWLINE.join(old) + NEWLINE), start + 1, old[start : start + removed]
        )
        self._files[name] = old[:start] + fresh + old[start + removed :]
        return Change(name, before, fresh, self._content(name))

    def _any_file(self) -> str:
        while (name := self._rng.choice(self._order)) not in self._files:
            pass
        return name


def hash_of(name: str) -> int:
    """A number of a name that is the same in every process."""
    return sum(name.encode())
