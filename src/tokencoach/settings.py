"""The person's settings: TOML into frozen values; an unknown key is an error that names the nearest."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from tokencoach import regular_files
from tokencoach.errors import DamagedInputError
from tokencoach.paths import shown


@dataclass(frozen=True, slots=True)
class PowerSettings:
    """What the person may set under ``[power]``.

    ``tariff`` is money per kWh in ``currency``; ``grid_g`` the grams of CO2 per kWh, else those of
    ``country`` (ISO 3166 alpha-3) are used. ``idle_watts`` and ``full_watts`` are two readings of a
    wall meter, at rest and with every core busy. ``estimate`` shows a range for a processor without a sensor, of
    its rated ``tdp_watts``. ``plugs`` are addresses of smart plugs in the
    person's own network: ``shelly:HOST``, ``tasmota:HOST`` or ``home-assistant:HOST:PORT/ENTITY``, whose token
    is the environment's ``TOKENCOACH_HOME_ASSISTANT_TOKEN``.
    """

    sample: bool = True
    tariff: float | None = None
    currency: str = "USD"
    grid_g: float | None = None
    country: str | None = None
    idle_watts: float | None = None
    full_watts: float | None = None
    estimate: bool = False
    tdp_watts: float | None = None
    plugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RitualSettings:
    """What the person may set under ``[ritual]``.

    ``notify`` lets the watcher send one desktop notification a month when the ritual is due; ``journal`` is
    a folder of their own notes that the ritual writes one Markdown file a month into (``~`` allowed).
    """

    notify: bool = False
    journal: str | None = None


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """What the person may set under ``[check]``.

    ``advice`` is the address of a server of models on this computer that speaks as OpenAI does, such as
    ``http://127.0.0.1:8080``: it reads explanations, and what it says counts for nothing.
    ``advice_model`` names the model where the server has several.
    """

    advice: str | None = None
    advice_model: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the person may set in ``settings.toml``.

    ``prices`` maps a model name to USD per million tokens by class, and wins over the table.
    ``text_days`` is how long the text of edits is kept for the fuzzy match; 0 keeps none.
    ``outside_evidence`` is whether git notes, trace records and trailers are read beside the logs.
    ``phases`` maps a pattern of a path, in the repository or on disk (``~`` allowed), or of a branch to
    exploration, prototype or production. ``review_from_gh`` lets the person's own
    ``gh`` ask GitHub who reviewed merged pull requests: the one thing here that uses the network.
    ``logs`` maps a source whose logs may lie anywhere to files or folders of them. ``scan_shell`` lets the
    checklist look for programs that feed rankings in start-up files of shells too.
    """

    timezone: str | None = None
    keep_prompts: bool = True
    text_days: int = 60
    outside_evidence: bool = True
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    phases: Mapping[str, str] = field(default_factory=dict)
    review_from_gh: bool = False
    power: PowerSettings = field(default_factory=PowerSettings)
    ritual: RitualSettings = field(default_factory=RitualSettings)
    logs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scan_shell: bool = False
    check: CheckSettings = field(default_factory=CheckSettings)


LOCAL_SERVER = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})(?:/v1)?/?")
"""An address on this computer: its host and its port."""
ANYWHERE = ("llama-server", "lm-studio", "ollama", "opencode", "vllm")
"""Sources whose logs a person may lead to any place."""
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
    "scan_shell": (bool,),
    "power": (dict,),
    "ritual": (dict,),
    "check": (dict,),
}
_PRICE_TYPES: dict[str, tuple[type, ...]] = dict.fromkeys(
    ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output"), (float, int)
)
_MOST_USD_PER_MILLION, _MOST_DAYS = 100_000, 36_500
_CHECK_TYPES: dict[str, tuple[type, ...]] = {"advice": (str,), "advice_model": (str,)}
_RITUAL_TYPES: dict[str, tuple[type, ...]] = {"notify": (bool,), "journal": (str,)}
_POWER_TYPES: dict[str, tuple[type, ...]] = {
    "sample": (bool,),
    "tariff": (float, int),
    "currency": (str,),
    "grid_g": (float, int),
    "country": (str,),
    "idle_watts": (float, int),
    "full_watts": (float, int),
    "estimate": (bool,),
    "tdp_watts": (float, int),
    "plugs": (list,),
}


def read_settings(path: Path) -> Settings:
    """Settings of a file; the defaults where it does not exist.

    Raises:
        DamagedInputError: unreadable, no TOML, an unknown key or a value of the wrong type.
    """
    try:
        raw = regular_files.content(path)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise DamagedInputError(
            f"{shown(path)}: cannot be read: {error.strerror}", f"make it readable: {shown(path)}"
        ) from error
    try:
        said = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DamagedInputError(
            f"{shown(path)}: not valid TOML: {error}", f"correct {shown(path)}"
        ) from error
    return _settings_of(said, path)


