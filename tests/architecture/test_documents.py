"""What the pages for contributors name: it exists, and where they say."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "tokencoach"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACES = sorted(
    set(re.findall(r"`([\w/.-]+(?:/|\.(?:py|md|toml)))(?::(\w+))?`", ARCHITECTURE + CONTRIBUTING))
)


def _defined(file: Path) -> set[str]:
    """Names that a module gives a meaning at its top."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        found.update(target.id for target in targets if isinstance(target, ast.Name))
    return found


def test_the_pages_name_places() -> None:
    assert len(PLACES) > 80


@pytest.mark.parametrize(("path", "name"), PLACES)
def test_a_place_that_the_pages_name_exists(path: str, name: str) -> None:
    file = next((folder / path for folder in (PACKAGE, ROOT) if (folder / path).exists()), None)
    assert file is not None
    assert not name or name in _defined(file)


def test_every_room_is_in_the_table_from_the_top_floor_down() -> None:
    told = re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE, re.MULTILINE)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    floors = [set(re.findall(r"tokencoach\.(\w+)", layer)) for layer in contracts["contracts"][0]["layers"]]
    floor_of = {room: number for number, rooms in enumerate(floors) for room in rooms}
    assert sorted(told) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
    assert [floor_of[room] for room in told] == sorted(floor_of[room] for room in told)
