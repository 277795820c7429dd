"""Databases of others, read beside the program that owns them: never written, never locked for long.

A database in write-ahead mode is opened read-only with its log, so that what its owner has just
committed is seen. Where no such log is there nobody has it open, and it is read as it lies, which
leaves no file behind. Columns and tables that a version of the owner lacks are passed over.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.sources.base import Lookup, Table

_BUSY_MS = 2000
_WAL_MODE = 2
_MODE_AT = 18
_HEADER = 100
_ROWS = 500
_MOST_AT_ONE_MARK = 1000

Mark = tuple[int | float | str | None, list[int]]
"""How far a table was read: the highest mark, and the hashes of the rows read at it."""


class ForeignError(Exception):
    """A database of another program that cannot be read now."""


class TableLine(msgspec.Struct, frozen=True):
    """One changed row as a line of JSON, and how far its table is read with it."""

    table: str
    line: bytes
    mark: Mark


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database of another program, read-only.

    Raises:
        ForeignError: it is none, is locked, is damaged or may not be read.
    """
    try:
        connection = sqlite3.connect(_address(path), uri=True, isolation_level=None, timeout=_BUSY_MS / 1000)
    except (sqlite3.Error, OSError) as error:
        raise ForeignError(str(error)) from error
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("PRAGMA query_only=1")
        yield connection
    except sqlite3.Error as error:
        raise ForeignError(str(error)) from error
    finally:
        connection.close()


def _address(path: Path) -> str:
    with path.open("rb") as file:
        header = file.read(_HEADER)
    wal = path.with_name(path.name + "-wal")
    is_alone = header[_MODE_AT : _MODE_AT + 1] == bytes([_WAL_MODE]) and not (
        wal.exists() and wal.stat().st_size
    )
    return f"file:{quote(os.fsencode(path))}?mode=ro" + ("&immutable=1" if is_alone else "")


def changed_rows(
    connection: sqlite3.Connection, tables: Sequence[Table], marks: dict[str, Mark]
) -> Iterator[TableLine]:
    """Rows changed since ``marks``, table by table in the order of their marks."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    for table in tables:
        if table.name in there:
            yield from _rows_of(connection, table, there, marks.get(_key(table), (None, [])))


def missing_tables(connection: sqlite3.Connection, tables: Sequence[Table]) -> list[str]:
    """The tables that the database lacks; all of them where it is none of the source's."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    return [table.name for table in tables if table.name not in there]


def _key(table: Table) -> str:
    return table.name if table.prefix is None else f"{table.name}:{table.prefix[1]}"


def _rows_of(
    connection: sqlite3.Connection, table: Table, there: set[str], since: Mark
) -> Iterator[TableLine]:
    has = _columns(connection, table.name)
    mark = table.mark if table.mark == "rowid" or table.mark in has else "rowid"
    names, chosen, joins = _chosen(connection, table, has, there)
    select = (
        f"SELECT t.rowid, {', '.join(chosen)} FROM {_quoted(table.name)} t {' '.join(joins)} "
        f"WHERE t.rowid IN ({','.join('?' * _ROWS)})"
    )
    highest, hashes = since
    changed = _changed(connection, table, mark, since)
    for start in range(0, len(changed), _ROWS):
        part = changed[start : start + _ROWS]
        wanted: list[int | None] = [*(number for number, _ in part), *[None] * (_ROWS - len(part))]
        rows = {row[0]: row[1:] for row in connection.execute(select, wanted)}
        for number, value in part:
            # No transaction is held meanwhile, which would keep the owner's log from being cut.
            if number not in rows:
                continue
            line = _line(table.name, dict(zip(names, rows[number], strict=True)))
            digest = xxhash.xxh3_64_intdigest(line)
            if value == highest:
                if digest in hashes:
                    continue
                hashes = [*hashes[-_MOST_AT_ONE_MARK:], digest]
            else:
                highest, hashes = value, [digest]
            yield TableLine(_key(table), line, (highest, hashes))


def _changed(
    connection: sqlite3.Connection, table: Table, mark: str, since: Mark
) -> list[tuple[int, int | float | str | None]]:
    """Row numbers and marks alone: sorting whole rows would copy a large database."""
    conditions, values = _conditions(table, mark, since)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return connection.execute(
        f"SELECT t.rowid, t.{_quoted(mark)} FROM {_quoted(table.name)} t {where} "
        f"ORDER BY t.{_quoted(mark)}, t.rowid",
        values,
    ).fetchall()


def _chosen(
    connection: sqlite3.Connection, table: Table, has: set[str], there: set[str]
) -> tuple[list[str], list[str], list[str]]:
    """Names, expressions and joins of a table's columns and of those looked up in others."""
    names = list(table.columns)
    chosen = [f"t.{_quoted(name)}" if name in has or name == "rowid" else "NULL" for name in names]
    joins = []
    for number, lookup in enumerate(table.lookups):
        theirs = _columns(connection, lookup.table) if lookup.table in there else set()
        is_whole = lookup.theirs in theirs and lookup.own in has
        if is_whole and not lookup.is_any:
            joins.append(
                f"LEFT JOIN {_quoted(lookup.table)} l{number} "
                f"ON l{number}.{_quoted(lookup.theirs)} = t.{_quoted(lookup.own)}{_picked(number, lookup)}"
            )
        for name in lookup.columns:
            names.append(f"{lookup.named or lookup.table}.{name}")
            found = _of_any(lookup, name) if lookup.is_any else f"l{number}.{_quoted(name)}"
            chosen.append(found if is_whole and name in theirs else "NULL")
    return names, chosen, joins


def _of_any(lookup: Lookup, column: str) -> str:
    return (
        f"(SELECT o.{_quoted(column)} FROM {_quoted(lookup.table)} o "
        f"WHERE o.{_quoted(lookup.theirs)} = t.{_quoted(lookup.own)} LIMIT 1)"
    )


def _picked(number: int, lookup: Lookup) -> str:
    if lookup.only is None:
        return ""
    column, value = lookup.only
    text = value.replace("'", "''")
    return f" AND l{number}.{_quoted(column)} = '{text}'"


def _conditions(table: Table, mark: str, since: Mark) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    if since[0] is not None:
        conditions.append(f"t.{_quoted(mark)} >= ?")
        values.append(since[0])
    if table.prefix is not None:
        column, start = table.prefix
        # A range, which an index serves; the last character is the one after the prefix's own.
        conditions.append(f"t.{_quoted(column)} >= ? AND t.{_quoted(column)} < ?")
        values += [start, start[:-1] + chr(ord(start[-1]) + 1)]
    return conditions, values


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")}


def _quoted(name: str) -> str:
    return "rowid" if name == "rowid" else '"' + name.replace('"', '""') + '"'


def _line(table: str, row: dict[str, Any]) -> bytes:
    for name, value in row.items():
        if isinstance(value, bytes):
            row[name] = {"base64": base64.b64encode(value).decode()}
    return msgspec.json.encode({"table": table, "row": row}) + b"\n"
