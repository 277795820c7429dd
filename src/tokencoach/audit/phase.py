"""Phase gates: only a tag, a setting, a scratch path or a branch name says that work is not production."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.store.audit_rows import EditRow, RepoRow

_PROTOTYPE = re.compile(r"^(spike|poc|proto|prototype|wip)([/_.-]|$)", re.IGNORECASE)
_EXPLORATION = re.compile(r"^(explore|exploration|scratch)([/_.-]|$)", re.IGNORECASE)
_SCRATCH = frozenset({"scratch", "scratchpad", ".scratch"})


def phase_of(
    session_id: str,
    branch: str | None,
    folder: str | None,
    edit: EditRow | None,
    repo: RepoRow | None,
    tags: Mapping[tuple[str, str], str],
) -> Phase:
    """The phase of an edit (or, without one, of a session): the first word that says so, else production."""
    tagged = tags.get(("session", session_id)) or (tags.get(("branch", branch)) if branch else None)
    if tagged is None:
        tagged = _tag_of_path(edit.path if edit is not None else folder, tags)
    if tagged is None and repo is not None:
        tagged = repo.phase
    if tagged is None:
        tagged = _tag_of_pattern((edit.path, edit.repo_path, branch) if edit else (folder, branch), tags)
    if tagged is not None:
        return Phase(tagged)
    inside = edit.repo_path if edit is not None and edit.repo_path is not None else None
    if inside is not None and _SCRATCH & set(inside.split("/")[:-1]):
        return Phase.EXPLORATION
    return phase_of_branch(branch) if branch else Phase.PRODUCTION


def said_phase(repo: RepoRow, tags: Mapping[tuple[str, str], str]) -> Phase | None:
    """The phase that somebody said a repository as a whole is in; None where nobody did."""
    tagged = _tag_of_path(repo.path, tags) or repo.phase or _tag_of_pattern((repo.path,), tags)
    return Phase(tagged) if tagged else None


def phase_of_branch(branch: str) -> Phase:
    """The phase that a branch's name says, the name of a ref or of a remote's branch too."""
    name = branch.removeprefix("refs/heads/")
    if name.startswith("refs/remotes/"):
        name = name.split("/", 3)[-1]
    if _EXPLORATION.match(name):
        return Phase.EXPLORATION
    return Phase.PROTOTYPE if _PROTOTYPE.match(name) else Phase.PRODUCTION


def _tag_of_pattern(names: Iterable[str | None], tags: Mapping[tuple[str, str], str]) -> str | None:
    """The phase of the longest pattern of the settings that one of the names fits, or a folder above it."""
    patterns = [pattern for kind, pattern in tags if kind == "pattern"]
    fits = [pattern for pattern in patterns if any(name and _fits(pattern, name) for name in names)]
    return tags["pattern", max(fits, key=len)] if fits else None


def _fits(pattern: str, name: str) -> bool:
    """Whether a path or branch is one of the pattern's, or lies below one."""
    asked, said = os.path.expanduser(pattern), name.replace("\\", "/")  # noqa: PTH111 - a pattern is no path
    above = asked.rstrip("/*")
    return any(fnmatchcase(said, glob) for glob in (asked, above, f"{above}/*"))


def _tag_of_path(path: str | None, tags: Mapping[tuple[str, str], str]) -> str | None:
    """The tag of the longest tagged folder that holds the path."""
    if path is None:
        return None
    best = ""
    for kind, name in tags:
        if (
            kind == "path"
            and len(name) > len(best)
            and (path == name or path.startswith(name.rstrip("/") + "/"))
        ):
            best = name
    return tags[("path", best)] if best else None
