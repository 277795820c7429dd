"""Lines that a shell command wrote without showing them: told by the path and the time alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.claims import Claim
from tokencoach.attribution.facts import Method
from tokencoach.attribution.pool import REACH_MS, SLACK_MS
from tokencoach.attribution.programs import program_of
from tokencoach.attribution.rules import Rule
from tokencoach.sources.literal_replacements import only_replaces
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window

CONFIDENCE: Final = 0.4
_WORD: Final = re.compile(rb"\w+")
_ESCAPED_SPACE: Final = re.compile(rb"\\[nrt]")


def touches(pool: EditPool, path: bytes, window: Window) -> list[AuthoredEdit]:
    """Commands that changed the file before a commit of it, newest first."""
    if not pool.has_touches or Rule.TOUCHED not in pool.rules:
        return []
    edits = pool.between(path, window.last_ms - REACH_MS, window.last_ms + SLACK_MS)
    # A move writes no line.
    return [edit for edit in edits if edit.kind.is_unseen and edit.moved_from is None]


def touched_lines(
    delta: Delta, edit: AuthoredEdit, matched: set[int], reworded: set[int], first: int = 0
) -> list[Claim]:
    """The significant lines of a file's change that nobody else wrote, as lines of the command.

    Positions are numbered anew from ``first`` on, for the command has no lines of its own. A command that changes
    lines in place has made none where more came than went, but for the ``reworded`` lines of an
    edit; a program made of an old file only lines whose words it holds or found there, and one that
    only replaces texts no more than ``program_claims`` tells.
    """
    moved = delta.gone_keys
    places = [
        place
        for place in _made(delta, edit, reworded)
        for key in (delta.added[place],)
        if key & 1 and place not in matched and place not in delta.carried and key not in moved
    ]
    return [_claim(edit, position, place) for position, place in enumerate(places, first)]


def _made(delta: Delta, edit: AuthoredEdit, reworded: set[int]) -> Iterator[int]:
    """Places of a file's change that the command may have made."""
    is_program = edit.kind is EditKind.SHELL_PROGRAM and not delta.change.is_new
    has_text = is_program and edit.has_text
    is_told = has_text and only_replaces(program_of(edit))
    held = _words_of_program(edit) if has_text and not is_told else None
    for splice, hunk in zip(delta.splices, delta.change.hunks, strict=True):
        places = range(splice.first_come, splice.first_come + splice.come)
        if is_told:
            yield from (place for place in places if place in reworded)
        elif held is not None:
            known = held | _words(b"\n".join(hunk.removed))
            texts = zip(places, hunk.added, strict=True)
            yield from (place for place, text in texts if place in reworded or _words(text) <= known)
        elif not (is_program or edit.kind is EditKind.SHELL_CHANGE) or splice.gone == splice.come:
            yield from places
        else:
            yield from (place for place in places if place in reworded)


def _words_of_program(edit: AuthoredEdit) -> set[bytes]:
    program = b"\n".join(edit.lines())
    # A word after an escaped line break would begin with its letter.
    return _words(program) | _words(_ESCAPED_SPACE.sub(b" ", program))


def _words(text: bytes) -> set[bytes]:
    return set(_WORD.findall(text))


def touched_removals(delta: Delta, edit: AuthoredEdit, matched: set[int]) -> list[Claim]:
    """The significant lines that a file lost by a command, where the change adds none."""
    if any(key & 1 for key in delta.added):
        return []
    places = [place for place, key in enumerate(delta.removed) if key & 1 and place not in matched]
    return [_claim(edit, position, place) for position, place in enumerate(places)]


def _claim(edit: AuthoredEdit, position: int, place: int) -> Claim:
    return Claim(edit, position, (place,), Method.SHELL_WRITTEN, CONFIDENCE, 1.0)
