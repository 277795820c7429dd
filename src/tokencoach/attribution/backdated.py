"""Edits that a commit holds whose date lies before them, by a wrong clock or a date that was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.attribution.lines import is_significant
from tokencoach.attribution.pool import REACH_MS, SLACK_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window

_LEAST_LINES: Final = 4
_MOST_OF_AN_EDIT: Final = 0.9
_MOST_OF_A_FILE: Final = 0.5


def made_later(pool: EditPool, deltas: Iterable[Delta], window: Window) -> list[AuthoredEdit]:
    """Edits made after a commit by its date, of which nearly all came with it, and most of what came to their files.

    What edits before the commit tell is theirs. Who writes a part of a file once more does not fill most of
    the commit that brought it, and who puts back what an edit took away since has changed nothing.
    """
    found: list[AuthoredEdit] = []
    first_ms, last_ms = window.last_ms + SLACK_MS, window.last_ms + REACH_MS
    for delta in deltas:
        # Nearly always one edit from before the commit has lines of the change, or none has any.
        if delta.likely is not None and all(edit.at_ms <= first_ms for edit in delta.likely):
            continue
        if not pool.has_newer(delta.path, first_ms):
            continue
        later = pool.between(delta.path, first_ms + 1, last_ms)
        raw = set(delta.added)
        # A file that is worked on has later edits in every commit; of nearly all of them nothing is here.
        if not any(_may_tell(edit, raw) for edit in later):
            continue
        come = {key for key in raw if is_significant(key)}
        for edit in pool.usual(delta.path, window):
            come.difference_update(edit.added)
        gone: set[int] = set()
        told: set[int] = set()
        fitting: list[AuthoredEdit] = []
        for edit in reversed(later):
            keys = _telling(edit, come)
            if keys and keys.isdisjoint(gone):
                fitting.append(edit)
                told |= keys
            gone.update(edit.removed)
        if len(told) >= _MOST_OF_A_FILE * len(come):
            found += fitting
    return found


def _may_tell(edit: AuthoredEdit, raw: set[int]) -> bool:
    """Whether so few of an edit's lines are not among those which came that ``_telling`` could be any."""
    lines = len(edit.added)
    if lines < _LEAST_LINES or edit.kind.is_unseen:
        return False
    most = 0 if edit.kind.is_whole else lines - int(_MOST_OF_AN_EDIT * lines)
    missed: set[int] = set()
    for key in edit.added:
        if key & 1 and key not in raw:
            missed.add(key)
            if len(missed) > most:
                return False
    return True


def _telling(edit: AuthoredEdit, come: set[int]) -> set[int]:
    """The significant lines of an edit that are among those which came; none where too many are not."""
    keys = set() if edit.kind.is_unseen else {key for key in edit.added if is_significant(key)}
    there = keys & come
    # A whole file holds what stood there and what is new.
    least = len(keys) if edit.kind.is_whole else _MOST_OF_AN_EDIT * len(keys)
    return there if len(keys) >= _LEAST_LINES and len(there) >= least else set()
