"""``make bench``: every figure with its bar, in one run, on this machine.

``--quick`` makes everything small (the ratios then carry the start-up), ``--only NAME`` picks
rows by a part of their name, ``--folder DIR`` keeps the made data for the next run, ``--seeds N`` acts
so many sets of histories for the accuracy table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import accuracy_rows
import app_rows
import check_rows
import git_rows
import hook_rows
import ingest_rows
import live_rows
import power_rows
import query_rows
import source_rows
from measure import HEADING, ROOT, Room, Row, environment, machine_line, median, run_child, tokencoach

Figure = Callable[[Room], list[Row]]


def version(room: Room) -> list[Row]:
    """Wall time of ``--version``, the median of twenty."""
    env = environment(room.sub("version"))
    walls = [run_child(tokencoach("--version"), env).wall_s * 1000 for _ in range(20)]
    return [Row("--version", median(walls), 60, "ms", f"best {min(walls):.0f} ms")]


FIGURES: dict[str, Figure] = {
    "version": version,
    "cold-edits": ingest_rows.cold_with_edits,
    "cold-usage": ingest_rows.cold_usage_only,
    "warm": ingest_rows.warm_start,
    "append": ingest_rows.append_to_visible,
    "lines": source_rows.source_lines,
    "databases": source_rows.source_databases,
    "git": git_rows.git_history,
    "long-history": git_rows.long_history,
    "app": app_rows.app_figures,
    "hook": hook_rows.hook_decision,
    "live": live_rows.live_figures,
    "power": power_rows.power_figures,
    "check": check_rows.check_opening,
    "month": query_rows.month_query,
    "accuracy": accuracy_rows.accuracy,
}


def measure_all(names: list[str], room: Room) -> int:
    """Print a row per figure as it is known; how many are over their bar, wrong, or failed."""
    bad = 0
    print(machine_line(), HEADING, sep="\n", flush=True)
    for name in names:
        try:
            rows = FIGURES[name](room)
        except Exception:  # noqa: BLE001 - one figure that fails must not hide the others
            traceback.print_exc()
            print(f"{name:<28}{'-':>10} {'-':>8} {'':<14} failed", flush=True)
            bad += 1
            continue
        for row in rows:
            print(row.line(), flush=True)
            bad += row.verdict != "ok"
    print(machine_line())
    return bad


def main() -> int:
    """0 when every figure is within its bar, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--folder", type=Path, help="keep the made data here")
    parser.add_argument("--seeds", type=int, default=3, help="sets of histories in the accuracy table")
    options = parser.parse_args()
    names = [name for name in FIGURES if not options.only or any(part in name for part in options.only)]
    if not names:
        parser.error(f"--only must be a part of one of: {', '.join(FIGURES)}")
    sys.path.insert(0, str(ROOT / "src"))
    with tempfile.TemporaryDirectory(prefix="tokencoach-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return 1 if measure_all(names, Room(folder.resolve(), options.quick, options.seeds)) else 0


if __name__ == "__main__":
    sys.exit(main())
