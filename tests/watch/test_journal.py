"""Ollama as a service: its journal is followed by a program that stands in for the system's, entry by entry."""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from sources.server_logs import OLLAMA_LOAD, OLLAMA_START, Work, access
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.writer import Writer
from tokencoach.watch.ingest import Ingester
from tokencoach.watch.journal import follow_journal
from watch.reading_in import UTC

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the journal is Linux's")

# Answers as journalctl does: entries after the one that is named, or since an instant.
PROGRAM = """#!{python}
import json, sys
entries = [json.loads(line) for line in open({entries!r})]
after = sys.argv[sys.argv.index("--after-cursor") + 1] if "--after-cursor" in sys.argv else None
since = next((float(word[9:]) for word in sys.argv if word.startswith("--since=@")), 0)
places = [entry["__CURSOR"] for entry in entries]
if after is not None and after not in places:
    sys.exit(1)
for entry in entries[places.index(after) + 1 if after else 0:]:
    if int(entry["__REALTIME_TIMESTAMP"]) >= since * 1e6:
        print(json.dumps(entry))
"""
FIRST, SECOND = Work(0, 300, 0, 20, 100.0, 900.0), Work(21, 40, 320, 9, 10.0, 400.0)
ONE = OLLAMA_START + OLLAMA_LOAD + FIRST.plain() + access("10:00:05", "1.2s")
TWO = 'level=DEBUG msg="chat" prompt="my own words"\n' + SECOND.plain() + access("10:00:09", "600ms")


class Service:
    """An installed service with a journal."""

    def __init__(self, folder: Path) -> None:
        self.state, self.units = folder / "state", folder / "units"
        self._entries, self._program = folder / "entries", folder / "bin" / "journalctl"
        for place in (self.state, self.units, self._program.parent):
            place.mkdir()
        (self.units / "ollama.service").write_text("[Unit]\n")
        self._program.write_text(PROGRAM.format(python=sys.executable, entries=str(self._entries)))
        self._program.chmod(0o755)

    def says(self, text: str, *, first: int = 0) -> None:
        """What the journal holds, from the entry of a number on."""
        told = [
            {
                "__CURSOR": f"c{number}",
                "__REALTIME_TIMESTAMP": str((1_781_690_400 + number) * 10**6),
                "MESSAGE": line,
            }
            for number, line in enumerate(text.splitlines())
        ]
        self._entries.write_text("".join(json.dumps(entry) + "\n" for entry in told[first:]))

    def copied(self) -> str:
        """The copy, brought up to date."""
        path = follow_journal(self.state, [self.units])
        return "" if path is None else path.read_text()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return made


def test_only_what_tells_of_requests_is_copied(service: Service) -> None:
    service.says(ONE + TWO)
    assert "my own words" not in service.copied()
    assert service.copied().count("[GIN]") == 2
    mode = (service.state / "journal" / "ollama.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_only_what_is_new_is_asked_for(service: Service) -> None:
    service.says(ONE)
    first = service.copied()
    assert service.copied() == first
    service.says(ONE + TWO)
    assert service.copied().startswith(first)
    assert service.copied().count("[GIN]") == 2


def test_an_entry_that_is_gone_is_gone_on_from_by_its_time(service: Service) -> None:
    service.says(ONE)
    service.copied()
    service.says(ONE + TWO, first=len(ONE.splitlines()) + 1)
    assert service.copied().count("[GIN]") == 2


def test_without_the_service_or_its_program_there_is_no_journal(service: Service, tmp_path: Path) -> None:
    service.says(ONE)
    assert follow_journal(service.state, [tmp_path]) is None
    (tmp_path / "bin" / "journalctl").write_text("#!/bin/sh\nexit 1\n")
    assert service.copied() == ""


def test_a_journal_is_read_for_the_persons_own_home_alone(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.says(ONE + TWO)
    monkeypatch.setattr(follow_journal, "__defaults__", ((service.units,),))
    found = {}
    for own, environment in (("own", {"HOME": "x"}), ("copy", {})):
        with Writer(tmp_path / own / "tokencoach.db", UTC) as writer:
            ingester = Ingester(writer, LogsHome(tmp_path / "home", environment), Settings())
            found[own] = ingester.sweep().new_by_source["ollama"]
            assert ingester.sweep().new_by_source["ollama"] == 0
    assert found == {"own": 2, "copy": 0}
