"""Habits, findings, plans and the ritual's figures on the screen equal the JSON of the same database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tokencoach import clock
from tokencoach.__main__ import open_app
from tokencoach.cli.main import run
from tokencoach.coach.as_text import rate_words
from tokencoach.coach.finding import Rate
from tokencoach.demo.scenario import make_demo
from tokencoach.tui import figures
from tokencoach.tui.ledger import LedgerBackend
from tokencoach.tui.screens.finding import FindingPage
from tokencoach.tui.screens.finding_list import FindingList
from tokencoach.tui.screens.ritual import RitualPage
from tui.driving import LARGE, SMALL, Driver, drive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAST_DAY = "2026-12-01T09:30:00"
FIRST = "2026-11-02T09:30:00"
STATES = {
    "worked": "It worked",
    "partly": "It worked partly",
    "not": "It did not work",
    "not_enough_data": "Not enough data",
}
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE])


class World(NamedTuple):
    """A demonstration's database, and a verb on it at an instant as JSON or text."""

    database: Path
    say: Callable[..., Any]
    backend: Callable[[str], LedgerBackend]


@pytest.fixture(scope="module")
def logs_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of logs, up to the first of December."""
    return make_demo(tmp_path_factory.mktemp("demo") / "world", 7, clock.parse_iso_ms(LAST_DAY)).home


@pytest.fixture
def world(
    logs_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    """A new database over those logs."""
    state = tmp_path / "state"
    monkeypatch.setenv("TOKENCOACH_HOME", str(state))

    def say(now: str, *arguments: str) -> Any:
        monkeypatch.setenv("TOKENCOACH_NOW", now)
        capsys.readouterr()
        assert run(["--logs-home", str(logs_home), "--tz", "UTC", *arguments], open_app) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in arguments else out

    def backend(now: str) -> LedgerBackend:
        monkeypatch.setenv("TOKENCOACH_NOW", now)
        return LedgerBackend(state / "tokencoach.db", clock.zone("UTC"), logs_home=logs_home)

    say(FIRST, "ingest", "--json")
    return World(state / "tokencoach.db", say, backend)


def dollars(usd: float) -> str:
    return figures.money(round(usd * 1_000_000_000))


def written(said: dict[str, Any]) -> str:
    """A finding's cost as a screen writes it."""
    sign = "~" if said["basis"] == "estimated" else ""
    return sign + (dollars(said["cost_usd"]) if said["cost_usd"] else figures.tokens(said["tokens"]))


@SIZES
def test_the_habits_and_their_evidence_are_those_of_the_json(world: World, size: tuple[int, int]) -> None:
    audit = world.say(FIRST, "audit", "--month", "2026-10", "--json")
    assert len(audit["findings"]) == 3

    async def script(driver: Driver) -> None:
        shown = driver.figures()
        for said in audit["findings"]:
            assert shown[f"habits.{said['id']}.cost"] == written(said)
        whole = f"{dollars(audit['findings_cost_usd'])} of {dollars(audit['spend']['cost_usd'])}"
        assert shown["habits_together"] == whole
        ledger = driver.app.screen.query_one(FindingList)
        ledger.focus()
        for place, said in enumerate(audit["findings"]):
            ledger.cursor = place
            await driver.press("enter")
            page = driver.app.page
            assert isinstance(page, FindingPage)
            shown = page.figures()
            assert shown["cost"] == written(said)
            for number, one in enumerate(said["evidence"][:4], 1):
                cost = dollars(one["cost_usd"]) if one["cost_usd"] else figures.tokens(one["tokens"])
                assert shown[f"evidence.{number}.cost"] == cost
            assert [text for text in shown.values() if text not in driver.text()] == []
            await driver.press("escape")

    drive(world.backend(FIRST), script, size=size)


def test_two_months_of_the_ritual_and_the_plan_measured_between_them(world: World) -> None:
    folder = world.database.parent / "notes"
    world.database.parent.joinpath("settings.toml").write_text(f'[ritual]\njournal = "{folder.as_posix()}"\n')
    dearest = world.say(FIRST, "audit", "--month", "2026-10", "--json")["findings"][0]

    async def october(driver: Driver) -> None:
        await driver.press("M", "n", "n", "enter", "enter", "enter", "enter")
        assert "This month's ritual is done." in driver.text()

    shown: dict[str, str] = {}

    async def november(driver: Driver) -> None:
        await driver.press("M")
        page = driver.app.page
        assert isinstance(page, RitualPage)
        shown.update(page.figures())
        assert [text for text in shown.values() if text not in driver.text()] == []

    drive(world.backend(FIRST), october)
    entry = (folder / "tokencoach-2026-10.md").read_text(encoding="utf-8")
    markdown = world.say(FIRST, "audit", "--month", "2026-10", "--markdown")
    assert dearest["title"] in entry
    assert entry.split("## Checklist")[0] == markdown.split("## Checklist")[0]
    assert "| C1 Audit last month's use |" in entry
    drive(world.backend(LAST_DAY), november)
    audit = world.say(LAST_DAY, "audit", "--month", "2026-11", "--json")
    assert shown["spend"] == dollars(audit["spend"]["cost_usd"])
    assert shown["requests"] == figures.count(audit["spend"]["requests"])
    plan = world.say(LAST_DAY, "coach", "plans", "--json")["plans"][0]
    assert plan["finding"] == dearest["id"]
    worked = plan["worked"]
    assert (worked["before"]["since"], worked["after"]["until"]) == ("2026-10-05", "2026-11-30")
    assert shown["held"] == STATES[worked["state"]]
    for name, key in (("held.before", "before"), ("held.after", "after")):
        rate = worked[key]["rate"]
        words = rate_words(Rate(rate["times"], rate["of"], rate["unit"]))
        assert f"{words}, {figures.percent(rate['share'])}" in shown[name]
