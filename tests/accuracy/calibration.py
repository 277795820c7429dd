"""Whether a confidence means what it says: lines claimed at it, and the share of them that is right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accuracy.expected import Judge
from accuracy.play import AS_OF, AS_OF_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accuracy.marks import Mark
    from accuracy.measure import Measurement
    from accuracy.play import Play

EDGES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
HEADING = f"{'confidence':<14}{'lines':>8}{'mean claimed':>14}{'right':>9}"


@dataclass(slots=True)
class Band:
    """Lines whose verdicts were claimed with a confidence from ``low`` on."""

    low: float
    lines: int = 0
    claimed: float = 0.0
    right: float = 0.0

    def add(self, confidence: float, right: float) -> None:
        """Book a line."""
        self.lines += 1
        self.claimed += confidence
        self.right += right

    @property
    def mean_claimed(self) -> float:
        """The mean confidence."""
        return self.claimed / self.lines if self.lines else 0.0

    @property
    def right_share(self) -> float:
        """The share of the lines whose bucket is the true one."""
        return self.right / self.lines if self.lines else 1.0


class Calibration:
    """Bands of confidence over the lines of some histories."""

    def __init__(self) -> None:
        self.bands = [Band(low) for low in EDGES]
        self.unmatched = 0

    def add_play(self, measurement: Measurement, play: Play) -> None:
        """Open every session of a history and compare its lines with the truth."""
        worlds = {id(worker.repo.world): worker.repo.world for worker in play.workers}
        marks: defaultdict[str, list[tuple[Mark, dict[str, float]]]] = defaultdict(list)
        for world in worlds.values():
            judge = Judge(world, AS_OF_MS)
            for mark in (mark for mark in world.marks if mark.at_ms <= AS_OF_MS):
                marks[mark.session_id].append((mark, judge.weigh(mark)))
        for session_id, known in marks.items():
            opened = measurement.program.run("sessions", "show", session_id, "--as-of", AS_OF)
            self._compare(opened, known)

    def _compare(self, opened: dict[str, Any], known: Iterable[tuple[Mark, dict[str, float]]]) -> None:
        waiting: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
        for mark, shares in known:
            if not mark.is_removal:
                waiting[mark.text.strip()].append(shares)
        for line in _lines(opened):
            found = waiting[line["text"].strip()]
            if not found:
                self.unmatched += 1
                continue
            self._band(line["confidence"]).add(line["confidence"], found.pop(0).get(line["bucket"], 0.0))

    def _band(self, confidence: float) -> Band:
        return [band for band in self.bands if band.low <= confidence + 1e-9][-1]

    def at_least(self, confidence: float) -> Band:
        """All lines claimed with at least this confidence."""
        whole = Band(confidence)
        for band in self.bands:
            if band.low >= confidence - 1e-9:
                whole.lines += band.lines
                whole.claimed += band.claimed
                whole.right += band.right
        return whole

    def table(self) -> Iterator[str]:
        """A row for each band that holds lines, and how many lines the truth does not weigh."""
        yield HEADING
        for band, above in zip(self.bands, [*EDGES[1:], 1.0], strict=True):
            if band.lines:
                span = f"{band.low:.2f} to {above:.2f}"
                yield f"{span:<14}{band.lines:>8}{band.mean_claimed:>14.3f}{band.right_share:>9.2%}"
        yield f"{'not compared':<14}{self.unmatched:>8}  lines that the truth does not weigh"


def _lines(opened: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for turn in opened["turns"]:
        for edit in turn["edits"]:
            for line in edit["lines"]:
                if line["significant"] and not line["removal"] and line["text"] is not None:
                    yield line
