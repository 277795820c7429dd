"""Pipes, devices, sockets and circles where small files are expected: nobody waits for one, none is read."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from cli.machine import Machine, requests
from tokencoach import regular_files

if TYPE_CHECKING:
    from pathlib import Path

PLACES = (
    ".qwen/settings.json",
    ".gemini/settings.json",
    ".gemini/projects.json",
    ".gemini/tmp/x/.project_root",
    ".pi/agent/settings.json",
    ".local/share/crush/projects.json",
    ".continue/sessions/sessions.json",
    ".kimi/kimi.json",
    ".lmstudio-home-pointer",
    ".claude/settings.json",
    ".claude/CLAUDE.md",
    ".claude/history.jsonl",
    ".claude/commands/x.md",
    ".aider.chat.history.md",
    ".config/Code/User/workspaceStorage/a/workspace.json",
    ".cursor/projects/a/.workspace-trusted",
    ".codex/sessions/2026/rollout-x.jsonl",
    ".claude/projects/-home-dev-demo/pipe.jsonl",
    ".factory/sessions/a.settings.json",
    ".local/share/opencode/opencode.db",
    ".ollama/logs/server.log",
    "llama-x.log",
    "vllm.log",
    ".codex/history.jsonl",
    ".local/share/goose/sessions/sessions.db",
    "tokencoach/hook.log",
    "tokencoach/app.json",
    "tokencoach/statusline.json",
)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [_pipe, _device, _circle, _folder])
def test_nothing_that_is_no_file_holds_a_verb_up(machine: Machine, make: object) -> None:
    machine.log(requests(3))
    for place in PLACES:
        file = machine.home / place
        file.parent.mkdir(parents=True, exist_ok=True)
        make(file)  # type: ignore[operator]
    for verb in (
        ("ingest",),
        ("doctor",),
        ("coach", "--month", "2026-02"),
        ("checklist", "--month", "2026-02"),
    ):
        assert machine.run(*verb, timeout_s=25).returncode in (0, 1)
    assert machine.used() == (3, 3 * 1160)


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    _pipe(tmp_path / "pipe")
    _folder(tmp_path / "folder")
    _device(tmp_path / "device")
    for name in ("socket", "pipe", "folder", "device"):
        with pytest.raises(OSError, match=f"{name}"):
            regular_files.opened(tmp_path / name)
    assert regular_files.content(file) == b"content"
    assert regular_files.head(file, 4) == b"cont"
    with pytest.raises(OSError, match="longer than"):
        regular_files.content(file, 6)


def test_a_settings_file_that_is_a_pipe_is_named(machine: Machine) -> None:
    machine.state.mkdir()
    _pipe(machine.state / "settings.toml")
    done = machine.run("ingest", timeout_s=25)
    assert done.returncode == 4
    assert "settings.toml: cannot be read: is no regular file" in done.stderr.decode()
