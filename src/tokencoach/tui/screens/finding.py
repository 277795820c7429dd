"""One finding: what it cost and how that was found, where it happened, the next step, and the plan against it."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.content import Content
from textual.widgets import Static

from tokencoach.coach.as_text import rate_words, worked_words
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.evidence import EvidencePage
from tokencoach.tui.screens.finding_list import finding_cost
from tokencoach.tui.widgets.bars import KeyBar
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.coach.finding import Finding
    from tokencoach.coach.plans import Measured
    from tokencoach.tui.why.explanation import Explanation


_ROWS, _LOW_ROWS, _LOW = 10, 5, 16
"""Lines above the evidence, on a low screen as well, and below which height a screen is low."""


class FindingView(NamedTuple):
    """A finding and the newest plan against it, measured; None where there is none."""

    finding: Finding
    worked: Measured | None = None


class FindingPage(EvidencePage[FindingView]):
    """The finding above, its evidence below; enter opens the session, ``p`` makes it a plan."""

    SCOPE = "finding"
    CSS_PATH = "finding.tcss"
    BINDINGS: ClassVar = bindings("finding")

    def __init__(self, crumbs: tuple[str, ...], finding: Finding, mode: str) -> None:
        super().__init__((*crumbs, finding.id), FindingView(finding), mode)
        self.finding = finding

    def compose_page(self) -> Iterable[Widget]:
        """What it is, and where it happened."""
        yield Static("", id="about")
        yield self.evidence_list()

    def fetch(self) -> FindingView:
        """The plan against it, measured; the finding stays as it was opened."""
        return FindingView(self.finding, self.coach.backend.plan_against(self.finding.id))

    def show_value(self, value: FindingView) -> None:
        """Put it on the screen."""
        self.query_one("#about", Static).update(Content("\n").join(self._about(value)))
        self.show_evidence(value.finding.evidence)
        self.query_one(KeyBar).leave_out({"finding.drop"} if value.worked is None else set())

    def _about(self, value: FindingView) -> list[Content]:
        finding, shown = value.finding, self._words(value)
        basis = f"{finding.basis}{shown.get('range', '')}"
        parts = [
            Content.styled(clean(finding.title), "bold"),
            Content("").join(
                [
                    Content.styled(f"{shown['cost']} ", "bold $tone-not-landed"),
                    Content.styled(f"{basis}, {shown['rate']}", "bold"),
                ]
            ),
            Content.styled(f"Next: {clean(finding.next)}", "$tone-shipped"),
        ]
        if value.worked is not None:
            parts.append(Content(clean(f"Your plan: {worked_words(value.worked)}")))
        width = max(self.size.width - 2, 20)
        room = (_LOW_ROWS if self.size.height < _LOW else _ROWS) - sum(
            len(wrap(part.plain, width)) for part in parts
        )
        why = wrap(clean(finding.why), width, max_lines=max(room, 1), placeholder="… (? says all of it)")
        return [*parts, Content.styled("\n".join(why), "$tone-muted")]

    def _words(self, value: FindingView) -> dict[str, str]:
        finding, unit = value.finding, self.coach.unit
        out = {"cost": finding_cost(finding, unit), "rate": rate_words(finding.rate)}
        if finding.low_nano is not None and finding.high_nano is not None and unit != "tokens":
            out["range"] = f" {figures.money(finding.low_nano)} to {figures.money(finding.high_nano)}"
        if value.worked is not None:
            out["worked"] = value.worked.why
        return out

    @work(exclusive=True, group="plan")
    async def action_plan(self) -> None:
        """Make it a plan."""
        await self.offer_plan(self.finding)

    def plan_stands(self) -> None:
        """Show it."""
        self.notify("Your plan stands. D drops it.", markup=False)
        self.reload()

    @work(exclusive=True, group="plan")
    async def action_drop(self) -> None:
        """Drop the plan against it."""
        worked = None if self.value is None else self.value.worked
        if worked is None:
            self.notify("There is no plan against this.", markup=False)
            return
        await self.aside(self.coach.backend.drop_plan, worked.plan.plan_id)
        self.notify("Dropped.", markup=False)
        self.reload()

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of the finding."""
        from tokencoach.tui.why.findings import evidence_explained, finding_explained  # noqa: PLC0415

        if self.value is None:
            return None
        found = self.query_one("#evidence", LedgerList).row_of(figure)
        if found is not None:
            return evidence_explained(found[0].one, self.finding.why)
        return finding_explained(figure, self.finding, self.value.worked)

    def open_figure(self, figure: str) -> None:
        """The session of the evidence under the cursor."""
        del figure
        self.query_one("#evidence", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """Cost, rate, plan, and the costs of the evidence in sight."""
        if self.value is None:
            return {}
        return self._words(self.value) | self.query_one("#evidence", LedgerList).figures()
