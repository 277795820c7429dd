"""``check`` as a person or a script meets it: shapes, exit codes, answers, and repositories in any state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from comprehension.asked_scene import CODE
from git.builder import Builder

if TYPE_CHECKING:
    from pathlib import Path

    from cli.machine import Machine

QUESTION_KEYS = {"id", "kind", "part", "path", "line", "prompt", "form", "options"}
PARTS = {"explain", "edges", "trace", "why"}
FORMS = {"typed", "choice", "multiple", "text"}


@pytest.fixture
def work(tmp_path: Path) -> Builder:
    built = Builder(tmp_path / "ledger")
    built.commit(0, "first", a_py="x = 1\n")
    built.write("ledger.py", CODE)
    built.git("add", "-A")
    return built


def asked(machine: Machine, work: Builder, *arguments: str, code: int = 0) -> dict[str, Any]:
    return machine.json("check", *arguments, code=code, cwd=work.folder)


def test_questions_come_without_their_answers(machine: Machine, work: Builder) -> None:
    said = asked(machine, work, "--staged", "--all-lines")
    assert said["nothing_because"] is None
    assert said["asked_because"]
    assert 1 <= len(said["questions"]) <= 4
    for question in said["questions"]:
        assert set(question) >= QUESTION_KEYS
        assert not {"expected", "key", "answer", "reasons", "trace"} & set(question)
        assert question["part"] in PARTS
        assert question["form"] in FORMS
        assert question["path"] == "ledger.py"
        assert not question["options"] or len(question["options"]) >= 4
        assert question["line"] >= 1


def test_the_same_blob_is_asked_the_same(machine: Machine, work: Builder) -> None:
    staged = asked(machine, work, "--all-lines")
    work.git("commit", "-q", "-m", "later", at=9)
    of_commit = asked(machine, work, "--commit", "HEAD", "--all-lines")
    of_range = asked(machine, work, "--range", "HEAD~1..HEAD", "--all-lines")
    assert staged["questions"] == of_commit["questions"] == of_range["questions"]


def test_full_asks_at_least_as_many_parts(machine: Machine, work: Builder) -> None:
    parts = {question["part"] for question in asked(machine, work, "--all-lines")["questions"]}
    full = {question["part"] for question in asked(machine, work, "--all-lines", "--full")["questions"]}
    assert parts <= full
    assert len(full) >= 2


def test_what_is_staged_counts_and_not_what_lies_in_the_work_tree(machine: Machine, work: Builder) -> None:
    before = asked(machine, work, "--all-lines")
    work.write("ledger.py", "def other():\n    return 1\n")
    assert asked(machine, work, "--all-lines") == before


def test_lines_that_no_assistant_wrote_are_not_asked_about(machine: Machine, work: Builder) -> None:
    said = asked(machine, work, code=3)
    assert said["questions"] == []
    assert "assistant" in said["nothing_because"]
    assert said["asked_because"] is None


def test_nothing_staged_is_nothing_to_ask(machine: Machine, work: Builder) -> None:
    work.git("commit", "-q", "-m", "all", at=9)
    said = asked(machine, work, "--staged", code=3)
    assert said["questions"] == []
    assert said["nothing_because"]
    done = machine.run("check", cwd=work.folder)
    assert done.returncode == 3, "as text and as JSON alike"
    assert b"Nothing to ask" in done.stdout
    assert b"git add" in done.stdout


def given_answers(work: Builder, answers: object) -> str:
    file = work.folder.parent / "answers.json"
    file.write_text(json.dumps(answers), encoding="utf-8")
    return str(file)


def test_answers_are_graded_with_what_was_expected_and_why(machine: Machine, work: Builder) -> None:
    said = asked(machine, work, "--all-lines", "--full")
    file = given_answers(work, {question["id"]: "nothing like it" for question in said["questions"]})
    done = machine.run("check", "--all-lines", "--full", "--answers", file, cwd=work.folder)
    assert done.returncode == 0, done.stderr
    grades = json.loads(done.stdout)["grades"]
    assert [grade["id"] for grade in grades] == [question["id"] for question in said["questions"]]
    for grade in grades:
        assert grade["right"] is False
        assert grade["expected"]
        assert grade["evidence"]
    right = {grade["id"]: grade["expected"] for grade in grades}
    file = given_answers(work, right)
    done = machine.run("check", "--all-lines", "--full", "--answers", file, "--json", cwd=work.folder)
    by_id = {question["id"]: question for question in said["questions"]}
    for grade in json.loads(done.stdout)["grades"]:
        if by_id[grade["id"]]["form"] in {"typed", "choice"}:
            assert grade["right"] is True, grade


def test_answers_of_scripts_are_graded_and_not_kept(machine: Machine, work: Builder) -> None:
    said = asked(machine, work, "--all-lines")
    file = given_answers(work, {question["id"]: "1" for question in said["questions"]})
    machine.run("check", "--all-lines", "--answers", file, cwd=work.folder)
    assert machine.read("SELECT count(*) FROM cc_check") == [(0,)]


def test_an_answer_to_no_question_is_said_and_graded_by_nobody(machine: Machine, work: Builder) -> None:
    file = given_answers(work, {"nobody": "1"})
    done = machine.run("check", "--all-lines", "--answers", file, cwd=work.folder)
    assert done.returncode == 3
    assert json.loads(done.stdout) == {"grades": []}
    assert b"no question nobody" in done.stderr


@pytest.mark.parametrize("body", ["", "[1]", "{", "\x00", '"a"', "[" * 9000])
def test_a_file_that_holds_no_answers_is_wrong_use(machine: Machine, work: Builder, body: str) -> None:
    file = work.folder.parent / "answers.json"
    file.write_text(body, encoding="utf-8")
    done = machine.run("check", "--answers", str(file), cwd=work.folder)
    assert done.returncode == 2
    assert b"mend:" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--commit", "nobody"),
        ("--range", "main"),
        ("--range", "nobody..main"),
        ("--range", ".."),
        ("--commit", "--upload-pack=x"),
        ("--staged", "--commit", "HEAD"),
        ("--answers", "/nowhere/answers.json"),
        ("--no-such-option",),
    ],
)
def test_wrong_use_says_so_and_exits_2(machine: Machine, work: Builder, arguments: tuple[str, ...]) -> None:
    done = machine.run("check", *arguments, "--json", cwd=work.folder)
    assert done.returncode == 2, done.stderr
    assert done.stdout == b""


def test_outside_a_repository_it_says_so(machine: Machine, tmp_path: Path) -> None:
    done = machine.run("check", cwd=tmp_path)
    assert done.returncode == 2
    assert b"no git repository" in done.stderr


def test_without_a_terminal_the_questions_are_printed(machine: Machine, work: Builder) -> None:
    done = machine.run("check", "--all-lines", cwd=work.folder)
    assert done.returncode == 0
    assert b"ledger.py:" in done.stdout
    assert b"\x1b" not in done.stdout


def test_before_the_first_check_the_figures_say_what_to_do(machine: Machine, work: Builder) -> None:
    done = machine.run("check", "--stats", cwd=work.folder)
    assert done.returncode == 3
    assert b"tokencoach hook install" in done.stdout
    said = machine.json("check", "--stats", code=3, cwd=work.folder)
    assert said["kinds"] == []
    assert said["waiting"] == {"checks": 0, "questions": 0}


def test_the_hooks_way_never_fails(machine: Machine, work: Builder, tmp_path: Path) -> None:
    for folder in (work.folder, tmp_path):
        done = machine.run("check", "--staged", "--from-hook", cwd=folder)
        assert done.returncode == 0
        assert done.stdout == b""
    machine.state.mkdir(exist_ok=True)
    machine.database.write_bytes(b"no database" * 100)
    assert machine.run("check", "--staged", "--from-hook", cwd=work.folder).returncode == 0


def test_hostile_names_reach_no_terminal(machine: Machine, work: Builder) -> None:
    work.write(b"e\x1b[31mvil\x07.py", CODE)
    work.git("add", "-A")
    done = machine.run("check", "--all-lines", cwd=work.folder)
    assert done.returncode == 0
    assert not {0x1B, 0x07} & set(done.stdout)
