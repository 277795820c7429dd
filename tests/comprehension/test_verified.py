"""A call typed for a line that no test reached: the next recorded run says whether the line is reached now."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from comprehension.recorded_project import Project
from launching.launcher import launch
from tokencoach import paths
from tokencoach.clock import now_ms
from tokencoach.comprehension.generators import uncovered
from tokencoach.comprehension.generators.base import Context
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.sandbox.execute import layers
from tokencoach.comprehension.saved import new_check, rows_of
from tokencoach.store.checks.records import Answer
from tokencoach.store.checks.writer import save_answer, save_check
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MODULE = "def part(amount, total):\n    if total == 0:\n        return 0\n    return amount / total\n"
TEST = "from pkg.m import part\n\ndef test_part():\n    assert part(1, 2) == 0.5\n"
MORE = TEST + "\ndef test_of_nothing():\n    assert part(1, 0) == 0\n"
walled = pytest.mark.skipif(layers().refused is not None, reason="this machine cannot shut a process in")


def answer(project: Project, questions: Iterable[Prepared], said: str = "part(1, 0)") -> None:
    """Keep a check of these questions with one answer to each, as the flow does."""
    check = new_check(str((project.root / ".git").resolve()), "pre-commit", now_ms())
    rows = rows_of(check, questions, ())
    with Writer(paths.database(project.home), ZoneInfo("UTC")) as writer, writer.transaction() as connection:
        save_check(connection, check, rows)
        for row in rows:
            save_answer(
                connection, Answer(check.key, row.question_id, said, True, False, None, 1, 9, now_ms())
            )


def asked_about(project: Project) -> Prepared:
    """The question of line 3 as its generator words it, made without running anything."""
    digest = project.seen("part").digest
    question = Question(
        "q3", Kind.UNCOVERED_LINE, Part.EDGES, "pkg/m.py", "part", 3, "which call?", Form.TYPED
    )
    facts = {"line": "3", "offset": "2", "digest": digest}
    return Prepared(question, AnswerKey(("part(0, 0)",), CheckedBy.EXECUTED, "run", "arguments", facts=facts))


def stats(project: Project, *options: str) -> str:
    """What ``check --stats`` prints."""
    done = launch(["check", "--stats", *options], os.environ, project.root, limit_s=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def told(project: Project) -> list[dict[str, Any]]:
    """The lines as ``check --stats --json`` lists them."""
    lines: list[dict[str, Any]] = json.loads(stats(project, "--json"))["answered_lines"]
    return lines


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose test leaves out line 3, recorded, with a call for that line typed."""
    made = Project(tmp_path / "project")
    made.write("pkg/m.py", MODULE)
    made.write("tests/test_m.py", TEST)
    assert made.record().returncode == 0
    answer(made, [asked_about(made)])
    return made


def test_the_test_that_was_missing_is_seen_at_the_next_run_though_all_is_committed(project: Project) -> None:
    (line,) = told(project)
    assert (line["state"], line["answer"], line["test"]) == ("no run since", "part(1, 0)", None)
    project.commit()
    done = project.record()
    assert "pkg/m.py:3 in part is still reached by no test; you had named part(1, 0)" in done.stderr
    assert told(project)[0]["state"] == "not reached"
    project.write("tests/test_m.py", MORE)
    done = project.record()
    assert done.returncode == 0
    assert "pkg/m.py:3 in part is reached now by tests/test_m.py::test_of_nothing" in done.stderr
    (line,) = told(project)
    assert (line["state"], line["line"]) == ("reached", 3)
    assert line["test"].endswith("test_of_nothing")
    shown = stats(project).partition("Lines that no test had reached")[2]
    assert "pkg/m.py:3 in part is reached now by tests/test_m.py::test_of_nothing" in shown


def test_a_function_that_was_changed_since_is_said_to_be_another_one(project: Project) -> None:
    project.write("pkg/m.py", MODULE.replace("return 0", "return None"))
    done = project.record()
    assert "the function was changed since you named part(1, 0)" in done.stderr
    assert told(project)[0]["state"] == "function changed since"


def test_a_file_that_is_gone_or_a_database_that_is_damaged_stops_no_test(project: Project) -> None:
    (project.root / "pkg" / "m.py").unlink()
    project.write("tests/test_m.py", "import pkg\ndef test_nothing():\n    assert pkg.__name__ == 'pkg'\n")
    assert project.record().returncode == 0
    paths.database(project.home).write_bytes(b"no database at all" * 500)
    done = project.record("-k", "nothing")
    assert done.returncode == 0, done.stderr


@walled
def test_the_question_carries_what_the_next_run_is_compared_by(tmp_path: Path) -> None:
    made = Project(tmp_path / "project")
    made.write("pkg/m.py", MODULE)
    made.write("tests/test_m.py", TEST)
    assert made.record().returncode == 0
    source = made.source()
    (function,) = prepare([source.file], options=Options(ask="all")).functions
    (one,) = uncovered.questions(function, source, Context((source.file,), made.recordings))
    assert one.question.line == 3
    assert one.key.facts["offset"] == "2"
    assert one.key.facts["digest"] == made.seen("part").digest


def test_a_changed_function_that_no_test_reached_comes_first(tmp_path: Path) -> None:
    made = Project(tmp_path / "project")
    made.write("pkg/m.py", f"{MODULE}\n\n{MODULE.replace('part', 'share')}")
    made.write("tests/test_m.py", TEST)
    assert made.record().returncode == 0
    source = made.source()
    ranked = prepare([source.file], recordings=made.recordings, options=Options(ask="all")).functions
    assert [function.qualname for function in ranked] == ["share", "part"]
    plain = prepare([source.file], options=Options(ask="all")).functions
    assert [function.qualname for function in plain] == ["part", "share"]
