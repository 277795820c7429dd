"""Kilo Code: tasks as Cline writes them, and since its seventh version a database as OpenCode's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.sources.base import Shape
from tokencoach.sources.cline.source import KiloTasks, is_task
from tokencoach.sources.opencode.source import OpenCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.sources.base import LogFile, LogsHome, Table
    from tokencoach.usage.facts import Facts


class _KiloProgram(OpenCode):
    """Its program in the terminal, made from OpenCode."""

    name = "kilo-code"
    folder = "kilo"
    folder_variable = ""
    database_variable = "KILO_DB"


class KiloCode:
    """Kilo Code in editors and in the terminal, in every generation."""

    name = "kilo-code"

    def __init__(self) -> None:
        self._tasks = KiloTasks()
        self._program = _KiloProgram()

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of tasks, then that of the database."""
        return [*self._tasks.roots(home), *self._program.roots(home)]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Tasks, databases, and the files of older versions of these."""
        yield from self._tasks.files(home)
        yield from self._program.files(home)

    def tables(self, file: LogFile) -> Sequence[Table]:
        """What is read of a database."""
        return self._program.tables(file)

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of a whole task, or of changed rows."""
        of_task = file.shape is Shape.DOCUMENT and is_task(file.path)
        reader = self._tasks if of_task else self._program
        return reader.read(chunk, state, file, base_offset, with_edits=with_edits)
