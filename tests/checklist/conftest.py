"""A month of an engineer for each test, as the coach's tests have it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from checklist.made import ListedMonth

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def month(tmp_path: Path) -> ListedMonth:
    """February 2026, without a session yet."""
    return ListedMonth(tmp_path, ZoneInfo("UTC"))
