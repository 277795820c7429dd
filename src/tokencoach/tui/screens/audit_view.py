"""What the audit's screen shows at once, and the file that it is written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.tui.screens.audit_words import Comparison, compare

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit


class AuditView(NamedTuple):
    """One month's audit, the months there are, and those of them that are known."""

    audit: PeriodAudit
    months: tuple[str, ...]
    known: tuple[PeriodAudit, ...] = ()

    @property
    def by_month(self) -> dict[str, PeriodAudit]:
        """The known audits by their month, the shown one among them."""
        return {audit.month: audit for audit in (*self.known, self.audit) if audit.month is not None}

    @property
    def comparison(self) -> Comparison:
        """What the shown month is compared with."""
        return compare(self.by_month, self.months, self.audit.month or "")

    @property
    def latest(self) -> tuple[PeriodAudit, ...]:
        """The known audits, newest first."""
        audits = self.by_month
        return tuple(audits[month] for month in sorted(audits, reverse=True))


def write_document(text: str, month: str) -> Path:
    """Write an audit beside where the program was started, never over a file; its path.

    Raises:
        OSError: it cannot be written there.
    """
    for number in range(1, 1000):
        suffix = "" if number == 1 else f"-{number}"
        path = Path.cwd() / f"tokencoach-audit-{month}{suffix}.md"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise OSError("too many files of that name here")
