"""Reading databases of assistants in tests, as the watcher does."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from sources.merging import Merged, merge
from tokencoach.sources.base import LogFile, Shape
from tokencoach.watch.whole import Marks, row_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokencoach.sources.base import Source


def create(path: Path, **tables: str) -> sqlite3.Connection:
    """A database in write-ahead mode with tables by their columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    for name, columns in tables.items():
        connection.execute(f"CREATE TABLE {name}({columns})")
    return connection


def put(connection: sqlite3.Connection, table: str, **row: Any) -> None:
    """Insert or replace a row; objects stand as JSON in it."""
    values = [json.dumps(value) if isinstance(value, dict | list) else value for value in row.values()]
    names = ", ".join(row)
    connection.execute(f"INSERT OR REPLACE INTO {table}({names}) VALUES({', '.join('?' * len(row))})", values)


def read_rows(source: Source, path: Path, marks: Marks | None = None, *, step: int = 0) -> Merged:
    """Facts of what changed since ``marks``; ``step`` cuts the lines into chunks of so many."""
    file = LogFile(path, shape=Shape.DATABASE)
    parts, state = [], b""
    for chunk in row_chunks(source, file, marks if marks is not None else Marks()):
        for piece in _pieces(chunk, step):
            facts, state = source.read(piece, state, file, 0)
            parts.append(facts)
    return merge(parts)


def _pieces(chunk: bytes, step: int) -> Iterable[bytes]:
    lines = chunk.splitlines(keepends=True)
    size = step or len(lines)
    return (b"".join(lines[start : start + size]) for start in range(0, len(lines), size))
