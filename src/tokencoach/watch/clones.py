"""Clones of one repository on one computer: what sessions in two of them wrote alike is shared between those."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.store.clone_rows import share_lines
from tokencoach.store.repo_rows import known_repos
from tokencoach.store.verdict_rows import mark_stale

if TYPE_CHECKING:
    from collections.abc import Collection

    from tokencoach.store.writer import Writer


def share_between_clones(writer: Writer, changed: Collection[int]) -> None:
    """Divide the lines that several clones claim for sessions of their own, where one of them ``changed``."""
    clones: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for repo in known_repos(writer.connection):
        if repo.roots:
            clones[repo.roots].append(repo.repo_id)
    for repos in clones.values():
        if len(repos) > 1 and not set(changed).isdisjoint(repos):
            with writer.transaction() as connection:
                mark_stale(connection, share_lines(connection, repos))
