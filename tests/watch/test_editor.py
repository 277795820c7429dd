"""The person's own editor: which program runs, with what, and what is said where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.errors import UsageError
from tokencoach.watch.editor import edit, editor_command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file whose name would be an option if it were handed over bare."""
    place = tmp_path / "-c quit"
    place.write_text("one\ntwo\n", encoding="utf-8")
    return place


def program(folder: Path, name: str, body: str = "") -> Path:
    """A program of that name, on its own."""
    made = folder / name
    made.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    made.chmod(0o755)
    return made


@pytest.mark.parametrize(
    ("name", "options", "wanted"),
    [
        ("vim", " -p", ["-p", "+2", "{file}"]),
        ("nano", "", ["+2", "{file}"]),
        ("hx", "", ["{file}:2"]),
        ("code", " --wait", ["--wait", "-g", "{file}:2"]),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(
    tmp_path: Path, file: Path, name: str, options: str, wanted: list[str]
) -> None:
    made = program(tmp_path, name)
    command = editor_command({"EDITOR": f"{made}{options}"}, file, 2)
    assert command == [str(made), *(part.format(file=file) for part in wanted)]


def test_a_line_that_moved_is_found_by_its_text(tmp_path: Path, file: Path) -> None:
    made = program(tmp_path, "vim")
    file.write_bytes(b"x\n" * 9 + b"  two\r\n" + b"\xff\n" + b"two\n")
    for line, text, wanted in ((2, "two", 10), (30, "\ttwo", 12), (5, "gone", 5), (5, None, 5), (5, " ", 5)):
        assert editor_command({"EDITOR": str(made)}, file, line, text)[1] == f"+{wanted}"


def test_the_editor_that_is_named_first_really_runs(tmp_path: Path, file: Path) -> None:
    made = program(tmp_path, "my editor", f"printf '%s|' \"$@\" > '{tmp_path}/told'; exit 3")
    named = {"VISUAL": f"'{made}' --fast", "EDITOR": "/nowhere/else"}
    assert edit(editor_command(named, file, 2)) == 3
    assert (tmp_path / "told").read_text(encoding="utf-8") == f"--fast|+2|{file}|"


@pytest.mark.parametrize("named", ["/nowhere/vim", "vim 'half", "no-such-editor-here"])
def test_an_editor_that_is_not_there_is_said(file: Path, named: str) -> None:
    with pytest.raises(UsageError, match="export EDITOR"):
        editor_command({"EDITOR": named}, file, 1)


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not here now"):
        editor_command({"EDITOR": "vi"}, tmp_path / "gone.py", 1)
