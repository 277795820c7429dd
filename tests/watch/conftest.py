"""Fixtures of the tests that run the program on a home of logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.machine import Machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(home: Path) -> Machine:
    """A home with an empty folder of logs."""
    return Machine(home)
