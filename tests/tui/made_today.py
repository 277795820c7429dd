"""A made day: who works now, what happened, what the coach says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.report import DaySum, LiveSession, Spend, Today, TodayBudget, TodayEvent, TodayNudge
from tokencoach.usage.words import Bucket
from tui.made_names import NOW_MS

if TYPE_CHECKING:
    from tokencoach.audit.report import BucketSpend
    from tokencoach.usage.tokens import TokenCounts

NUDGE = TodayNudge(
    "The same test command ran 4 times with the same answer ($0.90).",
    "Read the answer yourself, then ask one question about it.",
    "session-1",
    NOW_MS - 60_000,
)
METHOD = "spent so far, and for each day left what its day of the week used on average"
BUDGETS = (
    TodayBudget(2, "web-app", "near", 0.83, "$83.0", "$100", "~$121", "$104 to $138", METHOD),
    TodayBudget(
        1, "all work", "held", 0.4, "9.1 M tokens", "22.8 M tokens", "", "", "2 whole days are logged"
    ),
)


def made_day(counts: TokenCounts, cost_nano: int, spends: tuple[BucketSpend, ...]) -> Today:
    """A day with two live sessions, some events, a nudge and two budgets."""
    live = LiveSession(
        "session-1",
        "claude-code",
        "/home/me/web-app",
        "feature/retry",
        "claude-opus-4-6",
        NOW_MS - 20_000,
        600_000,
        3_120_000_000,
        142_000,
        200_000,
        "src/client.ts",
        NOW_MS - 40_000,
        12,
        Bucket.PENDING,
    )
    other = LiveSession(
        "session-2",
        "codex",
        "/home/me/billing",
        None,
        "gpt-5",
        NOW_MS - 90_000,
        400_000,
        6_280_000_000,
        50_000,
        None,
    )
    events = tuple(
        TodayEvent(NOW_MS - at * 120_000, kind, "/home/me/web-app", f"src/file_{at}.ts", "+12")
        for at, kind in enumerate(("edit", "landed", "prompt", "error") * 5)
    )
    return Today(
        "2026-11-22",
        "UTC",
        Spend(61, counts, counts.total, cost_nano, 0),
        spends,
        "cost",
        (live, other),
        events,
        (NUDGE,),
        BUDGETS,
        (1, 2),
        made_days(counts.total, cost_nano),
    )


def made_days(tokens: int, cost_nano: int) -> tuple[DaySum, ...]:
    """Today and the seven days before it; on the second one back nobody worked."""
    return tuple(
        DaySum(f"2026-11-{22 - back}", *((0, 0, ()) if back == 2 else (tokens // (back + 1), part, (1, 2))))
        for back, part in enumerate(cost_nano // (at + 1) for at in range(8))
    )
