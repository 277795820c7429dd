"""What was understood counts as reviewed wherever it landed, and is owed no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from histories.program import Program
from tokencoach.clock import DAY_MS
from tokencoach.comprehension.debt import debts
from tokencoach.demo.stage import Stage
from tokencoach.store.checks.records import Answer, AskedQuestion, Check, Outcome
from tokencoach.store.checks.writer import save_answer, save_check
from tokencoach.store.reader import open_reader
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = datetime(2026, 2, 2, 10, tzinfo=UTC)
NOW = "2026-04-20T09:00:00"
TOTAL = "def add_totals(entries):\n    running_sum = sum(entry.amount for entry in entries)\n    return running_sum\n"
MEAN = "def mean_amount(entries):\n    entry_count = len(entries)\n    return add_totals(entries) / entry_count\n"
AS_OF_MS = int(datetime(2026, 4, 20, tzinfo=UTC).timestamp() * 1000)


class Story:
    """An assistant wrote two functions of three lines each; the person answered about the first."""

    def __init__(self, folder: Path, *, how: str) -> None:
        stage = Stage(folder, BEGIN)
        self.repo = stage.repository("ledger")
        self.repo.human_write("README.md", "# ledger\n")
        self.repo.commit("Start")
        if how != "direct":
            self.repo.git("checkout", "-q", "-b", "side")
        session = stage.claude(self.repo, generation="2.1")
        session.prompt("Add totals and a mean")
        session.write("src/totals.py", f"{TOTAL}\n\n{MEAN}")
        stage.clock.advance(minutes=1)
        self.repo.commit("Add totals")
        blob = str(self.repo.git("rev-parse", "HEAD:src/totals.py")).strip()
        if how != "direct":
            self.repo.git("checkout", "-q", "main")
        if how == "merge":
            self.repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
        if how == "squash":
            self.repo.git("merge", "-q", "--squash", "side")
            self.repo.git("commit", "-q", "-m", "Add totals, squashed")
        self.program = Program(stage.home, folder / "state", now=NOW)
        self.program.ingest()
        self.database = folder / "state" / "tokencoach" / "tokencoach.db"
        self.place = str(self.repo.folder / ".git")
        self.check = Check("c1", self.place, AS_OF_MS - DAY_MS, "pre-commit", Outcome.ASKED, total_ms=60_000)
        self.question = AskedQuestion(
            "c1", "q1", 0, "G4", "trace", "src/totals.py", "add_totals", 1, 3, 3, blob, "h1", "{}"
        )

    def answer(self, *, is_right: bool) -> None:
        """Answer the question about the first function."""
        said = Answer("c1", "q1", "3", is_right, False, None, 1, 9_000, self.check.started_ms)
        with Writer(self.database, ZoneInfo("UTC")) as writer, writer.transaction() as base:
            save_check(base, self.check, [self.question])
            save_answer(base, said)
        self.program.forget_answers()
        self.program.ingest()

    def lines(self) -> dict[str, int]:
        """The line counts of the audit."""
        lines = self.program.audit()["lines"]
        assert isinstance(lines, dict)
        return lines

    def debt(self) -> tuple[int, int, list[tuple[str, int]]]:
        """What is owed, what is understood, and the folders."""
        with open_reader(self.database) as reader:
            (found,) = debts(reader.connection, AS_OF_MS)
        return found.owed, found.understood, [(area.area, area.lines) for area in found.areas]


@pytest.mark.parametrize("how", ["direct", "merge", "squash"])
def test_a_right_answer_reviews_the_lines_of_its_function_and_no_others(tmp_path: Path, how: str) -> None:
    story = Story(tmp_path, how=how)
    before = story.lines()
    assert before["landed"] == 6
    assert story.debt() == (6, 0, [("src", 6)])
    story.answer(is_right=True)
    assert story.lines()["reviewed"] == before["reviewed"] + 3
    assert story.debt() == (3, 3, [("src", 3)])


def test_a_wrong_answer_reviews_nothing(tmp_path: Path) -> None:
    story = Story(tmp_path, how="direct")
    before = story.lines()
    story.answer(is_right=False)
    assert story.lines()["reviewed"] == before["reviewed"]
    assert story.debt()[:2] == (6, 0)


def test_lines_that_are_gone_are_owed_no_more_and_old_ones_are_told_apart(tmp_path: Path) -> None:
    story = Story(tmp_path, how="direct")
    with open_reader(story.database) as reader:
        (late,) = debts(reader.connection, AS_OF_MS)
        (early,) = debts(reader.connection, int(BEGIN.timestamp() * 1000) + 2 * DAY_MS)
        assert debts(reader.connection, 1_000) == []
    assert late.areas[0].by_age == (0, 0, 6, 0)
    assert early.areas[0].by_age == (6, 0, 0, 0)
    story.repo.human_write("src/totals.py", TOTAL)
    story.repo.commit("Drop the mean")
    story.program.ingest()
    assert story.debt()[0] == 3
