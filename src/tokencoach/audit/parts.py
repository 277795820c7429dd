"""A month's spend in its smallest parts: by session, turn and outcome, under keys that outlive a rebuild."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.allocate import Amount
from tokencoach.audit.report import BucketSpend
from tokencoach.store.word_rows import BEFORE_ANY_PROMPT, turn_keys
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from tokencoach.audit.month import Allocated


class TurnKey(NamedTuple):
    """A turn of a session: 0 is what came before any prompt."""

    source: str
    session_id: str
    turn: int


class Part(NamedTuple):
    """Spend of one turn that ended in one way."""

    bucket: str
    reason: str
    tokens: int
    cost_nano: int
    weighted: int


Parts = dict[TurnKey, tuple[Part, ...]]
_FIELDS = 3


def parts_of(found: Allocated) -> Parts:
    """The parts of every session of a period."""
    out: Parts = {}
    for session, turns in found.turns.items():
        facts = found.judged[session].facts
        keys = turn_keys(found.reader.connection, session)
        for turn, ledger in turns.items():
            key = BEFORE_ANY_PROMPT if turn is None else keys.get(turn, BEFORE_ANY_PROMPT)
            sums: dict[tuple[str, str], Amount] = defaultdict(Amount)
            for outcome, amount in ledger.by_outcome.items():
                sums[str(outcome.bucket), outcome.reason].add(amount)
            out[TurnKey(facts.source, facts.session_id, key)] = tuple(
                Part(*outcome, amount.tokens, amount.cost_nano, amount.weighted)
                for outcome, amount in sorted(sums.items())
            )
    return out


def packed(parts: Parts) -> str:
    """Parts as JSON: the same parts give the same bytes."""
    rows = [[*key, *part] for key in sorted(parts) for part in parts[key]]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> Parts:
    """Parts from their JSON."""
    found: dict[TurnKey, list[Part]] = defaultdict(list)
    for row in json.loads(text):
        found[TurnKey(*row[:_FIELDS])].append(Part(*row[_FIELDS:]))
    return {key: tuple(parts) for key, parts in found.items()}


def bucket_sums(parts: Parts, measure: str) -> tuple[BucketSpend, ...]:
    """All six buckets of some parts; shares are of cost, or of weighted tokens."""
    sums = {bucket: Amount() for bucket in Bucket}
    for turn in parts.values():
        for part in turn:
            sums[Bucket(part.bucket)].add(Amount(part.tokens, part.cost_nano, part.weighted))
    sizes = {
        bucket: amount.cost_nano if measure == "cost" else amount.weighted for bucket, amount in sums.items()
    }
    whole = sum(sizes.values())
    return tuple(
        BucketSpend(bucket, amount.tokens, amount.cost_nano, sizes[bucket] / whole if whole else 0.0)
        for bucket, amount in sums.items()
    )
