"""Today: what runs now, what it cost so far, and whether the last edits landed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from tokencoach.tui import figures
from tokencoach.tui.backend import SessionQuery
from tokencoach.tui.keys import bindings
from tokencoach.tui.screens.audit_columns import amount, written
from tokencoach.tui.screens.live import live_figures, live_lines
from tokencoach.tui.screens.page import Page
from tokencoach.tui.screens.said_live import budget_figures, budget_lines, nudge_lines
from tokencoach.tui.screens.session_columns import place_name, session_crumb, within
from tokencoach.tui.verdicts import shares_by_bucket, shares_sentence
from tokencoach.tui.widgets.bars import ContextLine
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.empty_state import NOTHING_READ, EmptyState
from tokencoach.tui.widgets.headline import Headline
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from textual.widget import Widget

    from tokencoach.audit.report import DaySum, Today, TodayEvent
    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.why.explanation import Explanation

_TONES = {"landed": "shipped", "error": "not-landed", "edit": "", "asked": "muted"}
_AGE_BEATS = 10
_MOST_OPENED = 200
_BAR = 40


class TodayPage(Page["Today"]):
    """Headline, live sessions, the day's events."""

    SCOPE = "today"
    MODE = "today"
    REMINDS: ClassVar[bool] = True
    CSS_PATH = "today.tcss"
    BINDINGS: ClassVar = bindings("today")

    def __init__(self) -> None:
        super().__init__(("Today",))
        self._beats = 0

    def compose_page(self) -> Iterable[Widget]:
        """The figure, who works now, what happened."""
        coach = self.coach
        events: LedgerList[TodayEvent] = LedgerList(
            event_columns(coach.backend.tz), lambda event: event, glyphs=coach.glyphs, id="events"
        )
        days: LedgerList[DaySum] = LedgerList((), lambda day: day.day, glyphs=coach.glyphs, id="days")
        live, said = Static("", id="live"), Static("", id="said")
        yield Container(Headline(id="headline"), live, said, events, days, id="content")

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#events").focus()

    def fetch(self) -> Today:
        """The day so far."""
        return self.coach.backend.today()

    def tick(self) -> None:
        """Ages grow even where nothing happens."""
        super().tick()
        self._beats += 1
        if self._beats % _AGE_BEATS == 0 and self.value is not None and not self._is_loading:
            if self.value.day != figures.day(self.coach.backend.now_ms(), self.coach.backend.tz):
                self.reload()
            else:
                self._show_live(self.value)
                self._show_said(self.value)

    def show_value(self, value: Today) -> None:
        """Put the day on the screen."""
        day = date.fromisoformat(value.day)
        self.query_one(ContextLine).show(
            self.crumbs, f"{day:%a} {day.day} {day:%b} {day.year}, {value.timezone}"
        )
        is_idle = not has_work(value)
        days, empty = self.query_one("#days", LedgerList), self.query_one(EmptyState)
        self.query_one("#content").display = not is_idle or bool(worked_days(value))
        if is_idle and not worked_days(value):
            empty.explain(*self._why_empty())
            return
        empty.hide()
        self.query_one(Headline).show(
            self._figure(value), self._idle_lines(value) if is_idle else self._lines(value)
        )
        self._show_live(value)
        self._show_said(value)
        self.query_one("#events", LedgerList).set_rows(value.events)
        days.set_columns(day_columns(value.days, self.coach.glyphs, self.coach.unit))
        days.set_rows(value.days)
        days.set_class(not value.days, "-none")
        self._give_room(is_idle=is_idle)

    def _give_room(self, *, is_idle: bool) -> None:
        """On a day without work the days before it have the room of what happened, and the keys."""
        content, days = self.query_one("#content"), self.query_one("#days", LedgerList)
        if is_idle == content.has_class("-idle"):
            return
        content.set_class(is_idle, "-idle")
        if is_idle and self.value is not None:
            days.cursor = next(at for at, day in enumerate(self.value.days) if day.sessions)
        self.query_one("#days" if is_idle else "#events").focus()

    def _why_empty(self) -> tuple[str, str, str]:
        """Why there is no day to show, and the step from here."""
        backend, newest = self.coach.backend, self.coach.pulse.freshness.newest_request_ms
        if newest is None:
            return NOTHING_READ
        when = figures.day_time(newest, backend.tz, backend.now_ms()).strip()
        return (
            f"No assistant has worked today, nor in the week before; the last request was {when}.",
            "See what the last month's spend became.",
            "2",
        )

    @on(LedgerList.Opened, "#events")
    def open_event(self, event: LedgerList.Opened) -> None:
        """The turn behind it, or the sessions whose lines landed."""
        row: TodayEvent | None = event.ledger.row
        if row is not None:
            self._open(row.sessions, figures.clock_time(row.at_ms, self.coach.backend.tz), row.turn_id)

    @on(LedgerList.Opened, "#days")
    def open_day(self, event: LedgerList.Opened) -> None:
        """The sessions of a day."""
        row: DaySum | None = event.ledger.row
        if row is not None and row.sessions:
            self._open(row.sessions, day_title(row.day))

    def open_figure(self, figure: str) -> None:
        """The session it is of, or all of its day."""
        if figure.startswith("days."):
            self.query_one("#days", LedgerList).action_open()
        elif self.value is not None:
            live = {f"live.{one.session_id}": one.row_id for one in self.value.live}
            row_id = live.get(figure.rpartition(".")[0])
            self._open(self.value.sessions if row_id is None else (row_id,), "sessions")

    def open_headline(self) -> None:
        """All sessions of today."""
        self.open_figure("headline")

    @work(exclusive=True, group="open")
    async def _open(self, rows: tuple[int, ...], crumb: str, turn_id: int | None = None) -> None:
        try:
            found = await self.aside(self.coach.backend.session_rows, rows[:_MOST_OPENED]) if rows else []
        except Exception as error:  # noqa: BLE001 - a locked database must not end the app
            self.show_error(error)
            return
        if not found:
            self.notify("Not judged yet; a moment.", markup=False)
        elif len(found) == 1:
            from tokencoach.tui.screens.session import SessionPage  # noqa: PLC0415 - built when first shown

            crumbs = (*self.crumbs, session_crumb(found[0], self.coach.backend.tz))
            self.app.push_screen(SessionPage(crumbs, found[0], self.MODE, turn_id))
        else:
            from tokencoach.tui.screens.sessions import SessionsPage  # noqa: PLC0415 - the same

            self.app.push_screen(SessionsPage((*self.crumbs, crumb), SessionQuery(rows=rows), self.MODE))

    @property
    def _most_live(self) -> int:
        return 2 if self.size.height < 32 else 5

    def _show_live(self, value: Today) -> None:
        coach = self.coach
        most = self._most_live
        lines = live_lines(
            value.live[:most], coach.backend.now_ms(), self.size.width - 2, coach.glyphs, coach.unit
        )
        if len(value.live) > most:
            lines.append(Content.styled(f"and {len(value.live) - most} more", "$tone-muted"))
        live = self.query_one("#live", Static)
        text = Content("\n").join(lines)
        if live.content != text:
            live.update(text)
        live.display = bool(lines)

    @property
    def _most_budgets(self) -> int:
        return 1 if self.size.height < 32 else 3

    def _show_said(self, value: Today) -> None:
        """What the coach says now, then the budgets, the worst first."""
        width, glyphs = self.size.width - 2, self.coach.glyphs
        lines = [
            *nudge_lines(value.nudges[: self._most_live], width, glyphs),
            *budget_lines(value.budgets[: self._most_budgets], width, glyphs),
        ]
        said = self.query_one("#said", Static)
        text = Content("\n").join(lines)
        if said.content != text:
            said.update(text)
        said.display = bool(lines)

    def _figure(self, value: Today) -> str:
        return (
            figures.tokens(value.spend.counts.total)
            if self.coach.unit == "tokens"
            else figures.money(value.spend.cost_nano)
        )

    def _other(self, value: Today) -> str:
        if self.coach.unit == "tokens":
            return figures.money(value.spend.cost_nano)
        return f"{figures.tokens(value.spend.counts.total)} tokens"

    def _lines(self, value: Today) -> list[Content]:
        spend = value.spend
        unit = "tokens" if self.coach.unit == "tokens" else "spent"
        first = f"{unit} today so far; {self._other(value)}, {figures.many(spend.requests, 'request')}."
        unpriced = (
            f"{figures.many(spend.unpriced_requests, 'request')} without a price."
            if spend.unpriced_requests
            else ""
        )
        cached = f"{figures.percent(self._cached(value))} of the input came from the cache. {unpriced}"
        return [
            Content.styled(first, "bold"),
            Content(
                shares_sentence(value.buckets, self.coach.glyphs, self.coach.unit, self.size.width - 24)
                or "nothing judged yet"
            ),
            Content.styled(cached, "$tone-muted"),
        ]

    def _idle_lines(self, value: Today) -> list[Content]:
        """What a day without work is told instead: the last that had some, and the week."""
        unit, worked = self.coach.unit, worked_days(value)
        spent = "tokens" if unit == "tokens" else "spent"
        last = worked[0]
        when = "Yesterday" if last is value.days[1] else day_title(last.day)
        week = written(sum(day.tokens for day in worked), sum(day.cost_nano for day in worked), unit)
        return [
            Content.styled(f"{spent} today: no assistant has worked yet.", "bold"),
            Content(f"{when}: {day_words(last, unit)}."),
            Content.styled(
                f"{week} in the week before, on {figures.many(len(worked), 'day')}.", "$tone-muted"
            ),
        ]

    @staticmethod
    def _cached(value: Today) -> float | None:
        counts = value.spend.counts
        whole = counts.total - counts.output
        return counts.cache_read / whole if whole else None

    def explained(self, figure: str) -> Explanation | None:
        """How the day is counted."""
        from tokencoach.tui.why.day import day_explained, past_day_explained  # noqa: PLC0415 - when first asked for

        found = self.query_one("#days", LedgerList).row_of(figure)
        if found is not None:
            return past_day_explained(found[0], found[1])
        return None if self.value is None else day_explained(figure, self.value, self.coach.unit)

    def figures(self) -> dict[str, str]:
        """The figures of the headline."""
        value = self.value
        if value is None or not self.query_one("#content").display:
            return {}
        if not has_work(value):
            idle = {"headline": self.query_one(Headline).figure} | self.query_one(
                "#days", LedgerList
            ).figures()
            return idle | budget_figures(value.budgets[: self._most_budgets])
        out = {
            "headline": self.query_one(Headline).figure,
            "other": self._other(value),
            "requests": figures.count(value.spend.requests),
            "cached": figures.percent(self._cached(value)),
            **shares_by_bucket(value.buckets, self.coach.unit),
        }
        if value.spend.unpriced_requests:
            out["unpriced"] = figures.count(value.spend.unpriced_requests)
        for session in value.live[: self._most_live]:
            out.update(live_figures(session, self.coach.unit))
        out.update(self.query_one("#days", LedgerList).figures())
        return out | budget_figures(value.budgets[: self._most_budgets])


