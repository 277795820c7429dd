"""What an advice cost and which file gave it: the digest of the model, the joules of the request."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.clock import now_ms
from tokencoach.power.live import current
from tokencoach.power.servers.asking import mapping, objects, words
from tokencoach.power.servers.seen import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.comprehension.advice import Advice
    from tokencoach.power.live import ServerLive
    from tokencoach.power.servers.asking import Ask

_PIECE: Final = 1 << 20
_LONGEST: Final = len("sha256:") + 64
_PATIENCE_S: Final = 5.0
_STEP_S: Final = 0.5
# A meter's last reading of a request comes a moment after its end.
_SETTLED_MS: Final = 1_500
NOBODY_MEASURES: Final = "nothing measures; tokencoach watch does"


def digest_of(ask: Ask, model: str) -> str:
    """Which model it is, by content; empty where the server tells neither a digest nor a file.

    Ollama tells the digest. Of a file that a server names, the first and the last mebibyte and the
    length are hashed, which takes milliseconds: ``ends-sha256:``.
    """
    running = ask("/api/ps")
    for item in objects(mapping(running.json if running else None).get("models")):
        names = {words(item.get("name")), words(item.get("model"))}
        told = words(item.get("digest"))
        if told is not None and names & {model, f"{model}:latest"}:
            return f"sha256:{told.removeprefix('sha256:')}"[:_LONGEST]
    props = ask("/props")
    path = words(mapping(props.json if props else None).get("model_path"))
    return _ends(Path(path)) if path is not None else ""


def _ends(path: Path) -> str:
    try:
        with regular_files.opened(path) as file:
            size = file.seek(0, os.SEEK_END)
            hashed = hashlib.sha256(str(size).encode())
            for start in (0, max(size - _PIECE, 0)):
                file.seek(start)
                hashed.update(file.read(_PIECE) or b"")
    except (OSError, ValueError):
        return ""
    return f"ends-sha256:{hashed.hexdigest()}"


def with_joules(
    advice: Advice,
    port: int,
    figures: Path | None,
    *,
    clock_ms: Callable[[], int] = now_ms,
    patience_s: float = _PATIENCE_S,
) -> Advice:
    """The advice with the joules of its request, as the watcher's meters tell them, or with why nobody knows.

    Waits until the meters were read after the request's end, a few seconds at most.
    """
    ends = time.monotonic() + patience_s
    while True:
        live = current(figures, clock_ms()) if figures is not None else None
        if live is None:
            return advice._replace(joules_why=NOBODY_MEASURES)
        server = next((one for one in live.servers if one.port == port), None)
        if server is not None and live.at_ms >= advice.ended_ms + _SETTLED_MS:
            if server.state is not State.PROCESSING:
                return _told(advice, server)
        elif server is None and live.at_ms >= advice.ended_ms + _SETTLED_MS:
            return advice._replace(joules_why="the watcher does not know this server")
        if time.monotonic() >= ends:
            return advice._replace(joules_why="the meters were not read in time")
        time.sleep(_STEP_S)


def _told(advice: Advice, server: ServerLive) -> Advice:
    """By its own rates of the last request: what reading and writing a token took."""
    each = server.joules_per_token
    if each is None or advice.tokens_out is None:
        return advice._replace(joules_why=server.joules_why or server.why_not or "no meter tells it")
    rests = f"of {', '.join(server.joules_of)}, by the server's last measured request"
    reading = (server.prefill_joules_per_token or 0.0) * (advice.tokens_in or 0)
    return advice._replace(
        joules=round(each * advice.tokens_out + reading, 3),
        joules_quality=server.joules_quality.value,
        joules_why="; ".join(filter(None, [rests, server.joules_why])),
    )
