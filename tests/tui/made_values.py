"""A backend of made values: seeded, conserving, of any size. No database, no clock."""

from __future__ import annotations

import random
from array import array
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tokencoach.audit.feature_report import FeatureFigures, FeatureItem
from tokencoach.audit.report import (
    BucketSpend,
    EditDetail,
    Freshness,
    LineCounts,
    LineFate,
    LoggedPrompt,
    PeriodAudit,
    ProjectAudit,
    SessionDetail,
    SessionRow,
    Spend,
    Today,
    TurnDetail,
    UnknownSpend,
    WasteSpend,
)
from tokencoach.doctor.report import DoctorItem, DoctorReport, DoctorSection
from tokencoach.errors import TokencoachError
from tokencoach.tui.backend import Markable, Pulse
from tokencoach.tui.months import month_of
from tokencoach.usage.tokens import TokenCounts, split_exactly
from tokencoach.usage.words import Bucket, CallStatus, Phase, WasteKind
from tui.made_calls import made_calls, made_words
from tui.made_listing import MadeListing
from tui.made_names import HOSTILE, HOUR_MS, NAMES, NOW_MS, TITLES
from tui.made_outcomes import features, score
from tui.made_today import made_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.audit.power_day import PowerNow
    from tokencoach.comprehension.asking import Asking
    from tokencoach.comprehension.overview import CheckOverview
    from tokencoach.comprehension.past import Told
    from tokencoach.store.trace_rows import CallStep
    from tokencoach.tui.backend import Pointed, SessionQuery
    from tokencoach.watch.asked import AskedOf
    from tui.made_questions import Remembered

MONTHS = ["2026-08", "2026-09", "2026-10", "2026-11"]
WASTE_OF = {Bucket.NOT_LANDED: list(WasteKind)[:6], Bucket.REWORKED: list(WasteKind)[6:]}


def buckets(tokens: int, cost_nano: int, weights: Sequence[float]) -> tuple[BucketSpend, ...]:
    """All six buckets, in exact parts."""
    shares = [weight / sum(weights) for weight in weights]
    parts = zip(
        Bucket, split_exactly(tokens, weights), split_exactly(cost_nano, weights), shares, strict=True
    )
    return tuple(BucketSpend(*part) for part in parts)


def waste(spends: Sequence[BucketSpend], seed: int) -> tuple[WasteSpend, ...]:
    """The wasted buckets, parted into kinds."""
    chance = random.Random(seed)
    out: list[WasteSpend] = []
    for spend in spends:
        kinds = WASTE_OF.get(spend.bucket, [])
        weights = [chance.random() for _ in kinds]
        token_parts, cost_parts = (
            split_exactly(spend.tokens, weights),
            split_exactly(spend.cost_nano, weights),
        )
        out += [WasteSpend(*part) for part in zip(kinds, token_parts, cost_parts, strict=True)]
    return tuple(out)


