"""The process that reads beside the first one, and what happens when it ends early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import pytest

from sources.claude_records import assistant
from sources.reading import jsonl
from tokencoach.settings import Settings
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.store.writer import Writer
from tokencoach.watch import ingest, second_reader
from tokencoach.watch.reading import ReadTask, read_group
from tokencoach.watch.second_reader import SecondReader

if TYPE_CHECKING:
    from pathlib import Path

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


FORKED = """
import os, signal, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.writer import Writer
from tokencoach.watch import ingest, second_reader

made = []

def forked():
    child = second_reader_forked()
    made.append(child.pid)
    if sys.argv[2] == "killed":
        os.kill(child.pid, signal.SIGKILL)
    return child

second_reader_forked = second_reader.forked
second_reader.forked = forked
ingest.POOL_BYTES, ingest._GROUP_BYTES = 0, 100
home = Path(sys.argv[1])
with Writer(home / "a.db", ZoneInfo("UTC")) as writer:
    ingest.Ingester(writer, LogsHome(home, {}), Settings()).sweep()
    print(len(made), writer.connection.execute("SELECT count(*) FROM request").fetchone()[0])
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    print("no child is left")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a program of its own is started")
@pytest.mark.parametrize("fate", ["lives", "killed"])
def test_a_process_with_one_thread_reads_in_a_copy_of_itself(tmp_path: Path, fate: str) -> None:
    put_logs(tmp_path)
    command = [sys.executable, "-W", "error", "-c", FORKED, str(tmp_path), fate]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:2] == [f"1 {FILES}", "no child is left"]


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
            os.kill(self._child.pid, signal.SIGKILL)

    monkeypatch.setattr(ingest, "SecondReader", Killed)
    assert swept(tmp_path, tmp_path / "a.db") == FILES


def test_what_no_message_can_hold_is_read_by_the_first_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A path as the disk has it, and not as a column or a message takes it: only a copy of this process makes one.
    monkeypatch.setattr("tokencoach.watch.reading.stored", str)
    monkeypatch.setattr(second_reader, "_may_fork", lambda: True)
    (log,) = put_logs(tmp_path)[:1]
    strange = log.with_name("half\udcff.jsonl")
    strange.write_bytes(log.read_bytes())
    groups = [[task(strange)], [task(log)]]
    with SecondReader() as second:
        for group in groups:
            second.send(group)
        answers = [second.answer() for _ in groups]
    assert answers == [None, read_group(groups[1])]
