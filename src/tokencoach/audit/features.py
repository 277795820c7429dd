"""Features of a period: what each took, what was found wrong with it, who looked at it, what became of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.suspects import SUSPECT_DAYS
from tokencoach.attribution.time_spans import review_floor_ms, union_ms
from tokencoach.audit.allocate import WEIGHT_UNIT, Amount
from tokencoach.audit.energy import UJ_A_WH
from tokencoach.audit.feature_report import BugSuspect, FeatureFigures, FeatureItem, LandedSpend
from tokencoach.audit.landed_spend import LandedSpending, landed_spending
from tokencoach.audit.outcome_word import said_outcome
from tokencoach.audit.session_landing import Landings, SessionLanding
from tokencoach.audit.work_hours import hours_of_works
from tokencoach.audit.work_lines import WorkLines, lines_of_works
from tokencoach.audit.work_review import Review, reviews_of
from tokencoach.audit.works import works_of
from tokencoach.clock import DAY_MS
from tokencoach.power.reading import Quality, worst
from tokencoach.store.feature_rows import outcome_words, repo_roots, sessions_landed_in, suspect_rows
from tokencoach.store.power.rows import session_badges
from tokencoach.usage.words import WorkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.attribution.features import Work
    from tokencoach.audit.month import Allocated
    from tokencoach.audit.works import Works
    from tokencoach.store.feature_rows import OutcomeWord, SuspectRow

MATURE_MS = 30 * DAY_MS
_SHORT = 12
_ORDER = {kind: place for place, kind in enumerate(WorkKind)}


class FeatureReading(NamedTuple):
    """Features of the period and of the 90 days before, and what the score and the line counts need.

    ``period_weighted`` and ``period_ms`` are each shipped item's part of the period's own weighted
    tokens (in twentieths) and of the person's time in it; ``human_ms`` is all of that time.
    """

    figures: FeatureFigures
    before: tuple[FeatureItem, ...]
    period_weighted: tuple[int, ...]
    period_ms: tuple[float, ...]
    human_ms: float
    reviewed_commits: frozenset[int]


class _Evidence(NamedTuple):
    """All that is known of the works an audit is about."""

    found: Allocated
    works: Works
    landings: Mapping[int, SessionLanding]
    lines: Mapping[int, WorkLines]
    hours: Mapping[int | None, float]
    reviews: Mapping[int, Review]
    suspects: Mapping[int, tuple[BugSuspect, ...]]
    words: list[OutcomeWord]
    roots: Mapping[int, str]


def read_features(found: Allocated) -> FeatureReading:
    """Read the features of an audit's period, with all that they ever took."""
    connection, as_of_ms = found.reader.connection, found.as_of_ms
    evidence = _gather(found)
    works, lines = evidence.works, evidence.lines
    shipped = [number for number in works.shipped if number in lines]
    order = sorted(shipped, key=lambda number: _place(works.every[number], lines[number]))
    items = tuple(_item(number, evidence) for number in order)
    spent = landed_spending(found)
    own = {session: evidence.landings[session] for session in found.turns if session in evidence.landings}
    span = (found.period.since_ms, min(found.period.until_ms, as_of_ms + 1))
    in_period = hours_of_works(connection, own, works, evidence.reviews, span)
    return FeatureReading(
        _figures(items, _landed(spent, works, lines), [evidence.reviews[number] for number in order]),
        tuple(_item(number, evidence) for number in works.before if number in lines),
        tuple(_weighted(works.every[number], spent) for number in order),
        tuple(in_period.get(number, 0.0) for number in order),
        sum(in_period.values()),
        frozenset(
            works.commits([number for number, review in evidence.reviews.items() if review.is_of_every_line])
        ),
    )


def _gather(found: Allocated) -> _Evidence:
    connection, as_of_ms = found.reader.connection, found.as_of_ms
    landings = Landings(found)
    own = landings.of(found.turns)
    works = works_of(found, {landed.commit_id for landing in own.values() for landed in landing.commits})
    numbers = sorted({*works.shipped, *works.before, *works.touched})
    every = landings.of({*found.turns, *sessions_landed_in(connection, works.commits(numbers))})
    lines = lines_of_works(every, works.of_commit)
    reviews = reviews_of(connection, works, numbers, (every, lines), as_of_ms)
    return _Evidence(
        found,
        works,
        every,
        lines,
        hours_of_works(connection, every, works, reviews, (0, as_of_ms + 1)),
        reviews,
        _suspects(works, numbers, as_of_ms, suspect_rows(connection, 0, as_of_ms)),
        outcome_words(connection),
        repo_roots(connection),
    )


def _place(work: Work, lines: WorkLines) -> tuple[int, int, str]:
    """Features first, the newest first."""
    return _ORDER[work.kind(lines.paths)], -work.shipped_ms, work.first.sha


def _badge(evidence: _Evidence, sessions: list[int]) -> str:
    """The worst badge of the energy of some sessions."""
    badges = session_badges(evidence.found.reader.connection, sessions)
    return worst(Quality(name) for name in badges).value


