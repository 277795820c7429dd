"""The world that conftest gives to each test."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest


def test_home_is_a_folder_of_its_own(home: Path) -> None:
    assert Path.home() == home
    assert not list(home.iterdir())
    assert os.environ["TOKENCOACH_HOME"].startswith(str(home))


def test_the_zone_is_utc() -> None:
    assert time.localtime(0).tm_hour == 0
    assert time.tzname[0] == "UTC"


def test_no_assistant_is_configured() -> None:
    assert not [name for name in os.environ if name.startswith(("CLAUDE", "CODEX_", "COPILOT_", "GEMINI_"))]


def test_git_knows_the_test_author_and_no_user_configuration(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path], check=True)
    run = subprocess.run(
        ["git", "-C", tmp_path, "config", "--list", "--show-scope"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert {line.split("\t")[0] for line in run.stdout.splitlines()} == {"local"}
    who = subprocess.run(
        ["git", "-C", tmp_path, "var", "GIT_AUTHOR_IDENT"], check=True, capture_output=True, text=True
    )
    assert who.stdout.startswith("Test Author <author@example.invalid>")


def test_other_computers_are_out_of_reach() -> None:
    with socket.socket() as plug, pytest.raises(RuntimeError, match="tried to reach"):
        plug.connect(("192.0.2.1", 80))


def test_loopback_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            assert client.getpeername()[1] == port
