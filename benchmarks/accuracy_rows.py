"""Figures of the verdicts: acted histories with known truth, judged by the real program."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from measure import ROOT, Row

if TYPE_CHECKING:
    from measure import Room


def accuracy(room: Room) -> list[Row]:
    """Cost in the wrong bucket by kind of history, and what a confidence is worth; seeds from 1 on."""
    sys.path.insert(0, str(ROOT / "tests"))
    from accuracy.calibration import Calibration  # noqa: PLC0415 - after the tests are on the path
    from accuracy.table import result_of  # noqa: PLC0415

    folder = room.sub("accuracy")
    shutil.rmtree(folder)
    seeds = range(1, (1 if room.is_quick else room.seeds) + 1)
    calibration = Calibration()
    result = result_of(folder, seeds, calibration=calibration)
    print(*result.lines(), "", *calibration.table(), "", sep="\n", flush=True)
    whole, sure = result.whole, calibration.at_least(0.8)
    seen = f"{len(seeds)} seeds, {len(result.kinds)} kinds, {whole.unknown_share:.2%} unknown"
    return [
        Row("wrong, plain histories", 100 * (1 - result.plain.right), 1, "% of cost", seen),
        Row("wrong, hard histories", 100 * (1 - result.hard.right), 4, "% of cost"),
        Row("wrong, mean over kinds", 100 * (1 - result.mean_of_kinds), 5, "% of cost"),
        Row("not shipped, but called so", 100 * (1 - whole.precision), 1, "% of cost"),
        Row(
            "wrong where claimed at 0.8",
            100 * (1 - sure.right_share),
            20,
            "% of lines",
            f"{sure.lines} lines",
        ),
    ]
