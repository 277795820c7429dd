"""Prompts and skills that a person saved, where assistants look for them: found on disk, read and never run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path  # noqa: TC003 - a named tuple looks at it
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach import regular_files
from tokencoach.sources.discovery import files_below, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.sources.base import LogsHome

_MOST_BYTES: Final = 256 << 10
_MOST: Final = 500
_DEPTH: Final = 4
_IN_PROJECT: Final = (
    ".claude/commands",
    ".claude/skills",
    ".codex/prompts",
    ".codex/skills",
    ".agents/skills",
    ".gemini/commands",
    ".opencode/command",
    ".opencode/commands",
    ".github/prompts",
    ".github/skills",
    ".cursor/commands",
)
_SHARED: Final = "prompts"
_FIELD: Final = re.compile(r"^\s*([\w.-]+):\s*(.*?)\s*$")
_TESTS: Final = ("tests.yaml", "tests.yml")
_SKILL: Final = "skill.md"


class PromptArtifact(NamedTuple):
    """A saved prompt or skill. ``name`` is what one types after the slash, ``body`` what the model is told.

    ``project`` is the folder of the project that it belongs to, None where it is the person's own everywhere.
    """

    name: str
    path: Path
    project: Path | None
    body: str
    version: str
    reviewers: str
    phase: str
    has_tests: bool

    @property
    def is_skill(self) -> bool:
        """Whether the model loads it by itself where it fits; else the person calls it."""
        return _is_skill(self.path.name)


def saved_prompts(home: LogsHome, projects: Iterable[Path]) -> list[PromptArtifact]:
    """Every prompt and skill of the home and of some projects, by path; at most 500 of them.

    A project may be somebody else's: its links are not followed out of it.
    """
    found: dict[Path, PromptArtifact] = {}
    for root, project in _places(home, projects):
        # A project's folder of that name may hold anything: only skills in it are told.
        is_shared = project is not None and root == project / _SHARED
        if not _is_within(root, project):
            continue
        wanted = _is_skill if is_shared else _is_wanted
        for file in files_below([root], wanted, depth=_DEPTH, follows_links=project is None):
            is_known = file in found or len(found) >= _MOST or not _is_within(file, project)
            artifact = None if is_known else _read(file, project)
            if artifact is not None:
                found[file] = artifact
    return [found[path] for path in sorted(found)]


def _places(home: LogsHome, projects: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
    yield from ((root, None) for root in _own(home))
    yield from ((project / place, project) for project in projects for place in (*_IN_PROJECT, _SHARED))


def _is_within(path: Path, project: Path | None) -> bool:
    return project is None or path.resolve().is_relative_to(project.resolve())


def _own(home: LogsHome) -> Iterator[Path]:
    claude, codex = moved(home, "CLAUDE_CONFIG_DIR", ".claude"), moved(home, "CODEX_HOME", ".codex")
    yield from (claude / "commands", claude / "skills", codex / "prompts", codex / "skills")
    yield home.folder / ".agents" / "skills"
    yield moved(home, "GEMINI_CLI_HOME") / ".gemini" / "commands"
    config = moved(home, "XDG_CONFIG_HOME", ".config") / "opencode"
    yield from (config / "command", config / "commands")
    yield home.folder / ".cursor" / "commands"


def _is_skill(name: str) -> bool:
    return name.lower() == _SKILL


def _is_wanted(name: str) -> bool:
    return name.lower().endswith((".md", ".toml"))


def _read(file: Path, project: Path | None) -> PromptArtifact | None:
    """A saved prompt; None of a file that is none: a skill's other pages, something unreadable or huge."""
    is_skill = _is_skill(file.name)
    if not is_skill and "skills" in file.parts:
        return None
    try:
        text = regular_files.content(file, _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    fields, body = _toml(text) if file.suffix.lower() == ".toml" else _front_matter(text)
    stem = file.name.lower().removesuffix(".toml").removesuffix(".md").removesuffix(".prompt")
    return PromptArtifact(
        fields.get("name") or (file.parent.name if is_skill else stem),
        file,
        project,
        body,
        fields.get("version", ""),
        fields.get("tokencoach.reviewers", "") or fields.get("reviewers", ""),
        fields.get("tokencoach.phase", "") or fields.get("phase", ""),
        any((file.parent / name).is_file() for name in _TESTS),
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields above a Markdown body, nested ones under their own names, and the body."""
    if not text.startswith("---"):
        return {}, text
    head, found, body = text[3:].partition("\n---")
    if not found:
        return {}, text
    fields = {}
    for line in head.splitlines():
        said = _FIELD.match(line)
        if said is not None and said[2]:
            fields[said[1]] = said[2].strip("\"'")
    return fields, body.partition("\n")[2]


def _toml(text: str) -> tuple[dict[str, str], str]:
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}, text
    fields = {key: value for key, value in said.items() if isinstance(value, str)}
    return fields, fields.get("prompt", "")
