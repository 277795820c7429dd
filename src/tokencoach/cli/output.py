"""Where output goes: data to stdout, narration and progress to stderr."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import Any

_WIDTH = 24
# C0, DEL and C1 controls, and the marks that turn the direction of what follows.
_HOSTILE = (
    *range(32),
    *range(127, 160),
    0x061C,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in _HOSTILE if chr(code) not in "\t\n"}
_IN_JSON = {code: f"\\u{code:04x}" for code in _HOSTILE if code > 32}


NOTHING_READ = "no request was read yet: tokencoach doctor says where it looked"
"""What a verb says where no log was found at all."""


def width() -> int:
    """Cells of a line: those of the terminal, 80 where the output is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, 80) if sys.stdout.isatty() else 80


def plain(text: str) -> str:
    """Text from a log or a path with control characters replaced, so that no terminal obeys it."""
    return text.translate(_CONTROL)


def one_line(text: str) -> str:
    """Text of others made safe for a terminal and kept on one line: no name may pass for a row of its own."""
    return plain(" ".join(text.split()))


def emit_json(value: dict[str, Any]) -> None:
    """One JSON object on stdout; control characters escaped, and all that its encoding lacks."""
    is_ascii = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    body = json.dumps(value, ensure_ascii=is_ascii, separators=(",", ":"), sort_keys=False)
    sys.stdout.write(body.translate(_IN_JSON) + "\n")


def say(text: str = "") -> None:
    """A line of text output."""
    sys.stdout.write(plain(text) + "\n")


def narrate(text: str) -> None:
    """A line for the person beside the data."""
    sys.stderr.write(plain(text) + "\n")


class ProgressBar:
    """A bar with a time estimate on stderr; silent where that is no terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._stage = ""
        self._began = 0.0
        self._drawn = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Draw, at most ten times a second."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._drawn = stage, now, 0.0
        if not self._is_shown or (now - self._drawn < 0.1 and done < total):
            return
        self._drawn = now
        share = done / total if total else 1.0
        filled = round(share * _WIDTH)
        spent = now - self._began
        left = f"{spent / share - spent:4.0f} s left" if 0 < share < 1 and spent > 1 else ""
        sys.stderr.write(
            f"\r{stage:<9} {'█' * filled}{'░' * (_WIDTH - filled)} {share * 100:3.0f} % {left}\x1b[K"
        )
        sys.stderr.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._is_shown and self._stage:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._stage = ""
