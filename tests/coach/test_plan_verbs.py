"""The verbs ``coach plan``, ``coach plans`` and ``coach drop``, and ``worked`` in ``coach --json``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tokencoach.__main__ import open_app
from tokencoach.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from coach.made import Month

Said = tuple[int, Any, str]


@pytest.fixture
def tell(
    month: Month, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """A verb on the month's logs at an instant: its exit code, its JSON or text, what it narrated."""
    monkeypatch.setenv("TOKENCOACH_HOME", str(month.database.parent))

    def say(now: str, *arguments: str) -> Said:
        monkeypatch.setenv("TOKENCOACH_NOW", now)
        capsys.readouterr()
        code = run(["--logs-home", str(month.stage.home), "--tz", "UTC", *arguments], open_app)
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments else out, err

    return say


def act(month: Month, day: int, full: int, fine: int) -> None:
    month.clock.go_to(datetime(2026, 2, day, 9, tzinfo=UTC))
    for context in (*[150_000] * full, *[15_000] * fine):
        session = month.session(context=context)
        session.prompt("Go on with the parser")
        session.say("Done.")


def test_a_plan_is_accepted_measured_and_shown_as_worked(month: Month, tell: Callable[..., Said]) -> None:
    act(month, 5, 4, 2)
    act(month, 20, 1, 5)
    code, out, _ = tell("2026-02-17T12:00:00", "coach", "plan", "full-context", "--then", "stop")
    assert code == 0
    assert "Plan 1: If a session passes 60 % of its window, I stop." in out
    assert "measured after 2026-03-03" in out
    said = tell("2026-03-04T00:00:00", "coach", "--month", "2026-02", "--json")[1]
    worked = next(one for one in said["findings"] if one["id"] == "full-context")["worked"]
    assert worked["state"] == "worked"
    assert worked["before"]["rate"]["share"] == pytest.approx(4 / 6)
    assert worked["after"]["rate"] == {"times": 1, "of": 6, "unit": "sessions", "share": pytest.approx(1 / 6)}
    assert (worked["before"]["since"], worked["before"]["until"]) == ("2026-02-03", "2026-02-16")
    assert (worked["after"]["since"], worked["after"]["until"]) == ("2026-02-18", "2026-03-03")
    assert worked["judged_at"] == "2026-03-04T00:00:00Z"
    plans = tell("2026-03-04T00:00:00", "coach", "plans", "--json")[1]["plans"]
    assert [(one["id"], one["then"], one["open"], one["worked"]) for one in plans] == [
        (1, "stop", True, worked)
    ]
    then = tell("2026-03-04T00:00:00", "coach", "plans", "--as-of", "2026-02-19", "--json")[1]["plans"]
    assert then[0]["worked"]["state"] == "running"
    text = tell("2026-03-04T00:00:00", "coach", "plans")[1]
    assert "it worked: 67 % before, 17 % after: 75 % less" in text


def test_a_second_plan_is_refused_until_the_first_is_dropped(month: Month, tell: Callable[..., Said]) -> None:
    act(month, 5, 4, 2)
    now = "2026-02-17T12:00:00"
    assert tell(now, "coach", "plan", "full-context")[0] == 0
    code, _, err = tell(now, "coach", "plan", "full-context", "--then", "rest")
    assert code == 2
    assert "one plan at a time" in err
    assert tell(now, "coach", "plan", "full-context", "--then", "rest", "--instead")[0] == 0
    plans = tell("2026-02-18T12:00:00", "coach", "plans", "--json")[1]["plans"]
    assert [one["dropped_at"] is None for one in plans] == [True, False]
    assert tell("2026-02-18T12:00:00", "coach", "drop", "2")[0] == 0
    assert tell("2026-02-18T12:00:00", "coach", "drop", "2")[0] == 2
    text = tell("2026-02-19T12:00:00", "coach", "plans")[1]
    assert text.count("dropped before it was measured") == 2
    assert "running" not in text


def test_what_was_not_found_is_no_plan_and_the_reason_is_said(
    month: Month, tell: Callable[..., Said]
) -> None:
    act(month, 5, 0, 6)
    now = "2026-02-17T12:00:00"
    code, _, err = tell(now, "coach", "plan", "full-context")
    assert code == 2
    assert "was not found" in err
    code, _, err = tell(now, "coach", "plan", "no-such-habit")
    assert code == 2
    assert "full-context" in err
    assert tell(now, "coach", "plans")[0] == 3
