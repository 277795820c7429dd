"""Every figure on a screen equals the JSON of the same database, made by the real pipeline."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tokencoach import clock
from tokencoach.__main__ import open_app
from tokencoach.checklist.as_text import value_words
from tokencoach.cli.main import run
from tokencoach.demo.scenario import make_demo
from tokencoach.tui import figures
from tokencoach.tui.backend import SessionQuery
from tokencoach.tui.ledger import LedgerBackend
from tokencoach.tui.screens.call_columns import made_by
from tokencoach.tui.screens.checklist import ChecklistPage
from tokencoach.tui.screens.features import FeaturesPage
from tokencoach.tui.screens.session import SessionPage
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.screens.wasteful import WastefulList
from tokencoach.tui.widgets.ledger_list import LedgerList
from tui.driving import LARGE, Driver, drive

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-22T14:02:00"
MONTH = "2026-10"


class World(NamedTuple):
    """A demonstration's database and the home folder of its logs."""

    database: Path
    logs_home: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once; read from the command line, as a person would."""
    folder = tmp_path_factory.mktemp("demo")
    logs_home = make_demo(folder / "world", 7, clock.parse_iso_ms(NOW)).home
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKENCOACH_HOME", str(folder / "state"))
        patch.setenv("TOKENCOACH_NOW", NOW)
        assert run(["--logs-home", str(logs_home), "--tz", "UTC", "ingest"], open_app) == 0
    return World(folder / "state" / "tokencoach.db", logs_home)


@pytest.fixture
def said(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON of a verb on that database."""
    monkeypatch.setenv("TOKENCOACH_HOME", str(world.database.parent))
    monkeypatch.setenv("TOKENCOACH_NOW", NOW)

    def say(*arguments: str) -> Any:
        capsys.readouterr()
        run(["--logs-home", str(world.logs_home), "--tz", "UTC", *arguments, "--json"], open_app)
        return json.loads(capsys.readouterr().out)

    return say


def backend(world: World) -> LedgerBackend:
    assert os.environ["TOKENCOACH_NOW"] == NOW
    return LedgerBackend(world.database, clock.zone("UTC"), is_demo=True, logs_home=world.logs_home)


def dollars(usd: float) -> str:
    return figures.money(round(usd * 1_000_000_000))


def test_every_call_of_a_session_stands_in_the_turn_that_made_it(world: World, said: Any) -> None:
    session = said("sessions", "--month", MONTH, "--sort", "cost")["sessions"][0]["session_id"]
    shown = backend(world)
    row_id = shown.session_row_of(session, None)
    assert row_id is not None
    detail = shown.session_detail(row_id)
    by_turn = {turn.turn: shown.turn_calls(row_id, turn.turn_id) for turn in detail.turns}
    keys = [call.key for calls in by_turn.values() for call in calls]
    assert keys
    assert len(keys) == len(set(keys))
    made = [made_by(by_turn[turn.turn], turn.edits) for turn in detail.turns]
    assert sum(map(len, made)) == sum(len(turn.edits) for turn in detail.turns) > 0


@pytest.mark.parametrize("size", [(80, 24), LARGE])
def test_the_audit_on_the_screen_is_the_audit_as_json(world: World, said: Any, size: tuple[int, int]) -> None:
    audit = said("audit", "--month", MONTH)

    async def script(driver: Driver) -> None:
        shown, text = driver.figures(), driver.text()
        assert shown["spend"] == dollars(audit["spend"]["cost_usd"])
        assert shown["known_share"] == figures.percent(audit["known_share"])
        for spend in audit["buckets"]:
            assert shown[f"{spend['bucket']}.share"] == figures.percent(spend["share"])
            assert shown[f"{spend['bucket']}.amount"] == dollars(spend["cost_usd"])
        assert shown["headline"] == shown["shipped.share"].replace(" ", "")
        assert shown["lines.generated"] == figures.count(audit["lines"]["generated"])
        assert shown["lines.landed"] == figures.count(audit["lines"]["landed"])
        assert shown["lines.survived"] == figures.count(audit["lines"]["survived"])
        each = audit["features"]["cost_usd_per_feature"]
        assert shown["features"] == f"{audit['features']['shipped']} features shipped"
        assert shown["each"] == f"{dollars(each)} each"
        assert (
            shown["reviewed"] == f"{audit['features']['reviewed']} of {audit['features']['shipped']} reviewed"
        )
        assert shown.get("grade", "F") == audit["score"]["grade"]
        assert shown["score"] == f"{audit['score']['value']:.2g}"
        for project in audit["projects"]:
            assert shown[f"projects.{project['repo']}.spend"] == dollars(project["cost_usd"])
        assert [value for key, value in shown.items() if key != "headline" and value not in text] == []

    drive(backend(world), script, size=size)


