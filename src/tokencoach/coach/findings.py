"""All detectors over a period: what was found, the dearest first, and what was looked for in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.coach.finding import Finding, Quiet
from tokencoach.coach.registry import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.coach.finding import Detector
    from tokencoach.coach.material import Material


class Findings(NamedTuple):
    """What a period shows. ``found`` is sorted by cost, then tokens, then the detectors' order."""

    found: tuple[Finding, ...]
    quiet: tuple[Quiet, ...]

    @property
    def unjudged(self) -> int:
        """How many habits could not be looked for, for want of data."""
        return sum(not one.is_looked for one in self.quiet)


def find_all(material: Material, detectors: Sequence[Detector] = DETECTORS) -> Findings:
    """Ask every detector."""
    said = [detector.find(material) for detector in detectors]
    found = [one for one in said if isinstance(one, Finding)]
    found.sort(key=lambda finding: (-finding.cost_nano, -finding.tokens))
    return Findings(tuple(found), tuple(one for one in said if isinstance(one, Quiet)))


def union_cost(material: Material, findings: Sequence[Finding]) -> tuple[int, int]:
    """Nano-dollars and tokens of several findings, what they share counted once."""
    parts: dict[int, float] = {}
    for finding in findings:
        for request, part in finding.parts.items():
            parts[request] = max(part, parts.get(request, 0.0))
    return material.cost(parts)
