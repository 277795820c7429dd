"""Notes, records and repositories that mean ill: counted, named by the doctor, never raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.notes import attest, landed_lines, put_note, put_traces
from histories.program import Program
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from histories.program import Json

DAMAGED = (
    "no divider at all\n",
    "a.py\n  s_1::t_1 1-2\n---\nnot json\n",
    'a.py\n  s_1::t_1 1-2\n---\n{"schema_version": "authorship/9.0.0"}\n',
    'a.py\n  s_1::t_1 1-2\n---\n{"schema_version": "authorship/3.0.0", "sessions": [1]}\n',
    'a.py\n  s_1::t_1 9-1\n  nobody 1\n---\n{"schema_version": "authorship/3.0.0"}\n',
    "---\n" + "[" * 5000 + "\n",
)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A session's file in a commit."""
    scene = Scene(Stage(tmp_path, BEGIN), "damaged")
    session = scene.session()
    session.prompt("Add it")
    session.write("meter.py", code("meter", 6))
    scene.clock.advance(hours=1)
    scene.commits.append(scene.repo.commit("Add the meters"))
    return scene


def _program(scene: Scene) -> Program:
    program = Program(scene.stage.home, scene.stage.folder / "state")
    program.ingest()
    return program


def _lines(program: Program, scene: Scene) -> list[Json]:
    return landed_lines(program.run("sessions", "show", scene.sessions[0].session_id))


def _doctor(program: Program) -> list[str]:
    sections = program.run("doctor", allowed=(0, 1))["sections"]
    (section,) = [section for section in sections if section["name"] == "outside evidence"]
    assert section["ok"]
    return [item["value"] for item in section["items"]]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_note_is_named_by_the_doctor_and_changes_nothing(scene: Scene, text: str) -> None:
    put_note(scene.repo, scene.commits[0], text)
    program = _program(scene)
    assert {(line["confidence"], line["evidence"]) for line in _lines(program, scene)} == {(1.0, None)}
    (said,) = _doctor(program)
    assert "1 not understood" in said
    assert scene.commits[0] in said


def test_a_damaged_note_does_not_hide_a_sound_one(scene: Scene) -> None:
    put_note(scene.repo, scene.repo.head() + "~1", "nonsense\n")
    attest(scene.repo, scene.commits[0], "meter.py", "1-6", "claude", scene.sessions[0].session_id)
    program = _program(scene)
    assert {line["evidence"] for line in _lines(program, scene)} == {"confirmed by git-ai note"}
    assert any(said.startswith("1 commits with a git-ai note; 1 not understood") for said in _doctor(program))


def test_damaged_trace_records_are_named_by_file_and_line(scene: Scene) -> None:
    put_traces(scene.repo, "{", "[]", '{"files": 3}', '{"version": "1.0", "files": []}')
    program = _program(scene)
    assert len(_lines(program, scene)) == 6
    (said,) = _doctor(program)
    assert "3 not understood" in said
    assert "traces.jsonl:1" in said


def test_names_in_a_note_bring_no_escape_into_the_answer(scene: Scene) -> None:
    evil = "\x1b[31mcur[bold]sor\x07"
    attest(scene.repo, scene.commits[0], "meter.py", "1-6", evil, "\x1b]0;x\x07id")
    program = _program(scene)
    (said,) = {line["evidence"] for line in _lines(program, scene)}
    assert said is not None
    assert set("\x1b\x07[]").isdisjoint(said)


def test_a_repositorys_own_programs_do_not_run_for_a_blamed_line(scene: Scene) -> None:
    witness = scene.stage.folder / "ran"
    scene.repo.human_write("notes.evil", "one line that is long enough\n")
    scene.repo.commit("Add\n\nCo-Authored-By: Codex <noreply@openai.com>")
    (scene.repo.folder / ".git" / "info").mkdir(exist_ok=True)
    attributes = scene.repo.folder / ".git" / "info" / "attributes"
    attributes.write_text("*.evil diff=evil\n", encoding="utf-8")
    scene.repo.git("config", "diff.evil.textconv", f"sh -c 'touch {witness}; cat' --")
    scene.repo.git("config", "blame.ignoreRevsFile", "gone")
    program = _program(scene)
    (line,) = program.run("blame", str(scene.repo.folder / "notes.evil"))["lines"]
    assert "co-authored by Codex" in line["reason"]
    assert not witness.exists()


def test_the_doctor_says_how_notes_of_a_remote_would_come_here(scene: Scene) -> None:
    scene.repo.git("remote", "add", "origin", "https://forge.example.invalid/team/damaged.git")
    program = _program(scene)
    sections = program.run("doctor", allowed=(0, 1))["sections"]
    mends = [item["mend"] for section in sections for item in section["items"] if item["mend"]]
    assert any("git fetch origin refs/notes/ai:refs/notes/ai" in mend for mend in mends)
