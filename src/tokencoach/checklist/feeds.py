"""Programs that feed rankings from this computer: looked for in settings and hooks of assistants, never run.

Files are read and nothing is asked of a network. The start-up files of a shell are the person's own diary
more than a setting: they are read only where the settings say ``scan_shell = true``.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach import regular_files
from tokencoach.sources.discovery import files_below, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome

_MOST_BYTES: Final = 2 << 20
_LONGEST: Final = 120
_LOOKED_AT: Final = 4000
_IN_PROJECT: Final = (
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".gemini/settings.json",
    ".codex/config.toml",
)
_SHELL: Final = (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zprofile", ".config/fish/config.fish")
_TIMERS: Final = (".config/systemd/user", "Library/LaunchAgents", ".config/autostart")


class Feed(NamedTuple):
    """A program of the list that a setting starts. ``is_counter``: it shows totals here, and sends none."""

    program: str
    where: Path
    words: str
    is_counter: bool


class Scan(NamedTuple):
    """What was found, and how many files were looked at."""

    feeds: tuple[Feed, ...]
    counters: tuple[Feed, ...]
    files: int


class _Known(NamedTuple):
    program: str
    pattern: re.Pattern[str]
    is_counter: bool


def scan(home: LogsHome, projects: Iterable[Path], *, with_shell: bool = False) -> Scan:
    """Look through settings and hooks of the home and of some projects."""
    found: dict[tuple[str, Path], Feed] = {}
    files = 0
    for file in _files(home, projects, with_shell=with_shell):
        text = _text(file)
        if text is None:
            continue
        files += 1
        for command in commands_of(file, text):
            for feed in named_feeds(command, file):
                found.setdefault((feed.program, file), feed)
    every = tuple(found.values())
    return Scan(
        tuple(feed for feed in every if not feed.is_counter),
        tuple(feed for feed in every if feed.is_counter),
        files,
    )


def _files(home: LogsHome, projects: Iterable[Path], *, with_shell: bool) -> Iterator[Path]:
    claude = moved(home, "CLAUDE_CONFIG_DIR", ".claude")
    yield claude / "settings.json"
    yield claude / "settings.local.json"
    yield from files_below([claude / "hooks"], lambda _: True, depth=2)
    yield moved(home, "CODEX_HOME", ".codex") / "config.toml"
    yield moved(home, "GEMINI_CLI_HOME") / ".gemini" / "settings.json"
    yield from (
        home.folder / ".qwen" / "settings.json",
        home.folder / ".config" / "opencode" / "opencode.json",
    )
    yield from files_below([home.folder / place for place in _TIMERS], _is_timer, depth=1)
    for project in projects:
        yield from (project / name for name in _IN_PROJECT)
    if with_shell:
        yield from (home.folder / name for name in _SHELL)


def _is_timer(name: str) -> bool:
    return name.endswith((".service", ".timer", ".plist", ".desktop"))


def _text(file: Path) -> str | None:
    """A small text file; None of anything else."""
    try:
        return regular_files.content(file, _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def commands_of(file: Path, text: str) -> Iterator[str]:
    """What a file may start: the texts in it where it is JSON or TOML, else its lines."""
    said: Any = None
    try:
        if file.suffix == ".json":
            said = json.loads(text)
        elif file.suffix == ".toml":
            said = tomllib.loads(text)
    except (ValueError, RecursionError):
        said = None
    if said is None:
        yield from (line for line in text.splitlines() if not line.lstrip().startswith(("#", "//", ";")))
        return
    yield from _texts(said)


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            if item and all(isinstance(part, str) for part in item):
                yield " ".join(item)
            else:
                waiting.extend(item)


def named_feeds(command: str, file: Path) -> Iterator[Feed]:
    """Programs of the list that a command starts."""
    for known in _known():
        found = known.pattern.search(command[:_LOOKED_AT])
        if found is not None:
            words = " ".join(
                command[max(found.start() - _LONGEST // 2, 0) : found.start() + _LONGEST // 2].split()
            )
            yield Feed(known.program, file, words, known.is_counter)


@cache
def _known() -> tuple[_Known, ...]:
    text = resources.files("tokencoach.checklist").joinpath("known_feeds.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)
    return tuple(
        _Known(row["word"], _pattern(row["word"], row.get("with", ())), kind == "counter")
        for kind in ("feed", "counter")
        for row in said[kind]
    )


def _pattern(word: str, following: Iterable[str]) -> re.Pattern[str]:
    """A program as a whole word, with or without its path and version, and what must come after it."""
    name = rf"(?<![\w@-]){re.escape(word)}(?:@[\w.^~-]+)?(?![\w-])"
    after = "|".join(re.escape(one) for one in following)
    return re.compile(rf"{name}.*?\b(?:{after})\b" if after else name, re.IGNORECASE | re.DOTALL)
