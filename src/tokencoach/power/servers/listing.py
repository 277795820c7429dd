"""Servers that only list their models: watts and busy time are shown for them, tokens are unknown."""

from __future__ import annotations

from tokencoach.power.servers.asking import Ask, mapping, words
from tokencoach.power.servers.counters import listed
from tokencoach.power.servers.seen import Look, State

_WHY = "it tells no tokens; the assistant's own log does"


def look(ask: Ask) -> Look | None:
    """The models of a server of OpenAI's shape; None where it is none."""
    answer = ask("/v1/models")
    said = mapping(answer.json if answer else None)
    if "data" not in said and said.get("object") != "list":
        return None
    models = listed(ask)
    return Look(State.UNKNOWN if models else State.EMPTY, models, why_not=_WHY)


def koboldcpp(ask: Ask) -> Look | None:
    """KoboldCpp, by its own version page."""
    answer = ask("/api/extra/version")
    said = mapping(answer.json if answer else None)
    if said.get("result") != "KoboldCpp":
        return None
    found = look(ask)
    models = found.models if found else ()
    return Look(State.UNKNOWN, models, version=words(said.get("version")), why_not=_WHY)
