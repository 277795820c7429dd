"""One request seen several times: which sighting counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tokencoach.usage.facts import RequestSeen


def merged(old: RequestSeen, new: RequestSeen) -> RequestSeen:
    """One request seen twice: a main line beats a sidechain's, then more output, then the later.

    The earliest instant stays, whichever wins.
    """
    is_newer_better = (not new.is_sidechain, new.output) >= (not old.is_sidechain, old.output)
    best = new if is_newer_better else old
    first = min(old.at_ms, new.at_ms)
    return best if best.at_ms == first else msgspec.structs.replace(best, at_ms=first)
