"""What an audit says, as frozen values: the same for text, Markdown, JSON and the screen.

Money is integer nano-dollars (``cost_nano``), times are UTC milliseconds, shares are 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tokencoach.audit.feature_report import FeatureFigures, ScoreCard
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import Bucket, CallStatus, Phase, WasteKind


@dataclass(frozen=True, slots=True)
class BucketSpend:
    """Spend that ended in one bucket."""

    bucket: Bucket
    tokens: int
    cost_nano: int
    share: float


@dataclass(frozen=True, slots=True)
class WasteSpend:
    """Spend of one waste kind."""

    kind: WasteKind
    tokens: int
    cost_nano: int


@dataclass(frozen=True, slots=True)
class Spend:
    """All spend of a period."""

    requests: int
    counts: TokenCounts
    weighted_tokens: int
    cost_nano: int
    unpriced_requests: int
    unlogged_tokens: int = 0
    human_minutes: int | None = None
    energy_wh: float | None = None
    energy_quality: str = "NONE"
    energy_shipped_share: float | None = None


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Significant generated lines of repository files, by what became of them."""

    generated: int = 0
    landed: int = 0
    survived: int = 0
    reworked: int = 0
    pending: int = 0
    not_landed: int = 0
    unknown: int = 0
    reviewed: int = 0


@dataclass(frozen=True, slots=True)
class ProjectAudit:
    """One repository's (or, outside of any, one folder's) part of the period."""

    repo: str
    name: str
    phase: Phase
    tokens: int
    cost_nano: int
    buckets: tuple[BucketSpend, ...]
    waste: tuple[WasteSpend, ...]
    lines: LineCounts


@dataclass(frozen=True, slots=True)
class UnknownSpend:
    """Spend without evidence, its reason and what the person can do about it."""

    reason: str
    mend: str
    tokens: int
    cost_nano: int


@dataclass(frozen=True, slots=True)
class Said:
    """The person's own word on a verdict, and the machine's verdict that it stands before."""

    bucket: Bucket
    because: str
    said_ms: int
    machine: Bucket | None


@dataclass(frozen=True, slots=True)
class Move:
    """Spend that evidence of later moved. ``source`` is None where it was not there before."""

    source: Bucket | None
    target: Bucket | None
    tokens: int
    cost_nano: int


