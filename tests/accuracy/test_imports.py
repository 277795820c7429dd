"""The truth knows nothing of the program that it judges."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
JUDGED = ("attribution", "audit", "store", "watch", "git", "cli", "tui")
SCRIPT = """
import sys
import accuracy.table
print(*sorted(name for name in sys.modules if name.startswith("tokencoach.")))
"""


def test_the_truth_imports_nothing_of_what_it_judges() -> None:
    path = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = {name.split(".")[1] for name in done.stdout.split()}
    assert "demo" in rooms
    assert rooms.isdisjoint(JUDGED)
