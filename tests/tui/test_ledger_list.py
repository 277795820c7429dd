"""The list: any length opens at once, and the cursor keeps its row."""

from __future__ import annotations

import asyncio
import time
from array import array
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App, ComposeResult

from tokencoach.tui.widgets.columns import Cell, Column, fitted, lay_out
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.pages import PAGE, PagedRows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.pilot import Pilot

COLUMNS: tuple[Column[int], ...] = (
    Column("id", lambda row: Cell(str(row)), 8, is_right=True, figure="id"),
    Column("name", lambda row: Cell(f"session {row}", "shipped"), weight=2),
    Column("more", lambda _row: Cell("…", "muted"), weight=1, from_width=100),
)


class ListApp(App[None]):
    """A list and nothing else."""

    opened: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """The list."""
        yield LedgerList[int](COLUMNS, lambda row: row, id="list")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The list's colours."""
        from tokencoach.tui.theme import DEFAULT_VARIABLES  # noqa: PLC0415 - as the app does

        return dict(DEFAULT_VARIABLES)

    def on_ledger_list_opened(self, event: LedgerList.Opened) -> None:
        """Remember what was opened."""
        row: int = event.ledger.row or 0
        self.opened = (*self.opened, row)

    @property
    def ledger(self) -> LedgerList[int]:
        """The list."""
        return self.query_one(LedgerList)


class Fetched:
    """Counts what is asked of the database."""

    def __init__(self) -> None:
        self.pages = 0

    def __call__(self, ids: Sequence[int]) -> list[int]:
        """The rows of one page."""
        self.pages += 1
        assert len(ids) <= PAGE
        return list(ids)


def run(script: Callable[[ListApp, Pilot[Any]], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> None:
    async def main() -> None:
        app = ListApp()
        async with app.run_test(size=size) as pilot:
            app.ledger.focus()
            await pilot.pause()
            await script(app, pilot)

    asyncio.run(main())


def test_a_hundred_thousand_rows_fetch_only_what_is_seen() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        fetched = Fetched()
        app.ledger.set_rows(PagedRows(array("q", range(100_000)), fetched))
        await pilot.press("G")
        assert app.ledger.row == 99_999
        assert app.ledger.scroll_offset.y == 100_000 - 23
        await pilot.press("g")
        assert app.ledger.row == 0
        assert fetched.pages <= 4

    run(script)


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["j", "j", "k"], 1),
        (["down", "up", "up"], 0),
        (["ctrl+d"], 11),
        (["ctrl+d", "ctrl+u"], 0),
        (["pagedown"], 22),
        (["pagedown", "pageup"], 0),
        (["G"], 499),
        (["end", "home"], 0),
    ],
)
def test_keys_move_the_cursor(keys: list[str], row: int) -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(tuple(range(500)))
        await pilot.press(*keys)
        assert app.ledger.row == row
        top = app.ledger.scroll_offset.y
        assert top <= row < top + 23

    run(script)


def test_the_cursor_stays_on_its_row_when_rows_come_before_it() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(PagedRows(array("q", range(100, 400)), Fetched()))
        await pilot.press("pagedown", "j")
        before = app.ledger.row
        app.ledger.set_rows(PagedRows(array("q", range(400)), Fetched()))
        assert app.ledger.row == before
        app.ledger.set_rows(tuple(range(3)))
        assert app.ledger.row == 2
        app.ledger.set_rows(())
        assert app.ledger.row is None
        await pilot.press("enter", "j", "G")
        assert app.opened == ()

    run(script)


def test_a_click_moves_the_cursor_and_a_second_one_opens() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(tuple(range(50)))
        await pilot.click("#list", offset=(5, 0))
        assert app.ledger.row == 0
        await pilot.click("#list", offset=(5, 4), times=2)
        assert app.ledger.row == 3
        assert app.opened == (3,)

    run(script)


def test_enter_opens_the_row_under_the_cursor() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(tuple(range(50)))
        await pilot.press("j", "enter")
        assert app.opened == (1,)

    run(script)


def test_only_the_rows_in_sight_are_figures() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(tuple(range(500)))
        await pilot.press("G")
        shown = app.ledger.figures()
        assert shown["list.499.id"] == "499"
        assert "list.0.id" not in shown

    run(script)


def test_a_row_that_left_the_database_is_drawn_as_nothing() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(PagedRows(array("q", range(300)), lambda ids: list(ids)[:5]))
        await pilot.press("j")
        await pilot.press("G")
        assert app.ledger.row is None

    run(script)


