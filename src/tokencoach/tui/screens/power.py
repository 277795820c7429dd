"""Power: watts with their badge, what local inference servers do, what the day's energy was."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.page import Page
from tokencoach.tui.theme import ASCII
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.headline import Headline
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.power_graph import PowerGraph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.power_day import PowerDay, PowerNow
    from tokencoach.power.live import Live, ServerLive
    from tokencoach.tui.why.explanation import Explanation


class PowerPage(Page["PowerNow"]):
    """The large figure, ten minutes of it, the servers, the day."""

    SCOPE = "power"
    CAN_OPEN = False
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
        self.query_one("#content").display = live is not None
        if live is None:
            empty.explain(*self._why_empty())
            return
        empty.hide()
        self.query_one(Headline).show(large_figure(live), self._lines(live))
        has_watts = any(point.watts is not None for point in live.history)
        values = [point.watts if has_watts else point.tokens_per_second for point in live.history]
        idle = live.idle_watts if has_watts else None
        unit = "W" if has_watts else "tokens a second"
        self.query_one(PowerGraph).show(values, [point.is_busy for point in live.history], idle, unit)
        self.query_one("#servers", LedgerList).set_rows(live.servers)
        self.query_one("#detail", Static).update(Content("\n").join(self._detail(live, value.day)))

    def _why_empty(self) -> tuple[str, str, str]:
        """Why nothing is sampled, the next step, and its key."""
        if self.coach.backend.is_demo:
            return "Made-up data has no power.", "Leave the demo to see your own.", ""
        if self.coach.pulse.freshness.is_watching:
            step = "It does so neither for another computer's logs nor with power.sample = false in the settings."
            return "The watcher runs and samples no power.", step, ""
        return "Nobody samples power now.", "Start the watcher.", "w"

    def _lines(self, live: Live) -> list[Content]:
        if live.watts is None:
            first = "watts" if rate_of(live) is None else "tokens a second; watts"
            return [
                Content.styled(f"{first} {live.quality.value}: {clean(why_no_watts(live))}", "bold"),
                Content("CPU time a token and idle time are measured all the same."),
                Content.styled(self._below(live), "$tone-muted"),
            ]
        idle = "learning idle" if live.idle_watts is None else f"{live.idle_watts:.0f} W idle"
        above = "" if live.idle_watts is None else f", {max(live.watts - live.idle_watts, 0):.0f} W above it"
        rate = rate_of(live)
        return [
            Content.styled(f"watts now  {live.quality.value}  ({', '.join(live.scopes)})", "bold"),
            Content(f"{idle}{above}" + ("" if rate is None else f"; {rate:.1f} tokens a second")),
            Content.styled(self._below(live), "$tone-muted"),
        ]

    @staticmethod
    def _below(live: Live) -> str:
        if live.servers:
            own = figures.UNKNOWN if live.own_cpu_percent is None else f"{live.own_cpu_percent:.1f} %"
            return f"watching costs {own} of a core"
        return "No inference server runs; Ollama, LM Studio, llama-server, vLLM … are found by themselves."

    def _detail(self, live: Live, day: PowerDay) -> list[Content]:
        energy = figures.UNKNOWN if day.energy_wh is None else f"{day.energy_wh:.1f} Wh {day.quality.value}"
        waited = f"models waited {day.idle_s / 60:.0f} min"
        if day.resident_wh is not None:
            waited += f" for {day.resident_wh:.1f} Wh"
        if day.cloud is not None:
            waited += f"; elsewhere ~{day.cloud.low_wh:g} to {day.cloud.high_wh:g} Wh ESTIMATE"
        lines = [Content(f"today  {energy}; {figures.count(day.tokens)} tokens; {waited}")]
        row: ServerLive | None = self.query_one("#servers", LedgerList).row
        if row is not None and row.why_not:
            lines.append(Content.styled(clean(f"{row.kind.value}: {row.why_not}"), "$tone-muted"))
        lines += [
            Content.styled(clean(f"{one.kind.value} (process {one.pid}) {one.why}"), "$tone-alert")
            for one in live.unanswered
        ]
        return lines

    def on_ledger_list_moved(self, _event: LedgerList.Moved) -> None:
        """What the server under the cursor cannot tell."""
        if self.value is not None and self.value.live is not None:
            detail = self._detail(self.value.live, self.value.day)
            self.query_one("#detail", Static).update(Content("\n").join(detail))

    def explained(self, figure: str) -> Explanation | None:
        """How watts, rates and joules are told."""
        from tokencoach.tui.why.power import power_explained  # noqa: PLC0415 - when first asked for

        return None if self.value is None else power_explained(figure, self.value)

    def figures(self) -> dict[str, str]:
        """The figures in sight."""
        value = self.value
        if value is None or value.live is None:
            return {}
        out = self.query_one("#servers", LedgerList).figures()
        out["headline"] = self.query_one(Headline).figure
        out["today.tokens"] = figures.count(value.day.tokens)
        if value.day.energy_wh is not None:
            out["today.energy"] = f"{value.day.energy_wh:.1f} Wh"
        return out


def large_figure(live: Live) -> str:
    """Watts; where there are none, tokens a second; else a dash."""
    if live.watts is not None:
        return f"{live.watts:.0f} W"
    rate = rate_of(live)
    return "-" if rate is None else f"{rate:.1f}"


def rate_of(live: Live) -> float | None:
    """Tokens a second over all servers, None where none tells."""
    rates = [it.tokens_per_second for it in live.servers if it.tokens_per_second is not None]
    return sum(rates) if rates else None


def why_no_watts(live: Live) -> str:
    """In words."""
    if live.guest:
        return f"inside {live.guest}"
    waiting = next((it.why_not for it in live.meters if it.why_not), None)
    return waiting or "no meter answers; `tokencoach power doctor` says why"


def server_columns() -> tuple[Column[ServerLive], ...]:
    """Which server, with which model, doing what, how fast and at what cost."""

    def number(value: float | None, form: str) -> Cell:
        return Cell(figures.UNKNOWN if value is None else format(value, form))

    def tokens(row: ServerLive) -> Cell:
        if row.generated_tokens is None:
            return Cell(figures.UNKNOWN, "muted")
        return Cell(figures.tokens(row.generated_tokens))

    def state(row: ServerLive) -> Cell:
        return Cell(row.state.value, "strong" if row.state.value == "processing" else "muted")

    return (
        Column("server", lambda row: Cell(row.kind.value), 13),
        Column("model", lambda row: Cell(row.model or "none"), weight=3),
        Column("state", state, 11),
        Column("tok/s", lambda row: number(row.tokens_per_second, ".1f"), 6, is_right=True, figure="rate"),
        Column("J/tok", lambda row: number(row.joules_per_token, ".2f"), 6, is_right=True, figure="joules"),
        Column("out", tokens, 6, is_right=True, figure="tokens"),
        Column(
            "idle",
            lambda row: Cell(figures.span(round(row.idle_seconds * 1000))),
            8,
            is_right=True,
            figure="idle",
        ),
        Column(
            "CPU ms/tok",
            lambda row: number(
                None if row.cpu_seconds_per_token is None else row.cpu_seconds_per_token * 1000, ".1f"
            ),
            10,
            is_right=True,
            from_width=90,
            figure="cpu",
        ),
        Column(
            "memory",
            lambda row: Cell(
                figures.UNKNOWN if row.resident_bytes is None else figures.size(row.resident_bytes)
            ),
            8,
            is_right=True,
            from_width=100,
            figure="memory",
        ),
    )
