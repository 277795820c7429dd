"""Days, months, zones and as-of: which part of a history a question covers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from histories.program import BUCKETS, Json, Program, tokens_by_bucket, waste_by_kind
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = "2026-06-30"
AUCKLAND = "Pacific/Auckland"


class OverTheEdge:
    """A turn that begins at the end of February and ends in March, and a codex session in April."""

    def __init__(self, tmp: pytest.TempPathFactory) -> None:
        folder = tmp.mktemp("time")
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "edge")
        self.stage.clock.go_to(datetime(2026, 2, 28, 23, 57, tzinfo=UTC))
        session = self.scene.session()
        session.prompt("Work past midnight")
        session.write("night.py", code("night", 6))
        for number in range(20):
            session.bash(f"make part-{number}", f"part {number} is made")
        session.write("morning.py", code("morning", 6))
        (self.scene.repo.folder / "morning.py").unlink()
        self.stage.clock.advance(hours=1)
        self.scene.repo.commit("Night work")
        self.stage.clock.go_to(datetime(2026, 4, 10, 22, 30, tzinfo=UTC))
        late = self.scene.session("0.169")
        late.prompt("One more")
        late.write("late.py", code("late", 4))
        self.scene.repo.commit("Late work")
        self.program = Program(self.stage.home, folder / "state")
        self.program.ingest()

    def month(self, name: str) -> Json:
        """The audit of one month."""
        return self.program.run("audit", "--month", name, "--as-of", AS_OF)

    def tokens(self, first: str, last: str) -> int:
        """Tokens billed from one day to another, both included, in UTC."""
        days = [(datetime.fromtimestamp(r.at_ms / 1000, UTC), r.tokens) for r in self.stage.truth.requests]
        return sum(tokens for day, tokens in days if first <= day.date().isoformat() <= last)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> OverTheEdge:
    return OverTheEdge(tmp_path_factory)


def test_a_turn_across_a_month_edge_gives_each_month_its_requests(edge: OverTheEdge) -> None:
    february, march = edge.month("2026-02"), edge.month("2026-03")
    assert february["spend"]["tokens"] == edge.tokens("2026-02-01", "2026-02-28") > 0
    assert march["spend"]["tokens"] == edge.tokens("2026-03-01", "2026-03-31") > 0


def test_both_parts_of_the_turn_get_the_turns_shares(edge: OverTheEdge) -> None:
    for month in ("2026-02", "2026-03"):
        audit = edge.month(month)
        shares = {
            bucket: tokens / audit["spend"]["tokens"] for bucket, tokens in tokens_by_bucket(audit).items()
        }
        assert shares.keys() == {"shipped", "not_landed"}
        assert shares["shipped"] == pytest.approx(0.5, abs=0.001)


def test_the_months_add_up_to_the_year(edge: OverTheEdge) -> None:
    whole = tokens_by_bucket(edge.program.audit(as_of=AS_OF))
    months = [tokens_by_bucket(edge.month(month)) for month in ("2026-02", "2026-03", "2026-04")]
    summed = {name: sum(month.get(name, 0) for month in months) for name in whole}
    assert summed == whole


def test_since_and_until_are_whole_days_both_included(edge: OverTheEdge) -> None:
    audit = edge.program.run("audit", "--since", "2026-03-01", "--until", "2026-04-10", "--as-of", AS_OF)
    assert audit["spend"]["tokens"] == edge.tokens("2026-03-01", "2026-04-10")


def test_sessions_of_a_range_show_only_their_requests_in_it(edge: OverTheEdge) -> None:
    answer = edge.program.run("sessions", "--month", "2026-02", "--as-of", AS_OF)
    (session,) = answer["sessions"]
    assert session["tokens"] == edge.tokens("2026-02-01", "2026-02-28")


def test_days_follow_the_zone_that_was_asked_for(edge: OverTheEdge) -> None:
    rows = edge.program.run("--tz", AUCKLAND, "usage", "--by", "day", "--by", "model")["rows"]
    truth = edge.stage.truth.by_day_and_model(ZoneInfo(AUCKLAND))
    assert {(row["day"], row["model"]): row["requests"] for row in rows} == {
        key: usage.requests for key, usage in truth.items()
    }


def test_usage_of_one_source_holds_only_that_source(edge: OverTheEdge) -> None:
    rows = edge.program.run("usage", "--by", "source", "--source", "codex")["rows"]
    codex = [request for request in edge.stage.truth.requests if request.source == "codex"]
    assert [(row["source"], row["requests"]) for row in rows] == [("codex", len(codex))]


def test_nothing_after_as_of_exists(edge: OverTheEdge) -> None:
    audit = edge.program.audit(as_of="2026-02-28")
    assert audit["spend"]["tokens"] == edge.tokens("2026-02-01", "2026-02-28")
    assert tokens_by_bucket(audit).keys() == {"pending"}


def test_a_range_without_requests_is_empty_and_valid(edge: OverTheEdge) -> None:
    audit = edge.program.run("audit", "--month", "2025-03", "--as-of", AS_OF, allowed=(3,))
    assert [row["bucket"] for row in audit["buckets"]] == list(BUCKETS)
    assert {row["share"] for row in audit["buckets"]} == {0}
    sessions = edge.program.run("sessions", "--month", "2025-03", "--as-of", AS_OF, allowed=(3,))
    assert sessions["sessions"] == []


def test_what_lies_in_the_working_tree_now_is_pending_until_it_is_gone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, BEGIN)
    scene = Scene(stage, "lying")
    session = scene.session()
    session.prompt("Draft a cache")
    session.write("cache.py", code("cache", 6))
    program = Program(stage.home, tmp_path / "state", now="2026-03-05T12:00:00Z")
    assert tokens_by_bucket(program.audit()) == {"pending": scene.tokens}
    (scene.repo.folder / "cache.py").unlink()
    program.forget_answers()
    assert waste_by_kind(program.audit()) == {"uncommitted": scene.tokens}
