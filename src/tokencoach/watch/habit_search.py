"""The search for a month's habits in a process of its own: ``python -m tokencoach.watch.habit_search DB ZONE MONTH…``.

It prints one JSON object: each month with when it was looked at and the habits as they are kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tokencoach.audit.kept import dumped
from tokencoach.audit.period import month_period
from tokencoach.clock import now_ms, zone
from tokencoach.coach.habits import period_habits
from tokencoach.paths import settings_file
from tokencoach.settings import read_settings
from tokencoach.store.reader import open_reader


def main(arguments: list[str]) -> int:
    """Look for the habits of some months.

    Raises:
        TokencoachError: the database or the settings cannot be read.
    """
    database, tz, months = Path(arguments[0]), zone(arguments[1]), arguments[2:]
    settings, now = read_settings(settings_file(database.parent)), now_ms()
    with open_reader(database) as reader:
        found = {month: period_habits(reader, month_period(month, tz), now, settings) for month in months}
    said = {month: (now, dumped(habits)) for month, habits in found.items() if habits is not None}
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
