"""Where logs are found: moved homes, links, circles, unreadable folders, compressed siblings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tokencoach.sources.base import LogFile, LogsHome, Source
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.codex import Codex

if TYPE_CHECKING:
    from pathlib import Path

CLAUDE, CODEX = ClaudeCode(), Codex()
THREAD = "019ed50c-2fb3-7002-a384-360bea6e7f04"
ROLLOUT = f"rollout-2026-06-17T10-06-46-{THREAD}.jsonl"


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"{}\n")
    return path


def found(source: Source, home: Path, **environment: str) -> list[LogFile]:
    return list(source.files(LogsHome(home, environment)))


def paths(source: Source, home: Path, **environment: str) -> set[Path]:
    return {file.path for file in found(source, home, **environment)}


def test_main_logs_and_sub_agents_logs_are_found_with_their_session(tmp_path: Path) -> None:
    project = tmp_path / ".claude" / "projects" / "-home-dev-demo"
    put(project / "S1.jsonl")
    put(project / "S1" / "subagents" / "agent-a1.jsonl")
    put(project / "agent-old.jsonl")
    put(project / "memory" / "notes.md")
    files = found(CLAUDE, tmp_path)
    assert {(file.path.name, file.name_hint, file.is_agent) for file in files} == {
        ("S1.jsonl", "S1", False),
        ("agent-a1.jsonl", "S1", True),
        ("agent-old.jsonl", "", True),
    }


def test_the_former_folder_and_a_moved_one_are_looked_into_too(tmp_path: Path) -> None:
    expected = {
        put(tmp_path / ".claude" / "projects" / "p" / "a.jsonl"),
        put(tmp_path / ".config" / "claude" / "projects" / "p" / "b.jsonl"),
        put(tmp_path / "moved" / "projects" / "p" / "c.jsonl"),
    }
    assert paths(CLAUDE, tmp_path, CLAUDE_CONFIG_DIR=str(tmp_path / "moved")) == expected


def test_a_configured_path_is_split_at_commas_only_where_it_does_not_exist(tmp_path: Path) -> None:
    odd = put(tmp_path / "one,two" / "projects" / "p" / "a.jsonl")
    assert paths(CLAUDE, tmp_path, CLAUDE_CONFIG_DIR=str(tmp_path / "one,two")) == {odd}
    first = put(tmp_path / "x" / "projects" / "p" / "a.jsonl")
    second = put(tmp_path / "y" / "projects" / "p" / "a.jsonl")
    listed = f"{tmp_path / 'x'},{tmp_path / 'y'}"
    assert paths(CLAUDE, tmp_path, CLAUDE_CONFIG_DIR=listed) == {first, second}


def test_configuration_nested_by_the_desktop_program_is_found(tmp_path: Path) -> None:
    sessions = tmp_path / "Library" / "Application Support" / "Claude" / "local-agent-mode-sessions"
    log = put(sessions / "u1" / "s1" / ".claude" / "projects" / "p" / "a.jsonl")
    put(sessions / "u1" / "s1" / "audit.jsonl")
    assert paths(CLAUDE, tmp_path) == {log}


def test_nothing_is_found_in_an_empty_home(tmp_path: Path) -> None:
    assert not found(CLAUDE, tmp_path)
    assert not found(CODEX, tmp_path)
    assert all(root.is_relative_to(tmp_path) for root in CLAUDE.roots(LogsHome(tmp_path, {})))


def test_a_linked_folder_is_followed_and_a_circle_ends(tmp_path: Path) -> None:
    projects = tmp_path / ".claude" / "projects"
    elsewhere = put(tmp_path / "elsewhere" / "a.jsonl")
    projects.mkdir(parents=True)
    (projects / "linked").symlink_to(elsewhere.parent)
    (projects / "again").symlink_to(elsewhere.parent)
    (elsewhere.parent / "circle").symlink_to(projects)
    (projects / "broken").symlink_to(tmp_path / "nowhere")
    assert len(found(CLAUDE, tmp_path)) == 1


def test_a_file_under_two_names_is_given_once(tmp_path: Path) -> None:
    log = put(tmp_path / ".claude" / "projects" / "p" / "a.jsonl")
    os.link(log, log.with_name("b.jsonl"))
    log.with_name("c.jsonl").symlink_to(log)
    assert len(found(CLAUDE, tmp_path)) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every folder")
def test_an_unreadable_folder_is_passed_over(tmp_path: Path) -> None:
    shut = put(tmp_path / ".claude" / "projects" / "shut" / "a.jsonl").parent
    log = put(tmp_path / ".claude" / "projects" / "open" / "b.jsonl")
    shut.chmod(0)
    try:
        assert paths(CLAUDE, tmp_path) == {log}
    finally:
        shut.chmod(0o700)


def test_a_plain_log_wins_over_its_compressed_siblings(tmp_path: Path) -> None:
    folder = tmp_path / ".codex" / "sessions" / "2026" / "06" / "17"
    plain = put(folder / ROLLOUT)
    put(folder / f"{ROLLOUT}.zst")
    other = put(folder / "rollout-x.jsonl.zst")
    third = put(folder / "rollout-y.jsonl.gz")
    files = found(CODEX, tmp_path)
    assert {(file.path, file.compressed) for file in files} == {
        (plain, None),
        (other, "zstd"),
        (third, "gzip"),
    }
    assert plain in {file.path for file in files if file.name_hint == THREAD}


def test_an_active_rollout_wins_over_the_archived_one_of_its_thread(tmp_path: Path) -> None:
    active = put(tmp_path / ".codex" / "sessions" / "2026" / "06" / "17" / ROLLOUT)
    archived = put(tmp_path / ".codex" / "archived_sessions" / ROLLOUT)
    assert paths(CODEX, tmp_path) == {active}
    active.unlink()
    assert paths(CODEX, tmp_path) == {archived}


def test_codex_home_moves_codex(tmp_path: Path) -> None:
    log = put(tmp_path / "moved" / "sessions" / ROLLOUT)
    assert paths(CODEX, tmp_path, CODEX_HOME=str(tmp_path / "moved")) == {log}
    assert not paths(CODEX, tmp_path)
