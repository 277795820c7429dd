"""Scripts that an assistant writes to a file of their own: what they would change, once something runs them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tokencoach.sources.logged_paths import resolve
from tokencoach.sources.shell.writes import program_writes, shell_writes
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.sources.shell.writes import ShellWrite
    from tokencoach.usage.facts import EditSeen

_PROGRAMS: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl")
_SHELLS: Final = (".sh", ".bash", ".zsh")
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
        told = [write for write in _writes(edit) if write.kind in _TOLD]
        if not _is_aside(edit):
            told = [write for write in told if write.kind is EditKind.SHELL_SWEEP]
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


_TOLD: Final = frozenset({EditKind.SHELL_SWEEP, EditKind.SHELL_PROGRAM, EditKind.SHELL_CHANGE})


def _writes(edit: EditSeen) -> list[ShellWrite]:
    if edit.path.endswith(_SHELLS):
        return shell_writes(edit.added, edit.cwd)
    return [write for write in program_writes(edit.added) if write.path]


def _is_aside(edit: EditSeen) -> bool:
    """Whether the script lies outside the folder that the session works in."""
    folder = (edit.cwd or "").replace("\\", "/").rstrip("/")
    path = posixpath.normpath(edit.path.replace("\\", "/"))
    return bool(folder) and not path.startswith(f"{folder}/")
