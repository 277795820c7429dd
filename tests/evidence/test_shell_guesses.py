"""Lines that a shell command may have written without showing them: evidence says whose they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.notes import attest, landed_lines, note_text, put_note
from histories.program import Program
from histories.scene import BEGIN, Performance, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED = "Make the table"


def _guessed(scene: Scene, message: str = "Add the table") -> str:
    """A session runs a script that writes a file; another one works beside it on another file."""
    other = scene.session()
    other.prompt("Add the meters")
    other.write("meter.py", code("meter", 3))
    session = scene.session()
    session.prompt(ASKED)
    session.bash("python3 make_table.py > table.py", "")
    scene.repo.human_write("table.py", code("table", 5))
    scene.clock.advance(minutes=20)
    return scene.repo.commit(message.format(other=other.session_id, own=session.session_id))


def guessed(scene: Scene) -> None:
    _guessed(scene)


def named(scene: Scene) -> None:
    _guessed(scene, "Add the table\n\nClaude-Session: {own}")


def denied(scene: Scene) -> None:
    _guessed(scene, "Add the table\n\nClaude-Session: {other}")


def noted_as_a_persons(scene: Scene) -> None:
    put_note(scene.repo, _guessed(scene), note_text({"table.py": {"h_31dce776f88375": "1-2"}}, {}))


def noted_as_its_own(scene: Scene) -> None:
    commit = _guessed(scene)
    attest(scene.repo, commit, "table.py", "1-5", "claude", scene.sessions[1].session_id)


PLAYS: tuple[Callable[[Scene], None], ...] = (guessed, named, denied, noted_as_a_persons, noted_as_its_own)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("guesses"), *PLAYS)


def _table(performance: Performance, play: Callable[[Scene], None]) -> list[tuple[int, float]]:
    """Number and confidence of the table's lines that are the second session's."""
    session = performance.scenes[play].sessions[1].session_id
    shown = performance.program.run("sessions", "show", session)
    return sorted((line["line"], line["confidence"]) for line in landed_lines(shown))


def test_without_evidence_the_command_is_believed_a_little(performance: Performance) -> None:
    assert _table(performance, guessed) == [(number, 0.4) for number in range(1, 6)]


def test_a_commit_that_names_the_session_raises_the_guess(performance: Performance) -> None:
    assert _table(performance, named) == [(number, 0.76) for number in range(1, 6)]


def test_a_commit_that_names_another_session_denies_the_guess(performance: Performance) -> None:
    assert _table(performance, denied) == []


def test_a_note_takes_the_lines_of_somebody_else_from_the_guess(performance: Performance) -> None:
    assert [number for number, _ in _table(performance, noted_as_a_persons)] == [3, 4, 5]


def test_a_note_proves_the_guess(performance: Performance) -> None:
    assert _table(performance, noted_as_its_own) == [(number, 0.99) for number in range(1, 6)]


def test_a_checkpoint_that_is_fetched_late_denies_as_if_it_had_been_there(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "late")
    _guessed(scene, "Add the table\n\nEntire-Checkpoint: ed51f6581660")
    program = Program(scene.stage.home, tmp_path / "state")
    program.ingest()
    session = scene.sessions[1].session_id
    assert len(landed_lines(program.run("sessions", "show", session))) == 5
    repo = scene.repo
    repo.git("checkout", "--quiet", "--orphan", "entire/checkpoints/v1")
    repo.git("rm", "--quiet", "-rf", ".")
    file = repo.folder / "ed" / "51f6581660" / "metadata.json"
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"session_id": "{scene.sessions[0].session_id}"}}', encoding="utf-8")
    repo.commit("Checkpoint")
    repo.checkout("main")
    program.ingest()
    late = program.run("sessions", "show", session)
    assert landed_lines(late) == []
    cold = Program(scene.stage.home, tmp_path / "cold")
    cold.ingest()
    assert cold.run("sessions", "show", session)["turns"] == late["turns"]
