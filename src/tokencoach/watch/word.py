"""Writing what the person says, and judging at once what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tokencoach.store.writer import Writer
from tokencoach.watch.judge import judge, keep_audits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.store.connect import Connection

T = TypeVar("T")


def write_word(database: Path, tz: ZoneInfo, change: Callable[[Connection], T]) -> T:
    """What one change of the person's own tables answers; it is whole or not at all.

    Raises:
        TokencoachError: the database is locked, read-only, or the disk is full.
    """
    with Writer(database, tz) as writer, writer.transaction() as connection:
        return change(connection)


def judge_word(database: Path, tz: ZoneInfo) -> None:
    """Judge what a word left behind its facts, and keep the audits anew.

    Raises:
        TokencoachError: the database is locked, read-only, or the disk is full.
    """
    with Writer(database, tz) as writer:
        judge(writer, (), ())
        keep_audits(writer)
