"""A commit that was seen before it landed has its subject once it has landed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.made import Month

if TYPE_CHECKING:
    from pathlib import Path


def subjects(month: Month) -> dict[str, int]:
    """Subjects of commits in which generated lines landed, with the number of lines."""
    with month.read() as reader:
        rows = reader.connection.execute(
            "SELECT c.subject, count(*) FROM git_commit c JOIN landing l ON l.commit_id = c.id GROUP BY c.id"
        )
        return dict(rows.fetchall())


def test_a_commit_of_a_branch_that_is_merged_later_is_named(tmp_path: Path) -> None:
    month = Month(tmp_path, ZoneInfo("UTC"))

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=month.repo.folder, check=True, capture_output=True)

    git("checkout", "-q", "-b", "winds")
    session = month.session()
    session.prompt("Add the table of winds")
    session.write("winds.py", "".join(f"WIND_{n} = 'wind number {n}'\n" for n in range(6)))
    month.clock.advance(hours=1)
    month.repo.commit("Add the table of winds")
    assert subjects(month) == {}
    git("checkout", "-q", "main")
    git("merge", "-q", "--ff-only", "winds")
    assert subjects(month) == {"Add the table of winds": 6}
