"""The help of every verb and sub-verb, read in a row as one text."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from cli.machine import requests
from tokencoach.cli.context import Context
from tokencoach.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.machine import Machine

ACTS = {
    "checklist snooze",
    "checklist threshold",
    "checklist tick",
    "checklist undo",
    "coach drop",
    "coach nudge install",
    "coach nudge uninstall",
    "coach plan",
    "hook uninstall",
    "record",
    "statusline",
    "statusline install",
    "statusline uninstall",
    "watch",
}
"""Verbs that do something and say in a sentence that it is done, or hand another's output on."""


def walked(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every verb that a person is meant to type, by its words."""
    context = click.Context(command)
    if path:
        yield " ".join(path), command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from walked(below, (*path, name))


VERBS = dict(walked(cli))


def shown(name: str) -> str:
    """A verb's help as a wide terminal shows it."""
    context = click.Context(
        VERBS[name], info_name=f"tokencoach {name}", terminal_width=200, max_content_width=200
    )
    return VERBS[name].get_help(context)


def examples(name: str) -> list[list[str]]:
    """The words of each example of a verb, without the program's own name."""
    told = (VERBS[name].epilog or "").partition("Example: ")[2]
    parts = re.split(r"\s{2,}or: ", told)
    return [shlex.split(part)[1:] for part in parts if part.startswith("tokencoach ")]


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_says_what_it_does_and_each_of_its_options_does_so_too(name: str) -> None:
    text = shown(name)
    assert VERBS[name].get_short_help_str(1000).endswith(".")
    assert "``" not in text
    assert not re.search(r"\w  \w+  \w", text.partition("Options:")[0]), (
        "words apart are words that were marked"
    )
    for option in VERBS[name].params:
        if isinstance(option, click.Option) and not option.hidden:
            assert option.help or option.show_default, option.name
            assert (option.help or ".").rstrip(" ").endswith("."), option.name


@pytest.mark.parametrize("name", sorted(set(VERBS) - ACTS))
def test_a_verb_that_prints_data_prints_it_as_json_too(name: str) -> None:
    command = VERBS[name]
    if isinstance(command, click.Group) and not command.invoke_without_command:
        return
    assert any("--json" in option.opts for option in command.params)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_only_a_verb_that_is_there_is_said_to_print_no_data(name: str) -> None:
    assert not any("--json" in option.opts for option in VERBS[name].params)


@pytest.mark.parametrize("name", sorted(VERBS))
def test_each_example_of_a_verb_is_a_command_line_that_it_takes(name: str, tmp_path: Path) -> None:
    found = examples(name)
    assert found or "$(tokencoach" in (VERBS[name].epilog or "")
    for example in found:
        command: click.Command = cli
        words = list(example)
        context = click.Context(cli, obj=Context(tmp_path, open_app=lambda _: 0))
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            below = command.get_command(context, words[0])
            if below is None:
                break
            command, words = below, words[1:]
        made = command.make_context(name, words, parent=context)
        assert made.command is command


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("repos", "repos list"),
        ("repos --json", "repos list"),
        ("config", "config show"),
        ("coach budget", "coach budget list"),
    ],
)
def test_a_group_that_has_something_to_show_shows_it_without_a_verb(
    machine: Machine, words: str, shown: str
) -> None:
    machine.log(requests(1))
    bare = machine.run(*words.split())
    named = machine.run(*shown.split(), *(["--json"] if words.endswith("--json") else []))
    assert (bare.returncode, bare.stdout) == (named.returncode, named.stdout)
    assert bare.returncode in (0, 3)


def test_what_month_is_meant_without_one_is_said_by_each_verb_of_itself() -> None:
    defaults = {name: re.search(r"A month; default: ([^.]+)\.", shown(name)) for name in VERBS}
    told = {name: found.group(1) for name, found in defaults.items() if found}
    assert (told["audit"], told["sessions"], told["coach"]) == ("this month", "all time", "this month")
    assert told["coach sizes"] == "the last 180 days"


def test_the_exit_codes_are_told_by_the_program_itself() -> None:
    text = cli.get_help(click.Context(cli, terminal_width=200))
    for code in ("0 fine", "1 found", "2 wrong use", "3 nothing to read", "4 damaged", "130 interrupted"):
        assert code in text
