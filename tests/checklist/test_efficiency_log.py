"""The private efficiency log: ours above the marker, the person's below it, never one over the other."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.checklist.entry import _items
from tokencoach.checklist.journal import MARKER, entry_path, write_entry
from tokencoach.errors import DamagedInputError, TokencoachError
from tokencoach.settings import read_settings
from tokencoach.store.item_rows import ItemState

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_ends_with_the_marker(tmp_path: Path) -> None:
    path = write_entry(str(tmp_path / "notes"), "2026-10", "# October\n")
    assert path == tmp_path / "notes" / "tokencoach-2026-10.md"
    assert path.read_text() == f"# October\n\n{MARKER}\n"


def test_what_the_person_wrote_below_the_marker_stays_to_the_byte(tmp_path: Path) -> None:
    path = write_entry(str(tmp_path), "2026-10", "# October\nold figures")
    own = b"\r\nMy own words \xff\x00, and the marker again:\n" + MARKER.encode() + b"\nmore"
    path.write_bytes(path.read_bytes() + own)
    write_entry(str(tmp_path), "2026-10", "# October\nnew figures")
    assert path.read_bytes() == f"# October\nnew figures\n\n{MARKER}\n".encode() + own


def test_a_file_without_the_marker_is_not_written_over(tmp_path: Path) -> None:
    path = entry_path(str(tmp_path), "2026-10")
    path.write_text("all mine")
    with pytest.raises(TokencoachError, match="not written over"):
        write_entry(str(tmp_path), "2026-10", "ours")
    assert path.read_text() == "all mine"


@given(st.text(), st.text())
def test_no_text_of_ours_passes_for_the_marker(
    tmp_path_factory: pytest.TempPathFactory, first: str, second: str
) -> None:
    folder = str(tmp_path_factory.mktemp("notes"))
    for text in (f"{first}{MARKER}{second}".encode("utf-8", "replace").decode(), "short"):
        path = write_entry(folder, "2026-10", text)
    assert path.read_text() == f"short\n\n{MARKER}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder's mode stops nobody on Windows")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="no mode stops root")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(TokencoachError, match="tokencoach-2026-10"):
        write_entry(str(tmp_path), "2026-10", "ours")
    tmp_path.chmod(0o700)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")
    with pytest.raises(TokencoachError, match="tokencoach-2026-10"):
        write_entry(str(tmp_path / "notes"), "2026-10", "ours")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_private_and_keeps_the_mode_that_the_person_gave_it(tmp_path: Path) -> None:
    path = write_entry(str(tmp_path), "2026-10", "ours")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    write_entry(str(tmp_path), "2026-10", "ours again")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name]


def test_the_settings_name_a_whole_path_or_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[ritual]\nnotify = true\njournal = "~/notes"\n')
    assert read_settings(file).ritual.journal == "~/notes"
    assert read_settings(file).ritual.notify
    for bad in ('journal = "notes"', 'journal = ""', 'notify = "yes"', "journals = 1"):
        file.write_text(f"[ritual]\n{bad}\n")
        with pytest.raises(DamagedInputError, match="ritual"):
            read_settings(file)


def test_states_of_items_are_written_in_their_units() -> None:
    states = [
        ItemState("C5", "partly", 0.142, 0.6),
        ItemState("C3", "not_met", 0.0, 3.0),
        ItemState("C99", "met", None, None),
    ]
    assert list(_items(states))[-3:] == [
        "| C5 Don't waste context | partly | 14 % | 60 % |",
        "| C3 A personal prompt toolkit | not met | 0 saved | 3 saved |",
        "| C99 | met | — | — |",
    ]
