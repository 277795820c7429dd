"""What tests of agents in the terminal share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sources.merging import Merged

DEMO = "/home/dev/demo"
BEGAN = 1_781_690_400_000
DIFF = "--- a.py\n+++ a.py\n@@ -1 +1,2 @@\n-old\n+new\n+-- two\n"
PATCH = "*** Begin Patch\n*** Update File: a.py\n@@\n-old\n+new\n*** End Patch"


def stamp(second: int) -> str:
    """An instant of the made sessions."""
    return f"2026-06-17T10:00:{second:02d}.000Z"


def counted(merged: Merged) -> list[tuple[int, int, int, int, int]]:
    """Fresh input, cache read, cache write, output and reasoning of each request."""
    return [
        (one.input, one.cache_read, one.cache_write_5m, one.output, one.reasoning)
        for one in merged.requests.values()
    ]


def make(folder: Path, *names: str, content: str = "{}\n") -> None:
    """Files below a folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