def _checked(
    said: Mapping[str, Any], types: Mapping[str, tuple[type, ...]], path: Path, under: str = ""
) -> None:
    """Every key known and every value of its type.

    Raises:
        DamagedInputError: not so; it names the nearest key or the wanted type.
    """
    for key, value in said.items():
        if key not in types:
            near = difflib.get_close_matches(key, types, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(types)}"
            raise DamagedInputError(f"{shown(path)}: unknown key {under + key!r}", hint)
        if not isinstance(value, types[key]) or (isinstance(value, bool) and bool not in types[key]):
            wanted = types[key][0].__name__
            raise DamagedInputError(
                f"{shown(path)}: {under + key!r} must be a {wanted}, it is {value!r}",
                f"correct {shown(path)}",
            )


def _power_of(said: Mapping[str, Any], path: Path) -> PowerSettings:
    _checked(said, _POWER_TYPES, path, "power.")
    for key in ("tariff", "grid_g", "idle_watts", "full_watts", "tdp_watts"):
        if not 0 <= said.get(key, 0) < inf:
            raise DamagedInputError(
                f"{shown(path)}: 'power.{key}' must be zero or more, it is {said[key]!r}",
                f"correct {shown(path)}",
            )
    if said.get("estimate") and not said.get("tdp_watts"):
        raise DamagedInputError(
            f"{shown(path)}: 'power.estimate' needs 'power.tdp_watts', the rated power of your processor",
            f"correct {shown(path)}",
        )
    if said.get("full_watts", inf) <= said.get("idle_watts", 0):
        raise DamagedInputError(
            f"{shown(path)}: 'power.full_watts' must be more than 'power.idle_watts'",
            f"correct {shown(path)}",
        )
    plugs = said.get("plugs", [])
    if not all(isinstance(plug, str) for plug in plugs):
        raise DamagedInputError(
            f"{shown(path)}: 'power.plugs' must be a list of texts, it is {plugs!r}", f"correct {shown(path)}"
        )
    return PowerSettings(**{**said, "plugs": tuple(plugs)})


def _ritual_of(said: Mapping[str, Any], path: Path) -> RitualSettings:
    _checked(said, _RITUAL_TYPES, path, "ritual.")
    folder = said.get("journal")
    if folder is not None and not _is_whole(folder):
        raise DamagedInputError(
            f"{shown(path)}: 'ritual.journal' must be a whole path, it is {folder!r}", "begin it with / or ~"
        )
    return RitualSettings(**said)


def _check_of(said: Mapping[str, Any], path: Path) -> CheckSettings:
    _checked(said, _CHECK_TYPES, path, "check.")
    address = said.get("advice")
    if address is not None and LOCAL_SERVER.fullmatch(address) is None:
        raise DamagedInputError(
            f"{shown(path)}: 'check.advice' must be an address on this computer, it is {address!r}",
            'for example "http://127.0.0.1:8080"',
        )
    return CheckSettings(**said)


def _is_whole(folder: str) -> bool:
    try:
        return "\0" not in folder and Path(folder).expanduser().is_absolute()
    except RuntimeError:
        return False


def _check_prices(said: Mapping[str, Any], path: Path) -> None:
    for model, classes in said.items():
        if not isinstance(classes, dict):
            raise DamagedInputError(
                f"{shown(path)}: the price of {model!r} must be a table, it is {classes!r}",
                "for example { input = 3.0, output = 15.0 }",
            )
        _checked(classes, _PRICE_TYPES, path, f"prices.{model}.")
        for name, price in classes.items():
            if not 0 <= price <= _MOST_USD_PER_MILLION:
                raise DamagedInputError(
                    f"{shown(path)}: 'prices.{model}.{name}' must be dollars per million tokens, "
                    f"0 to {_MOST_USD_PER_MILLION:,}, it is {price!r}",
                    f"correct {shown(path)}",
                )


def _settings_of(said: Mapping[str, Any], path: Path) -> Settings:
    _checked(said, _TYPES, path)
    for source, logs in said.get("logs", {}).items():
        if source not in ANYWHERE:
            raise DamagedInputError(
                f"{shown(path)}: the logs of {source!r} have their own place", f"known: {', '.join(ANYWHERE)}"
            )
        if not isinstance(logs, list) or not all(isinstance(log, str) and "\0" not in log for log in logs):
            raise DamagedInputError(
                f"{shown(path)}: the logs of {source!r} must be a list of paths, it is {logs!r}",
                f"correct {shown(path)}",
            )
    _check_prices(said.get("prices", {}), path)
    if not 0 <= said.get("text_days", 0) <= _MOST_DAYS:
        raise DamagedInputError(
            f"{shown(path)}: 'text_days' must be 0 to {_MOST_DAYS:,}, it is {said['text_days']!r}",
            f"correct {shown(path)}",
        )
    for pattern, phase in said.get("phases", {}).items():
        if phase not in _PHASES:
            wanted = ", ".join(_PHASES)
            raise DamagedInputError(
                f"{shown(path)}: the phase of {pattern!r} must be one of {wanted}, it is {phase!r}",
                f"correct {shown(path)}",
            )
    power = _power_of(said.get("power", {}), path)
    ritual, check = _ritual_of(said.get("ritual", {}), path), _check_of(said.get("check", {}), path)
    return Settings(**{**said, "power": power, "ritual": ritual, "check": check})
