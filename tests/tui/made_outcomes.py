"""Made-up features and scores; every figure follows from a number."""

from __future__ import annotations

from tokencoach.audit.feature_report import (
    BugSuspect,
    FeatureFigures,
    FeatureItem,
    LandedSpend,
    ScoreCard,
)
from tokencoach.usage.words import WorkKind
from tui.made_names import HOUR_MS, NAMES, NOW_MS, TITLES


def feature(number: int) -> FeatureItem:
    """One piece of work; every figure follows from its number."""
    sha = f"{number}f2a91c" + "0" * 33
    fix = BugSuspect("9d2f831ad8f4" + "0" * 28, NOW_MS - 40 * HOUR_MS, 3, 1.0, 0.4)
    return FeatureItem(
        f"#{number}",
        f"/home/me/{NAMES[number % 4]}",
        (WorkKind.FEATURE, WorkKind.FEATURE, WorkKind.USEFUL)[number % 3],
        "request",
        TITLES[number % 5],
        number,
        NOW_MS - number * 20 * HOUR_MS,
        number % 4 != 3,
        (sha,),
        (f"session-{number}",),
        (number,),
        29_000 * number,
        20_000 * number,
        9_000 * number,
        610_000_000 * number,
        40 * number,
        3,
        38 * number,
        1_500_000,
        1_800_000,
        600_000 if number % 2 else None,
        ("local",) if number % 2 else (),
        (fix,) if number == 4 else (),
        True,
        ("used", "unknown", "harmed", "not used")[number % 4],
    )


def features(month: str) -> FeatureFigures:
    """Twelve pieces of work."""
    items = tuple(feature(number) for number in range(1, 13))
    landed = (LandedSpend("feature", 1_000_000, 90_000_000_000), LandedSpend("useful", 0, 0))
    shipped = 14 if month == "2026-10" else 1
    return FeatureFigures(shipped, 11 if shipped > 1 else 1, 29_100, 610_000_000, 2, 0.14, 3.5, landed, items)


def score(seed: int) -> ScoreCard:
    """A score, provisional."""
    until = NOW_MS + 3 * 24 * HOUR_MS
    return ScoreCard(
        "score.v1", 0.07, "B", 4e-10, (0.05, 0.09), True, until, None, 0.6, 11, 1.4, 9.5, 140.2 + seed
    )
