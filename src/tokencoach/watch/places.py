"""Where edits lie: logged folders to repositories, logged paths to paths inside them.

Paths are as the machine was then. A folder is resolved once: to the repository that it lies in,
to where a link says it is now, or to a repository that its evidence (remote, commit, files) names.
"""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.excluded import is_excluded
from tokencoach.attribution.lines import is_significant, line_keys
from tokencoach.git.errors import GitError
from tokencoach.git.identity import normalised_remote
from tokencoach.git.locate import Repository
from tokencoach.git.refs import existing_commits
from tokencoach.git.tree import contents_of, last_change_ms, tracked_paths
from tokencoach.sources.shell.folders import TOP
from tokencoach.store.draft_rows import OUTSIDE
from tokencoach.store.repo_rows import (
    folders,
    known_repos,
    links,
    place_edits,
    place_folder,
    put_repo,
    replace_edits,
    session_clues,
    written_keys,
)
from tokencoach.watch.drafts import bring_in, with_drafts
from tokencoach.watch.marks import Marks
from tokencoach.watch.roots import find_in, is_absolute, linked, relative, root_of, slashed
from tokencoach.watch.sibling_worktrees import place_beside_worktrees, worktrees_beside
from tokencoach.watch.subfolders import Below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.store.connect import Connection
    from tokencoach.store.repo_rows import FolderRow, KnownRepo, UnplacedEdit

_WORKTREE_PARENTS = frozenset({".worktrees", "worktrees", ".trees", "worktree"})
_NO_NAMES = frozenset({"", ".", ".."})
_FIT_SHARE = 0.6
_FEWEST_LINES = 3
_MOST_ASKED = 5
_MOST_ABOVE = 2
_MOST_BESIDE = 200
_CLOCK_SKEW_MS = 15 * 60_000


class Located(NamedTuple):
    """A folder or file found: the repository's row, and the root that relative paths count from."""

    repo_id: int
    root: str


