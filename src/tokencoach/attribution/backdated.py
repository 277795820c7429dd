"""Edits that a commit holds whose date lies before them, by a wrong clock or a date that was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.attribution.lines import is_significant
from tokencoach.attribution.pool import REACH_MS, SLACK_MS
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window

_LEAST_LINES: Final = 4
_WHOLE: Final = (EditKind.WRITE, EditKind.SHELL_WRITE)
_MOST_OF_AN_EDIT: Final = 0.9
_MOST_OF_A_FILE: Final = 0.5


def made_later(pool: EditPool, deltas: Iterable[Delta], window: Window) -> list[AuthoredEdit]:
    """Edits made after a commit by its date, of which nearly all came with it, and most of what came to their files.

    What edits before the commit tell is theirs. Who writes a part of a file once more does not fill most of
    the commit that brought it, and who puts back what an edit took away since has changed nothing.
    """
    found: list[AuthoredEdit] = []
    for delta in deltas:
        if not pool.has_newer(delta.path, window.last_ms + SLACK_MS):
            continue
        come = {key for key in delta.added if is_significant(key)}
        for edit in pool.usual(delta.path, window):
            come.difference_update(edit.added)
        gone: set[int] = set()
        told: set[int] = set()
        fitting: list[AuthoredEdit] = []
        for edit in reversed(
            pool.between(delta.path, window.last_ms + SLACK_MS + 1, window.last_ms + REACH_MS)
        ):
            keys = _telling(edit, come)
            if keys and keys.isdisjoint(gone):
                fitting.append(edit)
                told |= keys
            gone.update(edit.removed)
        if len(told) >= _MOST_OF_A_FILE * len(come):
            found += fitting
    return found


def _telling(edit: AuthoredEdit, come: set[int]) -> set[int]:
    """The significant lines of an edit that are among those which came; none where too many are not."""
    keys = set() if edit.kind.is_unseen else {key for key in edit.added if is_significant(key)}
    there = keys & come
    # A whole file holds what stood there and what is new.
    least = len(keys) if edit.kind in _WHOLE else _MOST_OF_AN_EDIT * len(keys)
    return there if len(keys) >= _LEAST_LINES and len(there) >= least else set()