def test_the_features_on_the_screen_are_those_of_the_json(world: World, said: Any) -> None:
    items = said("audit", "--month", MONTH)["features"]["items"]

    async def script(driver: Driver) -> None:
        await driver.press("f")
        page = driver.app.page
        assert isinstance(page, FeaturesPage)
        shown = driver.figures()
        for item in items:
            assert shown[f"features.{item['commits'][0]}.spend"] == dollars(item["cost_usd"])
        ledger = page.query_one(LedgerList)
        assert [ledger._rows[at].feature_id for at in range(ledger.row_count)] == [
            item["id"] for item in items
        ]
        await driver.press("y")

    drive(backend(world), script, size=LARGE)
    assert said("audit", "--month", MONTH)["features"]["items"][0]["outcome"] == "used"


def test_a_projects_sessions_are_those_of_the_json(world: World, said: Any) -> None:
    repo = said("audit", "--month", MONTH)["projects"][0]["repo"]
    sessions = said("sessions", "--month", MONTH, "--repo", repo, "--sort", "cost")["sessions"]

    async def script(driver: Driver) -> None:
        await driver.press("enter")
        page = driver.app.page
        assert isinstance(page, SessionsPage)
        ledger = page.query_one(LedgerList)
        rows = [ledger._rows[at] for at in range(ledger.row_count)]
        assert [row.session_id for row in rows] == [session["session_id"] for session in sessions]
        shown = driver.figures()
        for row, session in zip(rows, sessions, strict=True):
            assert shown[f"sessions.{row.row_id}.spend"] == dollars(session["cost_usd"])
            assert row.verdict == session["verdict"]

    drive(backend(world), script, size=LARGE)


def test_a_session_opened_shows_the_turns_of_the_json(world: World, said: Any) -> None:
    repo = said("audit", "--month", MONTH)["projects"][0]["repo"]
    first = said("sessions", "--month", MONTH, "--repo", repo, "--sort", "cost")["sessions"][0]
    detail = said("sessions", "show", first["session_id"])

    async def script(driver: Driver) -> None:
        await driver.press("enter")
        await driver.press("enter")
        page = driver.app.page
        assert isinstance(page, SessionPage)
        assert page.value is not None
        shown = driver.figures()
        assert len(page.value.turns) == len(detail["turns"])
        for turn, said_turn in zip(page.value.turns, detail["turns"], strict=True):
            assert shown[f"turns.{turn.turn_id}.spend"] == dollars(said_turn["cost_usd"])

    drive(backend(world), script, size=LARGE)


def test_the_sessions_that_wasted_most_are_those_of_the_json(world: World, said: Any) -> None:
    worst = said("sessions", "--month", MONTH, "--sort", "waste")["sessions"][0]
    lost = sum(one["cost_usd"] for one in worst["buckets"] if one["bucket"] in ("not_landed", "reworked"))

    async def script(driver: Driver) -> None:
        wasteful = driver.app.screen.query_one(WastefulList)
        assert wasteful.row is not None
        assert wasteful.row.session_id == worst["session_id"]
        shown = driver.figures()
        assert shown[f"wasteful.{wasteful.row.row_id}.waste"] == dollars(lost)
        assert shown[f"wasteful.{wasteful.row.row_id}.spend"] == dollars(worst["cost_usd"])

    drive(backend(world), script, size=LARGE)


def test_the_last_days_are_those_of_the_json(world: World, said: Any) -> None:
    usage = said("usage", "--by", "day", "--since", "2026-11-15", "--until", "2026-11-22")["rows"]
    spent = {row["day"]: row["cost_usd"] for row in usage}
    assert len(spent) > 3

    async def script(driver: Driver) -> None:
        await driver.press("1")
        shown = {key: value for key, value in driver.figures().items() if key.startswith("days.")}
        days = [key.split(".")[1] for key in shown if key.endswith(".spend")]
        assert days == [f"2026-11-{day}" for day in range(22, 14, -1)]
        for day in days:
            assert shown[f"days.{day}.spend"] == dollars(spent.get(day, 0))

    drive(backend(world), script, size=LARGE)


