"""All of one session that landed, commit by commit: made where it is judged, and kept for later audits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.path_kinds import PathKind, path_kind
from tokencoach.attribution.verdict import STANDING
from tokencoach.audit.judgement import is_present
from tokencoach.audit.kept import loaded
from tokencoach.audit.landed_spend import LANDED, LandedSpending, landed_shares
from tokencoach.store.rollup import get_fact
from tokencoach.store.verdict_rows import kept_landings
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tokencoach.audit.allocate import Ledger
    from tokencoach.audit.judgement import SessionJudgement
    from tokencoach.audit.month import Allocated


class CommitLanding(NamedTuple):
    """What landed of a session in one commit, over all its requests.

    ``shipped`` and ``alive`` count significant lines; ``code`` to ``config`` count them by what
    their files are for. ``edits_ms`` are the edits that wrote them.
    """

    commit_id: int
    tokens: int = 0
    cost_nano: int = 0
    weighted: int = 0
    direct_tokens: int = 0
    added: int = 0
    removed: int = 0
    shipped: int = 0
    alive: int = 0
    code: int = 0
    test: int = 0
    docs: int = 0
    config: int = 0
    edits_ms: Sequence[int] = ()
    energy_uj: int = 0


class TurnShare(NamedTuple):
    """The share of a turn that landed in a commit; ``is_direct`` where the turn's own lines did."""

    turn: int | None
    commit_id: int
    share: float
    is_direct: bool


@dataclass(frozen=True, slots=True)
class SessionLanding:
    """What landed of a session, by commit, and in which commits the share of each turn ended."""

    session_id: str
    commits: tuple[CommitLanding, ...]
    shares: tuple[TurnShare, ...]


@dataclass(slots=True)
class _Lines:
    counts: Counter[str] = field(default_factory=Counter)
    edits_ms: dict[int, None] = field(default_factory=dict)


def landing_of(judged: SessionJudgement, turns: Mapping[int | None, Ledger]) -> SessionLanding:
    """What landed of a judged session, with the spend of its turns."""
    spending = LandedSpending()
    spending.add(judged, turns)
    lines = _lines(judged)
    commits = []
    for commit in sorted({*spending.commits, *lines}):
        spent, own = spending.commits[commit], lines.get(commit, _Lines())
        whole = spent.total
        commits.append(
            CommitLanding(
                commit,
                whole.tokens,
                whole.cost_nano,
                whole.weighted,
                spent.direct.tokens,
                **own.counts,
                edits_ms=list(own.edits_ms),
                energy_uj=whole.energy_uj,
            )
        )
    shares = [
        TurnShare(turn, commit, share, judged.followed(turn) is judged.turns.get(turn))
        for turn in dict.fromkeys([*judged.order, *judged.turns])
        for commit, share in sorted(landed_shares(judged, turn).items())
    ]
    return SessionLanding(judged.facts.session_id, tuple(commits), tuple(shares))


def _lines(judged: SessionJudgement) -> dict[int, _Lines]:
    """Significant lines that landed, by the commit that first brought them."""
    found: dict[int, _Lines] = {}
    for edit in judged.edits():
        kind: PathKind | None = None
        for line in edit.lines:
            if line.landed_in is None or not line.weight or line.verdict.bucket not in LANDED:
                continue
            if kind is None:
                kind = path_kind(edit.edit.repo_path or edit.edit.path)
            own = found.setdefault(line.landed_in, _Lines())
            is_shipped = line.verdict.bucket is Bucket.SHIPPED
            own.counts["removed" if line.is_removal else "added"] += 1
            own.counts["shipped"] += is_shipped
            own.counts["alive"] += is_shipped and line.verdict.reason in STANDING and not line.is_removal
            own.counts[kind] += 1
            own.edits_ms[edit.edit.at_ms] = None
    return found


class Landings:
    """What landed of each session: read from what is kept where the audit is of now, else judged; once each."""

    def __init__(self, found: Allocated) -> None:
        self._found = found
        self._read: dict[int, SessionLanding] = {}
        zone = get_fact(found.reader.connection, "rollup_zone")
        self._may_keep = is_present(found.as_of_ms) and zone == found.period.tz.key

    def of(self, sessions: Iterable[int]) -> dict[int, SessionLanding]:
        """What landed of some sessions, by their rows."""
        wanted = sorted(set(sessions))
        missing = [session for session in wanted if session not in self._read]
        if self._may_keep:
            for session, body in kept_landings(self._found.reader.connection, missing).items():
                try:
                    self._read[session] = loaded(SessionLanding, body)
                except ValueError:
                    continue
        missing = [session for session in missing if session not in self._read]
        if missing:
            full = self._found.widened(missing)
            for session, turns in full.turns.items():
                self._read[session] = landing_of(full.judged[session], turns)
        return {session: self._read[session] for session in wanted if session in self._read}
