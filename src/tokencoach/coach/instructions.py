"""What an assistant is told before the first prompt, as far as it lies on disk: instruction files, MCP servers."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach import regular_files
from tokencoach.sources.discovery import files_below, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome

_MOST_BYTES: Final = 256 << 10
_MOST_IMPORTS: Final = 5
_IMPORT: Final = re.compile(
    r"(?:^|\s)@((?:~/|\./|\.\./|/)?[\w.-]+(?:/[\w.-]+)*\.\w{1,8})(?=\s|$)", re.MULTILINE
)
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_OF_PROJECT: Final = {
    "claude-code": ("CLAUDE.md", "CLAUDE.local.md", ".claude/CLAUDE.md"),
    "codex": ("AGENTS.md",),
    "copilot-cli": ("AGENTS.md", ".github/copilot-instructions.md"),
    "cursor": (".cursorrules", "AGENTS.md"),
    "gemini-cli": ("GEMINI.md",),
    "qwen-code": ("QWEN.md",),
}
_RULES: Final = {"claude-code": ".claude/rules", "cursor": ".cursor/rules"}
_SERVERS: Final = ("mcpServers", "mcp_servers")


class Instructions(NamedTuple):
    """A file that is sent with every session, and its text."""

    path: Path
    text: str


def instruction_files(home: LogsHome, source: str, folder: Path | None) -> list[Instructions]:
    """Instruction files of an assistant: the person's own and the project's, with what they import, each once."""
    found: dict[Path, Instructions] = {}
    roots = (home.folder, *((folder,) if folder else ()))
    for path in _named(home, source, folder):
        for one in _with_imports(path, roots):
            found.setdefault(one.path, one)
    return list(found.values())


def mcp_servers(home: LogsHome, source: str, folder: Path | None) -> set[str]:
    """MCP servers that an assistant's settings name for a project, by the name that its tools carry."""
    found: set[str] = set()
    if source == "claude-code":
        for path in _claude_settings(home, folder):
            settings = _settings(path)
            found |= _servers(settings)
            if folder is not None:
                found |= _servers(_object(_object(settings.get("projects")).get(str(folder))))
    elif source == "codex":
        found |= _servers(_settings(moved(home, "CODEX_HOME", ".codex") / "config.toml"))
    return found


def _claude_settings(home: LogsHome, folder: Path | None) -> Iterator[Path]:
    yield home.folder / ".claude.json"
    if folder is not None:
        yield folder / ".mcp.json"


def _named(home: LogsHome, source: str, folder: Path | None) -> Iterator[Path]:
    own = {
        "claude-code": moved(home, "CLAUDE_CONFIG_DIR", ".claude") / "CLAUDE.md",
        "codex": moved(home, "CODEX_HOME", ".codex") / "AGENTS.md",
        "gemini-cli": moved(home, "GEMINI_CLI_HOME") / ".gemini" / "GEMINI.md",
        "qwen-code": home.folder / ".qwen" / "QWEN.md",
    }
    if source in own:
        yield own[source]
    if folder is None:
        return
    for name in _OF_PROJECT.get(source, ("AGENTS.md",)):
        yield folder / name
    if source in _RULES:
        yield from sorted(files_below([folder / _RULES[source]], _is_rule, depth=3))


def _is_rule(name: str) -> bool:
    return name.endswith((".md", ".mdc"))


def _with_imports(path: Path, roots: Iterable[Path], depth: int = 0) -> Iterator[Instructions]:
    content = _read(path)
    if content is None:
        return
    text = content.decode("utf-8", "replace")
    yield Instructions(path, text)
    if depth >= _MOST_IMPORTS:
        return
    for match in _IMPORT.finditer(_CODE.sub(" ", text)):
        named = match.group(1)
        other = next(iter(roots)) / named[2:] if named.startswith("~/") else path.parent / named
        # Text of a repository names these files: nothing outside the project and the home is opened.
        resolved = other.resolve()
        if resolved != path and any(resolved.is_relative_to(root.resolve()) for root in roots):
            yield from _with_imports(resolved, roots, depth + 1)


def _read(path: Path) -> bytes | None:
    try:
        return regular_files.head(path, _MOST_BYTES)
    except OSError:
        return None


def _settings(path: Path) -> dict[str, Any]:
    content = _read(path)
    if content is None:
        return {}
    try:
        text = content.decode()
        return _object(tomllib.loads(text) if path.suffix == ".toml" else json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _servers(settings: dict[str, Any]) -> set[str]:
    return {name for key in _SERVERS for name in _object(settings.get(key))}
