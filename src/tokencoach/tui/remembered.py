"""What the app remembers between runs, in a small file beside the database: the unit that was chosen."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from tokencoach import regular_files

if TYPE_CHECKING:
    from pathlib import Path

UNITS = ("cost", "tokens")


def chosen_unit(file: Path | None) -> str:
    """The unit chosen last; cost where none was, or the file cannot be read."""
    if file is None:
        return UNITS[0]
    try:
        said = json.loads(regular_files.content(file))
    except (OSError, ValueError):
        return UNITS[0]
    unit = said.get("unit") if isinstance(said, dict) else None
    return unit if unit in UNITS else UNITS[0]


def remember_unit(file: Path | None, unit: str) -> None:
    """Keep the unit for the next run; where nothing can be written it holds for this one."""
    if file is None:
        return
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(json.dumps({"unit": unit}), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(file)
