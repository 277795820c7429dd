"""The page on settings: its example is valid and names every key; ``config show`` writes values as it does."""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokencoach.settings import Settings, read_settings

if TYPE_CHECKING:
    from cli.machine import Machine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
EXAMPLE = PAGE.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]


def keys_of(settings: Any) -> set[str]:
    """Every key, those of a table with its name before a dot."""
    out = set()
    for one in fields(settings):
        value = getattr(settings, one.name)
        below = {f"{one.name}.{key}" for key in keys_of(value)} if is_dataclass(value) else {one.name}
        out |= below
    return out


def test_the_example_is_valid_and_names_every_key(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    read_settings(file)
    said = tomllib.loads(EXAMPLE)
    tables = {name for name in ("power", "ritual", "check") if name in said}
    named = {f"{table}.{key}" for table in tables for key in said[table]} | (said.keys() - tables)
    assert named == keys_of(Settings())


def test_values_are_shown_as_the_file_holds_them(machine: Machine) -> None:
    text = machine.run("config", "show").stdout.decode()
    shown = {line.split()[0]: line.split(maxsplit=1)[1] for line in text.splitlines()}
    assert shown["timezone"] == "not set   (default)"
    assert shown["keep_prompts"] == "true   (default)"
    assert shown["power.currency"] == '"USD"   (default)'
    assert shown["power.plugs"] == "[]   (default)"
