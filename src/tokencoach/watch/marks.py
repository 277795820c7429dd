"""Which files a repository's own attributes call generated or vendored, and which it ignores, in every folder."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.attribution.excluded import folders_above, is_marked_under, marked_files
from tokencoach.attribution.ignored import ignore_lines, is_ignored
from tokencoach.git.tree import (
    contents_of,
    own_attributes,
    own_ignores,
    settings_changed,
    settings_in,
)
from tokencoach.store.repo_rows import known_repos, place_again, read_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.store.connect import Connection
    from tokencoach.store.repo_rows import KnownRepo


class Marks:
    """The attributes and the ignored files of the folders that some files lie in, as the newest commit has them."""

    def __init__(self, connection: Connection, files: Iterable[tuple[int, str]]) -> None:
        """Read them for ``files``, each the row of a repository and a path in it: one call of git a repository."""
        folders: defaultdict[int, set[str]] = defaultdict(set)
        for repo_id, path in files:
            folders[repo_id].update(folders_above(path))
        self._git_dirs = {
            repo.repo_id: Path(repo.common_dir) for repo in known_repos(connection) if repo.repo_id in folders
        }
        self._marked, self._ignored = {}, {}
        for repo_id, git_dir in self._git_dirs.items():
            attributes, ignores = settings_in(git_dir, sorted(folders[repo_id]))
            self._marked[repo_id] = {folder: marked_files(_text(told)) for folder, told in attributes.items()}
            self._ignored[repo_id] = {folder: ignore_lines(_text(told)) for folder, told in ignores.items()}
        self._own = {
            repo_id: (
                marked_files(_text(own_attributes(git_dir))),
                ignore_lines(_text(own_ignores(git_dir))),
            )
            for repo_id, git_dir in self._git_dirs.items()
        }

    def holds(self, repo_id: int, path: str) -> bool:
        """Whether one of the files is marked."""
        own = self._own.get(repo_id)
        return own is not None and is_marked_under(path, self._marked[repo_id], own[0])

    def ignores(self, repo_id: int, path: str) -> bool:
        """Whether git ignores one of the files and does not hold it all the same."""
        own = self._own.get(repo_id)
        if own is None or not is_ignored(path, self._ignored[repo_id], own[1]):
            return False
        return path not in contents_of(self._git_dirs[repo_id], [path])


def look_again(connection: Connection, repo: KnownRepo) -> None:
    """Place edits anew whose files may be marked, ignored or taken in since a repository was read last."""
    tip = read_until(connection, repo.repo_id)
    is_changed = tip is not None and settings_changed(Path(repo.common_dir), tip)
    place_again(connection, repo.repo_id, is_all=is_changed)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
