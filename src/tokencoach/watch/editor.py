"""The person's own editor, at a line of a file."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.errors import UsageError
from tokencoach.git.run import trusted_program
from tokencoach.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST: Final = 8 << 20
_USUAL: Final = ("vi", "nano")
_AFTER_COLON: Final = {"hx", "helix", "subl", "zed", "zeditor"}
"""These want FILE:LINE; the others +LINE FILE."""
_AFTER_GO: Final = {"code", "code-insiders", "codium", "cursor", "windsurf"}
"""These want -g FILE:LINE."""


def editor_command(
    environment: Mapping[str, str], file: Path, line: int, text: str | None = None
) -> list[str]:
    """What runs the editor that ``VISUAL`` or ``EDITOR`` names, else a usual one, where the line now stands.

    Raises:
        UsageError: the file is not here, or no editor is.
    """
    if not file.is_file():
        raise UsageError(
            f"{shown(file)} is not here now", "it was moved, deleted, or lies on another computer"
        )
    named = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise UsageError(f"EDITOR cannot be read: {error}", "export EDITOR=vim, for example") from error
    for program, *options in [words] if words else [[usual] for usual in _USUAL]:
        found = trusted_program(program)
        if found is not None:
            return [found, *options, *_place(Path(program).stem, file.absolute(), _now(file, line, text))]
    raise UsageError(
        f"no editor: {words[0] if words else 'vi'} is not on PATH", "export EDITOR=vim, for example"
    )


def _now(file: Path, line: int, text: str | None) -> int:
    """Where a line's text stands in the file now, nearest to where it was; there, where it is gone."""
    if not text or not text.strip():
        return line
    lines = regular_files.head(file, _LONGEST).decode("utf-8", "replace").splitlines()
    found = [number for number, one in enumerate(lines, 1) if one.strip() == text.strip()]
    return min(found, key=lambda number: abs(number - line), default=line)


def _place(editor: str, file: Path, line: int) -> list[str]:
    if editor in _AFTER_COLON:
        return [f"{file}:{line}"]
    if editor in _AFTER_GO:
        return ["-g", f"{file}:{line}"]
    return [f"+{line}", str(file)]


def edit(command: list[str]) -> int:
    """Run an editor on this terminal until the person leaves it; its exit code."""
    return subprocess.run(command, check=False).returncode
