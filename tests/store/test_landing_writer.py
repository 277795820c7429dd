"""What a branch did to lines is the same in the tables, whatever a transaction holds of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tokencoach.attribution.facts import DeathKind, DiedBlock, LandedBlock, Landing, Method, Revival
from tokencoach.store.landing_writer import LandingWriter
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.attribution.facts import BlockEvent

_LINES = 150
_PATH = b"src/orders.py"


def _sha(number: int) -> str:
    return f"{number:040x}"


def _died(number: int, *positions: int) -> DiedBlock:
    lines = [(7, 0, position) for position in positions]
    return DiedBlock(lines, _sha(number), number * 1000, DeathKind.REWRITTEN)


def _back(number: int, position: int) -> Revival:
    return Revival(7, False, position, _sha(number), number * 1000)


def _history() -> list[list[BlockEvent]]:
    """A block lands; one of its lines dies and comes back again and again, another dies for good."""
    places = range(_LINES)
    block = LandedBlock(7, False, places, _sha(1), _PATH, range(1, _LINES + 1), 1000, 0.95)
    alike = Landing(8, True, 2, _sha(2), _PATH, 9, 2000, Method.HUMAN_MODIFIED, 0.7, 0.5)
    return [
        [block],
        [alike, _died(2, 3, 4)],
        [_back(3, 3)],
        [_died(4, 3, 5)],
        [_back(5, 3)],
        [_back(6, 5), _died(6, 3)],
    ]


@pytest.mark.parametrize("portion", [1, 2, 3, 6])
def test_a_line_has_the_same_lives_whatever_a_transaction_holds(tmp_path: Path, portion: int) -> None:
    commits = _history()
    with Writer(tmp_path / "tokencoach.db", ZoneInfo("UTC")) as writer:
        rows = LandingWriter(writer.connection, 1)
        for start in range(0, len(commits), portion):
            with writer.transaction():
                for events in commits[start : start + portion]:
                    rows.write(events, "change")
                rows.finish()
        lives = writer.connection.execute(
            "SELECT l.edit_id, l.position, l.life, landed.sha, l.died_ms, died.sha, l.confidence FROM landing l "
            "JOIN git_commit landed ON landed.id = l.commit_id LEFT JOIN git_commit died "
            "ON died.id = l.death_commit_id WHERE l.died_ms IS NOT NULL OR l.life > 0 OR l.edit_id = 8 ORDER BY 1, 2, 3"
        ).fetchall()
        count = writer.connection.execute("SELECT count(*) FROM landing WHERE life = 0").fetchone()
    assert count == (_LINES + 1,)
    assert lives == [
        (7, 3, 0, _sha(1), 2000, _sha(2), 0.95),
        (7, 3, 1, _sha(3), 4000, _sha(4), 0.95),
        (7, 3, 2, _sha(5), 6000, _sha(6), 0.95),
        (7, 4, 0, _sha(1), 2000, _sha(2), 0.95),
        (7, 5, 0, _sha(1), 4000, _sha(4), 0.95),
        (7, 5, 1, _sha(6), None, None, 0.95),
        (8, 2, 0, _sha(2), None, None, 0.7),
    ]
