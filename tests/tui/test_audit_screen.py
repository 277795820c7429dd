"""The audit's screen: every figure equals the value, every level opens and gives its place back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tokencoach.audit.as_text import headline
from tokencoach.tui import figures
from tokencoach.tui.screens.audit_columns import month_columns, project_shipped
from tokencoach.tui.screens.audit_words import headline_figure
from tokencoach.tui.screens.lines import LinesPage
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.theme import UNICODE
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.verdict_bar import VerdictBar
from tokencoach.usage.words import Bucket, Phase
from tui.driving import LARGE, SMALL, Driver, drive, screen_text
from tui.made_values import MadeBackend, audit
from tui.made_values import project as made_project

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.audit.report import PeriodAudit

OCTOBER = audit("2026-10")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_figure_on_the_screen_equals_the_audit(size: tuple[int, int]) -> None:
    async def script(driver: Driver) -> None:
        shown, text = driver.figures(), driver.text()
        for spend in OCTOBER.buckets:
            assert shown[f"{spend.bucket}.share"] == figures.percent(spend.share)
            assert shown[f"{spend.bucket}.amount"] == figures.money(spend.cost_nano)
        assert shown["spend"] == figures.money(OCTOBER.spend.cost_nano)
        assert shown["known_share"] == figures.percent(OCTOBER.known_share)
        assert shown["lines.generated"] == figures.count(OCTOBER.lines.generated)
        assert shown["headline"] == "60%"
        for project in OCTOBER.projects:
            assert shown[f"projects.{project.repo}.spend"] == figures.money(project.cost_nano)
        drawn = [value for key, value in shown.items() if key != "headline"]
        assert [value for value in drawn if value not in text] == []

    drive(MadeBackend(), script, size=size)


class _Unlinked(MadeBackend):
    """In July's logs every folder is of another computer; nothing is known of it."""

    def audit(self, month: str) -> PeriodAudit:
        """As computed, with all of it unknown."""
        whole = super().audit(month)
        lost = tuple(
            replace(spend, share=float(spend.bucket is Bucket.UNKNOWN), tokens=whole.spend.counts.total)
            if spend.bucket is Bucket.UNKNOWN
            else replace(spend, share=0.0, tokens=0, cost_nano=0)
            for spend in whole.buckets
        )
        return replace(whole, buckets=lost, known_share=0.0)

    cached_audit = audit


def test_a_month_of_which_nothing_is_known_says_so_and_the_step_that_makes_it_known() -> None:
    async def script(driver: Driver) -> None:
        text = driver.text()
        assert f"Too little is known of what became of {figures.money(OCTOBER.spend.cost_nano)}." in text
        assert "Next: tokencoach repos link OLD NEW" in text
        assert "Month before" not in text, "of that month nothing is known either"
        assert "month_before" not in driver.figures()

    drive(_Unlinked(), script)


def test_how_far_the_headline_is_known_stands_on_a_narrow_screen_too_and_after_it_grew() -> None:
    async def script(driver: Driver) -> None:
        assert "is code that lives.  known for 96 %" in driver.text()
        await driver.pilot.resize_terminal(100, 24)
        await driver.settle()
        assert "became code that is still there.  known for 96 %" in driver.text()

    drive(MadeBackend(), script, size=(60, 20))


def test_a_project_that_explores_has_no_shipped_share() -> None:
    explorer = next(project for project in OCTOBER.projects if project.phase is Phase.EXPLORATION)

    async def script(driver: Driver) -> None:
        assert driver.figures()[f"projects.{explorer.repo}.shipped"] == "—"

    drive(MadeBackend(), script)


@pytest.mark.parametrize(
    ("weights", "shown"),
    [
        ([0, 0, 10, 0, 10, 80], "—"),
        ([0, 0, 90, 0, 0, 10], "0 %"),
        ([30, 0, 10, 0, 0, 60], "30 %"),
    ],
)
def test_nothing_shipped_is_told_only_where_most_is_known(weights: list[float], shown: str) -> None:
    project = made_project("api", 4_000_000_000, weights)
    assert project_shipped(project, "cost") == shown
    known = 1 - project.buckets[-1].share
    month = replace(OCTOBER, buckets=project.buckets, known_share=known)
    assert headline_figure(month, "cost") == shown.replace(" ", "")
    assert ("is not known" in headline(month)) == (shown == "—")


