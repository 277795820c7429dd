"""The figures in the lists of a month, explained by the list that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.tui.why import findings, month
from tokencoach.tui.why.sessions import session_explained

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.tui.why.explanation import Explanation


def row_explained(ledger: str, row: Any, name: str, audit: PeriodAudit, unit: str) -> Explanation | None:
    """A figure of a row: of a habit, a project, a session, a waste kind, a restatement, or another month."""
    if ledger == "habits":
        return findings.finding_explained(name, row)
    if ledger == "projects":
        return month.project_explained(name, row, unit)
    if ledger == "wasteful":
        return session_explained(name, row, unit)
    if ledger == "leaks":
        return month.leak_explained(name, row, audit, unit)
    return month.restated_explained(row) if ledger == "restated" else month.past_explained(name, row, unit)
