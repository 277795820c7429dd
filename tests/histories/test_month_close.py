"""A closed month stays as it was printed; what happens later stands beside it, with its cause."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from histories.program import Json, Program
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.demo.session import Session

MONTH = ("--month", "2026-02")
CLOSED_AT = "2026-03-02T09:00:00"
LATER = "2026-03-20T09:00:00"


class February:
    """A month with lines that stay, lines that die later, lines that land later, and lines that never do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "ledger")
        self.clock = self.stage.clock
        self.stays = self._work("stay.py", 10)
        self.clock.go_to(datetime(2026, 2, 24, 10, tzinfo=UTC))
        self.dies = self._work("die.py", 6)
        self.lands = self._work("land.py", 8, is_committed=False)
        self.hidden = (self.scene.repo.folder / "land.py").read_bytes()
        (self.scene.repo.folder / "land.py").unlink()
        self.clock.go_to(datetime(2026, 2, 26, 10, tzinfo=UTC))
        self.never = self._work("never.py", 5, is_committed=False)
        (self.scene.repo.folder / "never.py").unlink()
        self.program = Program(self.stage.home, folder / "state", now=CLOSED_AT)

    def _work(self, path: str, count: int, *, is_committed: bool = True) -> Session:
        session = self.scene.session()
        session.prompt(f"Add {path}")
        session.write(path, code(path.removesuffix(".py"), count))
        self.clock.advance(minutes=10)
        if is_committed:
            self.scene.repo.commit(f"Add {path}")
        return session

    def go_on(self) -> None:
        """March: one file is rewritten within 14 days, another one lands."""
        self.clock.go_to(datetime(2026, 3, 4, 10, tzinfo=UTC))
        self.scene.repo.human_write("die.py", "raise NotImplementedError('by hand')\n")
        self.scene.repo.commit("Rewrite die.py by hand")
        self.clock.go_to(datetime(2026, 3, 6, 10, tzinfo=UTC))
        (self.scene.repo.folder / "land.py").write_bytes(self.hidden)
        self.scene.repo.commit("Add land.py after all")
        self.program.now = LATER

    def audit(self, *arguments: str) -> Json:
        """The audit of the month as it is printed now."""
        return self.program.run("audit", *MONTH, *arguments)

    def say(self, *arguments: str) -> Json:
        """One verb of ``sessions``."""
        return self.program.run("sessions", *arguments)


@pytest.fixture
def february(tmp_path: Path) -> February:
    return February(tmp_path)


def frozen_part(audit: Json) -> Json:
    """What a closing freezes, without what is said beside it."""
    beside = {"restatements", "restated", "versions"}
    return {key: value for key, value in audit.items() if key not in beside}


def causes(audit: Json) -> dict[str, list[tuple[str | None, str]]]:
    """From where to where, by cause."""
    return {
        item["cause"]: [(move["from"], move["to"]) for move in item["moves"]]
        for item in audit["restatements"]
    }


def assert_conserved(audit: Json) -> None:
    """The frozen buckets and all deltas are the buckets as judged now, to the token and the nano-dollar."""
    sums = {row["bucket"]: [row["tokens"], round(row["cost_usd"] * 1e9)] for row in audit["buckets"]}
    for item in audit["restatements"]:
        for row in item["buckets"]:
            sums[row["bucket"]][0] += row["tokens"]
            sums[row["bucket"]][1] += round(row["cost_usd"] * 1e9)
    now = {
        row["bucket"]: [row["tokens"], round(row["cost_usd"] * 1e9)] for row in audit["restated"]["buckets"]
    }
    assert sums == now


