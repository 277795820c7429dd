"""The lines that the proxy leaves: counts and times of each request, never a word of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.metering.proxy import Metered


class MeterLog:
    """One file of one run, made with its first line. ``lost`` counts lines that could not be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0
        self.lost = 0
        self.why_lost = ""

    def note(self, one: Metered) -> None:
        """Write a line; where that fails the answer has gone its way all the same."""
        line = msgspec.json.encode(
            {
                "id": one.id,
                "at_ms": one.at_ms,
                "model": one.counts.model,
                "input": one.counts.fresh,
                "cached": one.counts.cached,
                "output": one.counts.output,
                "prompt_ms": one.counts.prompt_ms,
                "output_ms": one.counts.output_ms,
                "total_ms": round(one.total_ms, 3),
                "first_ms": round(one.first_ms, 3),
            }
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # One write of a whole line: who reads meanwhile never sees a half one.
            fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(fd, line + b"\n")
            finally:
                os.close(fd)
            self.written += 1
        except OSError as error:
            self.lost += 1
            self.why_lost = error.strerror or str(error)
