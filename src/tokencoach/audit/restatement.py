"""What evidence of later changed in a closed month: deltas, each with its cause, that add up exactly.

A pure comparison of two statements of the same month, turn by turn. First what a turn cost
(logs that were found, other prices), then where that spend ended.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.parts import Part
from tokencoach.audit.report import Move, Restatement
from tokencoach.usage.tokens import split_exactly
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tokencoach.audit.parts import Parts, TurnKey


class Cause(StrEnum):
    """Why a closed month reads differently now."""

    LOG_FOUND = "log_found"
    LOG_LOST = "log_lost"
    PRICES = "price_table"
    ALGORITHM = "algorithm"
    YOUR_WORD = "your_word"
    PHASE = "phase"
    REPOSITORY_FOUND = "repository_found"
    REPOSITORY_LOST = "repository_lost"
    LANDED_LATE = "landed_late"
    LINE_DIED = "line_died"
    LINE_BACK = "line_back"
    NEVER_LANDED = "never_landed"
    EVIDENCE = "evidence"


WHY = {
    Cause.LOG_FOUND: "requests that were not in the logs then",
    Cause.LOG_LOST: "requests that are no longer in the database",
    Cause.PRICES: "another price table",
    Cause.ALGORITHM: "another version of the algorithm",
    Cause.YOUR_WORD: "your own word, said or taken back",
    Cause.PHASE: "another phase: exploration, prototype or production",
    Cause.REPOSITORY_FOUND: "a repository that could not be read then",
    Cause.REPOSITORY_LOST: "a repository that can no longer be read",
    Cause.LANDED_LATE: "lines that landed after the closing",
    Cause.LINE_DIED: "lines that died within 14 days of landing",
    Cause.LINE_BACK: "lines that came back",
    Cause.NEVER_LANDED: "pending lines that did not land in time",
    Cause.EVIDENCE: "other evidence from git or the logs",
}
_NO_EVIDENCE = {"repo_gone", "no_repository", "objects_missing", "unreadable", "no_commits", "not_read_yet"}


class Change(NamedTuple):
    """One move of spend of one session, and its cause."""

    cause: Cause
    session_id: str
    move: Move


class Then(NamedTuple):
    """What else than evidence may have changed since a month was closed."""

    is_same_algorithm: bool
    is_same_prices: bool


def changes(before: Parts, now: Parts, then: Then) -> list[Change]:
    """Every move between two statements of a month."""
    found: list[Change] = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key, ()), now.get(key, ())
        if old != new:
            found += _of_turn(key, old, new, then)
    return found


def _of_turn(key: TurnKey, old: tuple[Part, ...], new: tuple[Part, ...], then: Then) -> Iterator[Change]:
    middle = _at_new_cost(old, new)
    yield from _grown(key, old, middle, then)
    yield from _moved(key, middle, new, then)


def _at_new_cost(old: tuple[Part, ...], new: tuple[Part, ...]) -> tuple[Part, ...]:
    """The new spend of a turn, ended as the old one did; what had no spend then ends as it does now."""
    if not old or not new:
        return new
    columns = [
        split_exactly(sum(getattr(part, name) for part in new), _weights(old, name))
        for name in ("tokens", "cost_nano", "weighted")
    ]
    return tuple(
        Part(part.bucket, part.reason, *amounts) for part, *amounts in zip(old, *columns, strict=True)
    )


def _weights(old: tuple[Part, ...], name: str) -> list[int]:
    for measure in (name, "weighted", "tokens"):
        sizes = [getattr(part, measure) for part in old]
        if any(sizes):
            return sizes
    return [1] * len(old)


def _sums(parts: Iterable[Part]) -> dict[str, tuple[int, int]]:
    """Tokens and cost by bucket."""
    sums = dict.fromkeys(map(str, Bucket), (0, 0))
    for part in parts:
        tokens, cost = sums[part.bucket]
        sums[part.bucket] = (tokens + part.tokens, cost + part.cost_nano)
    return sums


def _grown(key: TurnKey, old: tuple[Part, ...], new: tuple[Part, ...], then: Then) -> Iterator[Change]:
    before, now = _sums(old), _sums(new)
    has_same_tokens = sum(part.tokens for part in old) == sum(part.tokens for part in new)
    for bucket in Bucket:
        tokens, cost = (now[bucket][at] - before[bucket][at] for at in (0, 1))
        if not tokens and not cost:
            continue
        is_less = tokens < 0 or (not tokens and cost < 0)
        if has_same_tokens and old and new and not then.is_same_prices:
            cause = Cause.PRICES
        else:
            cause = Cause.LOG_LOST if is_less else Cause.LOG_FOUND
        yield Change(cause, key.session_id, Move(None, bucket, tokens, cost))


def _moved(key: TurnKey, old: tuple[Part, ...], new: tuple[Part, ...], then: Then) -> Iterator[Change]:
    before, now = _sums(old), _sums(new)
    moves: dict[tuple[Bucket, Bucket], list[int]] = defaultdict(lambda: [0, 0])
    for at in (0, 1):
        deltas = {bucket: now[bucket][at] - before[bucket][at] for bucket in Bucket}
        for source, target, amount in _paired(deltas):
            moves[source, target][at] += amount
    for (source, target), (tokens, cost) in moves.items():
        cause = _cause(_reason(old, new, source), _reason(new, old, target), source, target, then)
        yield Change(cause, key.session_id, Move(source, target, tokens, cost))


def _paired(deltas: Mapping[Bucket, int]) -> Iterator[tuple[Bucket, Bucket, int]]:
    """What left some buckets, handed to those that gained; the deltas add up to nothing."""
    gained = [bucket for bucket, delta in deltas.items() if delta > 0]
    room = dict(deltas)
    for source, delta in deltas.items():
        left = -delta
        while left > 0 and gained:
            target = gained[0]
            part = min(left, room[target])
            yield source, target, part
            left -= part
            room[target] -= part
            if not room[target]:
                gained.pop(0)


def _reason(here: tuple[Part, ...], there: tuple[Part, ...], bucket: Bucket) -> str:
    """Why spend of a bucket is here and not there: the reason that differs most."""
    sizes: dict[str, int] = defaultdict(int)
    for sign, parts in ((1, here), (-1, there)):
        for part in parts:
            if part.bucket == bucket:
                sizes[part.reason] += sign * part.weighted
    return max(sorted(sizes), key=lambda reason: sizes[reason], default="")


def _cause(  # noqa: PLR0911 - one return a rule reads best
    old: str, new: str, source: Bucket, target: Bucket, then: Then
) -> Cause:
    if "your_word" in (old, new):
        return Cause.YOUR_WORD
    if "phase" in (old, new):
        return Cause.PHASE
    if not then.is_same_algorithm:
        return Cause.ALGORITHM
    if old in _NO_EVIDENCE:
        return Cause.REPOSITORY_FOUND
    if new in _NO_EVIDENCE:
        return Cause.REPOSITORY_LOST
    if target is Bucket.SHIPPED:
        return Cause.LINE_BACK if source is Bucket.REWORKED else Cause.LANDED_LATE
    if target is Bucket.REWORKED:
        return Cause.LINE_DIED
    if (source, target) == (Bucket.PENDING, Bucket.NOT_LANDED):
        return Cause.NEVER_LANDED
    return Cause.EVIDENCE


def restatements(
    found: Iterable[Change], seen: Mapping[tuple[str, str], int], now_ms: int
) -> tuple[Restatement, ...]:
    """Changes by cause and by when they were first seen, the oldest first."""
    groups: dict[tuple[int, Cause], list[Change]] = defaultdict(list)
    for change in found:
        groups[seen.get((change.cause, change.session_id), now_ms), change.cause].append(change)
    out = []
    for (seen_ms, cause), members in sorted(groups.items()):
        sums: dict[tuple[Bucket | None, Bucket | None], list[int]] = defaultdict(lambda: [0, 0])
        for _, _, move in members:
            total = sums[move.source, move.target]
            total[0] += move.tokens
            total[1] += move.cost_nano
        moves = tuple(Move(*ends, *amounts) for ends, amounts in sums.items())
        sessions = tuple(dict.fromkeys(change.session_id for change in members))
        out.append(Restatement(cause, WHY[cause], seen_ms, moves, sessions))
    return tuple(out)
