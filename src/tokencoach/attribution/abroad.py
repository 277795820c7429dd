"""Files that left one repository for another: which of their lines landed there, and whether they live."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.facts import Death, Landing, Method, Unreadable
from tokencoach.attribution.lines import is_significant, line_keys
from tokencoach.attribution.mainline import Mainline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.git.history import Commit

    Line = tuple[int, int]

CONFIDENCE: Final = 0.6
_SHARE: Final = 0.5
_FEWEST: Final = 6
# Of a name that very many files have, only those count whose folders are named alike too.
_MOST_OF_A_NAME: Final = 8


class Stay(NamedTuple):
    """A line of an edit that stands, or stood, in another repository."""

    landing: Landing
    death: Death | None
    subject: str


def destinations(gone: Mapping[str, str], there: Mapping[str, str]) -> dict[str, list[str]]:
    """Of files that one repository lacks, the paths of another one that they may have gone to.

    Both are told with the names of their contents, where those are known: under another name a file is
    found only as it was, for every file of every repository would have to be read for one that changed.
    """
    named: defaultdict[str, list[str]] = defaultdict(list)
    contents: defaultdict[str, list[str]] = defaultdict(list)
    for path, content in there.items():
        named[posixpath.basename(path)].append(path)
        contents[content].append(path)
    found = {}
    for path, content in gone.items():
        paths = named.get(posixpath.basename(path)) or (contents.get(content, []) if content else [])
        if len(paths) > _MOST_OF_A_NAME:
            paths = [other for other in paths if _tail(other) == _tail(path)][:_MOST_OF_A_NAME]
        if paths:
            found[path] = sorted(paths)
    return found


def telling(
    edits: Iterable[AuthoredEdit], waiting: AbstractSet[Line], others: Iterable[Iterable[int]]
) -> set[int]:
    """Keys of the lines that ``waiting`` names of some edits and that no edit of another file holds.

    ``others`` are the lines of those: licences and phrases of the language stand in many files.
    """
    keys = {
        key
        for edit in edits
        for position, key in enumerate(edit.added)
        if is_significant(key) and (edit.edit_id, position) in waiting
    }
    for lines in others:
        keys.difference_update(lines)
    return keys


def stands_in(keys: AbstractSet[int], content: bytes) -> bool:
    """Whether half of some lines are lines of a file."""
    held = keys & set(line_keys(content))
    return len(held) >= _FEWEST and len(held) >= _SHARE * len(keys)


def stays(
    edits: Iterable[AuthoredEdit],
    waiting: AbstractSet[Line],
    commits: Iterable[Commit],
) -> Iterator[Stay]:
    """What became of the ``waiting`` lines in another repository, under whose paths the edits are given.

    ``commits`` are those of its default branch, oldest first.
    """
    line = Mainline(edits)
    landings: dict[Line, Landing] = {}
    deaths: dict[Line, Death] = {}
    subjects: dict[str, str] = {}
    for commit in commits:
        subjects[commit.sha] = commit.subject
        for event in line.feed(commit):
            if isinstance(event, Unreadable) or event.is_removal:
                continue
            if isinstance(event, Landing):
                landings[event.edit_id, event.position] = event
            elif isinstance(event, Death):
                deaths[event.edit_id, event.position] = event
            else:
                deaths.pop((event.edit_id, event.position), None)
    for place, landing in landings.items():
        if place in waiting:
            sure = min(landing.confidence, CONFIDENCE)
            told = landing._replace(method=Method.ABROAD, confidence=sure)
            yield Stay(told, deaths.get(place), subjects[landing.sha])


def _tail(path: str) -> list[str]:
    return path.split("/")[-2:]
