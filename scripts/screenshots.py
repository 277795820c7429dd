# ruff: noqa: PLC0415 - nothing is imported before the environment is set
"""Draw the screens from the demonstration into ``assets/``: the same seed and instant, the same pictures.

Usage: python scripts/screenshots.py [FOLDER]
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SEED = 7
NOW = "2026-11-22T14:02:00"
SIZES = ((80, 24), (120, 40))
# The pictures must not fetch anything: whoever looks at them has a monospaced font.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)

os.environ["TEXTUAL_ANIMATIONS"] = "none"  # read when textual is imported
os.environ["TOKENCOACH_NOW"] = NOW
sys.path.insert(0, str(ROOT / "src"))

if TYPE_CHECKING:
    from tokencoach.tui.app import CoachApp


class Picture(NamedTuple):
    """One picture: its name and the keys that lead to it; what ``writes`` is drawn on a copy."""

    name: str
    keys: tuple[str, ...] = ()
    is_first_run: bool = False
    writes: bool = False


PICTURES = (
    Picture("audit"),
    Picture("audit-light", ("t",)),
    Picture("features", ("f",)),
    Picture("finding", ("tab", "tab", "enter")),
    Picture("ritual-spent", ("M",), writes=True),
    Picture("ritual-stop", ("M", "n", "n"), writes=True),
    Picture("ritual-plan", ("M", "n", "n", "n", "enter"), writes=True),
    Picture("checklist", ("3", "left_square_bracket")),
    Picture("item", ("3", "left_square_bracket", "j", "j", "j", "j", "enter")),
    Picture("today", ("1",)),
    Picture("sessions", ("6",)),
    Picture("session", ("enter", "enter")),
    Picture("lines", ("enter", "enter", "j", "j", "j", "enter", "enter")),
    Picture("check", ("4",)),
    Picture("question", ("4", "c"), writes=True),
    Picture("question-answered", ("4", "c", "7", "enter"), writes=True),
    Picture("power", ("5",)),
    Picture("doctor", ("7",)),
    Picture("why", ("shift+tab", "question_mark")),
    Picture("welcome", is_first_run=True),
)


def make_database(folder: Path) -> Path:
    """The demonstration's database, made by the real pipeline."""
    from tokencoach import clock
    from tokencoach.demo.scenario import make_demo
    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome
    from tokencoach.store.writer import Writer
    from tokencoach.watch.judge import judge, keep_audits
    from tokencoach.watch.refresh import Upkeep, refresh

    made = make_demo(folder / "world", SEED, clock.now_ms())
    database = folder / "tokencoach" / "tokencoach.db"
    database.parent.mkdir(parents=True)
    tz = clock.zone("UTC")
    refresh(Upkeep(database, LogsHome(made.home, {}), Settings(), tz))
    with Writer(database, tz) as writer:
        judge(writer, (), ())
        keep_audits(writer)
    return database


def copied(database: Path, folder: Path) -> Path:
    """The database in a folder of its own, whole as it is."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(database)) as source:
        source.execute("VACUUM INTO ?", (str(folder / database.name),))
    return folder / database.name


def app_on(database: Path, logs_home: Path) -> CoachApp:
    """The app as the pictures show it."""
    from tokencoach import clock
    from tokencoach.tui.app import CoachApp
    from tokencoach.tui.ledger import LedgerBackend
    from tokencoach.tui.theme import UNICODE

    backend = LedgerBackend(database, clock.zone("UTC"), is_demo=True, logs_home=logs_home)
    return CoachApp(backend, glyphs=UNICODE)


async def draw(app: CoachApp, picture: Picture, size: tuple[int, int]) -> str:
    """One screen as SVG."""
    async with app.run_test(size=size) as pilot:

        async def settle() -> None:
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()

        await settle()
        for key in picture.keys:
            await pilot.press(key)
            await settle()
        return _FONT_FACE.sub("", app.export_screenshot(title="tokencoach"))


def main() -> int:
    """Draw all pictures in all sizes."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["HOME"] = name
        database = make_database(folder)
        for picture in PICTURES:
            for size in SIZES:
                shown = folder / "new" / "tokencoach.db" if picture.is_first_run else database
                if picture.writes:
                    shown = copied(database, folder / f"{picture.name}-{size[0]}")
                svg = asyncio.run(draw(app_on(shown, folder / "world" / "home"), picture, size))
                path = out / f"{picture.name}-{size[0]}x{size[1]}.svg"
                path.write_text(svg, encoding="utf-8")
                sys.stdout.write(f"{path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
