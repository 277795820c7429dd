"""Whether a server works that has no word for it, by the processor time of its processes.

A model in memory that is not asked leaves the processor alone, whatever it runs on; an answer keeps at
least a good part of one core busy. Only of servers whose model runs in the process that listens, or in
a child of it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tokencoach.power.servers.seen import Look, ServerKind, State

_ONE_FAMILY: Final = (
    ServerKind.LLAMA_SERVER,
    ServerKind.LLAMAFILE,
    ServerKind.OLLAMA,
    ServerKind.MLX_LM,
    ServerKind.KOBOLDCPP,
    ServerKind.TEXT_GENERATION_WEBUI,
    ServerKind.LOCALAI,
)
_AT_REST: Final = 0.02
_AT_WORK: Final = 0.15
_SHORTEST_S: Final = 0.5
_WHY: Final = "working or waiting is told by its processor time"


def judged(
    kind: ServerKind, look: Look, before: tuple[float, float] | None, now: tuple[float, float] | None
) -> Look:
    """A look with a state where the server tells none; ``before`` and ``now`` are (seconds, CPU seconds)."""
    if look.state is not State.UNKNOWN or not look.models or kind not in _ONE_FAMILY:
        return look
    if before is None or now is None or now[0] - before[0] < _SHORTEST_S:
        return look
    share = (now[1] - before[1]) / (now[0] - before[0])
    if _AT_REST <= share < _AT_WORK:
        return look
    why = f"{look.why_not}; {_WHY}" if look.why_not else _WHY
    return msgspec.structs.replace(
        look, state=State.PROCESSING if share >= _AT_WORK else State.IDLE, why_not=why
    )