def test_the_unit_changes_every_amount_and_every_share() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("u")
        shown = driver.figures()
        whole = sum(spend.tokens for spend in OCTOBER.buckets)
        assert shown["spend"] == f"{figures.tokens(OCTOBER.spend.counts.total)} tokens"
        for spend in OCTOBER.buckets:
            assert shown[f"{spend.bucket}.amount"] == figures.tokens(spend.tokens)
            assert shown[f"{spend.bucket}.share"] == figures.percent(spend.tokens / whole)
        assert "$" not in driver.text()

    drive(MadeBackend(), script)


def test_months_are_stepped_through_and_the_running_one_found_again() -> None:
    async def script(driver: Driver) -> None:
        assert "October 2026" in driver.lines()[1]
        await driver.press("left_square_bracket")
        assert "September 2026" in driver.lines()[1]
        await driver.press("left_square_bracket")
        assert "September 2026" in driver.lines()[1]
        await driver.press("full_stop")
        assert "November 2026" in driver.lines()[1]

    drive(MadeBackend(), script)


def test_of_a_month_that_is_not_known_no_share_stands_among_the_months() -> None:
    (shipped,) = [column for column in month_columns("cost", UNICODE) if column.figure == "shipped"]
    unsaid = tuple(
        replace(item, share=share, cost_nano=round(share * 1e9))
        for item, share in zip(OCTOBER.buckets, (0.0, 0.0, 0.0, 0.0, 0.0, 1.0), strict=True)
    )
    assert shipped.cell(replace(OCTOBER, buckets=unsaid)).text == figures.UNKNOWN
    assert shipped.cell(OCTOBER).text == "60 %"


def test_the_months_before_are_compared() -> None:
    text = screen_text(MadeBackend(), "full_stop")
    assert "Month before 60 %, median of 2 months 60 %." in text


def test_each_level_opens_and_gives_its_place_back() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("j", "enter")
        assert "October 2026 › web-app" in driver.lines()[1]  # noqa: RUF001
        await driver.press("j", "j", "enter")
        await driver.press("j", "enter")
        await driver.press("j", "enter")
        assert driver.app.page is not None
        assert driver.app.page.crumbs[:2] == ("October 2026", "web-app")
        assert driver.app.page.crumbs[-2:] == ("turn 2", "client_1.ts")
        for _ in range(3):
            await driver.press("escape")
        assert isinstance(driver.app.page, SessionsPage)
        assert driver.app.page.query_one(LedgerList).cursor == 2
        await driver.press("escape")
        assert driver.app.page.query_one("#projects", LedgerList).cursor == 1
        await driver.press("escape")
        assert "October 2026" in driver.lines()[1]

    drive(MadeBackend(), script)


@pytest.mark.parametrize(("backend", "crumb"), [(MadeBackend(), "shipped"), (_Unlinked(), "unknown")])
def test_the_large_figure_opens_the_sessions_that_it_is_of(backend: MadeBackend, crumb: str) -> None:
    async def script(driver: Driver) -> None:
        driver.app.screen.query_one("#headline").focus()
        await driver.press("enter")
        page = driver.app.page
        assert isinstance(page, SessionsPage)
        assert page.crumbs[-1] == crumb

    drive(backend, script)


@pytest.mark.parametrize(("size", "crumb", "depth"), [(LARGE, "web-app", 2), (SMALL, "…", 2)])
def test_a_click_on_a_level_of_the_breadcrumb_goes_back_to_it(
    size: tuple[int, int], crumb: str, depth: int
) -> None:
    async def script(driver: Driver) -> None:
        await driver.press("j", "enter", "j", "j", "enter", "j", "enter", "j", "enter")
        line = driver.lines()[1]
        await driver.pilot.click("#context", offset=(line.index(" client_1.ts") + 3, 0))
        assert driver.lines()[1] == line
        await driver.pilot.click("#context", offset=(line.index(crumb) + len(crumb) - 1, 0))
        await driver.settle()
        page = driver.app.page
        assert page is not None
        assert len(page.crumbs) == depth
        assert page.query_one(LedgerList).cursor == depth

    drive(MadeBackend(), script, size=size)


