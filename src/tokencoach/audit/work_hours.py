"""The person's time by piece of work: what parallel sessions share is divided, never counted twice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.attribution.time_spans import Span, shared_out
from tokencoach.audit.human import human_activity
from tokencoach.audit.landed_spend import landed_shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.audit.month import Allocated
    from tokencoach.audit.work_review import Review
    from tokencoach.audit.works import Works


def hours_of_works(
    found: Allocated, works: Works, reviews: Mapping[int, Review], since_ms: int, until_ms: int
) -> dict[int | None, float]:
    """Milliseconds of a span by the number of the work they went to; None: to none that landed."""
    spans: list[Span[int]] = []
    shares: dict[tuple[int, int | None], dict[int, float]] = {}
    for act in human_activity(found.reader.connection, sorted(found.judged), since_ms, until_ms):
        key = (act.session, act.turn)
        if key not in shares:
            shares[key] = _by_work(landed_shares(found.judged[act.session], act.turn), works)
        spans.append(Span(act.start_ms, act.end_ms, shares[key]))
    spans += _reviewing(reviews, since_ms, until_ms)
    return shared_out(spans)


def _by_work(shares: Mapping[int, float], works: Works) -> dict[int, float]:
    found: defaultdict[int, float] = defaultdict(float)
    for commit, share in shares.items():
        if commit in works.of_commit:
            found[works.of_commit[commit]] += share
    return found


def _reviewing(reviews: Mapping[int, Review], since_ms: int, until_ms: int) -> Iterable[Span[int]]:
    for number, review in reviews.items():
        for start, end in review.stretches:
            yield Span(max(start, since_ms), min(end, until_ms), {number: 1.0})
