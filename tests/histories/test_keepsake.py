"""What only the person could say outlives a database that is damaged and moved away."""

from __future__ import annotations

import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from histories.program import Program
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

MONTH = ("--month", "2026-02")


class Words:
    """A session with a word on it, its branch marked, its month closed, its repository's policy said."""

    def __init__(self, folder: Path) -> None:
        scene = Scene(Stage(folder, BEGIN), "ledger")
        session = scene.session()
        session.prompt("Add the totals")
        session.write("totals.py", code("totals", 10))
        scene.clock.advance(minutes=10)
        scene.repo.commit("Add totals")
        self.program = Program(scene.stage.home, folder / "state", now="2026-04-20T09:00:00")
        self.database = folder / "state" / "tokencoach" / "tokencoach.db"
        self.copy = self.database.with_name("tokencoach-words.db")
        self.session = session.session_id
        self.program.run("audit", *MONTH, "--close")
        self.program.run("sessions", "overrule", self.session, "not_landed", "--because", "nobody calls it")
        self.program.run("repos", "link", "/old/place", str(scene.repo.folder))
        self.program.run("repos", "ship", str(scene.repo.folder), "tag")

    def said(self) -> list[object]:
        """All of it, as the program tells it."""
        self.program.forget_answers()
        audit = self.program.run("audit", *MONTH)
        (repo,) = self.program.run("repos", "list")["repos"]
        words = self.program.run("sessions", "overrules", allowed=(0, 3))
        return [words, audit["closed"], audit["buckets"], audit["restated"], repo["links"], repo["ship"]]

    def move_away(self) -> None:
        """As the message about a damaged database advises."""
        for file in self.database.parent.glob("tokencoach.db*"):
            file.unlink()


@pytest.fixture
def words(tmp_path: Path) -> Words:
    return Words(tmp_path)


def test_a_new_database_begins_with_what_the_person_said(words: Words) -> None:
    before = words.said()
    assert before[1] is True
    words.move_away()
    words.program.ingest()
    assert words.said() == before


def test_what_was_taken_back_stays_taken_back(words: Words) -> None:
    words.program.run("sessions", "overrule", words.session, "--undo")
    before = words.said()
    words.move_away()
    words.program.ingest()
    assert words.said() == before


def test_the_copy_is_the_persons_alone_and_is_made_again_where_it_is_missing(words: Words) -> None:
    assert stat.S_IMODE(words.copy.stat().st_mode) == 0o600
    words.copy.unlink()
    before = words.said()
    assert words.copy.exists()
    words.move_away()
    assert words.said() == before


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(range(256)) * 40])
def test_a_damaged_copy_stops_nothing(words: Words, content: bytes) -> None:
    words.copy.write_bytes(content)
    words.move_away()
    words.program.ingest()
    assert words.said()[1] is False


def test_a_copy_of_a_program_with_fewer_columns_gives_what_it_has(words: Words) -> None:
    with sqlite3.connect(words.copy) as copy:
        copy.execute("ALTER TABLE overrule DROP COLUMN first_line")
        copy.execute("DROP TABLE month_close")
    copy.close()
    words.move_away()
    words.program.ingest()
    assert [word["session_id"] for word in words.program.run("sessions", "overrules")["overrules"]] == [
        words.session
    ]
