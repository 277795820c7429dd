"""Edits that may still be found changed in a commit: those that have a significant line left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.attribution.pool import RESIDUE_MS, SLACK_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window

    # Flags of an edit's lines, by edit and number of lines.
    TakenOf = Callable[[int, int], Sequence[int]]

    Open = list[tuple[AuthoredEdit, Sequence[int]]]

_NEVER: Final = (0, -1)


def unfinished(path: bytes, pool: EditPool, window: Window, taken_of: TakenOf) -> Open:
    """Edits that a commit may hold whose text is kept, with a significant line left, and the flags of their lines."""
    return Unfinished(pool).edits(path, window, taken_of)


class Unfinished:
    """The same as one branch grows: what has no line left never has one again, and is asked for no more."""

    def __init__(self, pool: EditPool) -> None:
        self._pool = pool
        self._over: set[int] = set()
        self._spans: dict[bytes, tuple[int, int]] = {}

    def forget_spans(self) -> None:
        """More edits came: between those that are over there may be new ones."""
        self._spans.clear()

    def edits(self, path: bytes, window: Window, taken_of: TakenOf) -> Open:
        """The edits of one path that a commit may hold a changed line of."""
        until_ms = window.last_ms + SLACK_MS
        first_ms = until_ms - RESIDUE_MS
        is_kept = self._pool.keeps_name(path)
        span = self._spans.get(path, _NEVER) if is_kept else _NEVER
        # Mostly all edits up to the commit before are over, and there is none since.
        low_ms, high_ms = span if span[0] <= first_ms <= span[1] else (first_ms, first_ms - 1)
        if until_ms <= high_ms:
            return []
        found: Open = []
        is_over = True
        for edit in self._pool.between(path, high_ms + 1, until_ms):
            if edit.edit_id in self._over or not edit.has_text:
                continue
            taken = taken_of(edit.edit_id, len(edit.added))
            if self._pool.has_free(edit, taken):
                found.append((edit, taken))
                is_over = False
            else:
                self._over.add(edit.edit_id)
        if is_over and is_kept:
            self._spans[path] = low_ms, self._pool.next_ms(path, until_ms) - 1
        return found
