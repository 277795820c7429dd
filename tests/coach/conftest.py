"""A month of an engineer for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from coach.made import Month

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def month(tmp_path: Path) -> Month:
    """February 2026, without a session yet."""
    return Month(tmp_path, ZoneInfo("UTC"))
