"""Every source there is: the built-in ones, and those that other packages plug in."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.sources.aider import Aider
from tokencoach.sources.amp import Amp
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.cline import Cline, KiloCode, RooCode
from tokencoach.sources.codex import Codex
from tokencoach.sources.continue_dev import Continue
from tokencoach.sources.copilot_chat import CopilotChat
from tokencoach.sources.copilot_cli import CopilotCli
from tokencoach.sources.crush import Crush
from tokencoach.sources.cursor import Cursor
from tokencoach.sources.droid import Droid
from tokencoach.sources.gemini_cli import GeminiCli
from tokencoach.sources.goose import Goose
from tokencoach.sources.kimi import Kimi
from tokencoach.sources.opencode import OpenCode
from tokencoach.sources.pi import Pi
from tokencoach.sources.qwen_code import QwenCode
from tokencoach.sources.zed import Zed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.sources.base import Source

ENTRY_POINT_GROUP: Final = "tokencoach.sources"

_BUILT_IN: Final[tuple[Callable[[], Source], ...]] = (
    ClaudeCode,
    Codex,
    GeminiCli,
    QwenCode,
    OpenCode,
    CopilotCli,
    CopilotChat,
    Cline,
    RooCode,
    KiloCode,
    Aider,
    Pi,
    Goose,
    Crush,
    Amp,
    Droid,
    Kimi,
    Zed,
    Continue,
    Cursor,
)


class PluginFailure(NamedTuple):
    """A plugged-in source that cannot be used, and why."""

    name: str
    reason: str


def all_sources() -> list[Source]:
    """The built-in sources, then the plugged-in ones that work."""
    return load_sources()[0]


def built_in() -> list[Source]:
    """The sources that come with the program."""
    return [kind() for kind in _BUILT_IN]


def load_sources() -> tuple[list[Source], list[PluginFailure]]:
    """Every source, and the plugins that failed; a failing plugin never stops the others."""
    sources = built_in()
    failures = []
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
