"""The checklist of a month in a process of its own: ``python -m tokencoach.watch.item_search DB ZONE MONTH HOME``.

HOME is the folder whose assistants are looked at, empty for the person's own. It prints one JSON list: the
rows of ``item_month`` to keep.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tokencoach.audit.period import month_period
from tokencoach.checklist.grounds import Grounds, Place
from tokencoach.checklist.judge import judge_month, rows_to_keep
from tokencoach.checklist.keeping import judge_past
from tokencoach.clock import now_ms, zone
from tokencoach.paths import settings_file
from tokencoach.settings import read_settings
from tokencoach.sources.base import logs_home
from tokencoach.store.reader import open_reader


def main(arguments: list[str]) -> int:
    """Judge a month: one that is over as of its end, the running one as it stands on this computer.

    Raises:
        TokencoachError: the database or the settings cannot be read.
    """
    database, named, month, other = arguments
    place, tz, now = Path(database), zone(named), now_ms()
    settings = read_settings(settings_file(place.parent))
    home = logs_home(Path.home(), dict(os.environ), Path(other) if other else None, settings.logs)
    period = month_period(month, tz)
    with open_reader(place) as reader:
        rows = (
            judge_past(reader, period, settings, now)
            if period.until_ms <= now
            else rows_to_keep(judge_month(Grounds(reader, period, now, settings, Place(place, home))), now)
        )
    sys.stdout.write(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