class Places:
    """Resolves folders and edits of one database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._links = links(connection)
        self._repo_ids: dict[str, int] = {}
        self._roots: dict[int, FolderRow] = {}
        self._there: dict[str, bool] = {}
        self._real_folders: dict[str, str] = {}
        self._located: dict[str, Located | None] = {}
        self._linked: dict[str, str] = {}
        self._clues: dict[int, list[tuple[str | None, str | None]]] | None = None
        # Many edits of a folder that is gone would each be looked for in vain.
        self._nowhere: set[tuple[str, int | None]] = set()
        self._path_ids: dict[str, int] = {}
        self._spots: dict[tuple[str, int | None], tuple[Located | None, str | None]] = {}
        self._kinds: dict[tuple[int, str], str] = {}
        self._neighbours: dict[str, list[str]] = {}
        self._tracked: dict[int, frozenset[str]] = {}
        self._vanished: dict[tuple[str, int], bool] = {}
        self._known_repos: list[KnownRepo] | None = None
        self._linked_ms: dict[tuple[str, str], int] = {}
        self._folders_below = Below(connection)
        self.changed_repos: set[int] = set()

    def resolve(self) -> None:
        """Place new folders, look again for those not found before, then place edits."""
        open_folders = [
            folder
            for folder in folders(self._connection)
            if folder.state != "repository" or folder.repo_id is None
        ]
        # Folders that are still there make their repositories known to those that are not.
        open_folders.sort(key=lambda folder: not self._is_there(self._here(folder.name)))
        replaced = [folder.folder_id for folder in open_folders if self._resolve_folder(folder)]
        if replaced:
            replace_edits(self._connection, [*replaced, *place_beside_worktrees(self._connection)])
        self._roots = {folder.folder_id: folder for folder in folders(self._connection)}
        edits = with_drafts(self._connection)
        found = [self._spot(edit) for edit in edits]
        files = {
            (there.repo_id, inside) for there, inside in found if there is not None and inside is not None
        }
        marks = Marks(
            self._connection, [(repo_id, inside) for repo_id, inside in files if not is_excluded(inside)]
        )
        rows = [self._place(edit, *where, marks) for edit, where in zip(edits, found, strict=True)]
        place_edits(self._connection, rows)
        if any(row[2] in OUTSIDE or edit.source for edit, row in zip(edits, rows, strict=True)):
            self.changed_repos |= bring_in(self._connection, self._path_id)

    def _resolve_folder(self, folder: FolderRow) -> bool:
        """Place a folder; whether it lies elsewhere than before."""
        state, found = self._find_folder(folder)
        repo_id, root = (found.repo_id, found.root) if found is not None else (None, None)
        is_moved = (state, repo_id, root) != (folder.state, folder.repo_id, folder.root)
        if is_moved:
            place_folder(self._connection, folder.folder_id, repo_id, root, state)
        return is_moved

    def _here(self, name: str) -> str:
        """Where a logged folder is by now, as links say."""
        found = self._linked.get(name)
        if found is None:
            found = self._linked[name] = linked(name, self._links)
        return found

    def _find_folder(self, folder: FolderRow) -> tuple[str, Located | None]:
        here = self._here(folder.name)
        if self._is_there(here):
            found = self._locate(here)
            return ("repository", found) if found is not None else ("none", None)
        vanished = self._vanished_worktree(folder, here)
        if vanished is not None:
            return "repository", vanished
        moved = self._by_evidence(folder, here)
        return ("repository", moved) if moved is not None else ("gone", None)

    def _locate(self, folder: str) -> Located | None:
        """The repository that an existing folder lies in; looked for once a round."""
        if folder not in self._located:
            found = find_in(folder)
            self._located[folder] = (
                None if found is None else Located(self._repo_id(found), root_of(found, folder))
            )
        return self._located[folder]

    def _repo_id(self, found: Repository) -> int:
        key = str(found.common_dir)
        if key not in self._repo_ids:
            self._known_repos = None
            self._repo_ids[key] = put_repo(
                self._connection, key, str(found.main_worktree or found.common_dir)
            )
        return self._repo_ids[key]

    def _vanished_worktree(self, folder: FolderRow, path: str) -> Located | None:
        """A worktree that lay inside its repository and was removed since."""
        parts = path.split("/")
        for index in range(len(parts) - 1, 1, -1):
            above = "/".join(parts[:index])
            if not self._is_there(above):
                continue
            found = self._locate(above)
            if found is None:
                return None
            for place in range(index - 1, len(parts) - 1):
                if parts[place] in _WORKTREE_PARENTS:
                    roots = ["/".join(parts[:end]) for end in range(place + 2, len(parts) + 1)]
                    return Located(found.repo_id, self._fitting_root(folder, roots, above))
            return Located(found.repo_id, found.root)
        return None

    def _fitting_root(self, folder: FolderRow, roots: list[str], inside: str) -> str:
        """Which folder was the worktree: the one whose files the repository has; in doubt the deepest."""
        if len(roots) == 1:
            return roots[0]
        wrote = [linked(name, self._links) for name, _, _ in written_keys(self._connection, folder.folder_id)]
        repository = find_in(inside)
        tracked = tracked_paths(repository.common_dir) if repository is not None else frozenset[str]()
        return max(
            roots, key=lambda root: (sum(relative(name, root) in tracked for name in wrote), len(root))
        )

    def _by_evidence(self, folder: FolderRow, path: str) -> Located | None:
        """A known repository with the remote or the commit that the log names, else the only one whose files fit.

        The repository that the folder is named after and lay near comes first: it may have been a worktree of it.
        """
        if self._known_repos is None:
            self._known_repos = [repo for repo in known_repos(self._connection) if repo.state != "missing"]
        repos = self._known_repos
        if self._clues is None:
            self._clues = session_clues(self._connection)
        clues = self._clues.get(folder.folder_id, [])
        for remote, _ in clues:
            for repo in repos:
                if remote and normalised_remote(remote) in repo.remotes:
                    return Located(repo.repo_id, path)
        for git_dirs in (self._beside(path), [Path(repo.common_dir) for repo in repos]):
            found = self._fitting(folder, path, [commit for _, commit in clues if commit], git_dirs)
            if found is not None:
                repository = find_in(str(found)) or Repository(found, None, ())
                return Located(self._repo_id(repository), path)
        return None

    def _beside(self, path: str) -> Iterator[Path]:
        """Git directories of the repositories near a vanished folder whose names are a part of its own."""
        above, near = path if path.startswith("/") else "", 0
        while above not in ("", "/") and near < _MOST_ABOVE:
            above = above.rpartition("/")[0]
            if not above or not self._is_there(above):
                continue
            near += 1
            name = path[len(above) + 1 :].partition("/")[0]
            for child in self._repositories_in(above):
                # Asking all of them anew in every round would cost a git for each.
                found = find_in(child) if posixpath.basename(child) in name else None
                if found is not None:
                    yield found.common_dir

    def _repositories_in(self, folder: str) -> list[str]:
        """The folders in a folder that hold a repository's git directory; looked for once a round."""
        if folder not in self._neighbours:
            children: list[str] = []
            with suppress(OSError):
                children = [str(child) for child in islice(sorted(Path(folder).iterdir()), _MOST_BESIDE)]
            self._neighbours[folder] = [child for child in children if Path(child, ".git").exists()]
        return self._neighbours[folder]

    def _fitting(
        self, folder: FolderRow, path: str, commits: list[str], git_dirs: Iterable[Path]
    ) -> Path | None:
        """The first repository with a commit that the log names, else the only one whose files fit."""
        asked = list(git_dirs)
        if not asked:
            return None
        named = (one for commit in commits for one in asked if _has_commit(one, commit))
        return next(named, None) or self._by_files(folder, path, asked)

    def _by_files(self, folder: FolderRow, path: str, git_dirs: list[Path]) -> Path | None:
        """The one repository in whose files most lines stand that were written from the folder."""
        wrote: dict[str, set[int]] = {}
        first_ms: dict[str, int] = {}
        for name, at_ms, keys in written_keys(self._connection, folder.folder_id):
            inside = relative(name, path)
            if inside is not None:
                wrote.setdefault(inside, set()).update(key for key in keys if is_significant(key))
                first_ms[inside] = min(at_ms, first_ms.get(inside, at_ms))
        whole = sum(len(keys) for keys in wrote.values())
        if whole < _FEWEST_LINES:
            return None
        fitting = []
        for git_dir in git_dirs:
            contents = contents_of(git_dir, list(wrote))
            there = sum(len(keys & set(line_keys(contents.get(name, b"")))) for name, keys in wrote.items())
            if there >= _FIT_SHARE * whole and _was_committed_after(git_dir, first_ms):
                fitting.append(git_dir)
        return fitting[0] if len(fitting) == 1 else None

    def _place(
        self, edit: UnplacedEdit, found: Located | None, inside: str | None, marks: Marks
    ) -> tuple[int | None, int | None, str, int]:
        folder = self._roots.get(edit.folder_id) if edit.folder_id is not None else None
        if edit.repo_id is not None and (found is None or found.repo_id != edit.repo_id):
            self.changed_repos.add(edit.repo_id)
        if found is not None and inside is not None:
            self.changed_repos.add(found.repo_id)
            file = found.repo_id, inside
            kind = self._kinds.get(file) or self._kinds.setdefault(file, _kind(*file, marks))
            return found.repo_id, self._path_id(inside), kind, edit.edit_id
        if folder is None:
            place = "no_repository"
        elif folder.state == "repository":
            place = "outside"
        else:
            place = "gone" if folder.state == "gone" else "no_repository"
        return None, None, place, edit.edit_id

    def _spot(self, edit: UnplacedEdit) -> tuple[Located | None, str | None]:
        """Where the file of an edit lies, looked for once: most files are edited many times."""
        asked = edit.path, edit.folder_id
        spot = self._spots.get(asked)
        if spot is None:
            folder = self._roots.get(edit.folder_id) if edit.folder_id is not None else None
            spot = self._spots[asked] = self._find_file(edit, folder)
        return spot

    def _find_file(self, edit: UnplacedEdit, folder: FolderRow | None) -> tuple[Located | None, str | None]:
        above, _, name = edit.path.rpartition("/")
        if (above, edit.folder_id) in self._nowhere and name not in _NO_NAMES:
            return None, None
        found = self._below(edit, self._look_for_file(edit, folder))
        is_plain = above.startswith("/") and name not in _NO_NAMES and not self._links
        if found == (None, None) and is_plain and not self._is_there(posixpath.normpath(above)):
            self._nowhere.add((above, edit.folder_id))
        return found

    def _below(
        self, edit: UnplacedEdit, found: tuple[Located | None, str | None]
    ) -> tuple[Located | None, str | None]:
        """Where a command's file lies, if its shell was in a folder below."""
        there, inside = found
        if not edit.is_command or there is None or inside is None or "*" in inside:
            return found
        return there, self._folders_below.path(there.repo_id, there.root, inside)

    def _look_for_file(
        self, edit: UnplacedEdit, folder: FolderRow | None
    ) -> tuple[Located | None, str | None]:
        path = linked(edit.path, self._links)
        if f"/{TOP}/" in path:
            return self._from_top(*path.partition(f"/{TOP}/")[::2], folder)
        if folder is not None and not is_absolute(path):
            path = posixpath.normpath(posixpath.join(linked(folder.name, self._links), path))
        real = self._real(path) if path.startswith("/") else path
        for name in dict.fromkeys((path, real)):
            above = posixpath.dirname(name)
            if self._is_there(above):
                found = self._locate(above)
                if found is not None:
                    behind = relative(real, self._real_root(found.root))
                    inside = relative(name, found.root) or behind
                    if inside and behind and behind != inside and self._is_linked(found, inside, edit.at_ms):
                        inside = behind
                    return (found, inside) if inside and not inside.startswith(".git/") else (None, None)
        if folder is not None and folder.repo_id is not None and folder.root is not None:
            inside = relative(path, folder.root) or relative(path, linked(folder.root, self._links))
            if inside is None and folder.name != folder.root:
                inside = relative(path, linked(folder.name, self._links))
            if inside:
                return Located(folder.repo_id, folder.root), inside
            return self._in_worktree_beside(folder, folder.repo_id, path)
        return None, None

    def _from_top(
        self, above: str, inside: str, folder: FolderRow | None
    ) -> tuple[Located | None, str | None]:
        """A file that a command named from the top of the repository that a folder lies in."""
        if self._is_there(above):
            return self._locate(above), inside
        if folder is not None and folder.repo_id is not None and folder.root is not None:
            return Located(folder.repo_id, folder.root), inside
        return None, None

    def _in_worktree_beside(
        self, folder: FolderRow, repo_id: int, path: str
    ) -> tuple[Located | None, str | None]:
        """A file of a worktree that is gone and lay beside the repository that the session worked in."""
        roots = worktrees_beside(slashed(path), self._home(folder))
        if not roots:
            return self._in_vanished_worktree(folder, repo_id, path)
        if repo_id not in self._tracked:
            self._tracked[repo_id] = tracked_paths(self._git_dir(repo_id))
        tracked = self._tracked[repo_id]
        root = next((root for root in roots if relative(path, root) in tracked), roots[0])
        return Located(repo_id, root), relative(path, root)

    def _in_vanished_worktree(
        self, folder: FolderRow, repo_id: int, path: str
    ) -> tuple[Located | None, str | None]:
        """A file of a folder of any name that is gone, if the session's repository holds what was written there."""
        root = posixpath.dirname(path)
        while not self._is_there(above := posixpath.dirname(root)) and above != root:
            root = above
        if not path.startswith("/") or self._is_there(root):
            return None, None
        asked = root, folder.folder_id
        if asked not in self._vanished:
            self._vanished[asked] = self._by_files(folder, root, [self._git_dir(repo_id)]) is not None
        return (Located(repo_id, root), relative(path, root)) if self._vanished[asked] else (None, None)

    def _git_dir(self, repo_id: int) -> Path:
        return Path(
            next(repo.common_dir for repo in known_repos(self._connection) if repo.repo_id == repo_id)
        )

    def _home(self, folder: FolderRow) -> str:
        """The root of the repository that a session worked in, as its log names it."""
        name = slashed(folder.name)
        below = relative(linked(folder.name, self._links), folder.root or "")
        return name.removesuffix(f"/{below}") if below else name

    def _is_there(self, folder: str) -> bool:
        """Whether a logged text names a folder of this computer; asked once a round."""
        found = self._there.get(folder)
        if found is None:
            found = self._there[folder] = os.path.isdir(folder)  # noqa: PTH112 - a text that may be no path at all
        return found

    def _real(self, path: str) -> str:
        """An absolute path without links; a folder's are followed once a round."""
        above, name = posixpath.split(path)
        folder = self._real_folders.get(above)
        if folder is None:
            folder = self._real_folders[above] = os.path.realpath(above)
        if self._is_there(above) and os.path.islink(path):  # noqa: PTH114 - a text that may be no path at all
            return os.path.realpath(path)
        return posixpath.join(folder, name)

    def _real_root(self, root: str) -> str:
        found = self._real_folders.get(f"{root}/")
        if found is None:
            found = self._real_folders[f"{root}/"] = os.path.realpath(root)
        return found

    def _is_linked(self, found: Located, inside: str, at_ms: int) -> bool:
        """Whether a path led through a link of the repository to another of its files when the edit was made."""
        above = accumulate(inside.split("/"), posixpath.join)
        link = next((name for name in above if os.path.islink(os.path.join(found.root, name))), None)  # noqa: PTH114, PTH118 - as above
        repo = find_in(found.root)
        if link is None or repo is None:
            return False
        if (found.root, link) not in self._linked_ms:
            self._linked_ms[found.root, link] = last_change_ms(repo.common_dir, link)
        return self._linked_ms[found.root, link] <= at_ms

    def _path_id(self, name: str) -> int:
        if name not in self._path_ids:
            self._connection.execute("INSERT OR IGNORE INTO path(name) VALUES(?)", (name,))
            row = self._connection.execute("SELECT id FROM path WHERE name=?", (name,)).fetchone()
            self._path_ids[name] = int(row[0])
        return self._path_ids[name]


def _kind(repo_id: int, inside: str, marks: Marks) -> str:
    """What a file inside a repository is to it."""
    if is_excluded(inside) or marks.holds(repo_id, inside):
        return "excluded"
    return "ignored" if marks.ignores(repo_id, inside) else "repository"


def _was_committed_after(git_dir: Path, first_ms: dict[str, int]) -> bool:
    """Whether the files changed in the repository after they were first edited from the vanished folder."""
    asked = sorted(first_ms)[:_MOST_ASKED]
    newest = [last_change_ms(git_dir, name) for name in asked]
    later = sum(at_ms >= first_ms[name] - _CLOCK_SKEW_MS for name, at_ms in zip(asked, newest, strict=True))
    return later >= _FIT_SHARE * len(asked)


def _has_commit(git_dir: Path, commit: str) -> bool:
    try:
        return bool(existing_commits(git_dir, [commit]))
    except GitError:
        return False
