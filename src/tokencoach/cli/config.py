"""``tokencoach config``: the settings and where they are."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

from tokencoach import paths
from tokencoach.cli.context import Context, ShowingGroup, verb
from tokencoach.cli.output import emit_json, say
from tokencoach.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.group(cls=ShowingGroup, shows="show", epilog="Example: tokencoach config show")
def config() -> None:
    """The settings and where they are."""


@config.command(epilog="Example: tokencoach config show --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def show(context: Context, *, as_json: bool) -> int:
    """Every setting, its value and where it comes from."""
    file = paths.settings_file(context.folder)
    origin = paths.shown(file)
    rows = [
        {"name": name, "value": value, "origin": "default" if value == default else origin}
        for (name, value), (_, default) in zip(_values(context.settings), _values(Settings()), strict=True)
    ]
    if as_json:
        emit_json({"file": str(file), "settings": rows})
    else:
        for row in rows:
            say(f"{row['name']:<18} {_written(row['value'])}   ({row['origin']})")
    return 0


def _written(value: Any) -> str:
    """A value as the settings file holds it."""
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


@config.command(epilog='Example: "${EDITOR:-vi}" "$(tokencoach config path)"')
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def path(context: Context, *, as_json: bool) -> int:
    """The settings file."""
    file = str(paths.settings_file(context.folder))
    if as_json:
        emit_json({"file": file})
    else:
        say(file)
    return 0


def _values(settings: Any, under: str = "") -> Iterator[tuple[str, object]]:
    """Each setting by its name in the file; those of a table as ``table.name``."""
    for item in dataclasses.fields(settings):
        value = getattr(settings, item.name)
        if dataclasses.is_dataclass(value):
            yield from _values(value, f"{item.name}.")
        else:
            yield under + item.name, value
