"""All detectors over a period: what was found, the dearest first, and what was looked for in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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


SLIGHT: Final = 0.005
"""A habit that costs at most so much of the spend, at its upper end, changes nothing by being given up."""


def is_slight(finding: Finding, whole_nano: int) -> bool:
    """Whether a habit's price is next to nothing of the spend; of one that costs no money nothing is said."""
    most = max(finding.cost_nano, finding.high_nano or 0)
    return 0 < most <= SLIGHT * whole_nano


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
