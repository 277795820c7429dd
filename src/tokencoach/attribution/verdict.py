"""What became of a line, judged at an instant: one bucket, a waste kind, a reason, a confidence.

The rules are those of the interface page: a line shipped where it landed and is alive or lived
14 days, is reworked where it died sooner, pending while it may still land, else not landed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.facts import Method
from tokencoach.attribution.reasons import REASONS
from tokencoach.clock import DAY_MS
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

ALGORITHM = "attribution.v8"
SURVIVAL_MS = 14 * DAY_MS
ACTIVE_BRANCH_MS = 30 * DAY_MS
PROTOTYPE_MS = 30 * DAY_MS
ALIKE = 0.5
_WHOLE = (Method.ORDERED, Method.CLONED)
_ELSEWHERE = (Method.ABROAD, Method.APART, Method.RELEASED)
STANDING = frozenset({"alive", "alike", "abroad", "apart", "released"})
"""Reasons of lines that stand on a default branch, or where they count though they are never merged into it."""


class Life(NamedTuple):
    """One stretch of time in which a line stood on the default branch.

    ``began_ms`` is when the branch that brought it began; where there was none, when it landed.
    """

    landed_ms: int
    died_ms: int | None
    death: str | None
    method: str
    confidence: float
    credit: float
    commit_id: int
    path_id: int
    line: int
    death_commit_id: int | None = None
    began_ms: int = 0

    @property
    def is_shared(self) -> bool:
        """Whether two sessions wrote the line, and nothing tells which of them this one is from."""
        return self.method in _WHOLE and self.credit < 1.0


class Sighting(NamedTuple):
    """A line on another ref: when it was committed and when that branch last moved.

    ``active_ms`` is 0 where no branch holds the commit any more; ``ref`` names the branch.
    """

    committed_ms: int
    active_ms: int
    ref: str = ""


class Verdict(NamedTuple):
    """A judgement of one line."""

    bucket: Bucket
    kind: WasteKind | None
    reason: str
    confidence: float
    is_provisional: bool = False


def judge_line(  # noqa: PLR0911 - one return a rule reads best
    edited_ms: int,
    lives: Sequence[Life],
    sightings: Sequence[Sighting],
    overwritten_ms: int | None,
    as_of_ms: int,
) -> Verdict:
    """Judge one line of a readable repository with what existed at ``as_of_ms``."""
    seen = [life for life in lives if life.landed_ms <= as_of_ms]
    if seen:
        # The line as it was written still stands on a branch: the like one was copied, or typed by a person.
        is_kept_aside = seen[-1].method == Method.MOVED and any(
            sighting.active_ms and sighting.committed_ms <= as_of_ms for sighting in sightings
        )
        return _judge_landed(seen, as_of_ms, is_kept_aside=is_kept_aside)
    if any(life.began_ms <= as_of_ms for life in lives):
        # The branch that was merged later was under way at that time.
        return Verdict(Bucket.PENDING, None, "open_branch", 0.7)
    committed = [sighting for sighting in sightings if sighting.committed_ms <= as_of_ms]
    for sighting in committed:
        active = sighting.active_ms if sighting.active_ms <= as_of_ms else sighting.committed_ms
        if sighting.active_ms and as_of_ms - active < ACTIVE_BRANCH_MS:
            return Verdict(Bucket.PENDING, None, "open_branch", 0.9)
    if as_of_ms - edited_ms < SURVIVAL_MS:
        return Verdict(Bucket.PENDING, None, "young", 0.9)
    if any(sighting.active_ms for sighting in committed):
        return Verdict(Bucket.NOT_LANDED, WasteKind.STRANDED, "stranded", 0.9)
    if overwritten_ms is not None and overwritten_ms <= as_of_ms:
        return Verdict(Bucket.NOT_LANDED, WasteKind.OVERWRITTEN, "overwritten", 0.9)
    if committed:
        return Verdict(Bucket.NOT_LANDED, WasteKind.STRANDED, "stranded", 0.9)
    return Verdict(Bucket.NOT_LANDED, WasteKind.UNCOMMITTED, "uncommitted", 0.85)


def _judge_landed(lives: Sequence[Life], as_of_ms: int, *, is_kept_aside: bool) -> Verdict:
    verdict = _judge_lives(lives, as_of_ms)
    if is_kept_aside and verdict.reason == "alive":
        return verdict._replace(reason="alike", confidence=min(verdict.confidence, ALIKE))
    return verdict._replace(reason="ambiguous") if lives[-1].is_shared else verdict


def _judge_lives(lives: Sequence[Life], as_of_ms: int) -> Verdict:
    last = lives[-1]
    if last.died_ms is None or last.died_ms > as_of_ms:
        is_young = as_of_ms - lives[0].landed_ms < SURVIVAL_MS
        reason = last.method if last.method in _ELSEWHERE else "alive"
        return Verdict(Bucket.SHIPPED, None, reason, last.confidence, is_young)
    longest = max((life.died_ms or as_of_ms) - life.landed_ms for life in lives)
    if longest >= SURVIVAL_MS:
        return Verdict(Bucket.SHIPPED, None, "survived", last.confidence)
    kind = WasteKind.REVERTED if last.death == "reverted" else WasteKind.REWORKED
    reason = last.death if last.death in REASONS else "rewritten"
    return Verdict(Bucket.REWORKED, kind, reason or "rewritten", last.confidence)
