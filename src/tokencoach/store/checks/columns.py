"""The columns of checks and questions, in the order of their nouns."""

from __future__ import annotations

from typing import Final

QUESTION_COLUMNS: Final = (
    "check_key", "id", "position", "kind", "part", "path", "qualname", "first_line", "last_line", "ai_lines",
    "blob", "body_hash", "body",
)  # fmt: skip
CHECK_COLUMNS: Final = (
    "key", "place", "started_ms", "mode", "outcome", "why", "tree", "sha", "ai_lines", "open_ms", "total_ms",
)  # fmt: skip


def of(alias: str, columns: tuple[str, ...]) -> str:
    """Columns of a table under another name, as a query lists them."""
    return ", ".join(f"{alias}.{column}" for column in columns)
