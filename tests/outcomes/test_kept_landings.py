"""What is kept of a session's landings is what judging it anew gives; the demonstration adds up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from histories.chance import ChanceHistory
from histories.program import Program
from tokencoach import clock
from tokencoach.__main__ import open_app
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import span_period
from tokencoach.audit.session_landing import Landings
from tokencoach.cli.main import run
from tokencoach.demo.scenario import make_demo
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-22T14:02:00"
TZ = ZoneInfo("UTC")


@pytest.mark.parametrize("seed", range(3))
def test_kept_landings_equal_those_judged_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-04-20T00:00:00")
    history = ChanceHistory(tmp_path / "stage", seed)
    program = Program(history.stage.home, tmp_path / "state", now="2026-04-20T00:00:00")
    program.audit()
    now = clock.now_ms()
    with open_reader(tmp_path / "state" / "tokencoach" / "tokencoach.db") as reader:
        found = Allocated.of_period(reader, span_period(None, None, TZ, now), now)
        kept, anew = Landings(found), Landings(found)
        anew._may_keep = False
        assert kept._may_keep
        sessions = list(found.turns)
        assert kept.of(sessions) == anew.of(sessions)
        assert sum(len(landing.commits) for landing in kept.of(sessions).values()) > 0


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demonstration's audit, of any span."""
    folder = tmp_path_factory.mktemp("demo")
    logs_home = make_demo(folder / "world", 11, clock.parse_iso_ms(NOW)).home
    environment = {"TOKENCOACH_HOME": str(folder / "state"), "TOKENCOACH_NOW": NOW}

    def command(*arguments: str) -> int:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return run(["--logs-home", str(logs_home), "--tz", "UTC", *arguments], open_app)

    assert command("ingest") == 0

    def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
        capsys.readouterr()
        assert command("audit", *arguments, "--json") == 0
        return json.loads(capsys.readouterr().out)

    return say


def _landed(audit: Any) -> dict[str, int]:
    return {part["what"]: part["tokens"] for part in audit["features"]["landed"]}


def test_months_of_the_demonstration_add_up_to_all_of_it(
    said: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    months = [said(capsys, "--month", month) for month in ("2026-08", "2026-09", "2026-10", "2026-11")]
    whole = said(capsys, "--since", "2026-01-01", "--until", "2026-12-31")
    for audit in (*months, whole):
        tokens = {row["bucket"]: row["tokens"] for row in audit["buckets"]}
        assert sum(_landed(audit).values()) == tokens["shipped"] + tokens["reworked"]
    for what, wanted in _landed(whole).items():
        assert sum(_landed(month)[what] for month in months) == wanted
    items = [item for month in months for item in month["features"]["items"]]
    assert sorted(item["id"] + item["repo"] for item in items) == sorted(
        item["id"] + item["repo"] for item in whole["features"]["items"]
    )
    assert sum(item["tokens"] for item in items) == sum(_landed(whole).values())


def test_the_demonstration_has_reviews_suspects_and_a_score(
    said: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = said(capsys, "--since", "2026-01-01", "--until", "2026-12-31")
    features = whole["features"]
    assert 0 < features["reviewed"] < features["shipped"]
    assert features["bug_suspects"] > 0
    assert whole["score"]["grade"] in set("ABCF")
    assert whole["lines"]["reviewed"] <= whole["lines"]["landed"]


def test_a_month_is_placed_among_the_features_of_the_90_days_before(
    said: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    percentile = said(capsys, "--month", "2026-10")["score"]["percentile_90_days"]
    assert 0 <= percentile <= 1
    assert said(capsys, "--month", "2026-08")["score"]["percentile_90_days"] is None
