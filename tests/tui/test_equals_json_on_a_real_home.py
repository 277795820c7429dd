"""As on the demonstration: every figure on a screen equals the JSON, on logs of strangers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tokencoach import clock
from tokencoach.__main__ import open_app
from tokencoach.cli.main import run
from tokencoach.tui import figures
from tokencoach.tui.ledger import LedgerBackend
from tokencoach.tui.screens.session import SessionPage
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.widgets.ledger_list import LedgerList
from tui.driving import LARGE, SMALL, Driver, drive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOME = "claude-2.1"


class RealHome(NamedTuple):
    """A database made of a stranger's logs, the month with most requests, and an instant after it."""

    database: Path
    logs_home: Path
    month: str
    now: str


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """Read once, in place, from the command line."""
    if not (shared_data / HOME).is_dir():
        pytest.skip(f"the real logs (../shared/data/{HOME}) are not on this computer")
    folder = tmp_path_factory.mktemp("real")
    logs_home = shared_data / HOME / "home"
    with pytest.MonkeyPatch.context() as patch, pytest.MonkeyPatch.context() as silent:
        patch.setenv("TOKENCOACH_HOME", str(folder / "state"))
        said = _said(logs_home, silent, "usage", "--by", "month")
        busiest = max(said["rows"], key=lambda row: row["requests"])["month"]
        year, number = map(int, busiest.split("-"))
        after = f"{year + number // 12:04}-{number % 12 + 1:02}-20T12:00:00"
        patch.setenv("TOKENCOACH_NOW", after)
        yield RealHome(folder / "state" / "tokencoach.db", logs_home, busiest, after)


def _said(logs_home: Path, patch: pytest.MonkeyPatch, *arguments: str) -> Any:
    written: list[str] = []
    patch.setattr("sys.stdout.write", written.append)
    run(["--logs-home", str(logs_home), "--tz", "UTC", *arguments, "--json"], open_app)
    return json.loads("".join(written))


@pytest.fixture
def said(real: RealHome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON of a verb on that database."""
    monkeypatch.setenv("TOKENCOACH_HOME", str(real.database.parent))
    monkeypatch.setenv("TOKENCOACH_NOW", real.now)

    def say(*arguments: str) -> Any:
        capsys.readouterr()
        run(["--logs-home", str(real.logs_home), "--tz", "UTC", *arguments, "--json"], open_app)
        return json.loads(capsys.readouterr().out)

    return say


def backend(real: RealHome) -> LedgerBackend:
    return LedgerBackend(real.database, clock.zone("UTC"), logs_home=real.logs_home)


def dollars(usd: float) -> str:
    return figures.money(round(usd * 1_000_000_000))


async def to_the_month(driver: Driver, month: str) -> None:
    """Step back until the month is shown."""
    for _ in range(36):
        if figures.month_title(month) in driver.lines()[1]:
            return
        await driver.press("left_square_bracket")
    raise AssertionError(f"{month} was never shown")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_real_months_audit_is_the_audit_as_json(real: RealHome, said: Any, size: tuple[int, int]) -> None:
    audit = said("audit", "--month", real.month)

    async def script(driver: Driver) -> None:
        await to_the_month(driver, real.month)
        page = driver.app.page
        assert page is not None
        for unit in ("cost", "tokens"):
            shown, text = driver.figures(), driver.text()
            whole = audit["spend"]["tokens"]
            for spend in audit["buckets"]:
                share = spend["share"] if unit == "cost" else spend["tokens"] / whole
                size_of = dollars(spend["cost_usd"]) if unit == "cost" else figures.tokens(spend["tokens"])
                assert shown[f"{spend['bucket']}.share"] == figures.percent(share)
                assert shown[f"{spend['bucket']}.amount"] == size_of
            assert shown["known_share"] == figures.percent(audit["known_share"])
            # Nothing shipped is no figure where most of the spend is unknown.
            is_unsaid = shown["shipped.share"] == figures.percent(0.0) and audit["known_share"] < 0.5
            headline = figures.UNKNOWN if is_unsaid else shown["shipped.share"].replace(" ", "")
            assert shown["headline"] == headline
            for name in ("generated", "landed", "survived"):
                assert shown[f"lines.{name}"] == figures.count(audit["lines"][name])
            for project in audit["projects"]:
                name = f"projects.{project['repo']}.spend"
                if unit == "cost" and name in shown:
                    assert shown[name] == dollars(project["cost_usd"])
            assert [value for key, value in shown.items() if key != "headline" and value not in text] == []
            assert [name for name in shown if page.explained(name) is None] == []
            await driver.press("u")

    drive(backend(real), script, size=size)


def test_a_real_months_sessions_and_one_opened_are_those_of_the_json(real: RealHome, said: Any) -> None:
    sessions = said("sessions", "--month", real.month, "--sort", "cost")["sessions"]
    detail = said("sessions", "show", sessions[0]["session_id"])

    async def script(driver: Driver) -> None:
        await to_the_month(driver, real.month)
        await driver.press("o")
        page = driver.app.page
        assert isinstance(page, SessionsPage)
        ledger = page.query_one(LedgerList)
        rows = [ledger._rows[at] for at in range(ledger.row_count)]
        assert [row.session_id for row in rows] == [session["session_id"] for session in sessions]
        shown = driver.figures()
        for row, session in zip(rows, sessions, strict=True):
            name = f"sessions.{row.row_id}.spend"
            if name in shown and not session["unpriced_requests"]:
                assert shown[name] == dollars(session["cost_usd"])
        await driver.press("enter")
        opened = driver.app.page
        assert isinstance(opened, SessionPage)
        assert opened.value is not None
        shown = driver.figures()
        assert len(opened.value.turns) == len(detail["turns"])
        for turn, said_turn in zip(opened.value.turns, detail["turns"], strict=True):
            name = f"turns.{turn.turn_id}.spend"
            if name in shown:
                assert shown[name] == dollars(said_turn["cost_usd"])

    drive(backend(real), script, size=LARGE)
