"""The app opens lean: what the first screen does not show is not imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = (
    "sqlite_utils",
    "watchdog",
    "msgspec",
    "zstandard",
    "genai_prices",
    "click",
    "markdown_it",
    "textual.widgets._data_table",
    "textual.widgets._markdown",
    "tokencoach.tui.screens.sessions",
    "tokencoach.tui.screens.today",
    "tokencoach.tui.screens.doctor",
    "tokencoach.tui.screens.why",
    "tokencoach.doctor.examine",
    "tokencoach.watch.child",
)
PROGRAM = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from tui.made_values import MadeBackend
from tokencoach.tui.app import CoachApp

class BeforeHabits(MadeBackend):
    # They are looked for when the first screen stands, and may come with whatever they need.
    def kept_habits(self, month):
        return None

    habits = kept_habits

async def main():
    app = CoachApp(BeforeHabits())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "became code" in str(app.screen.query_one("#headline Static").render())
    print(*[name for name in {HEAVY!r} if name in sys.modules])

asyncio.run(main())
"""


def test_the_first_screen_imports_nothing_that_it_does_not_show() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_the_first_screen_on_a_database_imports_no_writer(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tokencoach import clock;"
        "from tokencoach.tui.ledger import LedgerBackend;"
        f"backend = LedgerBackend(Path({str(tmp_path / 'none.db')!r}), clock.zone('UTC'));"
        "backend.pulse(); backend.months(); backend.cached_audit('2026-10');"
        "print(*[name for name in ('sqlite_utils', 'msgspec', 'watchdog', 'zstandard', 'genai_prices', 'git')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
