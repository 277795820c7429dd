"""Figures of each assistant's reader: lines over a plain read, databases in which nothing is new."""

from __future__ import annotations

import gc
import json
import random
import shutil
import sqlite3
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from measure import Row, decoding_cpu, plain_read_cpu
from source_habits import Size, drawn
from source_lines import TURNS, log_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import FileIO
    from pathlib import Path

    from measure import Room
    from tokencoach.sources.base import LogFile, Source, Table

BAR, NOTHING_NEW_MS = 14, 50
CHUNK = 2 << 20
TOTAL, AT_ONCE = 100 << 20, 4
SESSION = Size(600_000, 1_300_000)
"""Bytes of a session's log, counted in those that people published."""
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
    """CPU of reading each assistant's lines into facts, over that of a plain read of as many bytes of such files.

    The plain read is one of all the assistants' files.
    """
    folder = room.sub("lines")
    size = TOTAL // 10 if room.is_quick else TOTAL
    files = {name: _made(folder / name, name, size) for name in TURNS}
    plain = plain_read_cpu(folder) / _size(path for made in files.values() for path in made)
    other = _plain_of_history(room)
    rows = [_of_lines(name, made, plain, other) for name, made in files.items()]
    shutil.rmtree(folder)
    return rows


def _plain_of_history(room: Room) -> float:
    """CPU seconds a byte of the plain read that the cold ingest is measured by; 0 where its history is not made."""
    logs = room.folder / "history" / ".claude"
    files = [path for path in logs.rglob("*") if path.is_file()] if logs.exists() else []
    return plain_read_cpu(logs) / _size(files) if files else 0.0


def _of_lines(name: str, files: list[Path], plain: float, other: float) -> Row:
    source, size = _source(name), _size(files)
    whole, lean = (_best(source, files, with_edits=with_edits) / size / plain for with_edits in (True, False))
    floor = decoding_cpu(files) / size / plain
    detail = f"usage only {lean:.1f}x, decoding alone {floor:.1f}x; {size >> 20} MiB, plain {plain * 1e9:.2f} ns a byte; "
    if other:
        detail += f"{whole * plain / other:.1f}x that of the cold ingest's history; "
    return Row(f"{name}, lines", whole, BAR, "x plain read", detail + _counts(source, files))


def _size(files: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in files)


def _made(folder: Path, name: str, size: int) -> list[Path]:
    """Sessions of an assistant, each with texts and commands of its own.

    They are written record by record, a few at a time, as assistants do: of such files the system keeps
    small pieces, which cost more to read than those of a file that was written at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng, left, seed = random.Random(11), size, 0
    files: list[Path] = []
    while left > 0:
        logs = {}
        for _ in range(AT_ONCE):
            files.append(folder / f"s{seed}.jsonl")
            length = int(drawn(rng, SESSION))
            logs[files[-1]] = log_of(name, random.Random(seed), length)
            left, seed = left - length, seed + 1
        _write_beside_each_other(logs)
    return files


def _write_beside_each_other(logs: dict[Path, Iterator[bytes]]) -> None:
    with ExitStack() as stack:
        open_logs = [
            (stack.enter_context(path.open("wb", buffering=0)), lines) for path, lines in logs.items()
        ]
        while open_logs:
            open_logs = [one for one in open_logs if _append(*one)]


def _append(log: FileIO, lines: Iterator[bytes]) -> bool:
    """Write the next record; whether there was one."""
    line = next(lines, b"")
    log.write(line)
    return bool(line)


def _counts(source: Source, files: list[Path]) -> str:
    """What a byte of the log holds: how long lines are, how many calls and edits stand in a megabyte."""
    lines = sorted(len(line) + 1 for path in files[:5] for line in path.read_bytes().splitlines())
    size = sum(lines)
    calls, edits = 0, 0
    for path in files[:5]:
        facts, _ = source.read(path.read_bytes(), b"", _log(path), 0)
        calls, edits = calls + len(facts.calls), edits + sum("#shell" not in seen.key for seen in facts.edits)
    per_mb = f"{calls / size * 1e6:.0f} calls and {edits / size * 1e6:.0f} edits a MB"
    return f"lines of {size / len(lines):.0f} bytes, median {lines[len(lines) // 2]}; {per_mb}"


def _log(path: Path) -> LogFile:
    from tokencoach.sources.base import LogFile  # noqa: PLC0415 - its place is put on the path first

    return LogFile(path, None, path.stem, cwd="/home/dev/src", modified_ms=1_781_690_400_000)


def _best(source: Source, files: list[Path], *, with_edits: bool) -> float:
    """CPU seconds of reading files in pieces as the program does; the best of three."""

    def read() -> None:
        for path in files:
            state, at, log, content = b"", 0, _log(path), path.read_bytes()
            while at < len(content):
                end = content.rfind(b"\n", at, at + CHUNK) + 1
                _, state = source.read(content[at:end], state, log, at, with_edits=with_edits)
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
