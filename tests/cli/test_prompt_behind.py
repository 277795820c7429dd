"""From a line back to the prompt that made it: out of the log, or the log is gone."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from histories.program import Program
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from histories.program import Json
    from histories.scene import Generation

ASKED = "Add the meters, please.\nOne line each."


class Told:
    """Two turns of a session, the second of which wrote a file that was committed."""

    def __init__(self, folder: Path, generation: Generation) -> None:
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "told")
        session = self.scene.session(generation)
        session.prompt("What is there?")
        session.read("app.py")
        session.bash("make test TOKEN=abcdef0123456789abcdef", "2 passed")
        session.prompt(ASKED)
        session.write("meter.py", code("meter", 3))
        self.stage.clock.advance(hours=1)
        self.scene.repo.commit("Add the meters")
        self.session_id = session.session_id
        self.program = Program(self.stage.home, folder / "state")
        self.program.ingest()

    def logs(self) -> list[Path]:
        """Every log of the home."""
        return [path for path in self.stage.home.rglob("*.jsonl") if path.is_file()]

    def blamed(self) -> Json:
        """The first line of the file, blamed."""
        line: Json = self.program.run("blame", str(self.scene.repo.folder / "meter.py"))["lines"][0]
        return line

    def turn(self, number: int, allowed: tuple[int, ...] = (0,)) -> Json:
        """One turn of the session, opened."""
        return self.program.run("sessions", "show", self.session_id, "--turn", str(number), allowed=allowed)


@pytest.fixture(params=["2.1", "0.169"])
def told(tmp_path: Path, request: pytest.FixtureRequest) -> Told:
    return Told(tmp_path, request.param)


def test_a_line_leads_to_the_prompt_in_the_log(told: Told) -> None:
    line = told.blamed()
    assert (line["session_id"], line["turn"]) == (told.session_id, 2)
    assert line["prompt"] == "Add the meters, please. One line each."
    assert line["prompt_problem"] is None


def test_a_turn_shows_its_prompt_whole_and_where_it_stands(told: Told) -> None:
    shown = told.turn(2)
    assert [turn["turn"] for turn in shown["turns"]] == [2]
    assert shown["prompt"]["text"] == ASKED
    assert shown["prompt"]["problem"] is None
    assert "at byte" in shown["prompt"]["where"]
    assert told.turn(1)["prompt"]["text"] == "What is there?"


def test_a_turn_tells_what_its_calls_were_asked_without_secrets(told: Told) -> None:
    calls = told.turn(1)["calls"]
    ran = [call["asked"] for call in calls if call["kind"] == "test"]
    assert len(ran) == 1
    assert ran[0].startswith("make test TOKEN=")
    assert "abcdef0123456789" not in ran[0]
    assert {call["status"] for call in calls} == {"ok"}
    assert "meter.py" in str(told.turn(2)["calls"]) or told.turn(2)["calls"][0]["kind"] == "edit"


def test_where_the_log_is_gone_calls_keep_their_tools(told: Told) -> None:
    for log in told.logs():
        log.unlink()
    calls = told.turn(1)["calls"]
    assert len(calls) == 2
    assert all(call["tool"] for call in calls)
    assert {call["asked"] for call in calls} == {None}


def test_where_the_log_is_gone_it_says_so_and_shows_what_was_kept(told: Told) -> None:
    for log in told.logs():
        log.unlink()
    for said in (told.turn(2)["prompt"], {"text": ASKED, "problem": told.blamed()["prompt_problem"]}):
        assert said["problem"] == "the log is gone"
        assert said["text"] == ASKED


def test_where_the_log_is_gone_and_nothing_was_kept_there_is_no_text(told: Told) -> None:
    database = told.program.state / "tokencoach" / "tokencoach.db"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE turn SET prompt = NULL")
    connection.close()
    assert told.turn(2)["prompt"]["text"] == ASKED, "the log still holds it"
    for log in told.logs():
        log.unlink()
    prompt = told.turn(2)["prompt"]
    assert (prompt["text"], prompt["problem"]) == (None, "the log is gone")
    assert told.blamed()["prompt"] is None


def test_a_log_with_another_text_there_is_not_believed(told: Told) -> None:
    for log in told.logs():
        log.write_bytes(b"{}\n" + b"x" * log.stat().st_size)
    line = told.blamed()
    assert line["prompt_problem"] is not None
    assert line["prompt"] == "Add the meters, please. One line each."


def test_a_turn_that_is_not_there_is_wrong_use(told: Told) -> None:
    with pytest.raises(AssertionError, match="exit 2"):
        told.turn(9)
