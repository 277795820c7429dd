"""The person's word on a verdict: counted, shown beside the machine's, kept through a rebuild, undone."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from histories.program import BUCKETS, Json, Program, tokens_by_bucket
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-04-20T09:00:00"


class TwoTurns:
    """A session whose first turn shipped and whose second one was thrown away; a human's question first."""

    def __init__(self, folder: Path) -> None:
        stage = Stage(folder, BEGIN)
        scene = Scene(stage, "ledger")
        self.session = scene.session()
        self.session.prompt("Add the totals")
        self.session.write("totals.py", code("totals", 10))
        stage.clock.advance(minutes=10)
        scene.repo.commit("Add totals")
        self.session.prompt("Sketch the report")
        self.session.write("report.py", code("report", 10))
        (scene.repo.folder / "report.py").unlink()
        self.turns = [scene.turn_tokens(self.session, turn) for turn in (1, 2)]
        self.program = Program(stage.home, folder / "state", now=NOW)
        self.program.ingest()

    def say(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> Json:
        """Overrule something of the session."""
        return self.program.run("sessions", "overrule", self.session.session_id, *arguments, allowed=allowed)

    def buckets(self) -> dict[str, int]:
        """Tokens by bucket of everything."""
        self.program.forget_answers()
        audit = self.program.audit()
        assert sum(row["tokens"] for row in audit["buckets"]) == audit["spend"]["tokens"]
        assert [row["bucket"] for row in audit["buckets"]] == list(BUCKETS)
        wasted = {"not_landed", "reworked"}
        lost = sum(row["tokens"] for row in audit["buckets"] if row["bucket"] in wasted)
        assert sum(row["tokens"] for row in audit["waste"]) == lost
        return tokens_by_bucket(audit)

    def shown(self) -> Json:
        """The session opened."""
        return self.program.run("sessions", "show", self.session.session_id)


@pytest.fixture
def two(tmp_path: Path) -> TwoTurns:
    return TwoTurns(tmp_path)


def test_the_machine_says_one_turn_shipped_and_one_did_not(two: TwoTurns) -> None:
    assert two.buckets() == {"shipped": two.turns[0], "not_landed": two.turns[1]}


def test_a_session_overruled_is_counted_whole_and_the_machines_figures_stay_beside(two: TwoTurns) -> None:
    two.say("shipped", "--because", "the report lives in a fork")
    assert two.buckets() == {"shipped": sum(two.turns)}
    audit = two.program.audit()
    assert audit["overrules"] == 1
    assert {row["bucket"]: row["tokens"] for row in audit["machine"] if row["tokens"]} == {
        "shipped": two.turns[0],
        "not_landed": two.turns[1],
    }
    session = two.shown()["session"]
    assert session["verdict"] == "shipped"
    assert session["your_word"]["because"] == "the report lives in a fork"
    assert session["your_word"]["machine"] in {"shipped", "not_landed"}


def test_a_turn_overruled_leaves_the_others_to_the_machine(two: TwoTurns) -> None:
    two.say("--turn", "2", "neutral", "--because", "it was only a sketch")
    assert two.buckets() == {"shipped": two.turns[0], "neutral": two.turns[1]}
    first, second = two.shown()["turns"]
    assert first["your_word"] is None
    assert second["your_word"]["machine"] == "not_landed"
    assert second["reason"] == "your word: it was only a sketch"
    assert {line["your_word"]["machine"] for edit in second["edits"] for line in edit["lines"]} == {
        "not_landed"
    }


def test_half_the_lines_of_an_edit_overruled_move_half_its_turn(two: TwoTurns) -> None:
    two.say("--turn", "2", "--edit", "1", "--lines", "0-4", "shipped", "--because", "copied elsewhere")
    buckets = two.buckets()
    assert buckets["shipped"] == pytest.approx(two.turns[0] + two.turns[1] / 2, abs=1)
    assert buckets["not_landed"] == pytest.approx(two.turns[1] / 2, abs=1)


def test_the_narrower_word_wins(two: TwoTurns) -> None:
    two.say("shipped", "--because", "all of it")
    two.say("--turn", "2", "reworked", "--because", "but not that")
    assert two.buckets() == {"shipped": two.turns[0], "reworked": two.turns[1]}


def test_lines_are_counted_as_git_shows_them_whatever_is_said(two: TwoTurns) -> None:
    two.program.forget_answers()
    before = two.program.audit()["lines"]
    two.say("shipped", "--because", "the report lives in a fork")
    two.program.forget_answers()
    assert two.program.audit()["lines"] == before


def test_undone_the_machines_verdict_stands_again(two: TwoTurns) -> None:
    before = two.buckets()
    two.say("shipped", "--because", "by mistake")
    assert two.say("--undo")["overrules"] == []
    assert two.buckets() == before
    two.program.run("sessions", "overrules", allowed=(3,))


def test_a_new_word_takes_the_place_of_the_one_before(two: TwoTurns) -> None:
    two.say("shipped", "--because", "first thought")
    said = two.say("neutral", "--because", "second thought")
    assert [word["because"] for word in said["overrules"]] == ["second thought"]
    assert two.buckets() == {"neutral": sum(two.turns)}


def test_a_word_is_not_known_before_it_was_said(two: TwoTurns) -> None:
    machine = two.buckets()
    two.say("neutral", "--because", "it was a sketch")
    assert tokens_by_bucket(two.program.audit(as_of="2026-04-19")) == machine


def test_a_word_finds_its_turn_again_after_every_fact_was_read_anew(two: TwoTurns) -> None:
    two.say("--turn", "2", "neutral", "--because", "it was only a sketch")
    two.say("--turn", "1", "--edit", "1", "reworked", "--because", "I wrote it again elsewhere")
    before = two.buckets()
    database = two.program.state / "tokencoach" / "tokencoach.db"
    connection = sqlite3.connect(database)
    for table in ("session", "turn", "request", "tool_call", "edit", "landing", "replay", "log_file",
                  "session_verdict", "audit_cache", "git_commit", "repo", "folder", "request_cut"):  # fmt: skip
        connection.execute(f"DELETE FROM {table}")
    # Other rows come first, so that no word may lean on a row number.
    connection.execute(
        "INSERT INTO turn(id, key, session_id, at_ms) SELECT 5000, 1, 1, 0 UNION SELECT 1, 2, 1, 0"
    )
    connection.commit()
    connection.close()
    two.program.ingest()
    assert two.buckets() == before
    assert {word["because"] for word in two.program.run("sessions", "overrules")["overrules"]} == {
        "it was only a sketch",
        "I wrote it again elsewhere",
    }


MEANINGLESS = (
    ("shipped",),
    ("shipped", "--because", " "),
    ("--turn", "9", "shipped", "--because", "x"),
    ("--edit", "1", "shipped", "--because", "x"),
    ("--turn", "1", "--edit", "7", "shipped", "--because", "x"),
    ("--turn", "1", "--edit", "1", "--lines", "5-2", "shipped", "--because", "x"),
    ("--turn", "1", "--lines", "5", "shipped", "--because", "x"),
    ("--undo",),
    ("--undo", "shipped"),
    (),
)


def test_what_cannot_be_meant_is_wrong_use_and_changes_nothing(two: TwoTurns) -> None:
    for arguments in MEANINGLESS:
        with pytest.raises(AssertionError, match="exit 2"):
            two.say(*arguments)
    assert two.program.run("sessions", "overrules", allowed=(3,))["overrules"] == []
