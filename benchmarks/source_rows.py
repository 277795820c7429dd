"""Figures of each assistant's reader: lines over a plain read, databases in which nothing is new."""

from __future__ import annotations

import gc
import json
import random
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from ingest_rows import history
from measure import Row, plain_read_cpu
from source_lines import TURNS, log_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from measure import Room
    from tokencoach.sources.base import LogFile, Source, Table

BAR, NOTHING_NEW_MS = 14, 50
CHUNK = 2 << 20
ROWS = 20_000
DATABASES = {
    "opencode": "opencode.db",
    "kilo-code": "kilo.db",
    "goose": "sessions.db",
    "crush": "crush.db",
    "zed": "threads.db",
    "cursor": "state.vscdb",
    "copilot-chat": "agent-traces.db",
}


def source_lines(room: Room) -> list[Row]:
    """CPU of reading each assistant's lines into facts, over that of a plain read of as many bytes."""
    size = (4 if room.is_quick else 24) << 20
    per_byte = _plain(room)
    return [_of_lines(room, name, size, per_byte) for name in TURNS]


def _plain(room: Room) -> float:
    """CPU seconds a byte of the plain read that the cold ingest is measured by."""
    logs = history(room) / ".claude"
    return plain_read_cpu(logs) / sum(path.stat().st_size for path in logs.rglob("*") if path.is_file())


def _of_lines(room: Room, name: str, size: int, per_byte: float) -> Row:
    from tokencoach.sources.base import LogFile  # noqa: PLC0415 - its place is put on the path first

    source = _source(name)
    content = log_of(name, random.Random(11), size)
    file = LogFile(room.folder / "s.jsonl", None, "s", modified_ms=1_781_690_400_000)
    whole, lean = (_best(source, content, file, with_edits=with_edits) for with_edits in (True, False))
    per_line = len(content) / content.count(b"\n")
    detail = f"usage only {lean / len(content) / per_byte:.1f}x; {per_line:.0f} bytes a line"
    detail += f", plain read {per_byte * 1e9:.2f} ns a byte"
    return Row(f"{name}, lines", whole / len(content) / per_byte, BAR, "x plain read", detail)


def _best(source: Source, content: bytes, file: LogFile, *, with_edits: bool) -> float:
    """CPU seconds of reading a log in pieces as the program does; the best of three."""

    def read() -> None:
        state, at = b"", 0
        while at < len(content):
            end = content.rfind(b"\n", at, at + CHUNK) + 1
            _, state = source.read(content[at:end], state, file, at, with_edits=with_edits)
            at = end

    return min(_cpu(read) for _ in range(3))


def _cpu(work: Callable[[], None]) -> float:
    gc.collect()
    gc.disable()
    began = time.process_time()
    work()
    spent = time.process_time() - began
    gc.enable()
    return spent


def source_databases(room: Room) -> list[Row]:
    """CPU of asking each assistant's database for what is new where nothing is, of 20,000 rows a table."""
    return [row for name in DATABASES if (row := _of_database(room, name)) is not None]


def _of_database(room: Room, name: str) -> Row | None:
    from tokencoach.sources.base import LogFile, Shape, Tabular  # noqa: PLC0415
    from tokencoach.watch.whole import Marks, row_chunks  # noqa: PLC0415

    source = _source(name)
    if not isinstance(source, Tabular):
        return None
    path = room.sub(f"db-{name}") / DATABASES[name]
    file = LogFile(path, shape=Shape.DATABASE)
    count = ROWS // 10 if room.is_quick else ROWS
    if not path.exists():
        _fill(path, list(source.tables(file)), count)
    marks = Marks()
    first = sum(chunk.count(b"\n") for chunk in row_chunks(source, file, marks))
    news: list[bytes] = []
    spent = min(_cpu(lambda: news.extend(row_chunks(source, file, marks))) for _ in range(5))
    again = sum(chunk.count(b"\n") for chunk in news)
    detail = f"{first} rows before, {again} told again"
    return Row(f"{name}, nothing new", spent * 1000, NOTHING_NEW_MS, "ms", detail)


def _fill(path: Path, tables: list[Table], count: int) -> None:
    """A database with the tables that a source reads, and those that it looks things up in."""
    columns: dict[str, dict[str, None]] = {}
    for table in tables:
        named = columns.setdefault(table.name, {})
        named |= dict.fromkeys((*table.columns, *(table.prefix or ())[:1]))
        if table.mark != "rowid":
            named[table.mark] = None
        for lookup in table.lookups:
            named[lookup.own] = None
            other = columns.setdefault(lookup.table, {})
            other |= dict.fromkeys((lookup.theirs, *lookup.columns, *(lookup.only or ())[:1]))
    marks = {table.name: table.mark for table in tables}
    prefixes = {table.name: table.prefix for table in tables if table.prefix}
    with closing(sqlite3.connect(path)) as owner, owner:
        owner.execute("PRAGMA journal_mode=WAL")
        for name, named in columns.items():
            key = next(iter(named))
            told = ", ".join(f'"{column}"' + (" PRIMARY KEY" if column == key else "") for column in named)
            owner.execute(f'CREATE TABLE "{name}"({told})')
            places = ", ".join("?" * len(named))
            mark, prefix = marks.get(name), prefixes.get(name)
            rows = (
                [_value(column, key, mark, number, prefix) for column in named] for number in range(count)
            )
            owner.executemany(f'INSERT INTO "{name}" VALUES({places})', rows)


def _value(column: str, key: str, mark: str | None, number: int, prefix: tuple[str, str] | None) -> object:
    if prefix and column == prefix[0]:
        return f"{prefix[1]}{number:08}:{number}"
    if column == mark:
        return 1_781_690_400 + number
    if column == key:
        return f"{number:08}"
    if column in ("data", "value", "parts", "content_json", "content"):
        return json.dumps({"type": "text", "text": "a" * 400})
    return f"{number % 200:08}" if column.endswith("id") else None


def _source(name: str) -> Source:
    from tokencoach.sources.registry import Sources  # noqa: PLC0415

    return Sources()[name]
