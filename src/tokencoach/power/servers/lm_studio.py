"""LM Studio: loaded models by its REST API (v1 since 0.4.0, v0 since 0.3.6); it shows no counters.

Source: LM Studio's developer documentation.
"""

from __future__ import annotations

from typing import Any

from tokencoach.power.servers.asking import Ask, mapping, objects, whole, words
from tokencoach.power.servers.seen import Look, ModelSeen, State

_WHY = "it shows no token counters; its log tells them"


def look(ask: Ask) -> Look | None:
    """What the server says; None where it is no LM Studio."""
    answer = ask("/api/v1/models")
    listed = mapping(answer.json if answer else None)
    items = objects(listed.get("models"))
    if "models" in listed and (not items or any("loaded_instances" in item for item in items)):
        return _looked(model for item in items for model in _instances(item))
    answer = ask("/api/v0/models")
    older = objects(mapping(answer.json if answer else None).get("data"))
    if not any("state" in item for item in older):
        return None
    return _looked(_older(item) for item in older if item.get("state") == "loaded")


def _looked(models: Any) -> Look:
    found = tuple(models)
    return Look(State.UNKNOWN if found else State.EMPTY, found, why_not=_WHY)


def _instances(item: dict[str, Any]) -> list[ModelSeen]:
    return [
        ModelSeen(
            name=words(loaded.get("id")) or words(item.get("key")) or "a model without a name",
            context=whole(mapping(loaded.get("config")).get("context_length")),
            bytes=whole(item.get("size_bytes")),
        )
        for loaded in objects(item.get("loaded_instances"))
    ]


def _older(item: dict[str, Any]) -> ModelSeen:
    return ModelSeen(
        name=words(item.get("id")) or "a model without a name",
        context=whole(item.get("loaded_context_length")) or whole(item.get("max_context_length")),
    )
