"""What must hold for every history, on seeded random ones."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from histories.chance import ChanceHistory
from histories.program import BUCKETS, WHOLE_TIME, Json, Program, tokens_by_bucket
from histories.scene import Scene, code

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.demo.stage import Stage

AS_OF = "2026-05-30"
CLASSES = {
    "input_tokens": "input",
    "cache_read_tokens": "cache_read",
    "cache_write_5m_tokens": "cache_write_5m",
    "cache_write_1h_tokens": "cache_write_1h",
    "output_tokens": "output",
    "reasoning_tokens": "reasoning",
}


class Run:
    """A random history and the program over it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.stage: Stage = ChanceHistory(folder, seed).stage
        self.program = Program(self.stage.home, folder / "state")
        self.first = self.program.ingest()

    def verdicts(self) -> dict[str, Json]:
        """Every session's figures, asked anew, without what is only of the moment."""
        self.program.forget_answers()
        return self.program.sessions(as_of=AS_OF)


@pytest.fixture(scope="module", params=[1, 2, 3])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("chance"), request.param)


def _nano(dollars: float) -> int:
    return round(dollars * 1_000_000_000)


def test_buckets_add_up_to_the_ingested_tokens_and_cost(run: Run) -> None:
    audit = run.program.audit(as_of=AS_OF)
    assert [row["bucket"] for row in audit["buckets"]] == list(BUCKETS)
    assert sum(row["tokens"] for row in audit["buckets"]) == run.stage.truth.tokens
    assert audit["spend"]["tokens"] == run.stage.truth.tokens
    assert sum(_nano(row["cost_usd"]) for row in audit["buckets"]) == _nano(audit["spend"]["cost_usd"])
    assert sum(row["share"] for row in audit["buckets"]) == pytest.approx(1, abs=1e-9)


def test_waste_kinds_partition_their_buckets(run: Run) -> None:
    audit = run.program.audit(as_of=AS_OF)
    waste = {row["kind"]: row["tokens"] for row in audit["waste"]}
    buckets = tokens_by_bucket(audit)
    reworked = waste.pop("reverted", 0) + waste.pop("reworked", 0)
    assert reworked == buckets.get("reworked", 0)
    assert sum(waste.values()) == buckets.get("not_landed", 0)


def test_the_sessions_add_up_to_the_audit(run: Run) -> None:
    sessions = run.program.sessions(as_of=AS_OF).values()
    audit = run.program.audit(as_of=AS_OF)
    for row in audit["buckets"]:
        parts = [
            part for session in sessions for part in session["buckets"] if part["bucket"] == row["bucket"]
        ]
        assert sum(part["tokens"] for part in parts) == row["tokens"]
        assert sum(_nano(part["cost_usd"]) for part in parts) == _nano(row["cost_usd"])
    assert sum(session["tokens"] for session in sessions) == audit["spend"]["tokens"]


def test_lines_partition_what_was_generated(run: Run) -> None:
    lines = run.program.audit(as_of=AS_OF)["lines"]
    parts = lines["landed"] + lines["pending"] + lines["not_landed"] + lines["unknown"]
    assert parts == lines["generated"]
    assert lines["survived"] + lines["reworked"] <= lines["landed"] <= lines["generated"]


def test_usage_per_day_and_model_is_what_was_billed(run: Run) -> None:
    truth = run.stage.truth.by_day_and_model()
    rows = {(row["day"], row["model"]): row for row in run.program.usage("day", "model")}
    assert rows.keys() == truth.keys()
    for key, row in rows.items():
        assert row["requests"] == truth[key].requests
        found = {name: row[name] for name in CLASSES}
        assert found == {name: getattr(truth[key].counts, field) for name, field in CLASSES.items()}


def test_usage_per_session_is_what_was_billed(run: Run) -> None:
    truth = run.stage.truth.by_session()
    rows = {row["session"]: row["requests"] for row in run.program.usage("session")}
    assert rows == {session: usage.requests for session, usage in truth.items()}


def test_reading_again_changes_nothing(run: Run) -> None:
    before = run.verdicts()
    again = run.program.ingest()
    assert sum(source["new_requests"] for source in again["sources"]) == 0
    assert sum(source["requests"] for source in again["sources"]) == len(run.stage.truth.requests)
    assert run.verdicts() == before


def test_an_unrelated_repository_changes_no_verdict(tmp_path: Path) -> None:
    run = Run(tmp_path, 4)
    before = run.verdicts()
    scene = Scene(run.stage, "unrelated")
    session = scene.session()
    session.prompt("Something else altogether")
    session.write("start.py", code("topic1", 9))
    scene.repo.commit("Unrelated")
    after = run.verdicts()
    assert after.pop(session.session_id)["verdict"] == "shipped"
    assert after == before


def test_deleting_the_logs_changes_no_verdict(tmp_path: Path) -> None:
    run = Run(tmp_path, 5)
    before = run.verdicts()
    usage = run.program.usage("day", "model")
    shutil.rmtree(run.stage.home)
    run.stage.home.mkdir()
    assert run.verdicts() == before
    assert run.program.usage("day", "model") == usage


@pytest.mark.parametrize("seed", [6, 7])
def test_ingesting_step_by_step_equals_ingesting_once(tmp_path: Path, seed: int) -> None:
    programs: list[Program] = []

    def ingest(stage: Stage) -> None:
        if not programs:
            programs.append(Program(stage.home, tmp_path / "stepwise"))
        programs[0].run("audit", *WHOLE_TIME)

    stage = ChanceHistory(tmp_path, seed, watch=ingest).stage
    cold = Program(stage.home, tmp_path / "cold")
    for verb in ("sessions", "audit"):
        ask = (verb, *WHOLE_TIME, "--as-of", AS_OF)
        assert programs[0].run(*ask) == cold.run(*ask)


def test_two_copies_of_one_history_give_the_same_figures(tmp_path: Path) -> None:
    figures = []
    for copy in ("left", "right"):
        run = Run(tmp_path / copy, 8)
        audit = run.program.audit(as_of=AS_OF)
        figures.append((audit["spend"], audit["buckets"], audit["waste"], audit["lines"]))
    assert figures[0] == figures[1]
