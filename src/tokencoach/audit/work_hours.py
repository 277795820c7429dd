"""The person's time by piece of work: what parallel sessions share is divided, never counted twice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.attribution.time_spans import Span, shared_out
from tokencoach.audit.human import human_activity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.audit.session_landing import SessionLanding
    from tokencoach.audit.work_review import Review
    from tokencoach.audit.works import Works
    from tokencoach.store.connect import Connection


def hours_of_works(
    connection: Connection,
    landings: Mapping[int, SessionLanding],
    works: Works,
    reviews: Mapping[int, Review],
    span: tuple[int, int],
) -> dict[int | None, float]:
    """Milliseconds of a span by the number of the work they went to; None: to none that landed."""
    shares: defaultdict[tuple[int, int | None], defaultdict[int, float]] = defaultdict(
        lambda: defaultdict(float)
    )
    for session, landing in landings.items():
        for turn, commit, share, _ in landing.shares:
            if commit in works.of_commit:
                shares[session, turn][works.of_commit[commit]] += share
    spans: list[Span[int]] = [
        Span(act.start_ms, act.end_ms, shares.get((act.session, act.turn), {}))
        for act in human_activity(connection, sorted(landings), *span)
    ]
    spans += _reviewing(reviews, *span)
    return shared_out(spans)


def _reviewing(reviews: Mapping[int, Review], since_ms: int, until_ms: int) -> Iterable[Span[int]]:
    for number, review in reviews.items():
        for start, end in review.stretches:
            yield Span(max(start, since_ms), min(end, until_ms), {number: 1.0})
