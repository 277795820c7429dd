"""Saved prompts and skills as assistants keep them on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.prompts.artifacts import saved_prompts
from tokencoach.sources.base import LogsHome

if TYPE_CHECKING:
    from pathlib import Path

SKILL = """---
name: add-test
description: Write one failing test.
metadata:
  version: "1.2.0"
  tokencoach.reviewers: "self"
  tokencoach.phase: "prototype"
---
Write exactly one test that fails now because of: $ARGUMENTS
"""


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_prompts_of_every_assistant_are_found_by_the_name_one_types(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "service"
    put(home / ".claude" / "commands" / "review.md", "Review this.")
    put(home / ".codex" / "prompts" / "plan.md", "Plan this.")
    put(home / ".gemini" / "commands" / "explain.toml", 'prompt = "Explain this."\n')
    put(project / ".claude" / "skills" / "add-test" / "SKILL.md", SKILL)
    put(project / ".github" / "prompts" / "fix.prompt.md", "Fix this.")
    found = {one.name: one for one in saved_prompts(LogsHome(home, {}), [project])}
    assert found.keys() == {"review", "plan", "explain", "add-test", "fix"}
    assert found["explain"].body == "Explain this."
    assert found["review"].project is None
    assert found["fix"].project == project


def test_a_skill_tells_version_reviewers_phase_and_tests(tmp_path: Path) -> None:
    file = put(tmp_path / ".agents" / "skills" / "add-test" / "SKILL.md", SKILL)
    [one] = saved_prompts(LogsHome(tmp_path, {}), [])
    assert (one.version, one.reviewers, one.phase, one.has_tests) == ("1.2.0", "self", "prototype", False)
    assert one.body.startswith("Write exactly one test")
    put(file.parent / "tests.yaml", "- contains: test\n")
    assert saved_prompts(LogsHome(tmp_path, {}), [])[0].has_tests


def test_other_pages_of_a_skill_and_of_a_folder_of_prompts_are_none(tmp_path: Path) -> None:
    put(tmp_path / ".claude" / "skills" / "add-test" / "reference.md", "Long.")
    put(tmp_path / "service" / "prompts" / "notes.md", "Notes.")
    assert saved_prompts(LogsHome(tmp_path, {}), [tmp_path / "service"]) == []


def test_circles_of_links_broken_heads_and_other_bytes_harm_nothing(tmp_path: Path) -> None:
    folder = tmp_path / ".claude" / "commands"
    put(folder / "open.md", "---\nname: [\nno end")
    put(folder / "bad.toml", "prompt = ")
    (folder / "bytes.md").write_bytes(b"\xff\xfe\x00")
    (folder / "again").symlink_to(folder)
    names = [one.name for one in saved_prompts(LogsHome(tmp_path, {}), [])]
    assert sorted(names) == ["bad", "bytes", "open"]
