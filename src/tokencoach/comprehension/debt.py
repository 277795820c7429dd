"""Comprehension debt: surviving lines of assistants that nobody understood or reviewed, by folder and age."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.lines import is_significant
from tokencoach.clock import DAY_MS
from tokencoach.store.checks.debt_rows import alive_lines, commits_seen_by_others, repo_places
from tokencoach.store.checks.records import area_of
from tokencoach.store.checks.understood_rows import understood_lines

if TYPE_CHECKING:
    from tokencoach.store.connect import Connection

AGES_DAYS: Final = (7, 30, 90)
"""Where one age ends and the next begins."""


class DebtArea(NamedTuple):
    """A folder of a repository. ``by_age`` counts lines that landed within 7, 30, 90 days, and before."""

    area: str
    lines: int
    by_age: tuple[int, int, int, int]
    oldest_ms: int


class Debt(NamedTuple):
    """A repository: its lines that are owed, understood, and reviewed by others; folders, most owed first."""

    place: str
    path: str
    owed: int
    understood: int
    reviewed: int
    areas: tuple[DebtArea, ...]


class _Folder:
    def __init__(self) -> None:
        self.ages = [0] * (len(AGES_DAYS) + 1)
        self.oldest_ms = 0

    def add(self, landed_ms: int, as_of_ms: int) -> None:
        days = (as_of_ms - landed_ms) / DAY_MS
        self.ages[sum(days >= limit for limit in AGES_DAYS)] += 1
        self.oldest_ms = min(landed_ms, self.oldest_ms or landed_ms)


class _Repository:
    def __init__(self) -> None:
        self.understood = self.reviewed = 0
        self.folders: defaultdict[str, _Folder] = defaultdict(_Folder)


def debts(connection: Connection, as_of_ms: int) -> list[Debt]:
    """The debt of each repository with surviving lines, most owed first."""
    understood = understood_lines(connection, as_of_ms)
    reviewed = commits_seen_by_others(connection, as_of_ms)
    found: defaultdict[int, _Repository] = defaultdict(_Repository)
    for line in alive_lines(connection, as_of_ms):
        if not is_significant(line.key):
            continue
        repository = found[line.repo_id]
        if line.key in understood.get((line.repo_id, line.path), ()):
            repository.understood += 1
        elif line.commit_id in reviewed:
            repository.reviewed += 1
        else:
            repository.folders[area_of(line.path)].add(line.landed_ms, as_of_ms)
    places = repo_places(connection)
    made = [_debt(*places[repo_id], repository) for repo_id, repository in found.items()]
    return sorted(made, key=lambda debt: (-debt.owed, debt.path))


def _debt(place: str, path: str, repository: _Repository) -> Debt:
    areas = [
        DebtArea(
            area,
            sum(folder.ages),
            (folder.ages[0], folder.ages[1], folder.ages[2], folder.ages[3]),
            folder.oldest_ms,
        )
        for area, folder in repository.folders.items()
    ]
    areas.sort(key=lambda area: (-area.lines, area.area))
    owed = sum(area.lines for area in areas)
    return Debt(place, path, owed, repository.understood, repository.reviewed, tuple(areas))