def has_work(value: Today) -> bool:
    """Whether an assistant has worked today."""
    return value.spend.requests > 0 or bool(value.live)


def worked_days(value: Today) -> list[DaySum]:
    """Of the days before today those with work, the newest first."""
    return [day for day in value.days[1:] if day.sessions]


def day_words(day: DaySum, unit: str) -> str:
    """What a day used, in how many sessions."""
    return f"{written(day.tokens, day.cost_nano, unit)}, {figures.many(len(day.sessions), 'session')}"


def day_title(day: str) -> str:
    """A day as a person writes it, without its year."""
    found = date.fromisoformat(day)
    return f"{found:%a} {found.day} {found:%b}"


def day_columns(days: Sequence[DaySum], glyphs: Glyphs, unit: str) -> tuple[Column[DaySum], ...]:
    """Day, spend, sessions, and a bar as long as its part of the dearest day."""

    def spent(day: DaySum) -> int:
        return amount(day.tokens, day.cost_nano, unit)

    most = max(map(spent, days), default=0)

    def bar(day: DaySum) -> Cell:
        return Cell(glyphs.full * round(_BAR * spent(day) / most) if most else "", "shipped")

    return (
        Column("My days", lambda day: Cell(day_title(day.day), "strong"), 10, rank=lambda day: day.day),
        Column(
            "spend",
            lambda day: Cell(written(day.tokens, day.cost_nano, unit)),
            8,
            is_right=True,
            figure="spend",
            rank=spent,
        ),
        Column(
            "sessions",
            lambda day: Cell(figures.count(len(day.sessions)), "muted"),
            8,
            is_right=True,
            figure="sessions",
            rank=lambda day: len(day.sessions),
        ),
        Column("", bar, weight=1),
    )


def event_columns(tz: ZoneInfo) -> tuple[Column[TodayEvent], ...]:
    """When, what, where, and its detail."""

    def what(event: TodayEvent) -> Cell:
        return Cell(within(event.text, event.repo), _TONES.get(event.kind, ""), event.kind == "edit")

    return (
        Column("", lambda event: Cell(figures.clock_time(event.at_ms, tz), "muted"), 5),
        Column("today", lambda event: Cell(event.kind, _TONES.get(event.kind, "")), 8),
        Column("project", lambda event: Cell(place_name(event.repo), "muted"), 16, from_width=56, fits=True),
        Column("", what, weight=3),
        Column("", lambda event: Cell(event.detail, "muted"), weight=2, from_width=56),
    )
