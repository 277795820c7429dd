"""The page on settings: its example is valid and names every key; ``config show`` writes values as it does."""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

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


@pytest.mark.parametrize(
    "said",
    [
        "prices.m = 3.0",
        "prices.m.input = 'dear'",
        "prices.m.inputs = 3.0",
        "prices.m.output = -1",
        "prices.m.output = nan",
        "prices.m.output = 1e300",
        "text_days = -1",
        "text_days = 1000000000000000000",
    ],
)
def test_a_value_that_no_sum_takes_is_refused_with_the_file_and_the_key(machine: Machine, said: str) -> None:
    machine.set(said)
    done = machine.run("ingest")
    assert done.returncode == 4
    told = done.stderr.decode()
    assert "settings.toml" in told
    assert said.partition(" = ")[0].removeprefix("prices.")[:1] in told
    assert "mend: " in told
