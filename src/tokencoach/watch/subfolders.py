"""Files that a command names from a folder below the one where its session works: a shell keeps the folder it went to."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.git.tree import tracked_paths
from tokencoach.store.repo_rows import commanded_paths, known_repos, place_anew

if TYPE_CHECKING:
    from tokencoach.store.connect import Connection
    from tokencoach.store.repo_rows import KnownRepo


class Below:
    """The files of repositories by their names; each is asked once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._git_dirs: dict[int, Path] = {}
        self._named: dict[int, dict[str, list[str]]] = {}

    def path(self, repo_id: int, root: str, inside: str) -> str:
        """The one tracked file that a path may mean, where nothing has the path itself; else the path."""
        if os.path.lexists(os.path.join(root, inside)):  # noqa: PTH118 - a text that may be no path at all
            return inside
        named = self._named.get(repo_id)
        if named is None:
            named = self._named[repo_id] = self._read(repo_id)
        same_name = named.get(inside.rpartition("/")[2], ())
        if inside in same_name:
            return inside
        below = [path for path in same_name if path.endswith(f"/{inside}")]
        return below[0] if len(below) == 1 else inside

    def _read(self, repo_id: int) -> dict[str, list[str]]:
        if not self._git_dirs:
            self._git_dirs = {repo.repo_id: Path(repo.common_dir) for repo in known_repos(self._connection)}
        named: defaultdict[str, list[str]] = defaultdict(list)
        for path in tracked_paths(self._git_dirs[repo_id]) if repo_id in self._git_dirs else ():
            named[path.rpartition("/")[2]].append(path)
        return named


def look_below(connection: Connection, repo: KnownRepo) -> None:
    """Place commands' edits anew whose file a commit has brought in a folder below."""
    waiting = commanded_paths(connection, repo.repo_id)
    below = Below(connection) if waiting else None
    if below is not None:
        found = {path for path in waiting if below.path(repo.repo_id, repo.path, path) != path}
        place_anew(connection, repo.repo_id, found)
