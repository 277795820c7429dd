"""The demonstration: a seeded home of logs and real repositories, apart from the person's own data."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.cli.output import narrate
from tokencoach.clock import now_ms

if TYPE_CHECKING:
    from tokencoach.cli.context import Context

SEED = 7
_MARK = "complete"


def enter_demo(context: Context, seed: int = SEED) -> Path:
    """Point the run at the demonstration of today, made where it is not there yet; its home folder."""
    moment = now_ms()
    day = datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d")
    folder = context.folder / "demo" / f"{day}-{seed}"
    mark = folder / _MARK
    if not mark.exists():
        shutil.rmtree(context.folder / "demo", ignore_errors=True)
        narrate("making the demonstration: logs of two assistants and real repositories (a few seconds)")
        from tokencoach.demo.scenario import make_demo  # noqa: PLC0415 - only with --demo

        folder.mkdir(parents=True, mode=0o700)
        made = make_demo(folder / "world", seed, moment)
        mark.write_text(str(made.home), encoding="utf-8")
    home = Path(mark.read_text(encoding="utf-8"))
    context.folder = folder
    context.logs_home = str(home)
    context.tz_name = context.tz_name or "UTC"
    context.__dict__.pop("settings", None)
    os.environ.pop("TOKENCOACH_LOGS_HOME", None)
    return home
