"""Lines that a shell command wrote without showing them: told by the path and the time alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.attribution.claims import Claim
from tokencoach.attribution.facts import Method
from tokencoach.attribution.pool import REACH_MS, SLACK_MS
from tokencoach.attribution.rules import Rule
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window

CONFIDENCE: Final = 0.4


def touches(pool: EditPool, path: bytes, window: Window) -> list[AuthoredEdit]:
    """Commands that changed the file before a commit of it, newest first."""
    if not pool.has_touches or Rule.TOUCHED not in pool.rules:
        return []
    edits = pool.between(path, window.last_ms - REACH_MS, window.last_ms + SLACK_MS)
    # A move writes no line.
    return [edit for edit in edits if edit.kind.is_unseen and edit.moved_from is None]


def touched_lines(delta: Delta, edit: AuthoredEdit, matched: set[int]) -> list[Claim]:
    """The significant lines of a file's change that nobody else wrote, as lines of the command.

    Positions are numbered anew, for the command has no lines of its own. A command that changes
    lines in place has made none in a new file, nor where more came than went.
    """
    moved = delta.gone_keys
    in_place = edit.kind is EditKind.SHELL_CHANGE
    if in_place and delta.change.is_new:
        return []
    within = (
        place
        for splice in delta.splices
        if not in_place or splice.gone == splice.come
        for place in range(splice.first_come, splice.first_come + splice.come)
    )
    places = [
        place
        for place in within
        for key in (delta.added[place],)
        if key & 1 and place not in matched and place not in delta.carried and key not in moved
    ]
    return [_claim(edit, position, place) for position, place in enumerate(places)]


def touched_removals(delta: Delta, edit: AuthoredEdit, matched: set[int]) -> list[Claim]:
    """The significant lines that a file lost by a command, where the change adds none."""
    if any(key & 1 for key in delta.added):
        return []
    places = [place for place, key in enumerate(delta.removed) if key & 1 and place not in matched]
    return [_claim(edit, position, place) for position, place in enumerate(places)]


def _claim(edit: AuthoredEdit, position: int, place: int) -> Claim:
    return Claim(edit, position, (place,), Method.SHELL_WRITTEN, CONFIDENCE, 1.0)
