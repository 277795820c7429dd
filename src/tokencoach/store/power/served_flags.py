"""Flags of a request that a server on this computer logged; apart, for the first screen reads them too."""

from __future__ import annotations

SERVED_TIMED = 1
SERVED_COUNTED = 2
SERVED_ESTIMATED = 4
