"""The person's settings: TOML into frozen values; an unknown key is an error that names the nearest."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tokencoach.errors import DamagedInputError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What the person may set in ``settings.toml``.

    ``prices`` maps a model name to USD per million tokens by class, and wins over the table.
    ``text_days`` is how long the text of edits is kept for the fuzzy match; 0 keeps none.
    ``outside_evidence`` is whether git notes, trace records and trailers are read beside the logs.
    ``phases`` maps a pattern of a path, in the repository or on disk (``~`` allowed), or of a branch to
    exploration, prototype or production. ``review_from_gh`` lets the person's own
    ``gh`` ask GitHub who reviewed merged pull requests: the one thing here that uses the network.
    ``logs`` maps a source (``llama-server``, ``vllm``, ``ollama``, ``lm-studio``) to files or folders of
    logs that lie where nobody would look for them.
    """

    timezone: str | None = None
    keep_prompts: bool = True
    text_days: int = 60
    outside_evidence: bool = True
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    phases: Mapping[str, str] = field(default_factory=dict)
    review_from_gh: bool = False
    logs: Mapping[str, Sequence[str]] = field(default_factory=dict)


_PHASES = ("exploration", "prototype", "production")
_TYPES: dict[str, tuple[type, ...]] = {
    "timezone": (str,),
    "keep_prompts": (bool,),
    "text_days": (int,),
    "outside_evidence": (bool,),
    "prices": (dict,),
    "phases": (dict,),
    "review_from_gh": (bool,),
    "logs": (dict,),
}


def read_settings(path: Path) -> Settings:
    """Settings of a file; the defaults where it does not exist.

    Raises:
        DamagedInputError: unreadable, no TOML, an unknown key or a value of the wrong type.
    """
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise DamagedInputError(
            f"{path}: cannot be read: {error.strerror}", f"make it readable: {path}"
        ) from error
    try:
        said = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DamagedInputError(f"{path}: not valid TOML: {error}", f"correct {path}") from error
    return _settings_of(said, path)


def _settings_of(said: Mapping[str, Any], path: Path) -> Settings:
    names = [item.name for item in fields(Settings)]
    for key, value in said.items():
        if key not in names:
            near = difflib.get_close_matches(key, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(names)}"
            raise DamagedInputError(f"{path}: unknown key {key!r}", hint)
        if not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and bool not in _TYPES[key]):
            wanted = _TYPES[key][0].__name__
            raise DamagedInputError(f"{path}: {key!r} must be a {wanted}, it is {value!r}", f"correct {path}")
    for source, logs in said.get("logs", {}).items():
        if not isinstance(logs, list) or not all(isinstance(log, str) and "\0" not in log for log in logs):
            raise DamagedInputError(
                f"{path}: the logs of {source!r} must be a list of paths, it is {logs!r}",
                f"correct {path}",
            )
    for pattern, phase in said.get("phases", {}).items():
        if phase not in _PHASES:
            wanted = ", ".join(_PHASES)
            raise DamagedInputError(
                f"{path}: the phase of {pattern!r} must be one of {wanted}, it is {phase!r}",
                f"correct {path}",
            )
    return Settings(**said)
