"""The features of a month on the screen: figures, the person's word, what is said where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tokencoach.audit.feature_text import as_printed_words
from tokencoach.tui.screens.feature_columns import about_feature
from tokencoach.tui.screens.features import FeaturesPage
from tokencoach.tui.screens.session import SessionPage
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.outcome_line import OutcomeLine
from tui.driving import LARGE, SMALL, Driver, drive, screen_text
from tui.made_outcomes import feature, score
from tui.made_values import MadeBackend, audit

if TYPE_CHECKING:
    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.audit.report import PeriodAudit


class _Unscored(MadeBackend):
    """Three features are lacking."""

    def audit(self, month: str) -> PeriodAudit:
        lacking = replace(
            score(10),
            value=None,
            grade=None,
            interval=(),
            why="not enough data: 0 of 3",
            step="review something",
        )
        return replace(super().audit(month), score=lacking)

    def cached_audit(self, month: str) -> PeriodAudit | None:
        del month
        return None


class _Idle(MadeBackend):
    """Nothing landed."""

    def audit(self, month: str) -> PeriodAudit:
        return replace(super().audit(month), features=audit("2026-08").features)

    def cached_audit(self, month: str) -> PeriodAudit | None:
        del month
        return None


def _outcome(driver: Driver) -> str:
    """The person's word on the feature under the cursor."""
    row: FeatureItem | None = driver.app.screen.query_one("#features", LedgerList).row
    assert row is not None
    return row.outcome


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("unit", ["cost", "tokens"])
def test_the_audits_lines_show_features_and_the_score(size: tuple[int, int], unit: str) -> None:
    async def script(driver: Driver) -> None:
        if unit == "tokens":
            await driver.press("u")
        shown, text = driver.figures(), driver.text()
        assert shown["features"] == "14 features shipped"
        assert shown["each"] == ("29.1k tokens each" if unit == "tokens" else "$0.61 each")
        assert shown["bug_suspects"] == "2 bug-suspects"
        assert shown["reviewed"] == "11 of 14 reviewed"
        assert (shown["score"], shown["grade"], shown["as_printed"]) == ("0.07", "B", "0.4")
        assert shown["interval"] == "0.05 to 0.09, provisional until 25 Nov"
        assert [value for key, value in shown.items() if key != "headline" and value not in text] == []
        own = "ahead of 60 % of your last 90 days  raw 0.4/h/billion tokens"
        assert (own if size == LARGE else "raw 0.4/h/bn tokens") in text

    drive(MadeBackend(), script, size=size)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (4e-10, "0.4 features per hour and billion tokens"),
        (5e-08, "50 features per hour and billion tokens"),
        (3e-06, "3 features per hour and million tokens"),
        (-2e-09, "-2 features per hour and billion tokens"),
        (7e-13, "0.7 features per hour and trillion tokens"),
        (0.0, "0 features per hour and trillion tokens"),
    ],
)
def test_the_formula_as_printed_is_a_figure_that_can_be_read(value: float, shown: str) -> None:
    assert as_printed_words(value) == shown


def test_without_a_score_the_line_says_what_is_lacking_and_the_next_step() -> None:
    text = screen_text(_Unscored(), size=LARGE)
    assert "Score —  0 of 3. Next: review something" in text


def test_without_any_feature_the_page_says_so_and_where_to_look() -> None:
    text = screen_text(_Idle(), "f")
    assert "No generated line landed in October 2026." in text
    assert "esc" in text


@pytest.mark.parametrize("line", ["features", "score"])
def test_each_line_opens_the_features_and_explains_itself(line: str) -> None:
    async def script(driver: Driver) -> None:
        driver.app.screen.query_one(f"#{line}", OutcomeLine).focus()
        await driver.press("question_mark")
        wanted = {"features": "landed in feature", "score": "R, resource units"}[line]
        assert wanted in driver.text()
        await driver.press("escape")
        await driver.press("enter")
        assert isinstance(driver.app.page, FeaturesPage)

    drive(MadeBackend(), script, size=LARGE)


def test_a_word_is_said_shown_at_once_and_taken_back() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("f")
        assert _outcome(driver) == "unknown"
        for key, outcome in (("y", "used"), ("h", "harmed"), ("n", "not used")):
            await driver.press(key)
            assert _outcome(driver) == outcome
        assert outcome in driver.lines()[3]
        for outcome in ("harmed", "used", "unknown"):
            await driver.press("z")
            assert _outcome(driver) == outcome
        await driver.press("z")
        assert "You have said nothing here yet." in driver.text()

    drive(backend, script)
    assert backend.outcomes == [
        ("#1", word) for word in ("used", "harmed", "not used", "harmed", "used", "unknown")
    ]


def test_a_word_that_cannot_be_kept_is_not_shown_as_kept() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("f")
        backend.is_broken = True
        await driver.press("y")
        assert "Not kept: the database is locked" in driver.text()
        assert _outcome(driver) == "unknown"

    drive(backend, script)


def test_a_feature_leads_to_its_sessions() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("f", "j", "j", "j", "enter")
        assert "points at 3 lines, sure 40 %" in driver.text()
        await driver.press("enter")
        assert isinstance(driver.app.page, SessionPage)
        for _ in range(3):
            await driver.press("escape")
        assert "October 2026" in driver.lines()[1]

    drive(MadeBackend(), script)


@pytest.mark.parametrize("size", [(59, 15), (20, 6), (300, 90)])
def test_no_size_breaks_the_page(size: tuple[int, int]) -> None:
    async def script(driver: Driver) -> None:
        await driver.press("f")
        await driver.press("enter")
        assert "\x1b" not in driver.text()

    drive(MadeBackend(), script, size=size)


@pytest.mark.parametrize(("seen", "said"), [((), "not reviewed"), (("local",), "reviewed by reading before")])
def test_whether_anybody_looked_is_said_in_words(seen: tuple[str, ...], said: str) -> None:
    rows = about_feature(replace(feature(1), reviewed_by=seen), "cost", ZoneInfo("UTC"))
    (row,) = [row.plain for row in rows if "review" in row.plain]
    assert row.startswith(said)
