"""Counters of a ``/metrics`` page (Prometheus text exposition format 0.0.4), summed over their labels."""

from __future__ import annotations

import math
import re
from typing import Final

_SAMPLE: Final = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?[ \t]+(\S+)")
_LABEL: Final = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


def samples(body: bytes) -> dict[str, float]:
    """Each sample's name with the sum over its labels; what is not a number is left out."""
    found: dict[str, float] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        match = _SAMPLE.match(line)
        if match is None:
            continue
        try:
            value = float(match[3])
        except ValueError:
            continue
        if math.isfinite(value):
            found[match[1]] = found.get(match[1], 0.0) + value
    return found


def label(body: bytes, name: str) -> str | None:
    """The first value that a label has on the page."""
    for key, value in _LABEL.findall(body.decode("utf-8", "replace")):
        if key == name and value:
            return str(value)
    return None


def count(found: dict[str, float], *names: str) -> int | None:
    """The first of several names that the page has, as a count."""
    for name in names:
        if name in found and found[name] >= 0:
            return int(found[name])
    return None
