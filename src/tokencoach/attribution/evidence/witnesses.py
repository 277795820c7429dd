"""Whom outside evidence names, while a commit is matched: it decides ties and settles contradictions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.attribution.evidence.facts import HintKind, holds
from tokencoach.attribution.evidence.tools import is_same_tool
from tokencoach.attribution.evidence.trailers import Signature, hints_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tokencoach.attribution.claims import Claim
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.evidence.facts import Ranges
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import Tier
    from tokencoach.git.history import Commit

    TakenOf = Callable[[int, int], Sequence[int]]

_BY_LINE: Final = 0.97
_BY_COMMIT: Final = 0.9


class Witnesses:
    """Sessions of our logs that notes give lines to, and what sessions and tools commits name.

    ``lines`` are ``(commit, path as text, ranges, session row)``, with row 0 for an author whom our
    logs do not know; ``sources`` are by session row, ``kin`` its resumes and forks; ``named`` are
    the sessions of our logs that a commit itself names.
    """

    def __init__(
        self,
        lines: Iterable[tuple[str, str, Ranges, int]],
        sources: Mapping[int, str],
        kin: Mapping[int, Mapping[int, str]],
        named: Mapping[str, frozenset[int]],
    ) -> None:
        self._kin = kin
        self._sources = sources
        self._named = named
        self._lines: defaultdict[tuple[str, str], list[tuple[Ranges, int]]] = defaultdict(list)
        for sha, path, ranges, session in lines:
            self._lines[sha, path].append((ranges, session))

    def session_at(self, sha: str, path: str, line: int) -> int | None:
        """The session of our logs that a note gives a line to, where it is one alone."""
        there = self._at(sha, path, line)
        return (there.pop() or None) if len(there) == 1 else None

    def _at(self, sha: str, path: str, line: int) -> set[int]:
        return {session for ranges, session in self._lines.get((sha, path), ()) if holds(ranges, line)}

    def is_noted(self, sha: str, path: bytes) -> bool:
        """Whether a note gives lines of a commit's file to anybody."""
        return bool(self._lines) and (sha, path.decode("utf-8", "backslashreplace")) in self._lines

    def is_same(self, session: int, other: int) -> bool:
        """Whether two sessions are one, or one conversation that was resumed or forked."""
        return session == other or other in self._kin.get(session, {})

    def denies(self, sha: str, session: int) -> bool:
        """Whether a commit names sessions of our logs, and this is none of them."""
        named = self._named.get(sha)
        return bool(named) and not any(self.is_same(session, other) for other in named or ())

    def undenied(self, claims: list[Claim], delta: Delta, commit: Commit) -> list[Claim]:
        """Of claims that no text supports, those on lines that no note gives to somebody else, numbered anew."""
        path = delta.path.decode("utf-8", "backslashreplace")
        if (commit.sha, path) not in self._lines:
            return claims
        kept = [
            claim
            for claim in claims
            if not (there := self._at(commit.sha, path, delta.added_numbers[claim.places[0]]))
            or any(self.is_same(claim.edit.session_id, session) for session in there)
        ]
        return [msgspec.structs.replace(claim, position=number) for number, claim in enumerate(kept)]

    def settle(
        self, claims: list[Claim], delta: Delta, commit: Commit, tiers: Iterable[Tier], taken_of: TakenOf
    ) -> list[Claim]:
        """The claims on a file's added lines, with those that evidence decides put right."""
        path = delta.path.decode("utf-8", "backslashreplace")
        is_noted = (commit.sha, path) in self._lines
        tied = _tied(claims)
        if not is_noted and not tied:
            return claims
        spare = _Spare(claims, tiers, taken_of)
        settled: list[Claim] = []
        for claim in claims:
            place = claim.places[0]
            witness = self.session_at(commit.sha, path, delta.added_numbers[place]) if is_noted else None
            if place in tied:
                settled += self._untied(claim, tied[place], witness, commit)
            else:
                is_agreed = witness is None or self.is_same(claim.edit.session_id, witness)
                settled.append(claim if is_agreed else _corrected(claim, witness, delta.added[place], spare))
        return settled

    def _untied(
        self, claim: Claim, rivals: frozenset[int], witness: int | None, commit: Commit
    ) -> list[Claim]:
        """One of two claims of equal right: the whole line, nothing, or its half as before."""
        confidence = _BY_LINE
        if witness not in rivals:
            witness, confidence = self._fitting(rivals, commit), _BY_COMMIT
        if witness is None:
            return [claim]
        mine = claim.edit.session_id == witness
        return [msgspec.structs.replace(claim, credit=1.0, confidence=confidence)] if mine else []

    def _fitting(self, rivals: frozenset[int], commit: Commit) -> int | None:
        """The one of the rivals that a commit's own words fit."""
        named = self._named.get(commit.sha, ())
        fitting = [row for row in rivals if any(self.is_same(row, other) for other in named)]
        if not fitting:
            hints = hints_of(Signature("", "", "", commit.message))
            tools = {hint.tool for hint in hints if hint.kind is HintKind.CO_AUTHOR}
            fitting = [
                row for row in rivals if any(is_same_tool(tool, self._sources.get(row, "")) for tool in tools)
            ]
        return fitting[0] if len(fitting) == 1 else None


class _Spare:
    """Lines of edits that no claim has taken, by session and key."""

    def __init__(self, claims: list[Claim], tiers: Iterable[Tier], taken_of: TakenOf) -> None:
        self._edits = [edit for tier in tiers for edit in tier.edits]
        self._taken_of = taken_of
        self._used = {(claim.edit.edit_id, claim.position) for claim in claims}

    def take(self, session: int, key: int) -> tuple[AuthoredEdit, int] | None:
        """A free line of a session with a key, from its newest edit; None where there is none."""
        for edit in self._edits:
            if edit.session_id != session:
                continue
            taken = self._taken_of(edit.edit_id, len(edit.added))
            for position in _places(edit.added, key):
                if not taken[position] and (edit.edit_id, position) not in self._used:
                    self._used.add((edit.edit_id, position))
                    return edit, position
        return None


def _corrected(claim: Claim, witness: int | None, key: int, spare: _Spare) -> Claim:
    """The claim, or that of the session which a note gives the line to, where that wrote it too."""
    found = spare.take(witness, key) if witness is not None else None
    if found is None:
        return claim
    edit, position = found
    return msgspec.structs.replace(claim, edit=edit, position=position, confidence=_BY_LINE, credit=1.0)


def _tied(claims: list[Claim]) -> dict[int, frozenset[int]]:
    """Sessions with a claim of half a credit, by the place that they share."""
    sharing: defaultdict[int, set[int]] = defaultdict(set)
    for claim in claims:
        if claim.credit < 1.0:
            sharing[claim.places[0]].add(claim.edit.session_id)
    return {place: frozenset(sessions) for place, sessions in sharing.items() if len(sessions) > 1}


def _places(keys: array[int], key: int) -> list[int]:
    return [position for position, other in enumerate(keys) if other == key]