@dataclass(frozen=True, slots=True)
class Restatement:
    """What one cause changed in a closed month, first seen at ``seen_ms``. Amounts are signed."""

    cause: str
    why: str
    seen_ms: int
    moves: tuple[Move, ...]
    sessions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosedVersion:
    """One closing of a month: every one is kept. ``restatements`` are those that it took in."""

    version: int
    closed_ms: int
    algorithm: str
    inputs_digest: str
    restatements: tuple[Restatement, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """How a month was closed: its versions, the newest last, and what has changed since."""

    versions: tuple[ClosedVersion, ...]
    restatements: tuple[Restatement, ...] = ()
    restated: tuple[BucketSpend, ...] = ()
    restated_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class PeriodAudit:
    """The audit of a month or of any span of whole days."""

    label: str
    month: str | None
    since: str
    until: str
    timezone: str
    as_of_ms: int
    algorithm: str
    is_closed: bool
    known_share: float
    share_of: str
    spend: Spend
    buckets: tuple[BucketSpend, ...]
    waste: tuple[WasteSpend, ...]
    lines: LineCounts
    projects: tuple[ProjectAudit, ...]
    unknown: tuple[UnknownSpend, ...]
    provisional_share: float = 0.0
    overrules: int = 0
    machine: tuple[BucketSpend, ...] = ()
    closing: Closing | None = None
    features: FeatureFigures | None = None
    score: ScoreCard | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session, for its own requests in the period only. ``row_id`` is its database row."""

    row_id: int
    session_id: str
    source: str
    repo: str | None
    folder: str | None
    branch: str | None
    title: str | None
    started_at_ms: int
    ended_at_ms: int
    turns: int
    requests: int
    tokens: int
    cost_nano: int
    unpriced_requests: int
    models: tuple[str, ...]
    buckets: tuple[BucketSpend, ...]
    waste: tuple[WasteSpend, ...]
    verdict: Bucket
    confidence: float
    lines: LineCounts
    commits: tuple[str, ...]
    said: Said | None = None
    energy_wh: float | None = None
    energy_quality: str = "NONE"


@dataclass(frozen=True, slots=True)
class LineFate:
    """One generated (or removed) line and what became of it. ``text`` is None where it is not kept."""

    position: int
    is_removal: bool
    is_significant: bool
    text: str | None
    bucket: Bucket
    kind: WasteKind | None
    reason: str
    confidence: float
    commit: str | None = None
    path: str | None = None
    line: int | None = None
    landed_at_ms: int | None = None
    died_at_ms: int | None = None
    died_in: str | None = None
    method: str | None = None
    evidence: str | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class EditDetail:
    """One edit of a turn."""

    edit_id: int
    path: str
    at_ms: int
    status: CallStatus | None
    added: int
    removed: int
    buckets: dict[Bucket, int]
    commits: tuple[str, ...]
    lines: tuple[LineFate, ...]
    note: str | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class TurnDetail:
    """One turn: the prompt and all it caused. ``turn`` counts from 1; 0 is before any prompt.

    ``log`` is the file that holds the prompt, ``at_byte`` where.
    """

    turn_id: int
    turn: int
    started_at_ms: int
    prompt: str | None
    requests: int
    tokens: int
    cost_nano: int
    buckets: tuple[BucketSpend, ...]
    waste: tuple[WasteSpend, ...]
    verdict: Bucket
    reason: str
    confidence: float
    edits: tuple[EditDetail, ...]
    said: Said | None = None
    log: str | None = None
    at_byte: int | None = None
    energy_wh: float | None = None
    energy_quality: str = "NONE"


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """A session opened: its row and its turns."""

    row: SessionRow
    turns: tuple[TurnDetail, ...]


@dataclass(frozen=True, slots=True)
class LoggedPrompt:
    """What a person typed, where it stands in the tool's own log, or why it cannot be read there any more."""

    text: str | None
    where: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that moved in the last minutes."""

    session_id: str
    source: str
    repo: str | None
    branch: str | None
    model: str
    last_at_ms: int
    tokens_today: int
    cost_nano_today: int
    context_tokens: int
    context_window: int | None
    last_edit_path: str | None = None
    last_edit_at_ms: int | None = None
    last_edit_lines: int = 0
    last_edit_bucket: Bucket | None = None
    last_edit_commit: str | None = None
    row_id: int = 0


@dataclass(frozen=True, slots=True)
class TodayEvent:
    """Something that happened today: an edit, a landing, a prompt, an error.

    ``sessions`` are the rows of the sessions behind it, ``turn_id`` the turn of the one there is.
    """

    at_ms: int
    kind: str
    repo: str | None
    text: str
    detail: str
    sessions: tuple[int, ...] = ()
    turn_id: int | None = None


@dataclass(frozen=True, slots=True)
class TodayNudge:
    """What the coach says now. ``session_id`` is None where it is about no session."""

    title: str
    next: str
    session_id: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class TodayBudget:
    """A budget of the month. Amounts are words with their unit; ``method`` says how its end is reckoned.

    ``ends`` and ``span`` (its range) are empty where there is no forecast; ``method`` then says why.
    ``standing`` is held, near or passed.
    """

    budget_id: int
    label: str
    standing: str
    share: float
    spent: str
    amount: str
    ends: str
    span: str
    method: str


@dataclass(frozen=True, slots=True)
class DaySum:
    """What one day used, ``YYYY-MM-DD``; ``sessions`` are the rows of those with a request of that day."""

    day: str
    tokens: int
    cost_nano: int
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """The day so far. ``sessions`` are the rows of those with a request of today.

    ``days`` are today and the seven days before it, the newest first; empty where days are summed in another zone.
    """

    day: str
    timezone: str
    spend: Spend
    buckets: tuple[BucketSpend, ...]
    share_of: str
    live: tuple[LiveSession, ...] = ()
    events: tuple[TodayEvent, ...] = field(default=())
    nudges: tuple[TodayNudge, ...] = ()
    budgets: tuple[TodayBudget, ...] = ()
    sessions: tuple[int, ...] = ()
    days: tuple[DaySum, ...] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what is shown may be."""

    is_watching: bool
    watcher_pid: int | None
    beat_at_ms: int | None
    backlog_bytes: int
    total_bytes: int
    newest_request_ms: int | None
