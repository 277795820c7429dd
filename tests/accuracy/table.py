"""The accuracy table: a row for each kind of history, then plain ones, hard ones and the mean over kinds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from accuracy.measure import HARD, PLAIN, REPEATS, Measurement
from accuracy.score import Score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from accuracy.calibration import Calibration
    from accuracy.score import Miss

CALIBRATED = {f"{HARD} 1", f"{HARD} 2"}
HEADING = f"{'history':<30}{'right':>9}{'precision':>11}{'recall':>9}{'unknown':>9}{'sessions off':>14}"


class Result(NamedTuple):
    """Scores over several seeds: by kind, of the plain histories, of the hard ones."""

    kinds: dict[str, Score]
    plain: Score
    hard: Score

    @property
    def mean_of_kinds(self) -> float:
        """The mean over kinds of the share of cost in the right bucket."""
        return sum(score.right for score in self.kinds.values()) / len(self.kinds)

    @property
    def whole(self) -> Score:
        """All histories as one."""
        whole = Score()
        for score in (*self.kinds.values(), self.plain, self.hard):
            whole.merge(score)
        return whole

    def lines(self) -> Iterator[str]:
        """The table."""
        yield HEADING
        for name, score in sorted(self.kinds.items(), key=lambda item: (item[1].right, item[0])):
            yield _row(name, score)
        yield _row("plain histories", self.plain)
        yield _row("hard histories", self.hard)
        yield _row("everything", self.whole)
        yield f"{'mean over kinds':<30}{self.mean_of_kinds:>9.2%}"


def result_of(
    folder: Path,
    seeds: Iterable[int],
    names: tuple[str, ...] = (),
    calibration: Calibration | None = None,
    repeats: int = REPEATS,
) -> Result:
    """Act, judge and score the histories of some seeds; calibrate on the first two hard ones of each."""
    kinds: defaultdict[str, Score] = defaultdict(Score)
    plain, hard = Score(), Score()
    for seed in seeds:
        measurement = Measurement(folder / f"seed-{seed}", seed, names, repeats)
        for name, score in measurement.scores().items():
            whole = plain if name == PLAIN else hard if name.startswith(HARD) else kinds[name]
            whole.merge(score)
        if calibration is not None:
            for name in CALIBRATED & measurement.plays.keys():
                calibration.add_play(measurement, measurement.plays[name])
    return Result(dict(kinds), plain, hard)


def _row(name: str, score: Score) -> str:
    figures = (score.right, score.precision, score.recall, score.unknown_share)
    shown = "".join(f"{figure:>{width}.2%}" for figure, width in zip(figures, (9, 11, 9, 9), strict=True))
    return f"{name:<30}{shown}{len(score.misses):>14}"


def told(miss: Miss) -> str:
    """A session that was judged wrongly, in a line."""
    expected, said = (
        " ".join(f"{name} {part / miss.cost:.0%}" for name, part in sorted(shares.items()) if part > 0)
        for shares in (miss.expected, miss.said)
    )
    return f"{miss.session_id}  {miss.share:.0%} wrong: is {expected}; said {said}"
