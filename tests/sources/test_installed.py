"""What packages offer and which version they have, as the standard library tells it."""

from __future__ import annotations

import sys
import zipfile
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING

import pytest

from tokencoach.usage.installed import installed_version, may_offer

if TYPE_CHECKING:
    from pathlib import Path

GROUP = "tokencoach.test.group"


@pytest.mark.parametrize("package", ["genai-prices", "click", "msgspec", "sqlite-utils"])
def test_a_version_is_the_one_that_the_standard_library_tells(package: str) -> None:
    assert installed_version(package) == version(package)


def test_a_package_that_is_not_there_has_no_version() -> None:
    assert installed_version("genai") is None


def test_of_two_releases_the_one_that_is_imported_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "genai_prices-99.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed_version("genai-prices") == "99"


def test_nobody_offers_what_is_named_nowhere() -> None:
    assert not may_offer(GROUP)
    assert not entry_points(group=GROUP)


@pytest.mark.parametrize("notes", ["lamp-1.dist-info", "lamp-1-py3.egg-info"])
def test_an_offer_is_found_wherever_packages_are_looked_for(
    notes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / notes
    folder.mkdir()
    (folder / "entry_points.txt").write_text(f"[{GROUP}]\nlamp = lamp:Lamp\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "none"), str(tmp_path)])
    assert may_offer(GROUP)
    assert [point.name for point in entry_points(group=GROUP)] == ["lamp"]


def test_an_archive_of_packages_may_offer_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("lamp-1.dist-info/entry_points.txt", f"[{GROUP}]\nlamp = lamp:Lamp\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "all.zip")])
    assert may_offer(GROUP)
