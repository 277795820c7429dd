"""Every command that the program tells people to run is one that it has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click

import tokencoach
from tokencoach.cli.main import cli

_TOLD = re.compile(r"tokencoach ((?:[a-z]+ ?)+)")
_MAY_TELL = re.compile(r"tokencoach[\s\"'}]")


def told() -> dict[str, set[str]]:
    """Files by the words that follow ``tokencoach`` in their strings, documentation apart."""
    found: dict[str, set[str]] = {}
    for path in Path(tokencoach.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        # Parsing is dear, and most files name the program in imports alone.
        for node in ast.walk(ast.parse(text)) if _MAY_TELL.search(text) else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for match in _TOLD.finditer(node.value):
                    found.setdefault(match[1].strip(), set()).add(path.name)
    return found


def is_known(words: list[str]) -> bool:
    """Whether the words lead to a verb; a sentence that only begins with the program's name is not judged."""
    at: click.Command = cli
    for number, word in enumerate(words):
        if not isinstance(at, click.Group):
            return True
        below = at.get_command(click.Context(at), word)
        if below is None:
            return number == 0
        at = below
    return True


def test_every_command_that_is_told_exists() -> None:
    commands = told()
    assert len(commands) > 40
    assert {words: files for words, files in commands.items() if not is_known(words.split())} == {}
