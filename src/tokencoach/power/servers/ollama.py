"""Ollama: which models are in memory, and until when. Tokens come from its child's slots and its log.

Source: Ollama's API reference, ``/api/version`` and ``/api/ps``.
"""

from __future__ import annotations

from tokencoach.power.servers.asking import Ask, mapping, objects, whole, words
from tokencoach.power.servers.seen import Look, ModelSeen, State


def look(ask: Ask) -> Look | None:
    """What the server says; None where it is no Ollama."""
    answer = ask("/api/version")
    version = words(mapping(answer.json if answer else None).get("version"))
    if version is None:
        return None
    running = ask("/api/ps")
    said = mapping(running.json if running else None)
    if "models" not in said:
        return None
    models = tuple(
        ModelSeen(
            name=words(item.get("model")) or words(item.get("name")) or "a model without a name",
            context=whole(item.get("context_length")),
            bytes=whole(item.get("size")),
            gpu_bytes=whole(item.get("size_vram")),
        )
        for item in objects(said["models"])
    )
    why = "it tells no tokens itself; they are read from its child server and its log"
    return Look(State.UNKNOWN if models else State.EMPTY, models, version=version, why_not=why)
