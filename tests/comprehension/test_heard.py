"""An explanation that repeats the assistant's own last messages: caught from its log, and nothing is stored."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from comprehension.explained import EXPLAINED, SETTLE
from histories.program import Program
from histories.scene import BEGIN, Scene
from tokencoach import paths
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.heard import Heard, Log, heard_of
from tokencoach.comprehension.looking import Which, look
from tokencoach.comprehension.opening import asking_of
from tokencoach.comprehension.prepare import Options
from tokencoach.comprehension.question import Form
from tokencoach.demo.stage import Stage
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.comprehension.asking import Asking
    from tokencoach.comprehension.question import Prepared
    from tokencoach.comprehension.sitting import Sitting


class Told:
    """An assistant wrote a function, said what it does, and the function stands staged."""

    def __init__(self, folder: Path) -> None:
        stage = Stage(folder, BEGIN)
        scene = Scene(stage, "bank")
        session = scene.session()
        session.prompt("Settle accounts")
        session.write("bank.py", SETTLE)
        session.say(EXPLAINED)
        scene.repo.git("add", "-A")
        program = Program(stage.home, folder / "state")
        program.ingest()
        self.folder = scene.repo.folder
        self.logs = [file for file in stage.home.rglob("*.jsonl") if session.session_id in file.name]
        self.home = program.state / "tokencoach"
        self.now_ms = stage.clock.now_ms + 60_000

    def asking(self) -> tuple[Asking, Prepared]:
        """The check of what is staged, and its question to explain."""
        database = paths.database(self.home)
        with open_reader(database) as reader:
            options = Options(ask="all", is_full=True, questions=9, seconds=900)
            subject = look(self.folder, Which(), reader.connection, options, home=self.home)
            asking = asking_of(
                subject, database, ZoneInfo("UTC"), reader.connection, mode="verb", now_ms=self.now_ms
            )
        items = asking.sitting.items
        return asking, next(one.prepared for one in items if one.prepared.question.form is Form.TEXT)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("told"))


def marked(sitting: Sitting, asked: Prepared, text: str) -> tuple[bool | None, str]:
    """Whether a text passes, and the rubric's row of own words."""
    found = sitting._grade(asked, text)
    return found.right, next(line for line in found.lines if "own words" in line)


def test_the_assistants_own_explanation_is_no_explanation_of_ones_own(told: Told) -> None:
    asking, asked = told.asking()
    is_right, row = marked(asking.sitting, asked, EXPLAINED)
    assert is_right is False
    assert row.startswith("not met")
    assert "compared with the code, the assistant's last messages of 1 session" in row
    assert grade(asked, EXPLAINED).right, "without the log it is as good as any"


def test_what_the_assistant_said_stands_in_no_row(told: Told) -> None:
    asking, asked = told.asking()
    marked(asking.sitting, asked, EXPLAINED)
    asking.diary.begin()
    assert asking.diary.finish()
    phrase = b"after taking our commission"
    assert any(phrase in log.read_bytes() for log in told.logs)
    kept = [file for file in told.home.rglob("*") if file.is_file()]
    assert kept
    assert not [file.name for file in kept if phrase in file.read_bytes()]


def test_a_log_that_is_gone_is_said_and_costs_no_mark(told: Told) -> None:
    asking, asked = told.asking()
    for log in told.logs:
        log.rename(log.with_suffix(".away"))
    try:
        is_right, row = marked(asking.sitting, asked, EXPLAINED)
    finally:
        for log in told.logs:
            log.with_suffix(".away").rename(log)
    assert is_right
    assert "the assistant's last messages unknown of 1: the log is gone" in row


def test_sessions_that_cannot_be_heard_are_told_apart(tmp_path: Path) -> None:
    silent = tmp_path / "silent.jsonl"
    silent.write_bytes(b"\xff{not json\n")
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    heard = Heard([Log("pi", str(silent)), Log("pi", str(pipe)), Log("cursor", str(silent)), Log("pi", None)])
    assert heard.texts == ("",)
    assert heard.looked == (
        "the assistant's last messages of 1 session, which hold no text, "
        "unknown of 3: the log cannot be read, cursor logs do not tell, no log is known"
    )


def test_lines_of_no_session_are_said_to_be_unknown(told: Told) -> None:
    _, asked = told.asking()
    assert "no session of these lines" in heard_of(None, "", [asked]).looked
    with open_reader(paths.database(told.home)) as reader:
        late_ms = told.now_ms + round(timedelta(days=40) / timedelta(milliseconds=1))
        place = str(told.folder / ".git")
        assert heard_of(reader.connection, place, [asked], since_ms=late_ms).texts == ()
        assert EXPLAINED in heard_of(reader.connection, place, [asked]).texts[0]
