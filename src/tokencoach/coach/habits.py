"""The dearest habits of a period as the audit shows them: kept for the first screen, frozen with a closed month."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tokencoach.audit.close import month_audit
from tokencoach.audit.frozen import named, revived
from tokencoach.audit.kept import habits_name, loaded
from tokencoach.audit.month import Allocated, audit_of
from tokencoach.coach.as_json import finding_json
from tokencoach.coach.finding import Finding
from tokencoach.coach.findings import find_all, union_cost
from tokencoach.coach.material import Material
from tokencoach.coach.registry import DETECTORS
from tokencoach.store.close_rows import closed_versions
from tokencoach.store.verdict_rows import kept_audit
from tokencoach.store.word_rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tokencoach.audit.period import Period
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.coach.finding import Detector
    from tokencoach.coach.plans import Measured
    from tokencoach.settings import Settings
    from tokencoach.store.close_rows import ClosedRow
    from tokencoach.store.reader import Reader

SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Habits:
    """The three dearest findings of a period, and what they come to together, shared requests once.

    ``found`` is without the parts of requests; ``number`` is how many findings there were in all, ``unjudged``
    how many habits could not be looked for, for want of data.
    """

    as_of_ms: int
    found: tuple[Finding, ...]
    number: int
    cost_nano: int
    tokens: int
    whole_nano: int
    whole_tokens: int
    is_closed: bool = False
    unjudged: int = 0


def habits_of(material: Material, detectors: Sequence[Detector] = DETECTORS) -> Habits:
    """Ask every detector, keep the three dearest."""
    said = find_all(material, detectors)
    dearest = said.found[:SHOWN]
    nano, tokens = union_cost(material, dearest)
    return Habits(
        as_of_ms=material.as_of_ms,
        found=tuple(replace(finding, parts={}) for finding in dearest),
        number=len(said.found),
        cost_nano=nano,
        tokens=tokens,
        whole_nano=material.total.total.cost_nano,
        whole_tokens=material.total.total.tokens,
        unjudged=said.unjudged,
    )


def audit_with_habits(
    reader: Reader, period: Period, as_of_ms: int, settings: Settings, repo: str | None = None
) -> tuple[PeriodAudit, Habits]:
    """The audit of a period and its habits, of one reading of its sessions; nothing that was closed is looked at."""
    found = Allocated.of_period(reader, period, as_of_ms, repo)
    return audit_of(found), habits_of(Material(found, settings))


def month_with_habits(
    reader: Reader, period: Period, now_ms: int, settings: Settings
) -> tuple[PeriodAudit, Habits | None]:
    """A month's audit with its habits; of a closed month those it was closed with, None where none were kept."""
    if period.month is not None and is_closed(reader.connection, period.month, period.tz.key):
        return month_audit(reader, period, now_ms), frozen_habits(reader, period)
    return audit_with_habits(reader, period, now_ms, settings)


def period_habits(reader: Reader, period: Period, as_of_ms: int, settings: Settings) -> Habits | None:
    """The habits of a period, looked for now; of a closed month those that it was closed with, if any were kept."""
    if period.month is not None and is_closed(reader.connection, period.month, period.tz.key):
        return frozen_habits(reader, period)
    return habits_of(Material.of_period(reader, period, as_of_ms, settings))


def kept_habits(reader: Reader, period: Period) -> Habits | None:
    """The habits of a period that are known without looking, however old; about a millisecond."""
    frozen = frozen_habits(reader, period)
    if frozen is not None:
        return frozen
    kept = kept_audit(reader.connection, habits_name(period))
    if kept is None:
        return None
    try:
        return loaded(Habits, kept[1])
    except ValueError:
        return None


def frozen_with(row: ClosedRow, habits: Habits) -> ClosedRow:
    """A month that is being closed, with the habits that it had."""
    report = json.loads(row.report) | habits_json(habits)
    body = json.loads(row.body) | {"habits": named(habits)}
    return row._replace(report=_plain(report), body=_plain(body))


def frozen_habits(reader: Reader, period: Period) -> Habits | None:
    """The habits that a month was closed with; None where it is open, or was closed without any being kept."""
    rows = closed_versions(reader.connection, period.month or "", period.tz.key)
    if not rows:
        return None
    said = json.loads(rows[-1].body).get("habits")
    try:
        return None if said is None else replace(revived(Habits, said), is_closed=True)
    except ValueError:
        return None


def habits_json(habits: Habits, worked: Mapping[str, Measured] | None = None) -> dict[str, Any]:
    """``findings``, and what they come to together, for the audit's JSON."""
    plans = worked or {}
    return {
        "findings": [finding_json(finding, plans.get(finding.id)) for finding in habits.found],
        "findings_cost_usd": habits.cost_nano / 1e9,
        "findings_tokens": habits.tokens,
        "findings_in_all": habits.number,
    }


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
