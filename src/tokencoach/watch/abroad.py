"""Files that went from one known repository to another: their lines are looked for where they went."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import xxhash

from tokencoach.attribution.abroad import Stay, destinations, stands_in, stays, telling
from tokencoach.clock import DAY_MS
from tokencoach.git.errors import GitError
from tokencoach.git.history import touching_line
from tokencoach.git.identity import RepositoryState
from tokencoach.git.tree import contents_of, names_before, tracked_blobs
from tokencoach.store.abroad_rows import (
    Looked,
    deleted_in,
    edited_paths,
    forget_abroad,
    lines_beside,
    lines_without_a_place,
    looked_abroad,
    save_abroad,
    save_looked,
)
from tokencoach.store.evidence_rows import landed_sessions
from tokencoach.store.landing_rows import authored_edits, read_tip
from tokencoach.store.repo_rows import known_repos
from tokencoach.store.verdict_rows import mark_repo_stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.store.connect import Connection
    from tokencoach.store.writer import Writer

# A moved file is committed where it went before it is gone from where it was, or soon after.
_REACH_MS = DAY_MS
_MOST_GONE = 512


class _Place(NamedTuple):
    """A repository whose default branch was read, and the files of its newest commit."""

    repo_id: int
    git_dir: Path
    tip: str

    @property
    def files(self) -> dict[str, str]:
        """The name of each file's content by its path."""
        return _files(self.git_dir, self.tip)


class _Moved(NamedTuple):
    """A file that may have moved: its edits under the new path, and their lines without a place."""

    path: str
    edits: list[AuthoredEdit]
    waiting: set[tuple[int, int]]


def look_abroad(writer: Writer) -> set[int]:
    """Look in every known repository for the files that another one lacks; repositories where that changed a line."""
    connection = writer.connection
    places = list(_places(connection))
    if len(places) < 2:
        return set()
    gone = {one.repo_id: _gone(connection, one) for one in places}
    before = looked_abroad(connection)
    looked: dict[str, Looked] = {}
    changed = set()
    for origin in places:
        for target in places if gone[origin.repo_id] else ():
            ways = destinations(gone[origin.repo_id], target.files) if target is not origin else {}
            moved = list(_moved(connection, origin, target, ways)) if ways else []
            if not moved:
                continue
            pair, mark = f"{origin.repo_id}:{target.repo_id}", _mark(target, moved)
            known = before.get(pair)
            if known is None or known.mark != mark:
                known = Looked(mark, _find(writer, origin, target, moved))
                changed.add(origin.repo_id)
            looked[pair] = known
    with writer.transaction() as held:
        for pair in before.keys() - looked.keys():
            origin_id, target_id = map(int, pair.split(":"))
            forget_abroad(held, origin_id, target_id)
            mark_repo_stale(held, origin_id)
            changed.add(origin_id)
        if looked != before:
            save_looked(held, looked)
    return changed


def _places(connection: Connection) -> Iterator[_Place]:
    for repo in known_repos(connection):
        tip = read_tip(connection, repo.repo_id)
        if repo.state == RepositoryState.OK and tip is not None:
            yield _Place(repo.repo_id, Path(repo.common_dir), tip)


@lru_cache(maxsize=256)
def _files(git_dir: Path, tip: str) -> dict[str, str]:
    return tracked_blobs(git_dir, tip)


def _gone(connection: Connection, place: _Place) -> dict[str, str]:
    """Edited files that the newest commit lacks, each with the name of its last content where it was deleted."""
    paths = [path for path in edited_paths(connection, place.repo_id) if path not in place.files]
    deleted = deleted_in(connection, place.repo_id, paths[:_MOST_GONE]) if paths else []
    last = names_before(place.git_dir, deleted, place.tip) if deleted else {}
    return {path: last.get(path, "") for path in paths}


def _moved(
    connection: Connection, origin: _Place, target: _Place, ways: dict[str, list[str]]
) -> Iterator[_Moved]:
    """Files whose lines without a place stand by half in a file of the other repository."""
    asked = sorted({path for paths in ways.values() for path in paths})
    contents = contents_of(target.git_dir, asked, target.tip)
    for path, others in ways.items():
        edits = authored_edits(connection, origin.repo_id, path)
        waiting = {
            line
            for edit in edits
            for line in lines_without_a_place(connection, edit.edit_id, len(edit.added))
        }
        keys = telling(edits, waiting, ())
        there = [other for other in others if other in contents and stands_in(keys, contents[other])]
        if there:
            keys = telling(edits, waiting, lines_beside(connection, origin.repo_id, path))
        for other in there:
            if stands_in(keys, contents[other]):
                name = other.encode("utf-8", "surrogateescape")
                yield _Moved(other, [msgspec.structs.replace(edit, path=name) for edit in edits], waiting)
                break


def _mark(target: _Place, moved: Iterable[_Moved]) -> str:
    """What the answer depends on, in few bytes."""
    told = [(one.path, sorted(one.waiting)) for one in moved]
    return f"{xxhash.xxh3_64_intdigest(repr((target.tip, told)).encode('utf-8', 'surrogateescape')):x}"


def _find(writer: Writer, origin: _Place, target: _Place, moved: list[_Moved]) -> int:
    """Write what landed in the other repository; how many lines did."""
    edits = sorted((edit for one in moved for edit in one.edits), key=lambda edit: (edit.at_ms, edit.edit_id))
    waiting = set().union(*(one.waiting for one in moved))
    paths = sorted({edit.path for edit in edits})
    try:
        commits = touching_line(target.git_dir, target.tip, edits[0].at_ms - _REACH_MS, paths)
        found = list(stays(edits, waiting, commits))
    except GitError:
        found = []
    with writer.transaction() as connection:
        forget_abroad(connection, origin.repo_id, target.repo_id)
        free = _without_owner(connection, target, found)
        lines = save_abroad(connection, origin.repo_id, target.repo_id, free)
        mark_repo_stale(connection, origin.repo_id)
    return lines


def _without_owner(connection: Connection, target: _Place, found: list[Stay]) -> list[Stay]:
    """Those that the other repository's own edits did not write."""
    shas = sorted({one.landing.sha for one in found})
    owned = {(sha, path, line) for sha, path, line, _ in landed_sessions(connection, target.repo_id, shas)}
    return [
        one
        for one in found
        if (one.landing.sha, one.landing.path.decode("utf-8", "replace"), one.landing.line_no) not in owned
    ]