def test_the_file_of_a_line_opens_in_the_editor_and_its_place_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    editor = tmp_path / "vim"
    editor.write_text(f"#!/bin/sh\nprintf '%s|' \"$@\" > '{told}'\n", encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))

    async def script(driver: Driver) -> None:
        monkeypatch.setattr(driver.app, "suspend", contextlib.nullcontext)
        await driver.press("enter", "enter", "j", "enter", "enter")
        page = driver.app.page
        assert isinstance(page, LinesPage)
        assert page.edit is not None
        await driver.press("o")
        assert "Not opened" in driver.text()
        await driver.press("Y")
        copied = driver.app.clipboard
        path, _, number = copied.rpartition(":")
        here = tmp_path / "here.ts"
        here.write_text("x\n", encoding="utf-8")
        monkeypatch.setattr(page, "_place", lambda: (str(here), int(number)))
        await driver.press("o")
        assert told.read_text(encoding="utf-8") == f"+{number}|{here}|"
        assert path.startswith("/")

    drive(MadeBackend(), script, size=LARGE)


def test_a_click_on_a_heading_orders_the_projects_and_a_third_gives_them_as_they_were() -> None:
    async def script(driver: Driver) -> None:
        projects = driver.app.screen.query_one("#projects", LedgerList)

        def names() -> list[str]:
            return [projects._rows[at].name for at in range(projects.row_count)]

        given = names()
        column = driver.lines()[projects.region.y].index("Project") - projects.region.x
        for wanted in (sorted(given), sorted(given, reverse=True), given):
            await driver.pilot.click("#projects", offset=(column, 0))
            await driver.settle()
            assert names() == wanted
            assert projects.cursor == 0
        assert given != sorted(given)

    drive(MadeBackend(), script)


def test_a_project_opens_its_sessions_of_the_month_only() -> None:
    backend = MadeBackend()
    screen_text(backend, "enter")
    asked = backend.asked[-1]
    assert (asked.month, asked.repo, asked.sort) == ("2026-10", "/home/me/api-gateway", "cost")


def test_the_bar_opens_the_sessions_of_the_chosen_bucket() -> None:
    async def script(driver: Driver) -> None:
        driver.app.screen.query_one(VerdictBar).focus()
        await driver.press("right", "right", "enter")
        assert "October 2026 › not landed" in driver.lines()[1]  # noqa: RUF001
        page = driver.app.page
        assert isinstance(page, SessionsPage)
        assert page.value is not None
        rows = [page.value.rows[at] for at in range(len(page.value.rows))]
        assert {row.verdict for row in rows} == {Bucket.NOT_LANDED}

    drive(MadeBackend(), script)


def test_why_explains_the_focused_figure_with_its_inputs() -> None:
    text = screen_text(MadeBackend(), "question_mark", size=LARGE)
    assert "Why this number" in text
    assert f"Spend of {OCTOBER.projects[0].name}" in text
    assert figures.exact_money(OCTOBER.projects[0].cost_nano) in text


def test_the_export_never_writes_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    screen_text(MadeBackend(), "e", "e")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["tokencoach-audit-2026-10-2.md", "tokencoach-audit-2026-10.md"]
    assert (tmp_path / names[1]).read_text(encoding="utf-8") == "# Audit of 2026-10\n"


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "Not written" in screen_text(MadeBackend(), "e")


def test_an_error_takes_only_the_place_of_what_it_could_not_read() -> None:
    backend = MadeBackend()
    backend.is_broken = True
    text = screen_text(backend, "full_stop")
    assert "disk on ␛[31mfire[/]" in text
    assert "2 Audit" in text


def test_hostile_text_does_nothing_on_any_level() -> None:
    async def script(driver: Driver) -> None:
        for key in ("6", "enter", "enter", "enter"):
            await driver.press(key)
            text = driver.text()
            assert "\x1b" not in text
            assert "\u202e" not in text
        assert "␛[31m[bold]red[/]" in driver.text()

    drive(MadeBackend(), script, size=LARGE)


@pytest.mark.parametrize("size", [(59, 15), (20, 6), (300, 90)])
def test_no_size_breaks_any_page(size: tuple[int, int]) -> None:
    async def script(driver: Driver) -> None:
        for key in ("2", "1", "7", "6", "enter", "enter", "enter"):
            await driver.press(key)
            assert all(line for line in driver.lines()[:1])

    drive(MadeBackend(sessions=20), script, size=size)