def _item(number: int, evidence: _Evidence) -> FeatureItem:
    work, lines, review = evidence.works.every[number], evidence.lines[number], evidence.reviews[number]
    human_ms = round(evidence.hours.get(number, 0.0))
    # Not in the order of their rows: that is the order in which their logs were found.
    sessions = sorted(lines.sessions, key=lambda row: evidence.landings[row].session_id)
    return FeatureItem(
        feature_id=feature_id(work),
        repo=evidence.found.repos[work.first.repo_id].path,
        kind=work.kind(lines.paths),
        basis=work.basis,
        title=work.title,
        number=work.number,
        shipped_at_ms=work.shipped_ms,
        is_shipped=lines.is_shipped,
        commits=tuple(commit.sha for commit in work.commits),
        session_ids=tuple(evidence.landings[session].session_id for session in sessions),
        session_rows=tuple(sessions),
        tokens=lines.spent.tokens,
        direct_tokens=lines.direct_tokens,
        weighted_tokens=round(lines.spent.weighted / WEIGHT_UNIT),
        cost_nano=lines.spent.cost_nano,
        energy_wh=lines.spent.energy_uj / UJ_A_WH if lines.spent.energy_uj else None,
        energy_quality=_badge(evidence, sessions) if lines.spent.energy_uj else Quality.NONE.value,
        lines_added=lines.added,
        lines_removed=lines.removed,
        lines_alive=lines.alive,
        human_ms=human_ms,
        credited_ms=max(human_ms, review_floor_ms(lines.added)),
        review_ms=review.length_ms,
        reviewed_by=review.sources,
        suspects=evidence.suspects.get(number, ()),
        is_mature=evidence.found.as_of_ms - work.shipped_ms >= MATURE_MS,
        outcome=said_outcome(
            [commit.sha for commit in work.commits],
            work.number,
            evidence.words,
            evidence.roots.get(work.first.repo_id, ""),
        ),
    )


def feature_id(work: Work) -> str:
    """What a person calls a feature by: its pull request, else the beginning of its first commit."""
    return f"#{work.number}" if work.number is not None else work.first.sha[:_SHORT]


def _weighted(work: Work, spending: LandedSpending) -> int:
    """The work's part of the period's own weighted tokens, in twentieths."""
    own = [
        spending.commits[commit.commit_id] for commit in work.commits if commit.commit_id in spending.commits
    ]
    return sum(spent.total.weighted for spent in own)


def _landed(spent: LandedSpending, works: Works, lines: Mapping[int, WorkLines]) -> tuple[LandedSpend, ...]:
    """The period's landed spend by what it landed in: a partition of shipped and reworked."""
    sums = {"feature": Amount(), "useful": Amount(), "fix": Amount(), "rest": Amount()}
    sums["rest"].add(spent.rest)
    for commit, spend in spent.commits.items():
        number = works.of_commit.get(commit)
        what = (
            "rest" if number is None or number not in lines else works.every[number].kind(lines[number].paths)
        )
        sums[what].add(spend.total)
    return tuple(LandedSpend(what, amount.tokens, amount.cost_nano) for what, amount in sums.items())


def _suspects(
    works: Works, numbers: Iterable[int], as_of_ms: int, rows: Iterable[SuspectRow]
) -> dict[int, tuple[BugSuspect, ...]]:
    """Fixes that point at each work, with the work's share of the lines that they point at."""
    by_fix: defaultdict[int, list[SuspectRow]] = defaultdict(list)
    for row in rows:
        # A rebase that is merged lands all its commits at once: what one of them mends was never out.
        if row.fixed_ms <= as_of_ms and 0 < row.fixed_ms - row.landed_ms <= SUSPECT_DAYS * DAY_MS:
            by_fix[row.fix_id].append(row)
    wanted = set(numbers)
    found: defaultdict[int, list[BugSuspect]] = defaultdict(list)
    for fix_id, pointed in by_fix.items():
        own = works.of_commit.get(fix_id)
        lines: defaultdict[int | None, list[SuspectRow]] = defaultdict(list)
        for row in pointed:
            lines[works.of_commit.get(row.landed_in)].append(row)
        for number, some in lines.items():
            # What a piece of work mends of itself before it is done is no bug of it.
            if number is not None and number in wanted and number != own:
                sure = sum(row.confidence for row in some) / len(some)
                fix = some[0]
                found[number].append(
                    BugSuspect(fix.fix_sha, fix.fixed_ms, len(some), len(some) / len(pointed), round(sure, 4))
                )
    return {number: tuple(some) for number, some in found.items()}


def _figures(
    items: tuple[FeatureItem, ...], landed: tuple[LandedSpend, ...], reviews: list[Review]
) -> FeatureFigures:
    features = [item for item in items if item.kind is WorkKind.FEATURE and item.is_shipped]
    stretches = [stretch for review in reviews for stretch in review.stretches]
    count = len(features)
    known = [item.energy_wh for item in features if item.energy_wh is not None]
    bugs = round(sum(item.bugs for item in features), 6)
    return FeatureFigures(
        shipped=count,
        reviewed=sum(bool(item.reviewed_by) for item in features),
        tokens_per_feature=round(sum(item.tokens for item in features) / count) if count else None,
        cost_nano_per_feature=round(sum(item.cost_nano for item in features) / count) if count else None,
        bug_suspects=bugs,
        bugs_per_feature=round(bugs / count, 6) if count else None,
        review_hours=round(union_ms(stretches) / 3_600_000, 4) if stretches else None,
        landed=landed,
        items=items,
        wh_per_feature=sum(known) / len(known) if known else None,
    )
