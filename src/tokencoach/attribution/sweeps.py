"""Lines that a substitution made in files which its command does not name: found by what it makes of a line."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.claims import Claim
from tokencoach.attribution.facts import SHELL_TRUST, Method
from tokencoach.attribution.pool import REACH_MS, SLACK_MS
from tokencoach.attribution.rules import Rule
from tokencoach.attribution.substitution import LONGEST, substitution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokencoach.attribution.claims import TakenOf
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window
    from tokencoach.git.patch import FileChange

    Making = tuple[AuthoredEdit, re.Pattern[bytes], Callable[[bytes], bytes]]

_MOST_LINES: Final = 5_000
_MEANING: Final = {b"**/": rb"(?:[^/]+/)*", b"**": rb".*", b"*": rb"[^/]*", b"?": rb"[^/]"}


def sweeps_before(pool: EditPool, window: Window) -> list[Making]:
    """Substitutions that a commit may hold, newest first, with the paths that they may have met."""
    if not pool.sweeps or Rule.SWEPT not in pool.rules:
        return []
    first_ms, until_ms = window.last_ms - REACH_MS, window.last_ms + SLACK_MS
    found = []
    for edit in reversed(pool.sweeps):
        made = substitution(b"\n".join(edit.lines())) if first_ms <= edit.at_ms <= until_ms else None
        if made is not None:
            found.append((edit, _pattern(edit.path), made))
    return found


def fitting(edits: Iterable[AuthoredEdit]) -> Callable[[bytes], bool]:
    """Tells of a path whether one of some substitutions may have met it."""
    patterns = {_pattern(edit.path) for edit in edits}
    return lambda path: any(pattern.fullmatch(path) for pattern in patterns)


def may_be_swept(makings: Iterable[Making], change: FileChange) -> bool:
    """Whether a file's change replaces lines of a path that a substitution may have met."""
    return any(
        pattern.fullmatch(change.path) and any(hunk.raw_removed and hunk.raw_added for hunk in change.hunks)
        for _, pattern, _ in makings
    )


def swept_lines(delta: Delta, making: Making, matched: set[int], first: int) -> list[Claim]:
    """The significant lines of a file's change that the substitution makes of those which they replace.

    Positions are numbered anew from ``first`` on, for the command has no lines of its own.
    """
    edit, pattern, make = making
    if not pattern.fullmatch(delta.path) or len(delta.removed) > _MOST_LINES:
        return []
    places = []
    for splice, hunk in zip(delta.splices, delta.change.hunks, strict=True):
        if not splice.gone or not splice.come:
            continue
        made = {make(text) for text in hunk.removed if len(text) <= LONGEST}.difference(hunk.removed)
        span = range(splice.first_come, splice.first_come + splice.come)
        places += [
            place
            for place, text in zip(span, hunk.added, strict=True)
            if text in made and delta.added[place] & 1 and place not in matched
        ]
    how = (Method.SHELL_WRITTEN, SHELL_TRUST, 1.0)
    return [Claim(edit, first + number, (place,), *how) for number, place in enumerate(places)]


def reworded(claim: Claim, delta: Delta, makings: Iterable[Making], taken_of: TakenOf) -> Claim:
    """A claim on a line that is only alike: the substitution's where it is what that made of the edit's line."""
    if claim.method is not Method.HUMAN_MODIFIED:
        return claim
    for edit, pattern, make in makings:
        if edit.at_ms < claim.edit.at_ms or not pattern.fullmatch(delta.path):
            continue
        text = claim.edit.lines()[claim.position]
        if len(text) <= LONGEST and make(text) == delta.added_texts()[claim.places[0]]:
            first = len(taken_of(edit.edit_id, 0))
            return Claim(edit, first, claim.places, Method.SHELL_WRITTEN, SHELL_TRUST, 1.0)
    return claim


@lru_cache(maxsize=64)
def _pattern(path: bytes) -> re.Pattern[bytes]:
    """The paths that a pattern of them fits; braces and sets in it stand for anything."""
    bare = re.sub(rb"\[[^\]/]*\]|\{[^}/]*\}", b"*", path)
    return re.compile(
        b"".join(
            _MEANING[part] if part in _MEANING else re.escape(part)
            for part in re.split(rb"(\*\*/|\*\*|\*|\?)", bare)
        ),
        re.DOTALL,
    )