def test_a_filter_finds_every_session_that_shows_the_word(world: World, said: Any) -> None:
    assert said("sessions")["sessions"]  # the verb judges what it shows
    ledger = backend(world)
    rows = ledger.session_rows(list(ledger.session_ids(SessionQuery())))
    wanted = {row.row_id for row in rows if "add a module" in (row.title or "").lower()}
    assert len(wanted) > 3
    assert set(ledger.session_ids(SessionQuery(text="ADD a module"))) == wanted
    ledger.release()


def test_a_turn_without_a_line_says_whose_verdict_it_has(said: Any) -> None:
    sessions = said("sessions", "--month", MONTH, "--sort", "cost")["sessions"][:6]
    told = 0
    for session in sessions:
        turns = {turn["turn"]: turn for turn in said("sessions", "show", session["session_id"])["turns"]}
        for turn in turns.values():
            lead, _, rest = turn["reason"].partition(": ")
            if lead.startswith("wrote no line, goes with turn "):
                other = turns[int(lead.rpartition(" ")[2])]
                assert not any(edit["lines"] for edit in turn["edits"])
                assert (turn["verdict"], rest) == (other["verdict"], other["reason"])
                told += 1
            elif not turn["edits"]:
                assert turn["verdict"] == "neutral"
    assert told > 3


@pytest.mark.parametrize("size", [(80, 24), LARGE])
def test_the_checklist_on_the_screen_is_that_of_the_json(
    world: World, said: Any, size: tuple[int, int]
) -> None:
    answer = said("checklist")

    async def script(driver: Driver) -> None:
        await driver.press("3")
        page = driver.app.page
        assert isinstance(page, ChecklistPage)
        assert page.month == answer["month"]
        ledger = page.query_one("#items", LedgerList)
        rows = [ledger._rows[at] for at in range(ledger.row_count)]
        for row, item in zip(rows, answer["items"], strict=True):
            assert (row.item.id, row.state, row.value, row.target) == (
                item["id"],
                item["state"],
                item["value"],
                item["target"],
            )
            assert row.said.why == item["why"]
            assert len(row.said.evidence) == len(item["evidence"])
        shown, text = driver.figures(), driver.text()
        for item in answer["items"][: len(shown)]:
            drawn = shown[f"items.{item['id']}.value"]
            assert drawn == value_words(item["value"], item["unit"] or "")
            assert drawn in text

    drive(backend(world), script, size=size)


def test_todays_figures_are_those_of_usage(world: World, said: Any) -> None:
    usage = said("usage", "--by", "day", "--since", NOW[:10], "--until", NOW[:10])["totals"]

    async def script(driver: Driver) -> None:
        await driver.press("1")
        shown = driver.figures()
        assert shown["headline"] == dollars(usage["cost_usd"])
        assert shown["requests"] == figures.count(usage["requests"])

    drive(backend(world), script)


def test_without_a_database_every_page_says_what_to_do(tmp_path: Path) -> None:
    async def script(driver: Driver) -> None:
        assert "Nothing leaves it." in driver.text()
        for key in ("1", "2", "3", "6", "7"):
            await driver.press(key)
            assert driver.lines()[0].startswith(" 1 Today")
            assert any(line.strip() for line in driver.lines()[2:-1])

    drive(LedgerBackend(tmp_path / "none.db", clock.zone("UTC"), logs_home=tmp_path), script)


def test_each_event_of_today_opens_its_turn_or_the_sessions_that_landed_and_back_restores_the_place(
    world: World,
    said: Any,
) -> None:
    assert said("sessions")["sessions"]  # the verb judges what it shows

    async def script(driver: Driver) -> None:
        await driver.press("1")
        events = driver.app.screen.query_one("#events", LedgerList)
        seen = set()
        for at in range(events.row_count):
            events.cursor = at
            row = events.row
            assert row is not None
            await driver.press("enter")
            page = driver.app.page
            assert isinstance(page, SessionPage | SessionsPage), row
            if isinstance(page, SessionPage):
                assert page.crumbs[0] == "Today"
                assert page.row.row_id in row.sessions
                turn = page.query_one("#turns", LedgerList).row
                assert turn is not None
                assert row.turn_id in (None, turn.turn_id)
            seen.add(row.kind)
            await driver.press("escape")
            assert events.row == row
        assert {"edit", "asked", "landed"} <= seen
        await driver.press("question_mark", "enter")
        page = driver.app.page
        assert isinstance(page, SessionsPage)
        assert page.value is not None
        assert len(page.value.rows) == len(set(page.asked.rows))
        assert page.asked.rows

    drive(backend(world), script)
