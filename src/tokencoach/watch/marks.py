"""Which files a repository's own attributes call generated or vendored, in every folder."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.attribution.excluded import NO_ATTRIBUTES, folders_above, is_marked_under, marked_files
from tokencoach.git.tree import attributes_in, own_attributes
from tokencoach.store.repo_rows import known_repos

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.excluded import Attributes
    from tokencoach.store.connect import Connection


class Marks:
    """The attributes of the folders that some files lie in, as the newest commit has them."""

    def __init__(self, connection: Connection, files: Iterable[tuple[int, str]]) -> None:
        """Read the attributes for ``files``, each the row of a repository and a path in it: one git a repository."""
        folders: defaultdict[int, set[str]] = defaultdict(set)
        for repo_id, path in files:
            folders[repo_id].update(folders_above(path))
        git_dirs = {
            repo.repo_id: Path(repo.common_dir) for repo in known_repos(connection) if repo.repo_id in folders
        }
        self._lines = {
            repo_id: {
                folder: _parsed(content)
                for folder, content in attributes_in(git_dir, sorted(folders[repo_id])).items()
            }
            for repo_id, git_dir in git_dirs.items()
        }
        self._own = {repo_id: _parsed(own_attributes(git_dir)) for repo_id, git_dir in git_dirs.items()}

    def holds(self, repo_id: int, path: str) -> bool:
        """Whether one of the files is marked."""
        return is_marked_under(path, self._lines.get(repo_id, {}), self._own.get(repo_id, NO_ATTRIBUTES))


def _parsed(content: bytes) -> Attributes:
    return marked_files(content.decode("utf-8", "replace"))
