"""What is shipped: the wheel, the lock files, the README."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tokencoach
from tokencoach.cli.main import cli

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-check.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([a-z0-9][a-z0-9._-]*)==([^\s;]+)", line) for line in lines)
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def _wanted() -> list[tuple[str, str]]:
    groups = PROJECT["dependency-groups"]
    pairs = [("requirements.lock", text) for text in (*PROJECT["project"]["dependencies"], *groups["build"])]
    pairs += [("requirements-test.lock", text) for text in (*groups["langs"], *groups["test"])]
    pairs = [(lock, text) for lock, text in pairs if isinstance(text, str)]
    return pairs + [("requirements-check.lock", text) for text in groups["check"]]


@pytest.mark.parametrize(("lock", "text"), _wanted())
def test_every_dependency_is_locked_within_its_bounds(lock: str, text: str) -> None:
    wanted = Requirement(text)
    assert wanted.specifier.contains(_pins(lock)[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert re.findall(r"--(?!hash=)[a-z-]+", text.partition("\n")[2]) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_release_carries_hashes(lock: str) -> None:
    releases = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8").partition("\n")[2].strip())
    assert len(releases) == len(_pins(lock))
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", release) for release in releases)


def test_the_locks_repeat_nothing() -> None:
    names = [name for lock in LOCKS for name in _pins(lock)]
    assert len(names) == len(set(names))


def test_the_wheel_holds_the_licence_and_the_type_marker(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "tokencoach/py.typed" in names
    assert f"tokencoach-{tokencoach.__version__}.dist-info/licenses/LICENSE" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "scripts/"))]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_page_names_only_make_targets_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert "run" in named
    assert named <= targets


PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_that_exist(page: Path) -> None:
    named = set(re.findall(r"`tokencoach (?:--logs-home DIR )?([a-z]+)", page.read_text(encoding="utf-8")))
    assert named <= set(cli.list_commands(click.Context(cli)))


def test_the_tests_have_the_grammars_that_a_user_may_add() -> None:
    assert PROJECT["project"]["optional-dependencies"]["langs"] == PROJECT["dependency-groups"]["langs"]


def test_nothing_binary_is_kept_but_pictures_and_the_token_table() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are kept")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    kept = [ROOT / name for name in listed.decode().split("\0") if name]
    binary = {
        path.relative_to(ROOT).as_posix()
        for path in kept
        if path.suffix not in {".png", ".gif"} and b"\0" in path.read_bytes()[:8192]
    }
    assert binary == {"src/tokencoach/usage/o200k_base.xz"}
