"""Lines that programs made of a file which they name: found by what their replacements make of the lines before."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.claims import Claim
from tokencoach.attribution.facts import SHELL_TRUST, Method
from tokencoach.attribution.substitution import LONGEST
from tokencoach.sources.literal_replacements import difference, replacements
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.claims import TakenOf
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit

_MOST_LINES: Final = 5_000


class _Told(NamedTuple):
    """What a program does to a file: texts within lines, and whole lines without the blanks around them."""

    within: list[tuple[bytes, bytes]]
    whole: frozenset[bytes]


def program_claims(
    delta: Delta, edits: Sequence[AuthoredEdit], matched: AbstractSet[int], taken_of: TakenOf
) -> list[Claim]:
    """The significant lines of a file's change that the replacements of programs make, newest edits first.

    Positions follow those that are taken, for a program has no lines of its own.
    """
    told = [(edit, _told_of(edit, delta.path)) for edit in reversed(edits)]
    told = [(edit, what) for edit, what in told if what.within or what.whole]
    if not told or len(delta.removed) > _MOST_LINES or len(delta.added) > _MOST_LINES:
        return []
    owners: dict[int, AuthoredEdit] = {}
    for splice, hunk in zip(delta.splices, delta.change.hunks, strict=True):
        made = _made(hunk.removed, told)
        for place, text in enumerate(hunk.added, splice.first_come):
            owner = made.get(text) or _author(text.strip(), told)
            if owner is not None and delta.added[place] & 1 and place not in matched:
                owners[place] = owner
    claims = []
    first: dict[int, int] = {}
    for place, edit in owners.items():
        position = first.setdefault(edit.edit_id, len(taken_of(edit.edit_id, 0)))
        first[edit.edit_id] += 1
        claims.append(Claim(edit, position, (place,), Method.SHELL_WRITTEN, SHELL_TRUST, 1.0))
    claims.sort(key=lambda claim: (claim.edit.edit_id, claim.position))
    return claims


def program_of(edit: AuthoredEdit) -> str:
    """The program of a command, as its text was kept."""
    return b"\n".join(edit.lines()).decode("utf-8", "surrogateescape")


def _made(removed: Sequence[bytes], told: list[tuple[AuthoredEdit, _Told]]) -> dict[bytes, AuthoredEdit]:
    """What the programs, oldest first, make of lines, each with the last that changed it."""
    found = {}
    for before in removed:
        text, owner = before, None
        for edit, what in told if len(before) <= LONGEST else ():
            after = text
            for old, new in what.within:
                after = after.replace(old, new)
            if after != text:
                text, owner = after, edit
        if owner is not None and text != before:
            found[text] = owner
    return found


def _author(text: bytes, told: list[tuple[AuthoredEdit, _Told]]) -> AuthoredEdit | None:
    return next((edit for edit, what in reversed(told) if text in what.whole), None)


def _told_of(edit: AuthoredEdit, path: bytes) -> _Told:
    if edit.kind is not EditKind.SHELL_PROGRAM or not edit.has_text:
        return _Told([], frozenset())
    return _told(program_of(edit), posixpath.basename(path).decode("utf-8", "surrogateescape"))


@lru_cache(maxsize=64)
def _told(program: str, name: str) -> _Told:
    mine = [
        one for one in replacements(program) if one.path is None or one.path.replace("\\", "/").endswith(name)
    ]
    what = difference(mine)
    within = [(_encoded(one.old), _encoded(one.new)) for one in what.within]
    return _Told(within, frozenset(_encoded(line.strip()) for line in what.added if line.strip()))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
