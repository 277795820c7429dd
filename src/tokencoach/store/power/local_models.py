"""Models that servers on this computer ran: they cost energy, not money."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

METER = "meter"
"""The source of what our own proxy counted, which a server's log may tell as well."""
SERVERS = ("llama-server", "lm-studio", "ollama", "vllm", METER)
"""Sources whose requests were served on this computer."""


def note_served_models(connection: sqlite3.Connection, models: Iterable[int | None]) -> None:
    """Remember that these models ran here."""
    connection.executemany(
        "INSERT OR IGNORE INTO fact VALUES('served:' || ?, '1')", [(model,) for model in models]
    )


def served_models(connection: sqlite3.Connection) -> set[int]:
    """Models that ran here, under the names of the servers' logs and of the assistants'."""
    rows = connection.execute("SELECT name FROM fact WHERE name LIKE 'served:%'")
    return {int(name.partition(":")[2]) for (name,) in rows}


_LOCAL_PROVIDERS = (
    "ollama",
    "ollama_chat",
    "lm_studio",
    "lmstudio",
    "llama.cpp",
    "llamacpp",
    "llama-server",
    "mlx",
)
# Ollama serves these under its own address, but they run elsewhere.
_ELSEWHERE = (":cloud", "-cloud")


def local_models(connection: sqlite3.Connection) -> set[int]:
    """Models that ran on this computer: seen at a server here, or named after one by the assistant."""
    served = served_models(connection)
    sampled = {row[0] for row in connection.execute("SELECT DISTINCT model FROM served_request")}
    return {
        int(number)
        for number, name in connection.execute("SELECT id, name FROM model")
        if not str(name).endswith(_ELSEWHERE)
        and (number in served or name in sampled or str(name).partition("/")[0] in _LOCAL_PROVIDERS)
    }
