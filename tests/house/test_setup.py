"""Set-up on other people's computers: which Python, what is missing, what an interruption leaves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "pyproject.toml",
    "requirements.lock",
    "requirements-test.lock",
    "requirements-check.lock",
    "scripts",
)

WORKS = f'exec "{sys.executable}" "$@"\n'
TOO_OLD = "exit 3\n"
SHIM_WITHOUT_VERSION = 'echo "pyenv: python3: command not found" >&2\nexit 127\n'
WITHOUT_ENSUREPIP = (
    'case "$*" in *"import ensurepip"*)\n'
    "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1;;\nesac\n" + WORKS
)


def program(folder: Path, name: str, body: str) -> Path:
    """A shell script on a PATH of the test's own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}", encoding="utf-8")
    path.chmod(0o755)
    return path


def find_python(*folders: Path, python: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``scripts/find-python`` with a PATH that holds these folders and nothing else."""
    tools = folders[0].parent / "tools"
    tools.mkdir(exist_ok=True)
    for name in ("cat", "tail"):
        if not (tools / name).exists():
            (tools / name).symlink_to(str(shutil.which(name)))
    environment = {"PATH": os.pathsep.join(map(str, (*folders, tools))), "HOME": os.environ["HOME"]}
    if python is not None:
        environment["PYTHON"] = python
    return subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "find-python"],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize(
    "name", ["python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"]
)
def test_a_python_is_found_under_any_of_its_names(tmp_path: Path, name: str) -> None:
    path = program(tmp_path / "a b", name, WORKS)
    assert find_python(tmp_path / "a b").stdout == f"{path}\n"


def test_a_shim_that_does_not_work_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "shims", "python3", SHIM_WITHOUT_VERSION)
    path = program(tmp_path / "bin", "python3", WORKS)
    assert find_python(tmp_path / "shims", tmp_path / "bin").stdout == f"{path}\n"


def test_an_old_python3_does_not_hide_a_newer_one(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3", TOO_OLD)
    path = program(tmp_path / "bin", "python3.12", WORKS)
    assert find_python(tmp_path / "bin").stdout == f"{path}\n"


def test_a_python_of_ones_own_choice_comes_first(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3", WORKS)
    path = program(tmp_path / "own", "python-mine", WORKS)
    assert find_python(tmp_path / "bin", python=str(path)).stdout == f"{path}\n"


def test_only_an_old_python_is_named_with_the_mend(tmp_path: Path) -> None:
    path = program(tmp_path / "bin", "python3", TOO_OLD)
    run = find_python(tmp_path / "bin")
    assert run.returncode == 1
    assert not run.stdout
    assert f"too old: {path}" in run.stderr
    assert "sudo apt install python3 python3-venv" in run.stderr


def test_no_python_at_all_is_named_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    run = find_python(tmp_path / "bin")
    assert run.returncode == 1
    assert "no working Python was found" in run.stderr
    assert all(system in run.stderr for system in ("Debian, Ubuntu", "Fedora", "macOS", "Windows"))


def test_a_missing_venv_package_is_named_with_the_version_that_lacks_it(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3", WITHOUT_ENSUREPIP)
    run = find_python(tmp_path / "bin")
    assert run.returncode == 1
    assert "No module named 'ensurepip'" in run.stderr
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt install python{version}-venv" in run.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that set-up looks at, in a folder of their own without ``.venv``."""
    place = tmp_path / "a checkout"
    place.mkdir()
    for name in PARTS:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, place / name)
    return place


def set_up(checkout: Path, verb: str, group: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``scripts/setup.py`` of a checkout."""
    return subprocess.run(
        [sys.executable, "-I", checkout / "scripts" / "setup.py", verb, group],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PIP_CONFIG_FILE": os.devnull, **environment},
    )


def stamp(checkout: Path, group: str) -> None:
    """Write the stamp of a completed set-up, with the script's own arithmetic."""
    code = (
        "import sys; sys.path.insert(0, 'scripts'); import setup\n"
        f"print({group!r}, setup.fingerprint({group!r}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=checkout
    )
    (checkout / ".venv").mkdir(exist_ok=True)
    (checkout / ".venv" / "tokencoach-setup").write_text(run.stdout, encoding="ascii")


def test_a_checkout_without_a_stamp_wants_setting_up(checkout: Path) -> None:
    assert set_up(checkout, "check", "run").returncode == 3


def test_a_completed_set_up_is_left_alone(checkout: Path) -> None:
    stamp(checkout, "run")
    assert set_up(checkout, "check", "run").returncode == 0


def test_the_set_up_for_tests_serves_a_run_but_not_the_other_way(checkout: Path) -> None:
    stamp(checkout, "test")
    assert set_up(checkout, "check", "run").returncode == 0
    stamp(checkout, "run")
    assert set_up(checkout, "check", "test").returncode == 3


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock"])
def test_a_changed_lock_or_project_file_wants_setting_up(checkout: Path, name: str) -> None:
    stamp(checkout, "run")
    with (checkout / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert set_up(checkout, "check", "run").returncode == 3


def test_a_moved_checkout_wants_setting_up(checkout: Path) -> None:
    stamp(checkout, "run")
    moved = checkout.rename(checkout.parent / "moved")
    assert set_up(moved, "check", "run").returncode == 3


def test_an_unreadable_stamp_wants_setting_up(checkout: Path) -> None:
    stamp(checkout, "run")
    (checkout / ".venv" / "tokencoach-setup").write_bytes(b"\xff\xfe run")
    assert set_up(checkout, "check", "run").returncode == 3


def lend_pip(checkout: Path) -> None:
    """A ``.venv`` with the pip of the tests' own, where they have one: set-up takes seconds to bring one."""
    found = find_spec("pip")
    if found is not None and found.origin is not None:
        venv.create(checkout / ".venv", symlinks=True)
        (site,) = (checkout / ".venv").glob("lib/python*/site-packages")
        (site / "pip").symlink_to(Path(found.origin).parent)


def test_an_index_out_of_reach_is_named_with_the_mend_and_leaves_no_stamp(checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    lock = checkout / "requirements.lock"
    lock.write_text(f"-i http://127.0.0.1:{port}\n{lock.read_text(encoding='utf-8')}", encoding="utf-8")
    lend_pip(checkout)
    run = set_up(checkout, "install", "run")
    assert run.returncode == 1
    assert "the package index cannot be reached" in run.stderr
    assert "export HTTPS_PROXY=" in run.stderr
    assert "Traceback" not in run.stderr
    assert set_up(checkout, "check", "run").returncode == 3


def test_a_missing_git_is_named_with_the_mend(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = set_up(checkout, "install", "run", PATH=str(tmp_path / "empty"))
    assert run.returncode == 1
    assert "git is missing" in run.stderr
    assert "sudo apt install git" in run.stderr
    assert not (checkout / ".venv").exists()
