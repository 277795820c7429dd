"""Nobody at the keyboard, or something broken: the commit goes through, and nothing is asked."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import time
from typing import TYPE_CHECKING

import pytest

from cli.machine import without_privilege
from comprehension.hook_scene import FILE, HookScene
from comprehension.terminals import Terminal
from tokencoach.comprehension.hook.decision import AGENT_MARKS, reason_of
from tokencoach.comprehension.hook.places import asked_file, hook_home, off_file, runner, state_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def scene(tmp_path: Path) -> HookScene:
    made = HookScene(tmp_path)
    made.install()
    made.know()
    made.change()
    return made


def _kinds(scene: HookScene) -> list[str]:
    return [noted.kind for noted in scene.noted()]


@pytest.mark.parametrize("name", AGENT_MARKS)
def test_an_assistants_own_commit_waits_for_the_person(scene: HookScene, name: str) -> None:
    assert scene.at_terminal("git", "commit", "-m", "add", extra={name: "1"}).code == 0
    assert scene.asked() == []
    assert _kinds(scene) == ["assistant"]


def test_a_commit_below_an_assistants_process_waits_for_the_person(scene: HookScene, tmp_path: Path) -> None:
    program = tmp_path / "claude"
    program.write_text("#!/bin/sh\ngit commit -m add\nexit $?\n")
    program.chmod(0o755)
    assert scene.at_terminal(str(program)).code == 0
    assert scene.asked() == []
    assert _kinds(scene) == ["assistant"]


def test_a_client_with_a_screen_of_its_own_is_not_drawn_over(scene: HookScene, tmp_path: Path) -> None:
    program = tmp_path / "lazygit"
    program.write_text("#!/bin/sh\ngit commit -m add\nexit $?\n")
    program.chmod(0o755)
    assert scene.at_terminal(str(program)).code == 0
    assert _kinds(scene) == ["client"]


def test_a_name_is_told_from_a_path_or_a_script_but_not_from_an_argument_further_on() -> None:
    assert reason_of(["/usr/local/bin/claude"]) == "assistant"
    assert reason_of(["node", "--no-warnings", "/opt/lib/codex.js"]) == "assistant"
    assert reason_of(["C:\\tools\\aider.exe"]) == "assistant"
    assert reason_of(["/usr/bin/tig"]) == "client"
    assert reason_of(["bash", "-l"]) is None
    assert reason_of(["ssh", "claude-box"]) is None


def test_a_build_server_is_silent(scene: HookScene) -> None:
    assert scene.at_terminal("git", "commit", "-m", "add", extra={"CI": "true"}).code == 0
    assert scene.asked() == []
    assert _kinds(scene) == ["ci"]


def test_a_commit_in_the_background_waits(scene: HookScene) -> None:
    # With job control each job is a process group of its own, and this one is not the terminal's.
    script = "set -m; git commit -m add & wait $!"
    assert scene.at_terminal("bash", "-c", script).code == 0
    assert scene.asked() == []
    assert _kinds(scene) == ["background"]


def test_captured_output_means_nobody_reads_it(scene: HookScene) -> None:
    assert scene.at_terminal("sh", "-c", "git commit -m add >out.txt 2>&1").code == 0
    assert scene.asked() == []
    assert _kinds(scene) == ["no-terminal"]


@pytest.mark.parametrize("size", [(0, 0), (24, 0)])
def test_a_terminal_that_nobody_sees_is_not_asked_at(scene: HookScene, size: tuple[int, int]) -> None:
    ran = Terminal(["git", "commit", "-m", "add"], scene.folder, scene.environment, size).end()
    assert ran.code == 0
    assert _kinds(scene) == ["no-screen"]


def test_a_dumb_terminal_is_not_asked_at(scene: HookScene) -> None:
    assert scene.at_terminal("git", "commit", "-m", "add", extra={"TERM": "dumb"}).code == 0
    assert _kinds(scene) == ["no-terminal"]


def test_a_person_is_interrupted_once_in_twenty_minutes_and_five_times_a_day(scene: HookScene) -> None:
    now = int(time.time())
    asked_file(scene.home).write_text(f"{now - 19 * 60}\n")
    scene.at_terminal("git", "commit", "-m", "one")
    assert scene.asked() == []
    assert _kinds(scene) == ["too-often"]
    asked_file(scene.home).write_text(f"{now - 21 * 60}\n")
    scene.change(text="total = 2\n")
    scene.at_terminal("git", "commit", "-m", "two")
    assert len(scene.asked()) == 1


def test_the_switch_in_the_environment_and_the_file_silence_it(scene: HookScene) -> None:
    assert scene.at_terminal("git", "commit", "-m", "one", extra={"TOKENCOACH": "0"}).code == 0
    off_file(scene.home).touch()
    scene.change(text="total = 2\n")
    assert scene.at_terminal("git", "commit", "-m", "two").code == 0
    assert scene.asked() == []
    assert _kinds(scene) == []


def test_a_bare_path_as_graphical_clients_have_it_is_enough(scene: HookScene) -> None:
    git = os.path.dirname(shutil.which("git") or "")  # noqa: PTH120
    ran = scene.at_terminal("git", "commit", "-m", "add", extra={"PATH": f"{git}:/bin"})
    assert ran.code == 0, ran.screen
    assert len(scene.asked()) == 1


def test_without_python_the_commit_goes_on_and_is_noted(scene: HookScene) -> None:
    script = runner(scene.home)
    script.write_text(script.read_text().replace(sys.executable, "/gone/python"))
    assert scene.at_terminal("git", "commit", "-m", "add").code == 0
    assert _kinds(scene) == ["no-python"]


@pytest.mark.parametrize("content", ["", "(((\n", "exit 1\n", "set -eu\nfalse\n"])
def test_a_broken_script_behind_the_hook_stops_nothing(scene: HookScene, content: str) -> None:
    runner(scene.home).write_text(content)
    assert scene.at_terminal("git", "commit", "-m", "add").code == 0
    assert scene.git("log", "-1", "--format=%s") == "add"


def test_without_the_programs_home_the_hook_does_nothing(scene: HookScene) -> None:
    shutil.rmtree(scene.home)
    ran = scene.at_terminal("git", "commit", "-m", "add")
    assert ran.code == 0
    assert "tokencoach" not in ran.screen
    assert not scene.home.exists()


def test_a_home_that_cannot_be_written_stops_nothing(scene: HookScene) -> None:
    folders = [folder for folder, _, _ in os.walk(scene.home)]
    for folder in folders:
        os.chmod(folder, stat.S_IRUSR | stat.S_IXUSR)  # noqa: PTH101
    terminal = Terminal(
        ["git", "commit", "-m", "add"], scene.folder, scene.environment, **without_privilege()
    )
    ran = terminal.end()
    for folder in folders:
        os.chmod(folder, stat.S_IRWXU)  # noqa: PTH101
    assert ran.code == 0
    assert "denied" not in ran.screen
    assert scene.git("log", "-1", "--format=%s") == "add"


def test_a_state_folder_that_is_a_file_stops_nothing(scene: HookScene) -> None:
    own = scene.last().parent
    shutil.rmtree(own)
    own.write_text("in the way")
    ran = scene.at_terminal("git", "commit", "-m", "add")
    assert ran.code == 0
    assert ran.screen.count("tokencoach") == 0
    assert scene.git("log", "-1", "--format=%s") == "add"


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"p\0l\0d", bytes(range(256)) * 30])
def test_a_damaged_state_file_stops_nothing(scene: HookScene, content: bytes) -> None:
    scene.last().with_name("known").write_bytes(content)
    assert scene.at_terminal("git", "commit", "-m", "add").code == 0
    assert scene.git("log", "-1", "--format=%s") == "add"


_SLEEPER = """
import os, time
def main():
    print("HERE", os.getpid(), flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_a_program_killed_while_it_asks_stops_nothing(scene: HookScene, number: signal.Signals) -> None:
    (scene.asker / "tokencoach" / "__main__.py").write_text(_SLEEPER)
    terminal = scene.terminal("git", "commit", "-m", "add")
    terminal.wait_for(b"HERE ")
    terminal.read(0.2)
    process = int(terminal.screen.split(b"HERE ")[1].split()[0])
    os.kill(process, number)
    assert terminal.end().code == 0
    assert scene.git("log", "-1", "--format=%s") == "add"
    assert _kinds(scene) == ["unanswered"]


def test_ten_thousand_files_are_decided_about_at_once(scene: HookScene) -> None:
    scene.git("reset", "-q", "--hard")
    for number in range(10_000):
        scene.write(f"many/{number % 100}/{number}.txt", f"{number}\n")
    scene.git("add", "-A")
    began = time.monotonic()
    hooks = scene.folder / ".git" / "hooks"
    ran = scene.at_terminal(str(hooks / "pre-commit"))
    assert ran.code == 0
    assert time.monotonic() - began < 2
    assert scene.asked() == []


def test_names_that_git_would_quote_are_the_same_names(scene: HookScene) -> None:
    scene.git("commit", "-q", "--no-verify", "-m", "before")
    name = 'src/a "b"\\ é\n.py'
    scene.know(name)
    scene.change(name, "x = 1\n")
    assert scene.at_terminal("git", "commit", "-m", "odd").code == 0
    assert len(scene.asked()) == 1


def test_links_and_submodules_are_not_asked_about(scene: HookScene) -> None:
    scene.git("commit", "-q", "--no-verify", "-m", "before")
    scene.know("link.py", "part")
    (scene.folder / "link.py").symlink_to(FILE)
    other = scene.folder.parent / "other"
    other.mkdir()
    scene.git("init", "-q", folder=other)
    scene.git("commit", "-q", "--allow-empty", "-m", "first", folder=other)
    scene.git("submodule", "add", "-q", str(other), "part")
    assert scene.at_terminal("git", "commit", "-m", "both").code == 0
    assert scene.asked() == []


@pytest.mark.parametrize("name", ["run.sh", "beat", "spool", "asked", "mode", "known", "last"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_pipe_or_a_folder_among_the_hooks_own_files_holds_no_commit_up(
    scene: HookScene, name: str, make: Callable[[Path], None]
) -> None:
    own = name in ("mode", "known", "last")
    path = (state_of(scene.home, scene.folder / ".git") if own else hook_home(scene.home)) / name
    path.unlink(missing_ok=True)
    make(path)
    before = scene.head()
    assert scene.at_terminal("git", "commit", "-m", "add").code == 0
    assert scene.head() != before
    scene.noted()
    status = scene.program("hook", "status")
    assert status.returncode in (0, 1), status.stderr
    if name == "run.sh":
        assert "run.sh" in status.stdout + status.stderr
        again = scene.program("hook", "install", "--mode", "pre-commit", "--yes")
        assert again.returncode == (1 if path.is_dir() else 0), again.stderr
        assert "Traceback" not in again.stderr
