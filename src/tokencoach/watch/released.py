"""Versions that were released beside the default branch: a hotfix of an old version, a line that is kept for support."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.watch.outcomes import release_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.git.graph import CommitNode
    from tokencoach.git.refs import Ref

_TAGS: Final = "refs/tags/"
_WORD: Final = re.compile(r"[a-z]+")
# What is tried out before a version has not been released with it.
_TRIALS: Final = frozenset(
    {"a", "alpha", "b", "backup", "beta", "c", "canary", "ci", "cr", "dev", "draft", "ea", "eap", "edge", "exp",
     "experimental", "m", "milestone", "next", "nightly", "old", "poc", "pre", "prerelease", "preview", "rc", "snap",
     "snapshot", "test", "testing", "tmp", "trial", "wip"}
)  # fmt: skip


def released_refs(known: Iterable[Ref], nodes: Iterable[CommitNode], since_ms: int) -> list[Ref]:
    """Tags of versions that hold a commit which the default branch does not reach, made since an instant.

    ``nodes`` are those commits.
    """
    known = list(known)
    versions = {_TAGS + name for name, made_ms in release_tags(known) if made_ms >= since_ms}
    if not versions:
        return []
    aside = {node.sha for node in nodes}
    return [ref for ref in known if ref.name in versions and ref.sha in aside and is_final(ref.name)]


def is_final(tag: str) -> bool:
    """Whether a version's tag names one that is no trial of it."""
    return _TRIALS.isdisjoint(_WORD.findall(tag.removeprefix(_TAGS).lower()))
