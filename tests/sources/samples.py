"""How a small log of a source is told, for tests of what must hold of all sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from sources.agents import BEGAN, DEMO
from sources.reading import jsonl
from tokencoach.sources.base import LogFile, Shape

EDIT: Final = {"path": "a.py", "file_path": "a.py", "old_string": "old", "new_string": "new"}


class Sample(NamedTuple):
    """A log of one source; its content is lines unless its shape is a document."""

    source: str
    file: LogFile
    content: bytes

    @property
    def is_document(self) -> bool:
        """Whether it is read as a whole."""
        return self.file.shape is Shape.DOCUMENT


def lines(source: str, *records: Any, name: str = "S1.jsonl") -> Sample:
    """A log of lines."""
    return Sample(source, LogFile(Path(name), None, "S1", cwd=DEMO, modified_ms=BEGAN), jsonl(records))


def document(source: str, told: Any, name: str = "S1.json") -> Sample:
    """A whole document."""
    file = LogFile(Path(name), None, "S1", shape=Shape.DOCUMENT, cwd=DEMO, modified_ms=BEGAN)
    return Sample(source, file, json.dumps(told).encode())


def rows(source: str, *told: tuple[str, dict[str, Any]]) -> Sample:
    """Rows of a database, each with its table."""
    content = jsonl({"table": table, "row": row} for table, row in told)
    return Sample(source, LogFile(Path("x.db"), shape=Shape.DATABASE, cwd=DEMO), content)