FITTING: tuple[Column[str], ...] = (
    Column("tool", lambda _row: Cell("claude-code"), 11, fits=True, varies=True),
    Column("project", Cell, 16, fits=True),
    Column("about", Cell),
)


def test_a_column_that_fits_is_as_wide_as_its_longest_cell_and_one_that_says_nothing_goes() -> None:
    rows = ("api", "web-app", "日本語日本語")
    assert [(column.title, column.width) for column in fitted(FITTING, rows)] == [
        ("project", 12),
        ("about", 0),
    ]
    assert fitted(FITTING, (*rows, "a-name-that-is-longer-than-its-most"))[0].width == 16
    titles = [column.title for column in fitted(FITTING, ("api",))]
    assert titles == ["tool", "project", "about"], "of a single row nothing is said twice"
    assert fitted(FITTING, ())[1].width == len("project") + 1, "the mark of the order has its place"


def test_a_column_that_fits_without_a_width_gives_what_it_does_not_need_to_the_others() -> None:
    name: Column[str] = Column("name", Cell, weight=12, fits=True)
    why: Column[str] = Column("why", lambda _row: Cell("because"))
    shown = fitted((name, why), ("a name of 17 cells", "short"))
    assert [cells for _, cells in lay_out(shown, 80)] == [18, 60]
    assert [cells for _, cells in lay_out(shown, 20)] == [16, 2], "by weight where it is narrow"
    alone = fitted((name,), ("a name of 17 cells",))
    assert [cells for _, cells in lay_out(alone, 80)] == [80], "nobody else takes it"


def test_of_rows_that_are_fetched_by_pages_one_page_is_measured_and_no_column_goes() -> None:
    fetched: list[int] = []

    def fetch(ids: Sequence[int]) -> list[str]:
        fetched.extend(ids)
        return [f"p{at}" for at in ids]

    shown = fitted(FITTING, PagedRows(array("q", range(1000)), fetch))
    assert [column.title for column in shown] == ["tool", "project", "about"]
    assert len(fetched) == PAGE


def test_columns_share_what_is_left_and_hide_where_it_is_narrow() -> None:
    assert [cells for _, cells in lay_out(COLUMNS, 80)] == [8, 70]
    assert [cells for _, cells in lay_out(COLUMNS, 120)] == [8, 72, 36]
    assert sum(cells for _, cells in lay_out(COLUMNS, 5)) == 8


def test_a_key_in_a_hundred_thousand_rows_is_drawn_within_fifty_milliseconds() -> None:
    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_rows(PagedRows(array("q", range(100_000)), Fetched()))
        await pilot.pause()
        took = []
        for step in range(40):
            started = time.thread_time()
            app.ledger.action_page(1 if step % 2 else 7)
            app.screen._compositor.render_strips()
            took.append(time.thread_time() - started)
        assert sorted(took)[37] < 0.05

    run(script, size=(120, 40))


def test_rows_are_ordered_by_each_column_that_has_an_order_and_unknown_ones_stand_last() -> None:
    ranked: tuple[Column[int], ...] = (
        Column("id", lambda row: Cell(str(row)), 8, is_right=True, rank=lambda row: row % 7 or None),
        Column("name", lambda row: Cell(f"session {row}"), weight=2, rank=str),
        Column("more", lambda _row: Cell("…"), weight=1),
    )

    async def script(app: ListApp, pilot: Pilot[Any]) -> None:
        app.ledger.set_columns(ranked)
        app.ledger.set_rows(tuple(range(20)))
        await pilot.pause()

        def drawn() -> list[int]:
            return [app.ledger._rows[at] for at in range(20)]

        await pilot.press("greater_than_sign")
        left = [row % 7 for row in drawn()]
        assert left[:17] == sorted(left[:17], reverse=True)
        assert left[17:] == [0, 0, 0]
        assert "id▾" in app.ledger.render_line(0).text
        await pilot.press("greater_than_sign")
        assert drawn() == sorted(range(20), key=str)
        assert "name▴" in app.ledger.render_line(0).text
        await pilot.press("greater_than_sign")
        assert drawn() == list(range(20))
        await pilot.click("#list", offset=(6, 0))
        await pilot.click("#list", offset=(6, 0))
        assert [row % 7 for row in drawn()][-4:] == [6, 0, 0, 0]
        app.ledger.set_rows(tuple(range(19, -1, -1)))
        assert [row % 7 for row in drawn()][-4:] == [6, 0, 0, 0]

    run(script)
