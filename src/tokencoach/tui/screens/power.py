"""Power: watts with their badge, what local inference servers do, what the day's energy was."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from tokencoach.audit.numbers import watt_hours
from tokencoach.tui import figures
from tokencoach.tui.backend import SessionQuery
from tokencoach.tui.keys import bindings
from tokencoach.tui.months import month_of
from tokencoach.tui.screens.page import Page
from tokencoach.tui.screens.power_columns import server_columns
from tokencoach.tui.screens.power_words import beside_figure, has_nothing, large_figure, lines_below, why_bare
from tokencoach.tui.theme import ASCII
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.headline import Headline
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.power_graph import PowerGraph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.power_day import PowerNow
    from tokencoach.power.live import Live, ServerLive
    from tokencoach.tui.why.explanation import Explanation


class PowerPage(Page["PowerNow"]):
    """The large figure, ten minutes of it, the servers, the day."""

    SCOPE = "power"
    MODE = "power"
    CSS_PATH = "power.tcss"
    BINDINGS: ClassVar = bindings("power")

    def __init__(self) -> None:
        super().__init__(("Power",))

    def compose_page(self) -> Iterable[Widget]:
        """Figure, history, servers, day."""
        coach = self.coach
        servers: LedgerList[ServerLive] = LedgerList(
            server_columns(), lambda row: (row.pid, row.port), glyphs=coach.glyphs, id="servers"
        )
        graph = PowerGraph(is_ascii=coach.glyphs is ASCII, id="graph")
        yield Container(Headline(id="headline"), graph, servers, Static("", id="detail"), id="content")

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#servers").focus()

    def fetch(self) -> PowerNow:
        """What the watcher keeps: no sensor is touched from here."""
        return self.coach.backend.power()

    def tick(self) -> None:
        """The figures change every second while something works; a hidden page is not asked."""
        super().tick()
        if not self._is_loading:
            self.reload()

    def show_value(self, value: PowerNow) -> None:
        """Put the figures on the screen."""
        live, empty = value.live, self.query_one(EmptyState)
        is_bare = live is not None and has_nothing(value, live)
        self.query_one("#content").display = live is not None and not is_bare
        if live is None or is_bare:
            empty.explain(*(self._why_empty() if live is None else why_bare(live)))
            return
        empty.hide()
        self.query_one(Headline).show(large_figure(live), beside_figure(value, live))
        has_watts = any(point.watts is not None for point in live.history)
        values = [point.watts if has_watts else point.tokens_per_second for point in live.history]
        idle = live.idle_watts if has_watts else None
        unit = "W" if has_watts else "tokens a second"
        busy, times = [point.is_busy for point in live.history], [point.at_ms for point in live.history]
        self.query_one(PowerGraph).show(values, busy, idle, unit, times)
        self.query_one("#servers", LedgerList).set_rows(live.servers)
        self._show_below(value, live)

    def _why_empty(self) -> tuple[str, str, str]:
        """Why nothing is sampled, the next step, and its key."""
        if self.coach.pulse.freshness.is_watching:
            step = "That is so with another computer's logs (--logs-home), or with power.sample = false in the settings."
            return "The watcher runs and samples no power.", step, ""
        return "Nobody samples power now.", "Start the watcher.", "w"

    def on_ledger_list_moved(self, _event: LedgerList.Moved) -> None:
        """What the server under the cursor cannot tell."""
        if self.value is not None and self.value.live is not None:
            self._show_below(self.value, self.value.live)

    def _show_below(self, value: PowerNow, live: Live) -> None:
        row: ServerLive | None = self.query_one("#servers", LedgerList).row
        self.query_one("#detail", Static).update(Content("\n").join(lines_below(value, live, row)))

    def on_ledger_list_opened(self, _event: LedgerList.Opened) -> None:
        """The sessions whose local energy the month's share is made of."""
        self._open_sessions()

    def open_figure(self, figure: str) -> None:
        """The same from the explanation of the share."""
        if figure == "month.share":
            self._open_sessions()

    def _open_sessions(self) -> None:
        ended = None if self.value is None else self.value.times.month.ended
        if ended is None or not ended.sessions:
            self.notify(
                "No session of this month is known to have asked a model here whose energy was measured."
            )
            return
        from tokencoach.tui.screens.sessions import SessionsPage  # noqa: PLC0415 - built when first shown

        backend = self.coach.backend
        asked = tuple(one.session_id for one in ended.sessions)
        query = SessionQuery(month=month_of(backend.now_ms(), backend.tz), sort="cost", sessions=asked)
        self.app.push_screen(SessionsPage((*self.crumbs, "measured here"), query, self.MODE))

    def explained(self, figure: str) -> Explanation | None:
        """How watts, rates and joules are told."""
        from tokencoach.tui.why.power import power_explained  # noqa: PLC0415 - when first asked for

        found = self.query_one("#servers", LedgerList).row_of(figure)
        server = None if found is None else found[0]
        return None if self.value is None else power_explained(figure, self.value, server)

    def figures(self) -> dict[str, str]:
        """The figures in sight."""
        value = self.value
        if value is None or value.live is None or not self.query_one("#content").display:
            return {}
        out = self.query_one("#servers", LedgerList).figures()
        out["headline"] = self.query_one(Headline).figure
        out["today.tokens"] = figures.tokens(value.day.tokens)
        if value.day.energy_wh is not None:
            out["today.energy"] = watt_hours(value.day.energy_wh)
        if value.times.month.surviving_share is not None:
            out["month.share"] = figures.percent(value.times.month.surviving_share)
        for name, day in (("today", value.day), ("month", value.times.month)):
            if day.cloud is not None:
                out[f"{name}.elsewhere"] = f"{day.cloud.low_wh:g} to {day.cloud.high_wh:g} Wh"
        return out
