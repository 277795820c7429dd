"""Every source there is: the built-in ones, and those that other packages plug in."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from tokencoach.usage.installed import may_offer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

    from tokencoach.sources.base import Source

ENTRY_POINT_GROUP: Final = "tokencoach.sources"

#: Where the class of each built-in source is: reading one log wants no other's reader.
_BUILT_IN: Final = {
    "claude-code": "claude_code:ClaudeCode",
    "codex": "codex:Codex",
    "gemini-cli": "gemini.cli:GeminiCli",
    "qwen-code": "qwen_code:QwenCode",
    "opencode": "opencode.source:OpenCode",
    "copilot-cli": "copilot.cli:CopilotCli",
    "copilot-chat": "copilot.chat:CopilotChat",
    "cline": "cline.source:Cline",
    "roo-code": "cline.source:RooCode",
    "kilo-code": "kilo_code:KiloCode",
    "aider": "aider.source:Aider",
    "pi": "pi:Pi",
    "goose": "goose:Goose",
    "crush": "crush:Crush",
    "amp": "amp:Amp",
    "droid": "droid:Droid",
    "kimi": "kimi:Kimi",
    "zed": "zed:Zed",
    "continue": "continue_dev:Continue",
    "cursor": "cursor:Cursor",
    "ollama": "ollama:Ollama",
    "llama-server": "llama_server:LlamaServer",
    "lm-studio": "lm_studio:LmStudio",
    "vllm": "vllm:Vllm",
    "meter": "metered:Meter",
}


class Sources(Mapping[str, "Source"]):
    """Every source by its name, the built-in ones first; each is loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Source] = {}
        self._is_whole = False

    def __getitem__(self, name: str) -> Source:
        if name not in self._loaded:
            if name not in _BUILT_IN:
                return self._all()[name]
            self._loaded[name] = _built_in(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Source]:
        if not self._is_whole:
            self._loaded = {source.name: source for source in all_sources()}
            self._is_whole = True
        return self._loaded


class PluginFailure(NamedTuple):
    """A plugged-in source that cannot be used, and why."""

    name: str
    reason: str


def all_sources() -> list[Source]:
    """The built-in sources, then the plugged-in ones that work."""
    return load_sources()[0]


def built_in() -> list[Source]:
    """The sources that come with the program."""
    return [_built_in(name) for name in _BUILT_IN]


def _built_in(name: str) -> Source:
    module, kind = _BUILT_IN[name].split(":")
    return cast("Source", getattr(importlib.import_module(f"tokencoach.sources.{module}"), kind)())


def load_sources() -> tuple[list[Source], list[PluginFailure]]:
    """Every source, and the plugins that failed; a failing plugin never stops the others."""
    sources = built_in()
    failures: list[PluginFailure] = []
    if not may_offer(ENTRY_POINT_GROUP):
        return sources, failures
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import, few plug anything in

    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        found = _plugged_in(point)
        if isinstance(found, PluginFailure):
            failures.append(found)
        elif any(source.name == found.name for source in sources):
            failures.append(PluginFailure(point.name, f"a source named {found.name!r} is there already"))
        else:
            sources.append(found)
    return sources, failures


def _plugged_in(point: EntryPoint) -> Source | PluginFailure:
    try:
        source: Source = point.load()()
        for member in ("roots", "files", "read"):
            if not callable(getattr(source, member, None)):
                return PluginFailure(point.name, f"it has no method {member!r}")
        if not isinstance(getattr(source, "name", None), str):
            return PluginFailure(point.name, "it has no name")
    except Exception as error:  # noqa: BLE001 - whatever a stranger's package raises stays its own
        return PluginFailure(point.name, f"{type(error).__name__}: {error}")
    return source
