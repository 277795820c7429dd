"""The generated lines of each piece of work: how many, where, whether they live, who wrote the last one when."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokencoach.attribution.path_kinds import PathKind, path_kind
from tokencoach.audit.landed_spend import LANDED
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.judgement import JudgedEdit, JudgedLine
    from tokencoach.audit.month import Allocated


@dataclass(slots=True)
class WorkLines:
    """Significant lines that landed in a work, and the sessions and edits behind them."""

    added: int = 0
    removed: int = 0
    shipped: int = 0
    alive: int = 0
    paths: Counter[PathKind] = field(default_factory=Counter)
    sessions: set[int] = field(default_factory=set)
    edits_ms: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """When lines of a commit were edited, by the commit's row."""

    @property
    def counted(self) -> int:
        """Lines added and removed."""
        return self.added + self.removed

    @property
    def is_shipped(self) -> bool:
        """Whether at least half of it is there still, or lived 14 days."""
        return bool(self.counted) and self.shipped * 2 >= self.counted


def lines_of_works(found: Allocated, of_commit: dict[int, int]) -> dict[int, WorkLines]:
    """Lines of all works that lines of the sessions landed in, by the work's number."""
    works: defaultdict[int, WorkLines] = defaultdict(WorkLines)
    for session in found.judged:
        for edit in found.judged[session].edits():
            _count(works, session, edit, of_commit)
    return works


def _count(works: dict[int, WorkLines], session: int, edit: JudgedEdit, of_commit: dict[int, int]) -> None:
    kind = path_kind(edit.edit.repo_path or edit.edit.path)
    for line in _landed(edit.lines):
        number = of_commit.get(line.landed_in) if line.landed_in is not None else None
        if number is None:
            continue
        work = works[number]
        if line.is_removal:
            work.removed += 1
        else:
            work.added += 1
        work.shipped += line.verdict.bucket is Bucket.SHIPPED
        work.alive += (
            line.verdict.bucket is Bucket.SHIPPED and line.verdict.reason == "alive" and not line.is_removal
        )
        work.paths[kind] += 1
        work.sessions.add(session)
        times = work.edits_ms[line.landed_in or 0]
        if not times or times[-1] != edit.edit.at_ms:
            times.append(edit.edit.at_ms)


def _landed(lines: Iterable[JudgedLine]) -> Iterable[JudgedLine]:
    return (line for line in lines if line.weight and line.verdict.bucket in LANDED)
