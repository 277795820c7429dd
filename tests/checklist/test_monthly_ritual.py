"""When the ritual is due, how its step is kept, and the one notification a month."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.made import Month
from tokencoach.__main__ import open_app
from tokencoach.checklist.ritual import due_ritual, first_working_day, reminder_words
from tokencoach.cli.main import run
from tokencoach.settings import RitualSettings, Settings
from tokencoach.store.ritual_rows import finish_ritual, keep_step, ritual_of
from tokencoach.store.writer import Writer
from tokencoach.watch.reminder import remind, show_notification

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UTC_ZONE = ZoneInfo("UTC")
WANTED = Settings(ritual=RitualSettings(notify=True))


def at(day: int, hour: int = 0) -> int:
    """An instant of March 2026, which begins on a Sunday."""
    return int(datetime(2026, 3, day, hour, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A database with requests in February 2026."""
    month = Month(tmp_path, UTC_ZONE)
    month.quiet_sessions(1)
    month.read().close()
    with Writer(month.database, UTC_ZONE) as opened:
        yield opened


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_the_first_working_day_is_a_weekday_among_the_first_three_days(day: date) -> None:
    first = first_working_day(day)
    assert first.weekday() < 5
    assert first.day <= 3
    assert all(day.replace(day=before).weekday() >= 5 for before in range(1, first.day))


def test_the_ritual_is_due_from_the_first_working_day_until_it_is_done(writer: Writer) -> None:
    connection = writer.connection
    assert due_ritual(connection, at(1, 23), UTC_ZONE) is None
    due = due_ritual(connection, at(2), UTC_ZONE)
    assert due is not None
    assert due.month == "2026-02"
    assert reminder_words(due) == "February is over: 10 minutes"
    with writer.transaction():
        keep_step(connection, "2026-02", "UTC", 2, at(2), None)
    assert due_ritual(connection, at(20), UTC_ZONE) == due
    with writer.transaction():
        finish_ritual(connection, "2026-02", "UTC", at(20), 7)
    assert due_ritual(connection, at(21), UTC_ZONE) is None


def test_a_month_without_a_request_has_no_ritual(writer: Writer) -> None:
    april = int(datetime(2026, 4, 2, tzinfo=UTC).timestamp() * 1000)
    assert due_ritual(writer.connection, april, UTC_ZONE) is None


def test_its_step_is_kept_and_what_is_done_stays_done(writer: Writer) -> None:
    connection = writer.connection
    assert ritual_of(connection, "2026-02", "UTC") is None
    with writer.transaction():
        keep_step(connection, "2026-02", "UTC", 1, at(2), None)
        keep_step(connection, "2026-02", "UTC", 4, at(3), "full-context")
        finish_ritual(connection, "2026-02", "UTC", at(4), 7)
        keep_step(connection, "2026-02", "UTC", 1, at(9), "full-context")
        finish_ritual(connection, "2026-02", "UTC", at(9), None)
    assert ritual_of(connection, "2026-02", "UTC") == (
        "2026-02",
        "UTC",
        1,
        at(2),
        at(4),
        "full-context",
        7,
    )


def program(folder: Path, name: str, code: int) -> Path:
    """A program that keeps the arguments it was given, and ends with a code."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{folder}/said"\nexit {code}\n')
    path.chmod(0o755)
    return folder / "said"


posix = pytest.mark.skipif(sys.platform != "linux", reason="the made program is a shell script for Linux")


@posix
def test_one_notification_is_sent_a_month_and_only_where_it_is_wanted(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = program(tmp_path / "bin", "notify-send", 0)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-02T09:00:00")
    assert remind(writer, Settings()) is None
    assert not said.exists()
    for _ in range(3):
        assert remind(writer, WANTED) is None
    words = "February is over: 10 minutes for its ritual: tokencoach, then M"
    assert said.read_text().splitlines() == ["--app-name", "tokencoach", "--", "tokencoach", words]


@posix
def test_a_program_that_is_missing_or_fails_is_a_line_and_is_not_tried_again(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("TOKENCOACH_NOW", "2026-03-02T09:00:00")
    assert remind(writer, WANTED) == "no notification: notify-send is not on PATH"
    assert remind(writer, WANTED) is None
    program(tmp_path / "bin", "notify-send", 3)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert show_notification("it is time") == "no notification: notify-send ended with 3"


@posix
def test_no_text_reaches_a_shell_or_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "\"; touch x; $(touch y) `touch z` ' -e"
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    said = program(tmp_path / "bin", "osascript", 0)
    assert show_notification(hostile, "darwin") is None
    assert said.read_text().splitlines()[-1] == hostile
    assert [line for line in said.read_text().splitlines()[:-1] if "touch" in line] == []
    said.unlink()
    program(tmp_path / "bin", "powershell", 0)
    assert show_notification(hostile, "win32") is None
    assert "touch" not in said.read_text()


def test_the_ritual_is_refused_where_nobody_sits_at_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["checklist", "--ritual"], open_app) == 2
    assert "needs a terminal" in capsys.readouterr().err
