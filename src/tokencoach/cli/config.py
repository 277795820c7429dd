"""``tokencoach config``: the settings and where they are."""

from __future__ import annotations

import dataclasses

import click

from tokencoach import paths
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, say
from tokencoach.settings import Settings


@click.group(epilog="Example: tokencoach config show")
def config() -> None:
    """The settings and where they are."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def show(context: Context, *, as_json: bool) -> int:
    """Every setting, its value and where it comes from."""
    file = paths.settings_file(context.folder)
    origin = paths.shown(file)
    rows = []
    for item in dataclasses.fields(Settings):
        value = getattr(context.settings, item.name)
        is_default = value == getattr(Settings(), item.name)
        rows.append({"name": item.name, "value": value, "origin": "default" if is_default else origin})
    if as_json:
        emit_json({"file": str(file), "settings": rows})
    else:
        for row in rows:
            say(f"{row['name']:<14} {row['value']}   ({row['origin']})")
    return 0


@config.command()
@verb
def path(context: Context) -> int:
    """The settings file."""
    say(str(paths.settings_file(context.folder)))
    return 0
