"""A repository named on the command line, as the database knows it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tokencoach.errors import UsageError
from tokencoach.store.audit_rows import repo_rows
from tokencoach.store.repo_rows import lone_folders

if TYPE_CHECKING:
    from tokencoach.store.reader import Reader


def repository_path(reader: Reader, named: str | None) -> str | None:
    """The known repository at (or above) a path, or with that name; None of None.

    Raises:
        UsageError: no known repository fits, or several do.
    """
    if named is None:
        return None
    known = [row.path for row in repo_rows(reader.connection).values()]
    wanted = os.path.realpath(os.path.expanduser(named))  # noqa: PTH111 - compared as text
    inside = [path for path in known if wanted == path or wanted.startswith(path.rstrip("/") + "/")]
    if inside:
        return max(inside, key=len)
    by_name = [path for path in known if path.rstrip("/").rsplit("/", 1)[-1] == named]
    if len(by_name) == 1:
        return by_name[0]
    raise UsageError(
        f"no repository {named!r} in the logs"
        if not by_name
        else f"several repositories are called {named!r}",
        "tokencoach repos list  shows them",
    )


def project_path(reader: Reader, named: str) -> str:
    """A known repository, else a folder outside any in which sessions worked.

    Raises:
        UsageError: neither fits.
    """
    folders = lone_folders(reader.connection)
    wanted = os.path.realpath(os.path.expanduser(named))  # noqa: PTH111 - compared as text
    lone = next((folder for folder in folders if folder in (named, wanted)), None)
    return lone or repository_path(reader, named) or ""
