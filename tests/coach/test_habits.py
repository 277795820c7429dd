"""The three dearest habits: in the audit's JSON and text, kept for the first screen, frozen with a month."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from coach.made import AS_OF
from tokencoach.__main__ import open_app
from tokencoach.audit.period import month_period
from tokencoach.cli.main import run
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate
from tokencoach.coach.habits import frozen_habits, habits_of, kept_habits
from tokencoach.coach.material import Material
from tokencoach.errors import TokencoachError
from tokencoach.settings import Settings
from tokencoach.store.reader import open_reader
from tokencoach.store.writer import Writer
from tokencoach.watch.closing import close_and_keep
from tokencoach.watch.habits import HabitKeeper, due_months

if TYPE_CHECKING:
    from collections.abc import Callable

    from coach.made import Month

UTC_ZONE = ZoneInfo("UTC")
FEBRUARY = month_period("2026-02", UTC_ZONE)
AS_OF_MS = int(AS_OF.timestamp() * 1000)


def act(month: Month, full: int = 3, fine: int = 4) -> None:
    for context in (*[150_000] * full, *[15_000] * fine):
        session = month.session(context=context)
        session.prompt("Go on with the parser")
        session.say("Done.")


def taking(name: str, share: float) -> Detector:
    """A detector that finds a share of every request."""

    def find(material: Material) -> Finding | Quiet:
        parts = {spent.step.request_id: share for trace in material.traces for spent in trace.requests}
        nano, tokens = material.cost(parts)
        rate = Rate(1, 1, "sessions")
        return Finding(
            name, name, nano, tokens, Basis.MEASURED, (), "why", "next", "it is", "stop", rate, parts
        )

    return Detector(name, find)


@pytest.fixture
def audited(
    month: Month, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """A verb's output on the month."""
    monkeypatch.setenv("TOKENCOACH_HOME", str(month.database.parent))
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-01T00:00:00")

    def say(*arguments: str) -> Any:
        capsys.readouterr()
        assert run(["--logs-home", str(month.stage.home), "--tz", "UTC", *arguments], open_app) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in arguments else out

    return say


def test_the_three_dearest_are_shown_and_what_they_share_is_counted_once(month: Month) -> None:
    act(month)
    detectors = [taking(name, share) for name, share in (("a", 0.2), ("b", 0.5), ("c", 0.1), ("d", 0.3))]
    with month.read() as reader:
        material = month.material(reader)
        habits = habits_of(material, detectors)
        total = material.total.total
    assert [finding.id for finding in habits.found] == ["b", "d", "a"]
    assert habits.number == 4
    assert habits.cost_nano == pytest.approx(total.cost_nano * 0.5, abs=1)
    assert (habits.whole_nano, habits.whole_tokens) == (total.cost_nano, total.tokens)


def test_the_audits_findings_are_the_coachs_dearest(month: Month, audited: Callable[..., Any]) -> None:
    act(month)
    coach = audited("coach", "--month", "2026-02", "--json")["findings"]
    audit = audited("audit", "--month", "2026-02", "--json")
    assert audit["findings"] == coach[:3]
    assert audit["findings_in_all"] == len(coach)
    assert coach[0]["cost_usd"] <= audit["findings_cost_usd"] <= sum(one["cost_usd"] for one in coach[:3])
    assert coach[0]["title"] in audited("audit", "--month", "2026-02")
    assert coach[0]["next"] in audited("audit", "--month", "2026-02", "--markdown")


def test_a_closed_month_keeps_the_habits_that_it_had(month: Month, audited: Callable[..., Any]) -> None:
    act(month)
    month.read().close()
    close_and_keep(month.database, FEBRUARY, AS_OF_MS, Settings())
    before = audited("audit", "--month", "2026-02", "--json")
    assert before["closed"]
    assert before["findings"]
    month.clock.go_to(datetime(2026, 2, 20, tzinfo=UTC))
    act(month, full=9, fine=0)
    month.read().close()
    after = audited("audit", "--month", "2026-02", "--json")
    assert after["findings"] == before["findings"]
    assert (
        audited("coach", "--month", "2026-02", "--json")["findings"][0]["tokens"]
        > (before["findings"][0]["tokens"])
    )
    with open_reader(month.database) as reader:
        frozen = frozen_habits(reader, FEBRUARY)
        assert frozen is not None
        assert frozen.is_closed
        assert frozen.found[0].evidence[0].session_id == before["findings"][0]["evidence"][0]["session_id"]


def kept_by_watcher(month: Month) -> list[bool]:
    """What the watcher's steps answer until nothing is left to do."""
    keeper, answers = HabitKeeper(month.database), [False]
    with Writer(month.database, UTC_ZONE) as writer:
        while not answers[-1]:
            answers.append(keeper.step(writer))
            time.sleep(0.02)
    return answers[1:]


def test_what_a_search_of_its_own_found_is_kept_as_it_is(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(month)
    month.read().close()
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-01T00:00:00")
    assert len(kept_by_watcher(month)) > 1
    with open_reader(month.database) as reader:
        now = habits_of(Material.of_period(reader, FEBRUARY, AS_OF_MS, Settings()))
        assert now.found
        assert kept_habits(reader, FEBRUARY) == now


def test_habits_are_looked_for_again_only_after_ten_minutes(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(month)
    month.read().close()
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-01T00:00:00")
    kept_by_watcher(month)
    with open_reader(month.database) as reader:
        for now, due in (("00:09:59", []), ("00:10:00", ["2026-03", "2026-02"])):
            monkeypatch.setenv("TOKENCOACH_NOW", f"2026-03-01T{now}")
            assert due_months(reader.connection, UTC_ZONE) == due


def test_a_closed_month_is_not_looked_at_and_a_search_that_fails_is_said(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(month)
    month.read().close()
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-01T00:00:00")
    close_and_keep(month.database, FEBRUARY, AS_OF_MS, Settings())
    with open_reader(month.database) as reader:
        assert due_months(reader.connection, UTC_ZONE) == ["2026-03"]
    (month.database.parent / "settings.toml").write_text("damaged = [")
    with pytest.raises(TokencoachError, match="search for habits ended with 1"):
        kept_by_watcher(month)


def test_a_search_ends_with_the_watcher(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    act(month)
    month.read().close()
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-01T00:00:00")
    keeper = HabitKeeper(month.database)
    with Writer(month.database, UTC_ZONE) as writer:
        assert not keeper.step(writer)
        assert keeper.stop() is not None
        assert keeper.stop() is None
