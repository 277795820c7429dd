"""``tokencoach record``: commands, places, and what is found again afterwards."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from comprehension.recorded_project import Project

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """\
LIMIT = 3

def cut(text):
    return text[:width()]

def width():
    return LIMIT

def other():
    return 0
"""
TEST = "from pkg.m import cut\n\ndef test_cut():\n    assert cut('abcdef') == 'abc'\n    assert cut('ab') == 'ab'\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one uncommitted module."""
    made = Project(tmp_path / "project")
    made.write("pkg/m.py", MODULE)
    made.write("tests/test_m.py", TEST)
    return made


def test_workers_of_a_distributed_run_are_recorded(project: Project) -> None:
    done = project.record("-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {call.result for call in project.seen("cut").calls} == {"'abc'", "'ab'"}


def test_nothing_changed_means_a_plain_run(project: Project) -> None:
    project.commit()
    done = project.record()
    assert done.returncode == 0
    assert "no Python function differs from HEAD" in done.stderr


def test_outside_a_repository_the_command_runs_all_the_same(project: Project, tmp_path: Path) -> None:
    project.root = tmp_path / "elsewhere"
    project.root.mkdir()
    done = project.record(command=(sys.executable, "-c", "print('ran')"))
    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "not in a git repository" in done.stderr


def test_a_command_without_pytest_is_said_to_record_nothing(project: Project) -> None:
    done = project.record(command=(sys.executable, "-c", "raise SystemExit(7)"))
    assert done.returncode == 7
    assert "nothing was recorded" in done.stderr


def test_a_command_that_does_not_exist_is_an_error_with_a_mend(project: Project) -> None:
    done = project.record(command=("no-such-program-anywhere",))
    assert done.returncode == 2
    assert "no-such-program-anywhere cannot be run" in done.stderr
    assert "mend:" in done.stderr


def test_a_home_that_cannot_be_written_stops_no_test(project: Project, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be", encoding="utf-8")
    done = project.record(extra={"TOKENCOACH_HOME": str(blocked / "home")})
    assert done.returncode == 0
    assert "the command runs unrecorded" in done.stderr


def test_a_recording_holds_while_the_function_moves_and_not_when_what_it_names_changes(
    project: Project,
) -> None:
    project.record()
    project.write("pkg/m.py", "# moved\n\n" + MODULE.replace("return 0", "return 1"))
    assert len(project.seen("cut").calls) == 2
    project.write("pkg/m.py", MODULE.replace("LIMIT = 3", "LIMIT = 4"))
    assert project.recordings.of(project.source(), "cut") is None
    project.write("pkg/m.py", MODULE.replace("return LIMIT", "return LIMIT + 1"))
    assert project.recordings.of(project.source(), "cut") is None


def test_a_second_run_adds_to_the_first(project: Project) -> None:
    project.record()
    project.write(
        "tests/test_m.py", TEST.replace("'ab'", "'x'").replace("abcdef", "uvwxyz").replace("'abc'", "'uvw'")
    )
    project.record()
    assert {call.args[0].text for call in project.seen("cut").calls} == {
        "'abcdef'",
        "'ab'",
        "'uvwxyz'",
        "'x'",
    }


def test_recordings_are_private_and_damage_to_them_costs_only_them(project: Project) -> None:
    project.record()
    (folder,) = (project.home / "recordings").iterdir()
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        file.write_bytes(file.read_bytes() + b'{"path": 3}\n\xff\n')
    assert len(project.seen("cut").calls) == 2


def test_the_worktree_and_the_users_variables_are_left_as_they_were(project: Project) -> None:
    before = project.git("status", "--porcelain")
    project.write(
        "tests/test_m.py",
        TEST
        + "\ndef test_path():\n    import os\n    assert os.environ['PYTHONPATH'].endswith(os.pathsep + 'mine')\n",
    )
    done = project.record(extra={"PYTHONPATH": "mine"})
    assert done.returncode == 0, done.stdout
    assert [
        line for line in project.git("status", "--porcelain").splitlines() if "__pycache__" not in line
    ] == (before.splitlines())


def test_a_module_of_the_same_name_elsewhere_is_not_taken_for_it(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other" / "pkg"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "m.py").write_text(MODULE.replace("LIMIT = 3", "LIMIT = 1"), encoding="utf-8")
    project.write(
        "tests/test_m.py", "from pkg.m import cut\n\ndef test_cut():\n    assert cut('abc') == 'a'\n"
    )
    done = project.record(
        "--import-mode=importlib",
        extra={"PYTHONPATH": os.fspath(other.parent)},
        command=(
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "-q",
            "--import-mode=importlib",
            "-p",
            "no:cacheprovider",
        ),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.recordings.of(project.source(), "cut") is None


def test_a_run_that_meets_no_changed_function_says_what_may_be_the_cause(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("pkg/m.py", "def cut(n):\n    n = n + 1\n    return n\n")
    done = project.record()
    assert done.returncode == 0
    assert "none of 1 tests ran a function that you changed" in done.stderr
    assert "another copy of the project" in done.stderr
