"""Commits, paths and texts by their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_BATCH = 500
_LARGEST_TEXT = 64 << 20


def commit_names(connection: sqlite3.Connection, rows: Sequence[int]) -> list[str]:
    """Full shas of commits, oldest first."""
    query = "SELECT at_ms, sha FROM git_commit WHERE id IN"
    return [sha for _, sha in sorted(_by_rows(connection, query, rows))]


def commit_shas(connection: sqlite3.Connection, rows: Sequence[int]) -> dict[int, str]:
    """Shas by row."""
    return dict(_by_rows(connection, "SELECT id, sha FROM git_commit WHERE id IN", rows))


def path_names(connection: sqlite3.Connection, rows: Sequence[int]) -> dict[int, str]:
    """Paths by row."""
    return dict(_by_rows(connection, "SELECT id, name FROM path WHERE id IN", rows))


def _by_rows(connection: sqlite3.Connection, query: str, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(rows), _BATCH):
        part = tuple(rows[start : start + _BATCH])
        yield from connection.execute(f"{query} ({','.join('?' * len(part))})", part)


def added_texts(connection: sqlite3.Connection, edits: Sequence[int]) -> dict[int, list[str]]:
    """The added lines of edits whose text is still kept."""
    found: dict[int, list[str]] = {}
    for edit, text in texts_of(connection, edits):
        found[edit] = text.decode("utf-8", "replace").split("\n")
    return found


def texts_of(connection: sqlite3.Connection, edits: Sequence[int]) -> list[tuple[int, bytes]]:
    """``(edit, text of its added lines)`` where the text is still kept."""
    expand = zstandard.ZstdDecompressor().decompress
    found = []
    for start in range(0, len(edits), _BATCH):
        part = tuple(edits[start : start + _BATCH])
        for edit, packed in connection.execute(
            f"SELECT id, text FROM edit WHERE text IS NOT NULL AND id IN ({','.join('?' * len(part))})",
            part,
        ):
            found.append((edit, expand(packed, max_output_size=_LARGEST_TEXT)))
    return found
