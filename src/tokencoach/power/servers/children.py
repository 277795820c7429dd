"""Servers that another server started: Ollama runs a llama-server for each model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.power.servers.seen import ServerKind

if TYPE_CHECKING:
    from tokencoach.power.servers.seen import ServerSeen


_TOTALS: Final = "Ollama has no page of totals: tokens are counted from when it was first seen"


def joined(servers: list[ServerSeen]) -> list[ServerSeen]:
    """Children in place of the Ollama that started them, under its name and with its word for the model.

    A child calls its model by the digest of a file; where the parent has one model, its name is used.
    """
    parents = {server.pid: server for server in servers if server.kind is ServerKind.OLLAMA}
    children = [server for server in servers if server.parent_pid in parents]
    if not children:
        return servers
    found: list[ServerSeen] = []
    replaced = {child.parent_pid for child in children}
    for server in servers:
        parent = parents.get(server.parent_pid or -1)
        if parent is None:
            found += [] if server.pid in replaced else [server]
            continue
        models = parent.look.models if len(parent.look.models) == 1 else server.look.models
        why = _TOTALS if server.look.slots is not None else server.look.why_not
        look = msgspec.structs.replace(server.look, models=models, version=parent.look.version, why_not=why)
        found.append(msgspec.structs.replace(server, kind=ServerKind.OLLAMA, look=look))
    return found