def test_a_closed_month_is_printed_as_it_was_and_later_evidence_is_a_restatement(february: February) -> None:
    opened = february.audit()
    closed = february.audit("--close")
    assert closed["closed"] is True
    assert closed["closed_at"] == "2026-03-02T09:00:00Z"
    assert [row["tokens"] for row in closed["buckets"]] == [row["tokens"] for row in opened["buckets"]]
    assert closed["restatements"] == []
    february.go_on()
    later = february.audit()
    assert frozen_part(later) == frozen_part(closed)
    assert causes(later) == {
        "line_died": [("shipped", "reworked")],
        "landed_late": [("pending", "shipped")],
        "never_landed": [("pending", "not_landed")],
    }
    assert {item["seen_at"] for item in later["restatements"]} == {"2026-03-20T09:00:00Z"}
    by_cause = {item["cause"]: item["sessions"] for item in later["restatements"]}
    assert by_cause["line_died"] == [february.dies.session_id]
    assert by_cause["landed_late"] == [february.lands.session_id]
    assert by_cause["never_landed"] == [february.never.session_id]
    assert_conserved(later)


def test_when_a_restatement_was_first_seen_stays(february: February) -> None:
    february.audit("--close")
    february.go_on()
    first = february.audit()
    february.program.now = "2026-03-25T09:00:00"
    assert february.audit()["restatements"] == first["restatements"]


def test_closing_again_takes_restatements_in_as_a_new_version_and_keeps_all(february: February) -> None:
    first = february.audit("--close")
    assert february.audit("--close")["version"] == 1
    february.go_on()
    restated = february.audit()
    second = february.audit("--close")
    assert second["version"] == 2
    assert second["restatements"] == []
    assert [row["tokens"] for row in second["buckets"]] == [
        row["tokens"] for row in restated["restated"]["buckets"]
    ]
    assert [version["inputs_digest"] for version in second["versions"]] == [
        first["inputs_digest"],
        second["inputs_digest"],
    ]
    assert second["versions"][1]["restatements"] == restated["restatements"]
    assert february.audit("--close")["version"] == 2


def test_the_same_database_and_one_made_from_nothing_close_to_the_same_bytes(february: February) -> None:
    copy = Program(february.stage.home, february.folder / "copy", now=CLOSED_AT)
    rebuilt = Program(february.stage.home, february.folder / "rebuilt", now=CLOSED_AT)
    february.program.ingest()
    shutil.copytree(february.program.state, copy.state)
    said = [
        json.dumps(program.run("audit", *MONTH, "--close")) for program in (february.program, copy, rebuilt)
    ]
    assert said[0] == said[1] == said[2]


def test_a_log_found_later_and_a_word_are_named_as_causes(february: February) -> None:
    log = next(february.stage.home.rglob(f"*{february.stays.session_id}*.jsonl"))
    aside = february.folder / "aside.jsonl"
    shutil.move(log, aside)
    closed = february.audit("--close")
    shutil.move(aside, log)
    february.say("overrule", february.never.session_id, "shipped", "--because", "used from the shell")
    later = february.audit()
    assert frozen_part(later) == frozen_part(closed)
    assert causes(later) == {"log_found": [(None, "shipped")], "your_word": [("pending", "shipped")]}
    assert_conserved(later)
    february.say("overrule", february.never.session_id, "--undo")
    assert causes(february.audit()).keys() == {"log_found"}


def test_another_price_table_and_a_phase_are_named_as_causes(february: February) -> None:
    closed = february.audit("--close")
    settings = february.program.state / "tokencoach" / "settings.toml"
    settings.write_text(
        '[prices."claude-sonnet-4-5-20250929"]\ninput = 6.0\noutput = 30.0\n', encoding="utf-8"
    )
    february.say("mark", february.never.session_id, "exploration")
    later = february.audit()
    assert frozen_part(later) == frozen_part(closed)
    found = causes(later)
    assert found["phase"] == [("pending", "neutral")]
    assert {source for source, _ in found["price_table"]} == {None}
    assert all(row["tokens"] == 0 for row in _buckets(later, "price_table"))
    assert_conserved(later)
    february.say("mark", february.never.session_id, "--undo")
    assert "phase" not in causes(february.audit())


def _buckets(audit: Json, cause: str) -> list[Any]:
    return [row for item in audit["restatements"] if item["cause"] == cause for row in item["buckets"]]


def test_a_part_of_a_closed_month_and_a_past_day_are_judged_anew(february: February) -> None:
    february.audit("--close")
    assert february.audit("--repo", str(february.scene.repo.folder))["closed"] is False
    assert february.audit("--as-of", "2026-02-27")["closed"] is False
