"""The process that reads beside the first one, and what happens when it ends early."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from sources.claude_records import assistant
from sources.reading import jsonl
from tokencoach.settings import Settings
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.store.writer import Writer
from tokencoach.watch import ingest
from tokencoach.watch.reading import ReadTask, read_group
from tokencoach.watch.second_reader import SecondReader

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FILES = 12


def put_logs(home: Path) -> list[Path]:
    folder = home / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    logs = [folder / f"s{index}.jsonl" for index in range(FILES)]
    for index, log in enumerate(logs):
        log.write_bytes(jsonl([assistant(1, f"msg_{index}", sessionId=f"s{index}")]))
    return logs


def task(log: Path) -> ReadTask:
    file = LogFile(log, None, log.stem)
    return ReadTask("claude-code", file, None, with_edits=True, keep_prompts=True, keep_text=True)


def swept(home: Path, database: Path) -> int:
    with Writer(database, ZoneInfo("UTC")) as writer:
        ingest.Ingester(writer, LogsHome(home, {}), Settings()).sweep()
        return cast("int", writer.connection.execute("SELECT count(*) FROM request").fetchone()[0])


def test_it_answers_groups_in_order_and_as_this_process_would(tmp_path: Path) -> None:
    logs = put_logs(tmp_path)
    groups = [[task(log)] for log in logs]
    with SecondReader() as second:
        for group in groups:
            second.send(group)
        answers = [second.answer() for _ in groups]
    assert answers == [read_group(group) for group in groups]


def test_a_large_load_read_by_two_counts_every_request_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_logs(tmp_path)
    monkeypatch.setattr(ingest, "POOL_BYTES", 0)
    monkeypatch.setattr(ingest, "_GROUP_BYTES", 100)
    assert swept(tmp_path, tmp_path / "a.db") == FILES


def test_a_killed_second_reader_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_logs(tmp_path)
    monkeypatch.setattr(ingest, "POOL_BYTES", 0)
    monkeypatch.setattr(ingest, "_GROUP_BYTES", 100)

    class Killed(SecondReader):
        def __init__(self) -> None:
            super().__init__()
            self._process.send_signal(signal.SIGKILL)

    monkeypatch.setattr(ingest, "SecondReader", Killed)
    assert swept(tmp_path, tmp_path / "a.db") == FILES
