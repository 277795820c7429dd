"""Where texts alone cannot tell two sessions apart, a note or a trailer does; read late, it counts the same."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from evidence.notes import attest, landed_lines
from histories.program import Program
from histories.scene import BEGIN, Performance, Scene, code
from store.earlier_format import to_format
from tokencoach.demo.repository import run_git
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from histories.program import Json


def _twins(scene: Scene, minutes_between: int, other: str = "2.1") -> None:
    """Two sessions write the same six lines to one path, as if in two worktrees."""
    first = scene.session()
    first.prompt("Add the meters")
    first.write("meter.py", code("meter", 6))
    (scene.repo.folder / "meter.py").unlink()
    scene.clock.advance(minutes=minutes_between)
    second = scene.session("0.169") if other == "codex" else scene.session()
    second.prompt("Add the meters")
    second.write("meter.py", code("meter", 6))
    scene.clock.advance(minutes=30)


def tied(scene: Scene) -> None:
    _twins(scene, 3)
    scene.repo.commit("Add the meters")


def tied_and_noted(scene: Scene) -> None:
    _twins(scene, 3)
    commit = scene.repo.commit("Add the meters")
    attest(scene.repo, commit, "meter.py", "1-6", "claude", scene.sessions[0].session_id)


def tied_and_named(scene: Scene) -> None:
    _twins(scene, 3)
    scene.repo.commit(f"Add the meters\n\nClaude-Session: {scene.sessions[0].session_id}")


def tied_and_signed(scene: Scene) -> None:
    _twins(scene, 3, "codex")
    scene.repo.commit("Add the meters\n\nCo-Authored-By: Claude <noreply@anthropic.com>")


def newest(scene: Scene) -> None:
    _twins(scene, 120)
    scene.repo.commit("Add the meters")


def newest_but_noted(scene: Scene) -> None:
    _twins(scene, 120)
    commit = scene.repo.commit("Add the meters")
    attest(scene.repo, commit, "meter.py", "1-6", "claude", scene.sessions[0].session_id)


PLAYS: tuple[Callable[[Scene], None], ...] = (
    tied,
    tied_and_noted,
    tied_and_named,
    tied_and_signed,
    newest,
    newest_but_noted,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("settling"), *PLAYS)


def _landed(performance: Performance, play: Callable[[Scene], None]) -> list[set[float]]:
    """Confidences of the landed lines of each of the two sessions."""
    sessions = performance.scenes[play].sessions
    return [
        {
            line["confidence"]
            for line in landed_lines(performance.program.run("sessions", "show", session.session_id))
        }
        for session in sessions
    ]


def test_without_evidence_a_tie_stays_split(performance: Performance) -> None:
    assert _landed(performance, tied) == [{0.475}, {0.475}]


@pytest.mark.parametrize("play", [tied_and_noted, tied_and_named, tied_and_signed])
def test_evidence_gives_a_tied_line_to_one_session(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    first, second = _landed(performance, play)
    assert second == set()
    assert min(first) >= 0.9


def test_without_evidence_the_newest_edit_is_the_likeliest(performance: Performance) -> None:
    assert _landed(performance, newest) == [set(), {0.95}]


def test_a_note_beats_the_ordered_match(performance: Performance) -> None:
    assert _landed(performance, newest_but_noted) == [{0.99}, set()]


class _Late:
    """A commit that was matched before its note came, and the program that watches it."""

    def __init__(self, folder: Path, *, is_alone: bool = False) -> None:
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "late")
        _twins(self.scene, 120)
        self.commit = self.scene.repo.commit("Add the meters")
        self.program = Program(self.stage.home, folder / "state")
        if is_alone:
            settings = folder / "state" / "tokencoach" / "settings.toml"
            settings.parent.mkdir(parents=True)
            settings.write_text("outside_evidence = false\n", encoding="utf-8")
        self.program.ingest()

    def attest(self, session: int) -> None:
        """Put a note onto the commit that names one of the two sessions."""
        attest(
            self.scene.repo,
            self.commit,
            "meter.py",
            "1-6",
            "claude",
            self.scene.sessions[session].session_id,
        )

    def landed(self) -> list[list[Json]]:
        """The landed lines of both sessions, after what is new has been read."""
        self.program.ingest()
        return self.landed_with(self.program)

    def landed_with(self, program: Program) -> list[list[Json]]:
        """The same as another program sees it."""
        return [
            landed_lines(program.run("sessions", "show", session.session_id))
            for session in self.scene.sessions
        ]


def test_a_note_that_comes_late_counts_as_if_it_had_been_there(tmp_path: Path) -> None:
    late = _Late(tmp_path)
    before = late.landed()
    assert [len(lines) for lines in before] == [0, 6]
    late.attest(0)
    after = late.landed()
    assert [len(lines) for lines in after] == [6, 0]
    cold = Program(late.stage.home, tmp_path / "cold")
    cold.ingest()
    assert late.landed_with(cold) == after


def test_evidence_that_an_earlier_release_could_not_read_counts_after_the_update(tmp_path: Path) -> None:
    late = _Late(tmp_path)
    late.attest(0)
    expected = late.landed()
    database = late.program.state / "tokencoach" / "tokencoach.db"
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        # It had read as far, and nothing of it.
        for table in ("attested", "landing", "replay", "session_verdict"):
            connection.execute(f"DELETE FROM {table}")
    to_format(database, 13, "m014_scripts")
    assert late.landed() == expected
    assert [len(lines) for lines in expected] == [6, 0]


def test_a_note_that_is_taken_away_counts_no_more(tmp_path: Path) -> None:
    late = _Late(tmp_path)
    before = late.landed()
    late.attest(0)
    late.landed()
    run_git(
        late.scene.repo.folder,
        *("-c", "user.name=Robin Example", "-c", "user.email=robin@example.invalid"),
        *("notes", "--ref=ai", "remove", late.commit),
    )
    assert late.landed() == before


def test_switched_off_evidence_is_not_read_and_switched_on_again_it_is(tmp_path: Path) -> None:
    late = _Late(tmp_path, is_alone=True)
    late.attest(0)
    assert [{line["evidence"] for line in lines} for lines in late.landed()] == [set(), {None}]
    settings = late.program.state / "tokencoach" / "settings.toml"
    settings.write_text("outside_evidence = true\n", encoding="utf-8")
    on = late.landed()
    assert [{line["evidence"] for line in lines} for lines in on] == [{"confirmed by git-ai note"}, set()]
    settings.write_text("outside_evidence = false\n", encoding="utf-8")
    assert [{line["evidence"] for line in lines} for lines in late.landed()] == [set(), {None}]
