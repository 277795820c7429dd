"""Where the prompt of a turn stands in its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class PromptPlace(NamedTuple):
    """A prompt's record: its source, key, file and bytes; ``text`` where prompts are kept."""

    source: str
    key: int
    path: str | None
    offset: int | None
    length: int | None
    text: str | None


def prompt_place(connection: sqlite3.Connection, turn: int) -> PromptPlace | None:
    """The place of a turn's prompt; None where there is no such turn."""
    row = connection.execute(
        "SELECT n.name, t.key, f.path, t.offset, t.length, t.prompt FROM turn t JOIN session s ON s.id = t.session_id "
        "JOIN source n ON n.id = s.source_id LEFT JOIN log_file f ON f.id = t.file_id WHERE t.id = ?",
        (turn,),
    ).fetchone()
    return None if row is None else PromptPlace._make(row)
