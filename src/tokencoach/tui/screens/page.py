"""What all pages share: edges, loading in a worker, freshness, and giving way to errors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, ParamSpec, TypeVar, cast

from textual import work
from textual.content import Content
from textual.screen import Screen

from tokencoach.tui.background import in_background
from tokencoach.tui.safe_text import clean
from tokencoach.tui.widgets.bars import ContextLine, KeyBar, NavBar
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.freshness import Pace, freshness_line
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tokencoach.audit.report import Freshness
    from tokencoach.tui.app import CoachApp
    from tokencoach.tui.why.explanation import Explanation

Value = TypeVar("Value")
P = ParamSpec("P")
T = TypeVar("T")
_EDGES = (NavBar, ContextLine, KeyBar, EmptyState)
_REST = 4
"""After a load a page rests this many times as long as the load took."""


class Explained(NamedTuple):
    """A figure of a page: its name, the text that is drawn, and what stands behind it."""

    name: str
    shown: str
    why: Explanation


class Page(Screen[None], Generic[Value]):
    """A screen full of one value, which is fetched in a thread and shown on the loop."""

    DEFAULT_CSS = "Page > .-failed { display: none; }"
    SCOPE: ClassVar[str] = ""
    MODE: ClassVar[str] = ""
    HAS_LIST: ClassVar[bool] = True
    CAN_OPEN: ClassVar[bool] = True
    SHOWS_FIND: ClassVar[bool] = False
    """Whether the footer names the key that finds; it works in every list."""
    REMINDS: ClassVar[bool] = False
    """Whether it says that the monthly ritual is due."""
    MIN_REST_S: ClassVar[float] = 0.0
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - not a ClassVar in Textual
        (0, "-slim"),
        (60, "-narrow"),
        (100, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-low"),
        (16, "-normal"),
        (32, "-tall"),
    ]

    def __init__(self, crumbs: tuple[str, ...] = (), value: Value | None = None, mode: str = "") -> None:
        super().__init__()
        self.mode = mode
        self.crumbs = crumbs
        self.value: Value | None = value
        self._pace = Pace()
        self._mark_shown: tuple[int | None, ...] | None = None
        self._file_shown: int | None = None
        self._is_loading = False
        self._is_stale = False
        self._is_shown = False
        self._rests_until = 0.0
        self._unit_shown = ""

    @property
    def nav_mode(self) -> str:
        """The screen that the navigation marks."""
        return self.mode or self.MODE

    @property
    def coach(self) -> CoachApp:
        """The app, by its own type."""
        return cast("CoachApp", self.app)

    def compose(self) -> ComposeResult:
        """Edges around what the page itself shows."""
        coach = self.coach
        yield NavBar(self.nav_mode, is_demo=coach.backend.is_demo)
        yield ContextLine(coach.glyphs)
        yield from self.compose_page()
        yield EmptyState()
        hidden = {"app.back"} if len(self.crumbs) < 2 else set()
        if not (self.HAS_LIST and self.CAN_OPEN):
            hidden.add("list.open")
        if not self.SHOWS_FIND:
            hidden.add("list.find")
        yield KeyBar(self.SCOPE, hidden=hidden, glyphs=coach.glyphs)

    def compose_page(self) -> Iterable[Widget]:
        """The page's own widgets."""
        return ()

    def fetch(self) -> Value:
        """Read the value; runs in a worker thread and touches no widget."""
        raise NotImplementedError

    def show_value(self, value: Value) -> None:
        """Put a value on the screen."""
        raise NotImplementedError

    def may_go_back(self) -> bool:
        """Whether escape leaves the page; otherwise it has undone something on it."""
        return True

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind one of the page's figures, by its name in ``figures``."""
        del figure
        return None

    def open_figure(self, figure: str) -> None:
        """Go down to what a figure is made of."""

    def on_empty_state_changed(self, event: EmptyState.Changed) -> None:
        """What the footer offers is what works: of an empty page its next step."""
        self.query_one(KeyBar).show_only(event.key if event.is_shown else None)

    def on_headline_opened(self) -> None:
        """The large figure was asked for."""
        self.open_headline()

    def open_headline(self) -> None:
        """Say how the large figure came about, where a page knows nothing better."""
        self.coach.action_why()

    def at_hand(self) -> list[Explained]:
        """The figures that can be asked about: all but those of lines that the cursor is not on."""
        ledgers = list(self.query(LedgerList))
        out = []
        for name, shown in self.figures().items():
            ledger = next((one for one in ledgers if name.startswith(f"{one.id}.")), None)
            if not shown or (ledger is not None and not name.startswith(ledger.row_prefix or "-")):
                continue
            found = self.explained(name)
            if found is not None:
                out.append(Explained(name, shown, found))
        return out

    async def on_ledger_list_sought(self, event: LedgerList.Sought) -> None:
        """A word is looked for in one of the page's lists."""
        await self.find_in(event.ledger)

    async def find_in(self, ledger: LedgerList[Any]) -> None:
        """Open the line where it is typed."""
        from tokencoach.tui.widgets.find_line import FindLine  # noqa: PLC0415 - built when first used

        await self.query(FindLine).remove()
        line = FindLine(ledger)
        await self.mount(line, before="#keys")
        line.focus()

    def focused_figure(self) -> str:
        """What the names of the focused figures begin with."""
        focused = self.focused
        return focused.row_prefix or "" if isinstance(focused, LedgerList) else ""

    def figures(self) -> dict[str, str]:
        """Every figure on the page, as it is drawn."""
        return {}

    def on_mount(self) -> None:
        """Show what is at hand, then load."""
        self.query_one(ContextLine).show(self.crumbs)
        self.show_freshness(self.coach.pulse.freshness)
        self.show_due()
        if self.value is not None:
            self.show_value(self.value)
            self._is_shown = True
        self.reload()

    def on_screen_resume(self) -> None:
        """Load again if something changed while another screen was shown; another unit may have been chosen."""
        self.show_freshness(self.coach.pulse.freshness)
        self.show_due()
        if self._unit_shown not in ("", self.coach.unit):
            self.unit_changed()
        self._unit_shown = self.coach.unit
        if self._mark_shown is not None and self._mark_shown != self.coach.pulse.mark:
            self.reload()

    def data_changed(self) -> None:
        """The database holds something new; load when the page has rested."""
        self._is_stale = True
        self.tick()

    def tick(self) -> None:
        """Once a second while the page is seen."""
        if self._is_stale and not self._is_loading and self._now() >= self._rests_until:
            self.reload()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    @work(exclusive=True, group="load", exit_on_error=True)
    async def reload(self) -> None:
        """Fetch in a thread, show on the loop; an error takes the place of this page's content only."""
        self._is_loading, self._is_stale = True, False
        started = self._now()
        self._mark_shown = self.coach.pulse.mark
        if self._file_shown not in (None, self.coach.pulse.file):
            self.forget()
        self._file_shown = self.coach.pulse.file
        try:
            await self.load()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the app goes on and says so
            self.show_error(error)
        finally:
            self._is_loading = False
            took = self._now() - started
            self._rests_until = self._now() + max(took * _REST, self.MIN_REST_S)

    def forget(self) -> None:
        """The database was deleted or replaced: nothing that was read from the former file is shown any more."""
        self.value = None

    async def load(self) -> None:
        """One load; what has not changed is not drawn again."""
        self.take(await self.aside(self.fetch))

    async def aside(self, function: Callable[P, T], /, *arguments: P.args, **options: P.kwargs) -> T:
        """What a function answers, asked in a thread beside the loop."""
        return await in_background(self.coach.backend.release, function, *arguments, **options)

    def not_kept(self, error: Exception) -> None:
        """Say why what the person said could not be written; the page stands as it was."""
        why = clean(" ".join(str(error).split()), 300)
        self.notify(f"Not kept: {why}", severity="error", markup=False)

    def take(self, value: Value) -> None:
        """Show a value that was fetched."""
        is_same = self.value is not None and value == self.value and self._is_shown
        self.value = value
        if not is_same:
            self._show_content(is_shown=True)
            self._is_shown = True
            self.show_value(value)
            self._focus_list()

    def _focus_list(self) -> None:
        """A list that was hidden while it was empty has lost the focus; its keys need it back."""
        if self.focused is None:
            shown = [ledger for ledger in self.query(LedgerList) if ledger.focusable]
            for ledger in sorted(shown, key=lambda one: not one.row_count)[:1]:
                ledger.focus(scroll_visible=False)

    def show_freshness(self, fresh: Freshness) -> None:
        """Put the freshness into the context line."""
        backend = self.coach.backend
        now = backend.now_ms()
        self._pace.add(now, fresh.backlog_bytes)
        line = freshness_line(
            fresh,
            backend.tz,
            now,
            self._pace.left_ms(),
            self.coach.glyphs,
            may_start=self.coach.may_start_watcher,
        )
        self.query_one(ContextLine).show_freshness(line)

    def show_due(self) -> None:
        """Say that the monthly ritual is due, where this page does."""
        is_said = self.REMINDS and len(self.crumbs) < 2
        self.query_one(ContextLine).show_due(self.coach.due if is_said else "")

    def show_error(self, error: Exception) -> None:
        """Say what went wrong in place of the page's content, and what mends it."""
        if not self.query(ContextLine):
            # The page is being taken away: a load that ends meanwhile finds nothing to write on.
            return
        self._is_shown = False
        mend = getattr(error, "mend", None) or "press R to read again; 7 Doctor says more"
        message = " ".join(str(error).split("\n  mend:")[0].split()) or type(error).__name__
        if self.value is None:
            self.query_one(ContextLine).show(self.crumbs)
            self._show_content(is_shown=False)
            self.query_one(EmptyState).explain(f"This could not be read: {clean(message)}", clean(mend))
        else:
            alert = Content.styled(f"not refreshed: {clean(message, 60)}", "bold $tone-alert")
            self.query_one(ContextLine).show_freshness(alert)

    def _show_content(self, *, is_shown: bool) -> None:
        for child in self.children:
            if not isinstance(child, _EDGES):
                child.set_class(not is_shown, "-failed")
                if not is_shown:
                    # What a value has shown or hidden itself stands above any class.
                    child.styles.inline.clear_rule("display")
        if is_shown:
            self.query_one(EmptyState).hide()

    def unit_changed(self) -> None:
        """Another unit was chosen."""
        self._unit_shown = self.coach.unit
        if self.value is not None:
            self.show_value(self.value)
