"""Drafts: files written outside a repository that a command of any session then copied or moved into it."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.excluded import is_excluded
from tokencoach.clock import DAY_MS
from tokencoach.store.draft_rows import copies_into_repositories, drafts_outside, place_drafts_anew
from tokencoach.store.repo_rows import place_edits, unplaced_edits
from tokencoach.watch.roots import slashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tokencoach.store.connect import Connection
    from tokencoach.store.draft_rows import CopyRow, DraftRow
    from tokencoach.store.repo_rows import UnplacedEdit

# What was copied later than this came too late for most commits to be met by its lines.
_REACH_MS: Final = 30 * DAY_MS
# macOS has two names for its folders of passing files.
_PRIVATE: Final = re.compile(r"^/private(?=/(?:tmp|var)/)")
_GLOB: Final = re.compile(r"[*?\[]")


class Brought(NamedTuple):
    """An edit of a draft, and the file of a repository that its lines became lines of."""

    edit_id: int
    repo_id: int
    inside: str
    place: str


def with_drafts(connection: Connection) -> list[UnplacedEdit]:
    """Edits whose place is to be found, with those of drafts that a command has put elsewhere since."""
    edits = unplaced_edits(connection)
    sources = {name for edit in edits if edit.source for name in _names_of(edit.source)}
    return unplaced_edits(connection) if sources and place_drafts_anew(connection, sources) else edits


def bring_in(connection: Connection, path_id: Callable[[str], int]) -> set[int]:
    """Place drafts where a command put them; the repositories that hold them."""
    copies = copies_into_repositories(connection)
    found = list(brought_in(copies, drafts_outside(connection))) if copies else []
    place_edits(connection, [(one.repo_id, path_id(one.inside), one.place, one.edit_id) for one in found])
    return {one.repo_id for one in found}


def brought_in(copies: Iterable[CopyRow], drafts: Iterable[DraftRow]) -> Iterator[Brought]:
    """Each edit of a draft with the first place in a repository that the draft was put in after it; both oldest first.

    A file that another session had written whole before is that session's draft, not this one.
    """
    by_path: defaultdict[str, list[DraftRow]] = defaultdict(list)
    for draft in drafts:
        by_path[_plain(draft.path)].append(draft)
    done: set[int] = set()
    for copy in copies:
        for path, inside in _files(copy, by_path):
            place = "excluded" if copy.place != "excluded" and is_excluded(inside) else copy.place
            for draft in _of_copy(by_path[path], copy.at_ms):
                if draft.edit_id not in done:
                    done.add(draft.edit_id)
                    yield Brought(draft.edit_id, copy.repo_id, inside, place)


def _plain(path: str) -> str:
    """A logged path by which a draft is known, however a system names its folder of passing files."""
    return _PRIVATE.sub("", slashed(path))


def _names_of(source: str) -> list[str]:
    """The names under which drafts may be logged that a command copied: a file, a folder, or a pattern's folder."""
    whole = posixpath.dirname(source) if _GLOB.search(source) else source
    return list(dict.fromkeys((whole, _plain(whole), f"/private{_plain(whole)}")))


def _files(copy: CopyRow, by_path: defaultdict[str, list[DraftRow]]) -> list[tuple[str, str]]:
    """The drafts that a command put into the repository, and where each came to lie."""
    source = _plain(copy.source)
    if source in by_path:
        return [(source, copy.inside)]
    if _GLOB.search(source):
        above = posixpath.dirname(source)
        return [
            (path, posixpath.join(copy.inside, posixpath.basename(path)))
            for path in by_path
            if posixpath.dirname(path) == above and fnmatchcase(path, source)
        ]
    return [
        (path, posixpath.join(copy.inside, path[len(source) + 1 :]))
        for path in by_path
        if path.startswith(f"{source}/")
    ]


def _of_copy(edits: Sequence[DraftRow], at_ms: int) -> list[DraftRow]:
    """The edits that made what a file held at an instant."""
    found: list[DraftRow] = []
    for edit in reversed(edits):
        if edit.at_ms > at_ms or edit.at_ms < at_ms - _REACH_MS:
            continue
        if found and found[-1].is_whole and found[-1].session_id != edit.session_id:
            break
        found.append(edit)
    return found
