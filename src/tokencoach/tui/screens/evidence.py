"""Pages with evidence: what happened where, as a list whose rows open the session behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from textual import on, work

from tokencoach.tui import figures
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.finding_list import cost_of
from tokencoach.tui.screens.page import Page
from tokencoach.tui.screens.session_columns import place_name
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.coach.finding import Evidence, Finding
    from tokencoach.tui.backend import PlanWords

Value = TypeVar("Value")
_SHORT = 8
_MOST_NAMED = 200


class Proof(NamedTuple):
    """One piece of evidence and its place in the list."""

    number: int
    one: Evidence


class EvidencePage(Page[Value], Generic[Value]):
    """A page with a list of evidence, ``#evidence``; enter opens the session behind a row."""

    def __init__(self, crumbs: tuple[str, ...], value: Value | None = None, mode: str = "") -> None:
        super().__init__(crumbs, value, mode)
        self._titles: dict[str, str] = {}

    def on_mount(self) -> None:
        """The evidence has the focus, where the page has some."""
        super().on_mount()
        self.query("#evidence").focus()

    def evidence_list(self) -> LedgerList[Proof]:
        """The list, still empty."""
        return LedgerList(
            evidence_columns(self.coach.backend.tz, self.coach.unit, self._titles),
            lambda proof: proof.number,
            glyphs=self.coach.glyphs,
            id="evidence",
        )

    def show_evidence(self, evidence: Sequence[Evidence]) -> None:
        """Put evidence into the list, in the order given."""
        shown = self.query_one("#evidence", LedgerList)
        shown.set_columns(evidence_columns(self.coach.backend.tz, self.coach.unit, self._titles))
        shown.set_rows(tuple(Proof(at, one) for at, one in enumerate(evidence, 1)))
        unnamed = {one.session for one in evidence if one.session and one.session_id not in self._titles}
        if unnamed:
            self._name_sessions(sorted(unnamed)[:_MOST_NAMED])

    @work(exclusive=True, group="names")
    async def _name_sessions(self, rows: list[int]) -> None:
        """Find what the sessions were about; where that fails their ids stand for them."""
        try:
            found = await self.aside(self.coach.backend.session_rows, rows)
        except Exception as error:  # noqa: BLE001 - a name is no reason to hide the evidence
            self.log(str(error))
            return
        self._titles |= {row.session_id: row.title or "" for row in found}
        self.query_one("#evidence", LedgerList).refresh()

    async def offer_plan(self, finding: Finding) -> None:
        """Open the window that makes a finding a plan."""
        from tokencoach.tui.screens.plan import PlanWindow  # noqa: PLC0415 - built when first used

        followed = await self.aside(self.coach.backend.followed_plan)

        def answer(said: PlanWords | None) -> None:
            if said is not None:
                self.keep_plan(finding, said)

        self.app.push_screen(PlanWindow(finding, followed), answer)

    @work(exclusive=True, group="plan")
    async def keep_plan(self, finding: Finding, said: PlanWords) -> None:
        """Follow a plan."""
        try:
            await self.aside(self.coach.backend.accept_plan, finding, said)
        except Exception as error:  # noqa: BLE001 - a locked database must not end the app
            self.not_kept(error)
            return
        self.plan_stands()

    def plan_stands(self) -> None:
        """A plan was accepted: say so."""
        self.notify("Your plan stands; it is measured after two weeks.", markup=False)

    @on(LedgerList.Opened, "#evidence")
    def open_evidence(self, event: LedgerList.Opened) -> None:
        """The session of the evidence under the cursor, at its turn."""
        proof: Proof | None = event.ledger.row
        if proof is None:
            return
        if proof.one.session_id is None:
            self._copy(proof.one)
        else:
            self._open_session(proof.one.session_id, proof.one)

    def _copy(self, one: Evidence) -> None:
        named = clean(one.commit or one.path or "")
        if named:
            self.app.copy_to_clipboard(named)
        self.notify(
            f"No session is behind this; copied {named}" if named else clean(one.words, 200), markup=False
        )

    @work(exclusive=True, group="open")
    async def _open_session(self, session_id: str, one: Evidence) -> None:
        from tokencoach.tui.screens.session import SessionPage  # noqa: PLC0415 - built when first shown

        backend = self.coach.backend
        row_id = await self.aside(backend.session_row_of, session_id, one.session)
        rows = [] if row_id is None else await self.aside(backend.session_rows, [row_id])
        if not rows:
            self.notify("This session is not in the database any more.", severity="warning", markup=False)
            return
        self.app.push_screen(SessionPage.opened_from(self, rows[0], one.turn))


def evidence_columns(tz: ZoneInfo, unit: str, titles: Mapping[str, str]) -> tuple[Column[Proof], ...]:
    """When, in which session and what that was about, how much, what; ``titles`` by the session's id."""

    def cost(proof: Proof) -> Cell:
        if not proof.one.cost_nano and not proof.one.tokens:
            return Cell("")
        return Cell(cost_of(proof.one.cost_nano, proof.one.tokens, unit))

    def where(proof: Proof) -> Cell:
        return Cell((proof.one.session_id or "")[:_SHORT], "muted")

    def happened(proof: Proof) -> Cell:
        one = proof.one
        if one.session_id:
            return Cell(one.words)
        if one.commit:
            return Cell(f"{one.commit[:_SHORT]} {one.words}")
        return Cell(f"{place_name(one.path)}: {one.words}" if one.path else one.words)

    def about(proof: Proof) -> Cell:
        return Cell(titles.get(proof.one.session_id or "", ""), "muted")

    return (
        Column("when", lambda proof: Cell(figures.day_time(proof.one.at_ms, tz), "muted"), 12),
        Column("session", where, _SHORT, from_width=96),
        Column("what it was about", about, weight=2, from_width=96),
        Column("spend", cost, 7, is_right=True, figure="cost"),
        Column("what happened", happened, weight=3),
    )
