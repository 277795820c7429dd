"""Scripts that an assistant writes to a file of their own: what they would change, once something runs them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tokencoach.sources.literal_replacements import replacements
from tokencoach.sources.logged_paths import resolve
from tokencoach.sources.shell.sweeps import may_sweep
from tokencoach.sources.shell.writes import program_writes, shell_writes
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.sources.shell.writes import ShellWrite
    from tokencoach.usage.facts import EditSeen

_PROGRAMS: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl")
_SHELLS: Final = (".sh", ".bash", ".zsh")
_TOLD: Final = frozenset({EditKind.SHELL_SWEEP, EditKind.SHELL_PROGRAM, EditKind.SHELL_CHANGE})
_SWEPT: Final = frozenset({EditKind.SHELL_SWEEP})
_LETTER: Final = re.compile(r"[A-Za-z0-9]")
_WRITTEN: Final = re.compile(
    r"""Path\(\s*['"]([^'"]+)['"]\s*\)\.write_|\bopen\(\s*['"]([^'"]+)['"]\s*,\s*(?:mode=)?['"][rb]?[wax]"""
    r"""|writeFile(?:Sync)?\(\s*['"]([^'"]+)['"]|File\.write\(\s*['"]([^'"]+)['"]"""
)
_FEWEST_LETTERS: Final = 4
_MOST_BYTES: Final = 1 << 16
_MOST_FILES: Final = 24


def of_written_scripts(edits: Iterable[EditSeen]) -> Iterator[EditSeen]:
    """The files that a script may change which one of the edits wrote whole, after those edits.

    Whether it is run is told by another call, or by none: only git can show it. What a script of the
    project names may be anybody's, so of one only the substitutions in files that it looks for are told.
    """
    for edit in edits:
        if (
            not edit.kind.is_whole
            or not edit.path.endswith((*_PROGRAMS, *_SHELLS))
            or len(edit.added) > _MOST_BYTES
        ):
            continue
        wanted = _TOLD if _is_aside(edit) else _SWEPT
        if wanted is _SWEPT and not may_sweep(edit.added, is_shell=edit.path.endswith(_SHELLS)):
            continue
        told = [write for write in _writes(edit) if write.kind in wanted and _is_telling(write)]
        for number, write in enumerate(told[:_MOST_FILES]):
            yield replace(
                edit,
                key=f"{edit.key}#script{number}",
                path=resolve(write.path, edit.cwd),
                kind=write.kind,
                added=write.added,
                removed="",
                moved_from=None,
            )


def _writes(edit: EditSeen) -> list[ShellWrite]:
    if edit.path.endswith(_SHELLS):
        return shell_writes(edit.added, edit.cwd)
    return [write for write in program_writes(edit.added) if write.path]


def _is_telling(write: ShellWrite) -> bool:
    """Whether what a script may do is told well enough to be known in git though nobody knows that it was run.

    A program that only reads a file names it too, and a short text is put for another everywhere.
    """
    if write.kind is EditKind.SHELL_SWEEP:
        olds = [old for block in write.added.split("\n\n") for old in _replaced_by(block)]
        return all(len(_LETTER.findall(old)) >= _FEWEST_LETTERS for old in olds)
    if write.kind is EditKind.SHELL_PROGRAM:
        opened = {one.path for one in replacements(write.added)}
        return write.path in opened or write.path in {
            next(filter(None, found)) for found in _WRITTEN.findall(write.added)
        }
    return True


def _replaced_by(block: str) -> list[str]:
    """What some substitutions of one kind replace: texts, patterns, or scripts as they are."""
    how, *told = block.split("\n")
    return (
        told[::2]
        if how == "literal"
        else [line.split("\x01")[1] if "\x01" in line else line for line in told]
    )


def _is_aside(edit: EditSeen) -> bool:
    """Whether the script lies outside the folder that the session works in."""
    folder = (edit.cwd or "").replace("\\", "/").rstrip("/")
    path = posixpath.normpath(edit.path.replace("\\", "/"))
    return bool(folder) and not path.startswith(f"{folder}/")
