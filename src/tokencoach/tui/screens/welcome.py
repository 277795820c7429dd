"""The first run: what was found and where, that nothing leaves, and how far the reading is."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokencoach.audit.numbers import counted
from tokencoach.doctor.report import NONE_FOUND, DoctorItem
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.months import default_month
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.page import Page
from tokencoach.tui.widgets.bars import KeyBar
from tokencoach.tui.widgets.freshness import read_share
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.report import Freshness
    from tokencoach.doctor.report import DoctorReport, DoctorSection
    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.why.explanation import Explanation

_LOGS, _REPOSITORIES, _NONE_YET, _NOT_HERE = "logs", "repositories", "known", "not here"
_ABSENT = "not found"
_UNDER_WAY = "tokencoach ingest"
"""A mend that the watcher beside the app is carrying out already."""
_NAME = 26
_TALL = 32
_OTHER_LINES = 12
"""What a page holds beside what was found: its edges, the promise, the reading, the next step."""


class Found(NamedTuple):
    """What the doctor saw, and the months that can be shown, each with its requests.

    ``is_made`` says that a demonstration is complete: of made-up data nobody reads where it lies.
    """

    report: DoctorReport
    months: dict[str, int]
    is_made: bool = False


class WelcomePage(Page[Found]):
    """One page to read, one key to go on."""

    SCOPE = "welcome"
    MODE = "welcome"
    HAS_LIST = False
    MIN_REST_S = 3.0
    CSS_PATH = "welcome.tcss"
    BINDINGS: ClassVar = bindings("welcome")

    def __init__(self) -> None:
        super().__init__(("Welcome",))

    def compose_page(self) -> Iterable[Widget]:
        """Promise, findings, progress, next step."""
        promise = "tokencoach reads what your assistants already wrote on this computer. Nothing leaves it."
        yield Container(
            Static(Content.styled(promise, "bold"), id="promise"),
            VerticalScroll(Static(Content.styled("looking…", "$tone-muted"), id="found"), id="findings"),
            Static("", id="progress"),
            Static("", id="next"),
            id="content",
        )

    def on_mount(self) -> None:
        """The keys of the page work at once."""
        super().on_mount()
        self.query_one("#findings").focus()

    def on_resize(self) -> None:
        """How far the reading is and the next step stay in sight: what was found scrolls where it is longer."""
        self.query_one("#findings").styles.max_height = max(self.size.height - _OTHER_LINES, 3)

    def fetch(self) -> Found:
        """What was found so far; folders that are not here are known only when all logs are read."""
        backend = self.coach.backend
        months = backend.months()
        month = default_month(months, backend.now_ms(), backend.tz) if backend.is_demo and months else ""
        return Found(backend.doctor(), months, bool(month) and backend.cached_audit(month) is not None)

    def show_value(self, value: Found) -> None:
        """Put it on the screen; a demonstration opens itself when it is made."""
        if value.is_made:
            self.app.switch_mode("audit")
            return
        idle = {"welcome.demo"} if self.coach.backend.is_demo else set()
        self.query_one(KeyBar).leave_out(idle if value.months else idle | {"welcome.audit"})
        self.query_one("#found", Static).update(
            found_lines(value.report, self.coach.glyphs, self.size.width - 6, is_low=self.size.height < _TALL)
        )
        self.query_one("#next", Static).update(self._next(value))

    def show_freshness(self, fresh: Freshness) -> None:
        """How far the reading is."""
        super().show_freshness(fresh)
        self.query_one("#progress", Static).update(self._progress(fresh))

    def _progress(self, fresh: Freshness) -> Content:
        if fresh.backlog_bytes <= 0:
            text = f"Read {figures.size(fresh.total_bytes)}." if fresh.total_bytes else ""
            return Content.styled(text, "$tone-muted")
        glyphs, width = self.coach.glyphs, max(min(self.size.width - 50, 40), 10)
        share = read_share(fresh)
        full = int(share * width)
        left = self._pace.left_ms()
        eta = f", {figures.span(left)} left" if left is not None else ""
        return Content("").join(
            [
                Content(f"Reading {figures.size(fresh.total_bytes)}  "),
                Content.styled(glyphs.full * full, "$tone-shipped"),
                Content.styled(glyphs.part * (width - full), "$tone-muted"),
                Content(f"  {figures.percent(min(share, 0.994))}{eta}, newest first"),
            ]
        )

    def _next(self, value: Found) -> Content:
        backend = self.coach.backend
        if backend.is_demo:
            return Content.styled("The demonstration is being made; it opens by itself.", "bold")
        if value.months:
            month = default_month(value.months, backend.now_ms(), backend.tz)
            step = f"show me {figures.month_title(month)}"
            return Content("").join(
                [Content.styled(f" {self.coach.glyphs.enter} ", "bold reverse"), Content(f"  {step}")]
            )
        demo = Content.styled(" d ", "bold reverse").append("  made-up data, to see what it looks like\n")
        found = [item for one in value.report.sections if one.name == _LOGS for item in one.items]
        if self.coach.is_judged_soon and any((one.mend or "").startswith(_UNDER_WAY) for one in found):
            reading = "What was found is being read; its newest month can be opened in a moment.\n"
            return Content.styled(reading, "bold").append(demo)
        elsewhere = "    Logs elsewhere: tokencoach --logs-home DIR reads another home folder."
        return demo.append(Content.styled(elsewhere, "$tone-muted"))

    def action_begin(self) -> None:
        """Open the audit of what has been read so far."""
        if self.value is not None and self.value.months:
            self.app.switch_mode("audit")
        else:
            self.notify("Nothing has been read yet. d shows made-up data.", severity="warning", markup=False)

    def action_demo(self) -> None:
        """Leave with the wish for made-up data; the caller makes it and comes back with it."""
        if self.coach.has_demo:
            self.app.exit("demo")
        else:
            self.notify("Leave with q, then: tokencoach demo", markup=False)

    def explained(self, figure: str) -> Explanation | None:
        """What the number of months counts."""
        if figure != "months" or self.value is None:
            return None
        from tokencoach.tui.why.explanation import FROM_REQUESTS, Explanation  # noqa: PLC0415

        inputs = tuple((figures.month_title(month), "has requests") for month in self.value.months)
        return Explanation("Months", "Months with at least one request read so far.", FROM_REQUESTS, inputs)

    def figures(self) -> dict[str, str]:
        """How many months can be shown."""
        return {"months": figures.count(len(self.value.months))} if self.value else {}


def found_lines(report: DoctorReport, glyphs: Glyphs, width: int, *, is_low: bool = False) -> Content:
    """Each assistant whose logs are there, the others together, then the repositories together.

    Where there is none, every place that was looked at. On a low screen the others are only counted, so that
    how far the reading is stands above the fold.
    """
    lines: list[Content] = []
    for section in report.sections:
        if section.name == _LOGS:
            absent = [item for item in section.items if item.is_absent]
            is_none = any(item.name == NONE_FOUND for item in section.items)
            # Kinds of records that a newer assistant writes have its version before a colon; the doctor has them.
            there = [
                item
                for item in section.items
                if item not in absent and item.name != NONE_FOUND and not (item.ok and ":" in item.name)
            ]
            if is_none:
                none = f"Nothing was found of {counted(len(absent), 'assistant')}. This is where it looked:"
                lines += [Content.styled(none, "bold $tone-alert"), Content("")]
            for item in [*there, *absent] if is_none else there:
                lines += _item_lines(item, glyphs, width)
            if absent and not is_none:
                names = counted(len(absent), "assistant")
                if not is_low:
                    names = ", ".join(item.name for item in absent)
                value = f"{_ABSENT}: {names}; 7 Doctor says where it looked"
                lines += _item_lines(DoctorItem("others", value, is_absent=True), glyphs, width)
        elif section.name == _REPOSITORIES:
            lines += _repository_line(section, glyphs, width)
    return Content("\n").join(lines)


def _item_lines(item: DoctorItem, glyphs: Glyphs, width: int) -> list[Content]:
    mark, tone = _mark(item, glyphs)
    room = max(width - _NAME - 3, 20)
    first, *rest = wrap(clean(item.value), room, break_on_hyphens=False) or [""]
    head = [Content.styled(f"{mark} ", tone), Content.styled(f"{clean(item.name, _NAME):<{_NAME}} ", "bold")]
    lines = [Content("").join([*head, Content(first)])]
    lines += [Content(" " * (_NAME + 3) + line) for line in rest]
    if item.mend and not item.mend.startswith(_UNDER_WAY):
        mend = wrap(clean(item.mend), room, break_on_hyphens=False)
        lines += [Content.styled(" " * (_NAME + 3) + line, "$tone-alert") for line in mend]
    return lines


def _repository_line(section: DoctorSection, glyphs: Glyphs, width: int) -> list[Content]:
    lines = [
        line for item in section.items if item.name == _NOT_HERE for line in _item_lines(item, glyphs, width)
    ]
    states = [item for item in section.items if item.name not in (_NONE_YET, _NOT_HERE)]
    if not states:
        return lines
    fine = sum(1 for item in states if item.ok)
    value = f"{len(states)} repositories named in those logs, {fine} can be read"
    together = DoctorItem("git", value, None if fine == len(states) else "7 Doctor says which", ok=fine > 0)
    return _item_lines(together, glyphs, 10_000) + lines


def _mark(item: DoctorItem, glyphs: Glyphs) -> tuple[str, str]:
    if not item.ok:
        return "!", "$tone-alert"
    if item.lack:
        return glyphs.off, "$tone-pending"
    if item.is_absent:
        return glyphs.separator, "$tone-muted"
    return glyphs.looks[Bucket.SHIPPED].glyph, "$tone-shipped"