def project(
    name: str, cost_nano: int, weights: Sequence[float], phase: Phase = Phase.PRODUCTION
) -> ProjectAudit:
    """One project's part."""
    parts = buckets(cost_nano // 4_000, cost_nano, weights)
    lines = LineCounts(1_000, 700, 650, 50, 30, 200, 20, 0)
    return ProjectAudit(
        f"/home/me/{name}", name, phase, cost_nano // 4_000, cost_nano, parts, waste(parts, len(name)), lines
    )


def audit(month: str) -> PeriodAudit:
    """The audit of a month; ``2026-08`` is empty."""
    seed = int(month[-2:])
    scale = 0 if month == "2026-08" else 41 * seed * 1_000_000_000
    weights = [50 + seed, 7, 12, 3, 14, 4]
    projects = tuple(
        project(
            name,
            scale * share // 100,
            weights,
            Phase.EXPLORATION if name.startswith("ml") else Phase.PRODUCTION,
        )
        for name, share in zip(NAMES, (46, 29, 15, 10), strict=True)
    )
    tokens = sum(part.tokens for part in projects)
    cost = sum(part.cost_nano for part in projects)
    whole = buckets(tokens, cost, weights) if tokens else tuple(BucketSpend(b, 0, 0, 0.0) for b in Bucket)
    unknown = next(part for part in whole if part.bucket is Bucket.UNKNOWN)
    reason = UnknownSpend(
        "repository not found", "tokencoach repos link OLD NEW", unknown.tokens, unknown.cost_nano
    )
    return PeriodAudit(
        label=month,
        month=month,
        since=f"{month}-01",
        until=f"{month}-28",
        timezone="UTC",
        as_of_ms=NOW_MS,
        algorithm="attribution.v1",
        is_closed=False,
        known_share=1 - unknown.share,
        share_of="cost",
        spend=Spend(1_234 if tokens else 0, TokenCounts(input=tokens), tokens, cost, 0),
        buckets=whole,
        waste=waste(whole, seed),
        lines=LineCounts(12_400, 7_900, 7_500, 800, 300, 3_000, 400, 0),
        projects=projects if tokens else (),
        unknown=(reason,),
        provisional_share=0.04,
        features=features(month) if tokens else FeatureFigures(0, 0, None, None, 0, None, None, (), ()),
        score=score(seed),
    )


def session_row(row_id: int) -> SessionRow:
    """One session; every figure follows from its row."""
    chance = random.Random(row_id)
    cost = chance.randrange(1_000_000, 20_000_000_000)
    parts = buckets(cost // 4_000, cost, [chance.random() for _ in Bucket])
    start = NOW_MS - row_id * HOUR_MS
    verdict = max(parts, key=lambda part: part.tokens).bucket
    return SessionRow(
        row_id,
        f"session-{row_id}",
        chance.choice(("claude-code", "codex")),
        f"/home/me/{chance.choice(NAMES)}",
        None,
        "main",
        chance.choice(TITLES),
        start,
        start + 48 * 60_000,
        5,
        40,
        cost // 4_000,
        cost,
        0,
        ("claude-opus-4-6-20260115",),
        parts,
        waste(parts, row_id),
        verdict,
        0.9,
        LineCounts(212, 88, 88, 0, 0, 124, 0, 0),
        ("3f2a91c" + "0" * 33,),
    )


def line(position: int) -> LineFate:
    """One line: kept, not kept, removed, hostile, by its place."""
    text = (f"def retry_{position}(attempt: int) -> float:", None, HOSTILE, "    return 1" * 60)[position % 4]
    bucket = (Bucket.SHIPPED, Bucket.SHIPPED, Bucket.NOT_LANDED, Bucket.REWORKED)[position % 4]
    landed = bucket is not Bucket.NOT_LANDED
    return LineFate(
        position,
        position % 7 == 6,
        position % 5 != 4,
        text,
        bucket,
        None if landed else WasteKind.OVERWRITTEN,
        "landed and alive" if landed else "replaced in turn 5",
        0.95,
        "3f2a91c" + "0" * 33 if landed else None,
        "src/client.ts" if landed else None,
        position + 10,
        NOW_MS - 30 * HOUR_MS if landed else None,
        None,
        None,
        "ordered" if landed else None,
    )


def session_detail(row_id: int) -> SessionDetail:
    """A session with five turns of two edits; the last one has none."""
    row = session_row(row_id)
    weights = [1, 2, 3, 2, 1]
    turns = []
    parts = zip(split_exactly(row.tokens, weights), split_exactly(row.cost_nano, weights), strict=True)
    for number, (tokens, cost) in enumerate(parts, 1):
        edits = (
            ()
            if number == 5
            else tuple(
                EditDetail(
                    number * 10 + at,
                    f"src/client_{at}.ts",
                    row.started_at_ms,
                    CallStatus.OK,
                    40,
                    2,
                    {Bucket.SHIPPED: 30, Bucket.NOT_LANDED: 10},
                    ("3f2a91c" + "0" * 33,),
                    tuple(line(position) for position in range(40)),
                )
                for at in range(2)
            )
        )
        spends = buckets(tokens, cost, [3, 0, 2, 0, 1, 0])
        turns.append(
            TurnDetail(
                row_id * 10 + number,
                number,
                row.started_at_ms,
                f"add exponential backoff {number}\nfor all clients",
                8,
                tokens,
                cost,
                spends,
                waste(spends, number),
                Bucket.SHIPPED,
                "most of its lines are on main",
                0.9,
                edits,
            )
        )
    return SessionDetail(row, tuple(turns))


def today() -> Today:
    """A day with two live sessions and some events."""
    counts = TokenCounts(10_000, 900_000, 20_000, 0, 70_000, 20_000)
    return made_day(counts, 9_400_000_000, buckets(counts.total, 9_400_000_000, [38, 0, 5, 51, 6, 0]))


class MadeBackend(MadeListing):
    """Answers like a database would; ``version`` and ``fresh`` may be set by a test."""

    def __init__(self, *, sessions: int = 300, is_demo: bool = False, is_empty: bool = False) -> None:
        self.tz = ZoneInfo("UTC")
        self.is_demo = is_demo
        self.is_empty = is_empty
        self.version = 1
        self.sessions = sessions
        self.fresh = Freshness(True, 77, NOW_MS - 2_000, 0, 1_300_000_000, NOW_MS - 20_000)
        self.asked: list[SessionQuery] = []
        self.outcomes: list[tuple[str, str]] = []
        self.is_broken = False
        self.overruled: dict[Pointed, tuple[Bucket, str]] = {}
        self.marked: dict[tuple[str, str], str] = {}
        self.closed: list[str] = []
        self.has_sensor = True
        self.has_no_checks = False
        self.looked_at: list[str] = []
        self.begin_coaching()
        self.diary: Remembered | None = None
        self.logged = LoggedPrompt("add backoff\nfor all clients", "~/.claude/x.jsonl at byte 120")

    def now_ms(self) -> int:
        """A fixed instant."""
        return NOW_MS

    def data_version(self) -> int:
        """What the test has set."""
        return self.version

    def release(self) -> None:
        """Nothing is held."""

    def months(self) -> dict[str, int]:
        """Four months, or none."""
        return {} if self.is_empty else dict.fromkeys(MONTHS[1:], 100)

    def cached_audit(self, month: str) -> PeriodAudit | None:
        """Months before the running one are known."""
        return audit(month) if month < month_of(NOW_MS, self.tz) and month in self.months() else None

    def made_audit(self, month: str) -> PeriodAudit:
        """As it is, whatever is broken."""
        return audit(month)

    def audit(self, month: str) -> PeriodAudit:
        """Computed, so to say."""
        if self.is_broken:
            raise RuntimeError("disk on \x1b[31mfire[/]")
        return audit(month if month in MONTHS else "2026-08")

    def audit_markdown(self, audit: PeriodAudit) -> str:
        """A document with the label."""
        return f"# Audit of {audit.label}\n"

    def say_outcome(self, item: FeatureItem, outcome: str) -> None:
        """Remember it; refuse where the test says so."""
        if self.is_broken:
            raise TokencoachError("the database is locked", "try again")
        self.outcomes.append((item.feature_id, outcome))

    def session_ids(self, query: SessionQuery) -> array[int]:
        """All, or those that hold the text."""
        self.asked.append(query)
        ids: Iterable[int] = range(1, self.sessions + 1)
        if query.text:
            ids = [at for at in ids if query.text.lower() in (session_row(at).title or "").lower()]
        found = array("q", ids)
        if query.is_reversed:
            found.reverse()
        return found

    def month_sessions(self, query: SessionQuery) -> tuple[SessionRow, ...]:
        """Some, of the bucket that is asked for."""
        self.asked.append(query)
        rows = [session_row(at) for at in range(1, 40)]
        if query.sort == "waste":
            rows.sort(key=lambda row: -sum(kind.cost_nano for kind in row.waste))
        return tuple(row for row in rows if query.bucket in (None, row.verdict))

    def session_rows(self, ids: Sequence[int]) -> list[SessionRow]:
        """One page."""
        assert len(ids) <= 200
        return [session_row(at) for at in ids]

    def picked_sessions(self, query: SessionQuery) -> tuple[SessionRow, ...]:
        """Those that are named."""
        self.asked.append(query)
        return tuple(session_row(at) for at in query.rows)

    def session_detail(self, row_id: int) -> SessionDetail:
        """One session opened."""
        return session_detail(row_id)

    def turn_calls(self, row_id: int, turn_id: int) -> tuple[CallStep, ...]:
        """What was done in each turn: two reads, a test that is red, and the edit of its first edit's instant."""
        turn = next(one for one in session_detail(row_id).turns if one.turn_id == turn_id)
        return made_calls(row_id, turn)

    def asked_of(self, row_id: int, turn_id: int, calls: Sequence[CallStep]) -> dict[int, AskedOf]:
        """The words that the log has for some of the calls."""
        del row_id, turn_id
        return made_words(calls)

    def today(self) -> Today:
        """The day, or an empty one."""
        if self.is_empty:
            return Today("2026-11-22", "UTC", Spend(0, TokenCounts(), 0, 0, 0), (), "cost")
        return today()

    def overrule(self, about: Pointed, bucket: Bucket, because: str) -> None:
        """Remember the word, or fail where the test wants it."""
        if self.is_broken:
            raise RuntimeError("tokencoach.db is locked by another program")
        self.overruled[about] = (bucket, because)

    def take_back(self, about: Pointed) -> bool:
        """Forget the word."""
        return self.overruled.pop(about, None) is not None

    def markables(self, row_id: int) -> tuple[Markable, ...]:
        """A session, its branch, its folder."""
        things = (("session", f"session-{row_id}"), ("branch", "main"), ("path", "/home/me/api-gateway"))
        return tuple(Markable(kind, name, self.marked.get((kind, name))) for kind, name in things)

    def mark(self, kind: str, name: str, phase: str | None) -> bool:
        """Remember the mark, or forget it."""
        if phase is None:
            return self.marked.pop((kind, name), None) is not None
        self.marked[kind, name] = phase
        return True

    def settle_word(self) -> None:
        """Nothing is kept."""

    def close_month(self, month: str) -> str:
        """Remember the month."""
        if self.is_broken:
            raise RuntimeError("tokencoach.db is locked by another program")
        self.closed.append(month)
        return f"{month} is closed."

    def prompt(self, turn_id: int) -> LoggedPrompt:
        """What the test has set."""
        assert turn_id
        return self.logged

    def pulse(self) -> Pulse:
        """What the test has set; each version is new content."""
        return Pulse(self.fresh, (self.version,))

    def power(self) -> PowerNow:
        """A machine at work; a demo has a simulated one."""
        from tokencoach.audit.power_day import PowerNow  # noqa: PLC0415 - the first screen must not need it
        from tokencoach.demo.power import simulated_power  # noqa: PLC0415 - likewise
        from tui.made_power import TIMES, live  # noqa: PLC0415 - likewise

        if self.is_demo:
            return simulated_power("2026-11-21-7", self.tz, NOW_MS)
        return PowerNow(live(NOW_MS, has_sensor=self.has_sensor), TIMES, 1.2)

    def checks(self) -> CheckOverview:
        """An inbox and a history."""
        from tui import made_checks  # noqa: PLC0415 - the app opens without msgspec

        return made_checks.overview(is_empty=self.is_empty or self.has_no_checks)

    def open_check(self, key: str) -> Asking:
        """Two questions."""
        from tui import made_checks  # noqa: PLC0415 - the same

        if not key.startswith("w"):
            raise TokencoachError("this check waits no more", "press R")
        asking, self.diary = made_checks.opened()
        return asking

    def past_check(self, key: str) -> tuple[Told, ...]:
        """Two questions: one right at the second try, one that nobody answered."""
        from tui import made_checks  # noqa: PLC0415 - the same

        self.looked_at.append(key)
        return made_checks.told()

    def doctor(self) -> DoctorReport:
        """One section in order, one not."""
        sources = DoctorSection(
            "logs",
            (
                DoctorItem("claude-code", "212 sessions since 22 Oct in ~/.claude/projects"),
                DoctorItem("codex", "not found, looked in ~/.codex", None, ok=True),
            ),
        )
        item = DoctorItem(
            "retention", "logs older than 30 days are deleted", 'set "cleanupPeriodDays": 3650', ok=False
        )
        return DoctorReport((sources, DoctorSection("database", (item,))))
